import type { Readable } from "node:stream";
import { MpiError } from "../../lib/errors.ts";
import { decodeFields } from "../import/csv/decode-fields.ts";
import { isBroken, readCsvRecords } from "../import/csv/csv-reader.ts";
import { openInput } from "../import/input-file.ts";
import type { Truth } from "./evaluate-match.ts";

/**
 * Reads a CSV file with the columns `source_id` and `cluster`; others are left alone. Records with equal clusters are one
 * person.
 *
 * @throws {MpiError} `usage` with the line where the file is not like that.
 */
export async function readTruth(file: string, stdin: Readable): Promise<Truth> {
  const input = await openInput(file, stdin);
  const truth = new Map<string, string>();
  let places: { readonly id: number; readonly cluster: number } | undefined;
  for await (const entry of readCsvRecords(input.chunks(), ",")) {
    if (isBroken(entry)) throw new MpiError("usage", `${file} line ${entry.line}: ${entry.reason}.`);
    const decoded = decodeFields(entry.fields, "utf-8");
    if (typeof decoded === "string") throw new MpiError("usage", `${file} line ${entry.line} ${decoded}.`);
    const fields = decoded.map((field) => field.trim());
    if (places === undefined) {
      places = { id: fields.indexOf("source_id"), cluster: fields.indexOf("cluster") };
      if (places.id < 0 || places.cluster < 0) {
        throw new MpiError("usage", `${file} needs the columns source_id and cluster.`);
      }
      continue;
    }
    const [id, cluster] = [fields[places.id], fields[places.cluster]];
    if (id === undefined || id === "" || cluster === undefined || cluster === "") {
      throw new MpiError("usage", `${file} line ${entry.line} has no source_id or no cluster.`);
    }
    if (truth.has(id))
      throw new MpiError("usage", `${file} line ${entry.line} names a source_id for the second time.`);
    truth.set(id, cluster);
  }
  return truth;
}
