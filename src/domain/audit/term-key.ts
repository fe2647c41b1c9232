import { createHash, createHmac, randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { MpiError } from "../../lib/errors.ts";

/**
 * The secret that search terms are hashed with. Whoever has it can find out whether a guessed term was searched for;
 * nobody can read the terms out of the audit trail.
 */
export interface TermKey {
  /** Tells keys apart without telling them: the first 8 hex digits of the secret's SHA-256. */
  readonly id: string;
  /** Keyed hash (HMAC-SHA-256, the first 128 bits as hex) of a normalised term; another one for each field. */
  hash(field: string, normalised: string): string;
}

/** Shorter secrets could be guessed. */
const shortestSecret = 16;

/** @throws {MpiError} `usage` for a secret of less than 16 characters. */
export function createTermKey(secret: string, source: string): TermKey {
  const trimmed = secret.trim();
  if (trimmed.length < shortestSecret) {
    throw new MpiError(
      "usage",
      `The audit key in ${source} is too short: it needs ${String(shortestSecret)} characters.`,
      { hint: 'A good one: "openssl rand -hex 32".' },
    );
  }
  return {
    id: createHash("sha256").update(trimmed).digest("hex").slice(0, 8),
    hash: (field, normalised) =>
      createHmac("sha256", trimmed).update(`${field}\0${normalised}`).digest("hex").slice(0, 32),
  };
}

export interface TermKeySource {
  /** The secret itself (MPI_AUDIT_KEY). */
  readonly secret?: string | undefined;
  /** A file that must be there. */
  readonly file?: string | undefined;
  /** A file that may be there, and that is made where `create` says so. */
  readonly defaultFile: { readonly path: string; readonly create: boolean };
}

/**
 * The key that is configured, or the one in its usual place; undefined where there is none, and then the audit trail
 * keeps the names of the fields that were searched, without terms.
 *
 * @throws {MpiError} `usage` where the key is too short, its file cannot be read, or others can read it.
 */
export function loadTermKey(source: TermKeySource): TermKey | undefined {
  if (source.secret !== undefined && source.secret !== "")
    return createTermKey(source.secret, "MPI_AUDIT_KEY");
  if (source.file !== undefined) return readKeyFile(source.file, "required");
  const { path, create } = source.defaultFile;
  const existing = readKeyFile(path, "optional");
  if (existing !== undefined || !create) return existing;
  makeKeyFile(path);
  return readKeyFile(path, "required");
}

function readKeyFile(path: string, presence: "required" | "optional"): TermKey | undefined {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (presence === "optional" && (code === "ENOENT" || code === "ENOTDIR")) return undefined;
    throw new MpiError("usage", `The audit key file ${path} cannot be read (${code ?? "unknown reason"}).`);
  }
  if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0) {
    throw new MpiError("usage", `The audit key file ${path} can be read by others.`, {
      hint: `chmod 600 ${path}; if others may have seen it, replace it.`,
    });
  }
  return createTermKey(content, path);
}

/** The file appears whole or not at all, and of two processes that make it at once one wins. */
function makeKeyFile(path: string): void {
  const draft = `${path}.${String(process.pid)}.${randomBytes(4).toString("hex")}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
    try {
      linkSync(draft, path);
    } finally {
      rmSync(draft);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && existsSync(path)) return;
    throw new MpiError(
      "unavailable",
      `The audit key file ${path} cannot be made (${code ?? "unknown reason"}).`,
      { hint: "Set MPI_AUDIT_KEY, or audit.keyFile to a place that can be written." },
    );
  }
}
