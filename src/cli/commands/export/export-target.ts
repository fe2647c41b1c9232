import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import type { Disguise } from "../../../domain/export/disguise.ts";
import type { ExportOptions, ExportSink } from "../../../domain/export/for-each-page.ts";
import { parseDateTime } from "../../../domain/fhir/date-time.ts";
import { MpiError } from "../../../lib/errors.ts";
import { repeatable } from "../../command.ts";
import type { CommandContext } from "../../context.ts";

/** What every export is asked: where to, whose, and in which disguise. */
export interface ExportFlags {
  readonly to?: string;
  readonly overwrite?: true;
  readonly since?: string;
  readonly source: readonly string[];
  readonly organization?: string;
  readonly activeOnly?: true;
  readonly mask?: true;
  readonly pseudonymize?: true;
  readonly keyFile?: string;
}

export const addExportOptions = (command: Command): Command =>
  command
    .option("--to <file>", "write there, gzip where the name ends in .gz (default: standard output)")
    .option("--overwrite", "replace the file where it is there already")
    .option("--since <time>", "only records that changed then or later: 2026-11-01, or with a time")
    .option("--source <name>", "only records of this source; may be repeated", repeatable, [])
    .option("--organization <org>", "only records that this organization manages")
    .option("--active-only", "without records that were merged into others")
    .option("--mask", "first letters, last digits and years alone")
    .option("--pseudonymize", "keyed pseudonyms, the same in every export with the same secret")
    .option("--key-file <file>", "the secret for --pseudonymize (default: MPI_PSEUDONYM_KEY)");

/** @throws {MpiError} `usage` for flags that are wrong or go against each other. */
export async function readExportOptions(
  context: CommandContext,
  flags: ExportFlags,
  onProgress: (records: number) => void,
): Promise<ExportOptions> {
  if (flags.overwrite === true && flags.to === undefined)
    throw new MpiError("usage", "--overwrite goes with --to FILE.");
  return {
    filter: await readFilter(context, flags),
    disguise: await readDisguise(context, flags),
    signal: context.signal,
    onProgress,
  };
}

async function readFilter(context: CommandContext, flags: ExportFlags): Promise<ExportOptions["filter"]> {
  let organizationId: string | null = null;
  if (flags.organization !== undefined) {
    const { resolveOrganization } = await import("../../../domain/organization/resolve-organization.ts");
    organizationId = await resolveOrganization(await context.database(), flags.organization);
  }
  return {
    sources: flags.source,
    organizationId,
    since: flags.since === undefined ? null : readTime(flags.since),
    activeOnly: flags.activeOnly === true,
  };
}

/** A day is its first moment, UTC, as are times without a zone. */
function readTime(text: string): string {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text.trim())
    ? `${text.trim()}T00:00:00Z`
    : text.trim().replace(" ", "T");
  const time = parseDateTime(day);
  if (time === undefined)
    throw new MpiError("usage", "--since is no time: 2026-11-01, or 2026-11-01T06:30:00Z.");
  return time;
}

async function readDisguise(context: CommandContext, flags: ExportFlags): Promise<Disguise | null> {
  if (flags.mask === true && flags.pseudonymize === true)
    throw new MpiError("usage", "--mask and --pseudonymize do not go together.");
  if (flags.keyFile !== undefined && flags.pseudonymize !== true)
    throw new MpiError("usage", "--key-file goes with --pseudonymize.");
  if (flags.mask === undefined && flags.pseudonymize === undefined) return null;
  const { createMask, createPseudonymizer } = await import("../../../domain/export/disguise.ts");
  if (flags.mask === true) return createMask();
  if (flags.keyFile !== undefined) {
    const file = path.resolve(context.cwd, flags.keyFile);
    return createPseudonymizer(readSecret(file), flags.keyFile);
  }
  const secret = context.env["MPI_PSEUDONYM_KEY"];
  if (secret === undefined || secret === "") {
    throw new MpiError("usage", "--pseudonymize needs a secret: MPI_PSEUDONYM_KEY, or --key-file FILE.", {
      hint: 'Make one with "openssl rand -hex 32" and keep it: the same secret gives the same pseudonyms.',
    });
  }
  return createPseudonymizer(secret, "MPI_PSEUDONYM_KEY");
}

function readSecret(file: string): string {
  try {
    if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) {
      throw new MpiError("usage", `The key file ${file} can be read by others.`, {
        hint: `chmod 600 ${file}`,
      });
    }
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof MpiError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new MpiError(
      code === "ENOENT" ? "not-found" : "usage",
      `Cannot read the key file ${file} (${code}).`,
    );
  }
}

/** Writes to the file that was named, or to standard output. */
export async function exportTo<T>(
  context: CommandContext,
  flags: ExportFlags,
  work: (sink: ExportSink) => Promise<T>,
): Promise<T> {
  if (flags.to === undefined) return work({ write: (text) => context.output.raw(text) });
  const { writeExportFile } = await import("../../../domain/export/export-file.ts");
  return writeExportFile(path.resolve(context.cwd, flags.to), { overwrite: flags.overwrite === true }, work);
}
