import type { Transaction } from "../../db/client.ts";
import { selectPatientRows, updatePatient } from "../../db/queries/merges.ts";
import { withdrawEntries } from "./field-history.ts";
import { fillField } from "./fill-fields.ts";
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
 * that says nothing then is filled from what was merged there later and is still.
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
  const cameWith = new Map(
    merges.list().flatMap((each) => each.inverse.fields.map((entry) => [entry, each])),
  );
  merges.remove(merge.id);
  const returns: FieldReturn[] = [];
  for (const holder of chain) {
    const row = (await selectPatientRows(tx, [holder])).get(holder)!;
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
      let now = after;
      if (!keeps) {
        await updatePatient(tx, holder, after);
        const since = cameWith.get(withdrawal.oldest!)!.mergedAt;
        const givers = merges.into(holder).filter((each) => each.mergedAt > since);
        const filled = await fillField(tx, merges, holder, field, givers);
        if (filled !== undefined) now = merges.history(holder, field).at(-1)!.applied;
      }
      if (home !== null) await updatePatient(tx, merge.patientId, home);
      returns.push({
        record: holder,
        field,
        since: withdrawal.isEdited ? "edited" : "nothing",
        present,
        after: now,
        home,
      });
    }
  }
  return returns;
}
