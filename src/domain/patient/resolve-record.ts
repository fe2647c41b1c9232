import type { Queryable } from "../../db/client.ts";
import {
  findDomainSystem,
  selectPatientIdsByPrefix,
  selectPatientsByIdentifier,
} from "../../db/queries/resolve.ts";
import { MpiError } from "../../lib/errors.ts";
import { textProblem } from "./check-content.ts";

/** How a record is named: by its id, a unique prefix of it, `CODE:value`, or an identifier in full. */
export type RecordReference =
  | { readonly kind: "id"; readonly prefix: string }
  | { readonly kind: "code"; readonly code: string; readonly value: string }
  | { readonly kind: "identifier"; readonly system: string; readonly value: string };

/** The shortest prefix accepted: four hex digits name one record among some thousands. */
const shortestPrefix = 4;
const listedAtMost = 5;

/**
 * Reads `3f2a…` as (a prefix of) an id and `MRN:123` as a domain's code and a value.
 *
 * @throws {MpiError} `usage`; the message does not repeat the text, which may be a patient's identifier.
 */
export function parseRecordReference(text: string): RecordReference {
  const trimmed = text.trim();
  const compact = trimmed.replaceAll("-", "");
  if (/^[0-9a-f]+$/i.test(compact) && compact.length <= 32 && !trimmed.startsWith("-")) {
    if (compact.length < shortestPrefix) {
      throw new MpiError("usage", `A prefix of an id needs at least ${shortestPrefix} characters.`);
    }
    return { kind: "id", prefix: compact };
  }
  const colon = trimmed.indexOf(":");
  if (colon > 0 && colon < trimmed.length - 1) {
    return { kind: "code", code: trimmed.slice(0, colon), value: trimmed.slice(colon + 1).trim() };
  }
  throw new MpiError("usage", "A record is named by its id, a unique prefix of it, or CODE:value.", {
    hint: "For example 3f2a9c01, or MRN:12345; --identifier SYSTEM VALUE names any identifier.",
  });
}

/**
 * The one record a reference names (law M1). Among several records that carry an identifier, active ones come
 * before retired ones and those before deleted ones; two of the same standing are ambiguous.
 *
 * @throws {MpiError} `not-found`, or `usage` where several records fit, listing their ids.
 */
export async function resolveRecord(db: Queryable, reference: RecordReference): Promise<string> {
  for (const part of Object.values(reference)) {
    const problem = textProblem(part, 255);
    if (problem !== undefined) throw new MpiError("usage", `What names the record ${problem}.`);
  }
  switch (reference.kind) {
    case "id": {
      const ids = await selectPatientIdsByPrefix(db, reference.prefix, listedAtMost + 1);
      if (ids.length === 0)
        throw new MpiError("not-found", "No patient record has an id that begins like this.");
      if (ids.length > 1) throw ambiguous(ids);
      return ids[0]!;
    }
    case "code": {
      const system = await findDomainSystem(db, reference.code);
      if (system === undefined) {
        throw new MpiError("not-found", "There is no identifier domain of that code.", {
          hint: '"mpi domain list" shows the codes; --identifier SYSTEM VALUE needs none.',
        });
      }
      return resolveIdentifier(db, system, reference.value);
    }
    case "identifier":
      return resolveIdentifier(db, reference.system, reference.value);
  }
}

async function resolveIdentifier(db: Queryable, system: string, value: string): Promise<string> {
  const matches = await selectPatientsByIdentifier(db, system, value, listedAtMost + 1);
  const [first] = matches;
  if (first === undefined) throw new MpiError("not-found", "No patient record carries that identifier.");
  const standing = (match: (typeof matches)[number]) =>
    (match.deleted ? 4 : 0) + (match.active ? 0 : 2) + (match.useType === "old" ? 1 : 0);
  const best = matches.filter((match) => standing(match) === standing(first));
  if (best.length > 1) throw ambiguous(best.map((match) => match.patientId));
  return first.patientId;
}

function ambiguous(ids: readonly string[]): MpiError {
  const shown = ids.slice(0, listedAtMost).join(", ");
  const more = ids.length > listedAtMost ? ", and more" : "";
  return new MpiError("usage", `That names more than one record: ${shown}${more}.`, {
    hint: "Name the record by more of its id.",
  });
}
