import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { open, rename, stat, unlink } from "node:fs/promises";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { MpiError } from "../../lib/errors.ts";
import type { ExportSink } from "./for-each-page.ts";

/**
 * Writes a file that appears whole or not at all, readable by its owner only; gzip where its name ends in `.gz`.
 *
 * @throws {MpiError} `conflict` where it is there and may not be replaced; `unavailable` where it cannot be written.
 */
export async function writeExportFile<T>(
  path: string,
  options: { readonly overwrite: boolean },
  work: (sink: ExportSink) => Promise<T>,
): Promise<T> {
  if (!options.overwrite && (await exists(path))) throw alreadyThere(path);
  const draft = `${path}.${randomBytes(4).toString("hex")}.part`;
  try {
    const result = await writeDraft(path, draft, work);
    if (!options.overwrite && (await exists(path))) throw alreadyThere(path);
    await rename(draft, path);
    return result;
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw unwritable(error, path);
  }
}

async function writeDraft<T>(
  path: string,
  draft: string,
  work: (sink: ExportSink) => Promise<T>,
): Promise<T> {
  const handle = await open(draft, "wx", 0o600);
  const file: Writable = handle.createWriteStream({ autoClose: false });
  const gzip = path.endsWith(".gz") ? createGzip() : undefined;
  gzip?.pipe(file);
  const target: Writable = gzip ?? file;
  // What goes wrong reaches whoever waits; without a listener the process would end.
  let failure: Error | undefined;
  for (const stream of [target, file]) stream.on("error", (error) => (failure ??= error));
  try {
    const result = await work({
      write: async (text) => {
        if (failure !== undefined) throw failure;
        if (!target.write(text)) await once(target, "drain");
      },
    });
    target.end();
    await finished(file);
    await handle.sync();
    return result;
  } finally {
    // A stream that is not destroyed keeps the handle, and closing it would wait for ever.
    file.destroy();
    await handle.close().catch(() => undefined);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const alreadyThere = (path: string) =>
  new MpiError("conflict", `${path} is there already.`, { hint: "--overwrite replaces it." });

function unwritable(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof MpiError || code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  return new MpiError("unavailable", `Cannot write ${path} (${code}).`);
}
