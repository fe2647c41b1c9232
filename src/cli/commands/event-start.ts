import { parseCursor } from "../../domain/events/event-cursor.ts";
import type { EventStart } from "../../domain/events/read-events.ts";
import { parsePartialDate } from "../../domain/patient/partial-date.ts";
import { MpiError } from "../../lib/errors.ts";

const time =
  /^\d{4}-\d{2}-\d{2}(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?$/;

/**
 * What `--since` says: a cursor, `beginning`, `now`, or a day or time, which without a zone is UTC.
 *
 * @throws {MpiError} `usage`
 */
export function readEventStart(text: string): EventStart {
  if (text === "beginning" || text === "now") return { kind: text };
  if (time.test(text) && parsePartialDate(text.slice(0, 10)) !== undefined)
    return { kind: "time", time: text };
  const cursor = parseCursor(text.trim());
  if (cursor !== undefined) return { kind: "cursor", cursor };
  throw new MpiError(
    "usage",
    "--since takes a cursor that mpi events printed, beginning, now, or a day or a time.",
    {
      hint: "For example --since now, or --since 2026-11-01T08:30Z.",
    },
  );
}
