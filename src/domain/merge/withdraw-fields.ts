import type { Transaction } from "../../db/client.ts";
import { selectPatientRows, updatePatient } from "../../db/queries/merges.ts";
import { withdrawEntries } from "./field-history.ts";
import { fillFields } from "./fill-fields.ts";
import type { FieldEntry, OpenMerge, OpenMerges } from "./merge-inverse.ts";
import type { Take } from "./plan-return.ts";
import { readField, scalarFields, type FieldValue, type ScalarField } from "./survivorship.ts";

/** What becomes of a value that came with a merge. */
export interface FieldReturn {
  /** The record that holds it. */
  readonly record: string;
  readonly field: ScalarField;
  readonly since: "nothing" | "edited";
  readonly present: FieldValue;
  /** What the field says afterwards. */
  readonly after: FieldValue;
  /** What the returning record gets, where the edit is taken along. */
  readonly home: FieldValue | null;
}

export interface Departure {
  readonly merge: OpenMerge;
  /** The record that comes back, and all that were merged into it. */
  readonly leaving: ReadonlySet<string>;
  /** The survivor and those that it was merged into in turn. */
  readonly chain: readonly string[];
  readonly take: Take;
}

/**
 * Takes the values of the leaving records out of the fields of those that held them, all along the chain. A field
 * that says nothing then is filled from what is still merged there.
 */
export async function withdrawFields(
  tx: Transaction,
  merges: OpenMerges,
  { merge, leaving, chain, take }: Departure,
): Promise<readonly FieldReturn[]> {
  const histories = new Map<string, readonly FieldEntry[]>(
    chain.flatMap((holder) =>
      scalarFields.map((field) => [`${holder} ${field}`, merges.history(holder, field)] as const),
    ),
  );
  merges.remove(merge.id);
  const returns: FieldReturn[] = [];
  for (const holder of chain) {
    const row = (await selectPatientRows(tx, [holder])).get(holder)!;
    const reverted: ScalarField[] = [];
    for (const field of scalarFields) {
      const history = histories.get(`${holder} ${field}`)!;
      const present = readField(row, field);
      const withdrawal = withdrawEntries(history, (entry) => leaving.has(entry.originPatientId), present);
      if (withdrawal.kept.length === history.length) continue;
      merges.replaceHistory(holder, field, withdrawal.kept);
      if (withdrawal.before === null) continue;
      const keeps = withdrawal.isEdited && take !== "a";
      const after = keeps ? present : withdrawal.before;
      const home = withdrawal.isEdited && take !== "b" ? present : null;
      if (!keeps) {
        await updatePatient(tx, holder, after);
        reverted.push(field);
      }
      if (home !== null) await updatePatient(tx, merge.patientId, home);
      returns.push({
        record: holder,
        field,
        since: withdrawal.isEdited ? "edited" : "nothing",
        present,
        after,
        home,
      });
    }
    const filled = await fillFields(tx, merges, holder, reverted);
    if (filled.length === 0) continue;
    const now = (await selectPatientRows(tx, [holder])).get(holder)!;
    for (const [index, each] of returns.entries()) {
      if (each.record === holder) returns[index] = { ...each, after: readField(now, each.field) };
    }
  }
  return returns;
}
