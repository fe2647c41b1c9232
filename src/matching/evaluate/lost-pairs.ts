import { RuleFinder } from "../blocking/candidate-pairs.ts";
import { KeyValues } from "../blocking/key-values.ts";
import { describeStore } from "../compare/store-traits.ts";
import type { CompiledModel } from "../model/compile-model.ts";
import type { RecordStore } from "../store/record-store.ts";

/**
 * True pairs that no blocking rule finds.
 *
 * @param labels by row: records with the same label are one person; -1 where the truth is not known.
 */
export function countLostPairs(
  store: RecordStore,
  { model, calibration }: CompiledModel,
  labels: readonly number[],
): number {
  const rules = new RuleFinder(new KeyValues(store, describeStore(store)), model, calibration);
  const members = new Map<number, number[]>();
  let lost = 0;
  for (const [row, label] of labels.entries()) {
    if (label < 0) continue;
    const others = members.get(label);
    if (others === undefined) members.set(label, [row]);
    else {
      for (const other of others) if (rules.find(other, row) < 0) lost++;
      others.push(row);
    }
  }
  return lost;
}
