import type { Transaction } from "../../db/client.ts";
import { selectPatientRows, updatePatient } from "../../db/queries/merges.ts";
import type { OpenMerge, OpenMerges } from "./merge-inverse.ts";
import { isSameValue, readField, saysSomething, type ScalarField } from "./survivorship.ts";

export interface FilledField {
  readonly record: string;
  readonly field: ScalarField;
  /** The retired record that the value came from. */
  readonly from: string;
}

/**
 * Fills a field of a record that says nothing with what records merged into it say, the oldest merge first, as those
 * merges would have done had the field been empty then. A steward's choice of the empty value stays.
 *
 * @param givers merges into the record that may give; those made before the field came to be empty may not, because
 *   somebody has emptied it since, on purpose.
 */
export async function fillField(
  tx: Transaction,
  merges: OpenMerges,
  recordId: string,
  field: ScalarField,
  givers: readonly OpenMerge[],
): Promise<FilledField | undefined> {
  if (givers.length === 0) return undefined;
  const rows = await selectPatientRows(tx, [recordId, ...givers.map((merge) => merge.patientId)]);
  const record = rows.get(recordId)!;
  if (saysSomething(record, field)) return undefined;
  const giver = givers.find(
    (merge) => merge.inverse.choices[field] !== "b" && saysSomething(rows.get(merge.patientId)!, field),
  );
  if (giver === undefined) return undefined;
  const [previous, applied] = [readField(record, field), readField(rows.get(giver.patientId)!, field)];
  if (isSameValue(field, previous, applied)) return undefined;
  await updatePatient(tx, recordId, applied);
  merges.addField(giver.id, {
    field,
    sequence: merges.nextSequence(recordId, field),
    previous,
    applied,
    originPatientId: merges.ownerOf(giver.patientId, field, applied),
  });
  return { record: recordId, field, from: giver.patientId };
}
