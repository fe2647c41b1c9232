import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { MpiError } from "../../lib/errors.ts";
import type { ConnectionTarget } from "../client.ts";
import { inspectServer } from "./inspect.ts";
import { embeddedPort, type EmbeddedPaths } from "./paths.ts";

/** The cluster's superuser and the database that belongs to `mpi`. */
export const embeddedUser = "mpi";
export const embeddedDatabase = "mpi";

/** 192 random bits, without characters that a password file or a URL would need escaped. */
export const generatePassword = (): string => randomBytes(24).toString("base64url");

/** libpq's format, so that psql can use the file too: host, port, database, user, password. */
export function writePasswordFile(path: string, password: string): void {
  writeFileSync(path, `*:*:*:${embeddedUser}:${password}\n`, { mode: 0o600, flag: "wx", flush: true });
}

const readPassword = (path: string) => {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    text = "";
  }
  const password = /^\*:\*:\*:mpi:(?<password>[\w-]+)$/m.exec(text)?.groups?.["password"];
  if (password !== undefined) return password;
  throw new MpiError("unavailable", `The embedded server's password cannot be read from ${path}.`, {
    hint: 'Restore the file from a backup, or set a new password as "Embedded server" in docs/operations.md tells.',
  });
};

const socketDirectoryOf = (paths: EmbeddedPaths) =>
  inspectServer(paths).socketDirectory ?? paths.socketDirectory;

/**
 * How to connect. postgres.js takes a socket's directory as an option only, in no form of a URL (tried with
 * 3.4.9; pg takes both), so this and not a URL is what programs use.
 *
 * @throws {MpiError} `unavailable` where the password file is missing or unreadable.
 */
export const embeddedTarget = (paths: EmbeddedPaths): ConnectionTarget => ({
  host: socketDirectoryOf(paths),
  port: embeddedPort,
  user: embeddedUser,
  password: readPassword(paths.passwordFile),
  database: embeddedDatabase,
});

/**
 * A URL for psql and whatever else uses libpq. It carries the name of the password file, not the password, and
 * so may be printed.
 */
export function embeddedUrl(paths: EmbeddedPaths): string {
  const parameters = [
    ["host", socketDirectoryOf(paths)],
    ["port", String(embeddedPort)],
    ["user", embeddedUser],
    ["passfile", paths.passwordFile],
  ] as const;
  // Encoded by hand: libpq does not read the plus sign that URLSearchParams writes for a space.
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return `postgresql:///${embeddedDatabase}?${query}`;
}
