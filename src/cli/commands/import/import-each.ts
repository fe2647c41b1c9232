import path from "node:path";
import type { ImportOptions } from "../../../domain/import/import-run.ts";
import { MpiError } from "../../../lib/errors.ts";
import type { CommandContext } from "../../context.ts";

/** The flags that every import has. */
export interface ImportFlags {
  readonly dryRun?: true;
  readonly maxRejects?: number;
  readonly rejects?: string;
}

/** @throws {MpiError} `usage` where one rejects file is named for several inputs. */
export function refuseSharedRejects(flags: ImportFlags, files: readonly string[]): void {
  if (flags.rejects !== undefined && files.length > 1) {
    throw new MpiError("usage", "--rejects names one file; give it with one input at a time.");
  }
}

/** What the flags say, and where progress goes. */
export const readImportFlags = (
  context: CommandContext,
  flags: ImportFlags,
  onProgress: ImportOptions["onProgress"],
): ImportOptions => ({
  dryRun: flags.dryRun === true,
  maxRejects: flags.maxRejects,
  rejectsPath: flags.rejects === undefined ? undefined : path.resolve(context.cwd, flags.rejects),
  signal: context.signal,
  onProgress,
});

/** As many records as the bytes that are left let expect; undefined while nothing tells. */
export const expectedRecords = ({
  records,
  bytes,
  size,
}: Parameters<ImportOptions["onProgress"]>[0]): number | undefined =>
  size === undefined || bytes === 0 ? undefined : Math.max(records, Math.round((records * size) / bytes));

/** What a file is called in messages. */
export const shortName = (file: string): string => (file === "-" ? "standard input" : path.basename(file));

/** Where a file is that was named on the command line; `-` is standard input. */
export const resolveInput = (context: CommandContext, file: string): string =>
  file === "-" ? file : path.resolve(context.cwd, file);

/** Imports one file after the other, each an import of its own, with its progress. */
export async function importEach<Result>(
  context: CommandContext,
  flags: ImportFlags,
  files: readonly string[],
  unit: string,
  importFile: (file: string, options: ImportOptions) => Promise<Result>,
): Promise<readonly Result[]> {
  refuseSharedRejects(flags, files);
  const results: Result[] = [];
  for (const file of files) {
    const progress = await context.progress({ label: `Importing ${shortName(file)}`, unit });
    const options = readImportFlags(context, flags, (done) =>
      progress.update(done.records, expectedRecords(done)),
    );
    try {
      results.push(await importFile(resolveInput(context, file), options));
    } finally {
      progress.finish();
    }
  }
  return results;
}
