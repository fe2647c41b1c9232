import type { Transaction } from "../../db/client.ts";
import { selectPatientRows, updatePatient } from "../../db/queries/merges.ts";
import type { OpenMerges } from "./merge-inverse.ts";
import { isSameValue, readField, saysSomething, type ScalarField } from "./survivorship.ts";

export interface FilledField {
  readonly record: string;
  readonly field: ScalarField;
  /** The retired record that the value came from. */
  readonly from: string;
}

/**
 * Fills fields of a record that say nothing with what records merged into it say, the oldest merge first, as those
 * merges would have done had the field been empty then. A steward's choice of the empty value stays.
 */
export async function fillFields(
  tx: Transaction,
  merges: OpenMerges,
  recordId: string,
  fields: readonly ScalarField[],
): Promise<readonly FilledField[]> {
  const into = merges.into(recordId);
  if (into.length === 0 || fields.length === 0) return [];
  const rows = await selectPatientRows(tx, [recordId, ...into.map((merge) => merge.patientId)]);
  const record = rows.get(recordId)!;
  const filled: FilledField[] = [];
  for (const field of fields.filter((each) => !saysSomething(record, each))) {
    const giver = into.find(
      (merge) => merge.inverse.choices[field] !== "b" && saysSomething(rows.get(merge.patientId)!, field),
    );
    if (giver === undefined) continue;
    const [previous, applied] = [readField(record, field), readField(rows.get(giver.patientId)!, field)];
    if (isSameValue(field, previous, applied)) continue;
    await updatePatient(tx, recordId, applied);
    merges.addField(giver.id, {
      field,
      sequence: merges.nextSequence(recordId, field),
      previous,
      applied,
      originPatientId: merges.ownerOf(giver.patientId, field, applied),
    });
    filled.push({ record: recordId, field, from: giver.patientId });
  }
  return filled;
}
