import type { Queryable } from "../../db/client.ts";
import { selectSourceRecords, selectSourceSystems, type QueueSource } from "../../db/queries/review-queue.ts";
import { MpiError } from "../../lib/errors.ts";
import { textProblem } from "../patient/check-content.ts";

/** Beyond it, a source has its share of the queue, and walking it in order comes upon them soon. */
const fewRecords = 2_000;
const listedAtMost = 10;

/**
 * The source system of that name, ready to filter the queue by.
 *
 * @throws {MpiError} `not-found` where no record is from it; `usage` where nothing can be named so.
 */
export async function findQueueSource(db: Queryable, name: string): Promise<QueueSource> {
  const problem = textProblem(name, 255);
  if (problem !== undefined) throw new MpiError("usage", `What names the source system ${problem}.`);
  const records = await selectSourceRecords(db, name, fewRecords + 1);
  if (records.length > fewRecords) return { system: name };
  if (records.length > 0) return { system: name, records };
  const known = await selectSourceSystems(db, listedAtMost + 1);
  const listed = known.slice(0, listedAtMost).join(", ") + (known.length > listedAtMost ? ", …" : "");
  throw new MpiError("not-found", "No record is from that source system.", {
    hint: known.length === 0 ? "No record names a source system at all." : `There are: ${listed}.`,
  });
}
