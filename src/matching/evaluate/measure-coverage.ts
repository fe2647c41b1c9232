import { buildBlocks, type BlockCoverage } from "../blocking/block-limits.ts";
import type { BlockIndex } from "../blocking/block-index.ts";
import { noLimits } from "../blocking/blocking-keys.ts";
import { readLimits, visitCandidates } from "../blocking/candidate-pairs.ts";
import { KeyValues } from "../blocking/key-values.ts";
import type { Calibration } from "../model/calibration.ts";
import type { KeyPart } from "../model/key-parts.ts";
import type { MatchModel } from "../model/match-model.ts";
import type { RecordStore } from "../store/record-store.ts";

/** What one blocking rule finds and leaves out, in the records as they are. */
export interface RuleCoverage extends BlockCoverage {
  readonly on: readonly KeyPart[];
  /** Blocks of at least two records that are kept. */
  readonly blocks: number;
  /** Pairs of which this rule is the first to find them. */
  readonly pairs: number;
}

/** What the limits of a calibration leave out of the records of a store, rule by rule. */
export function measureCoverage(
  store: RecordStore,
  model: MatchModel,
  calibration: Calibration,
): readonly RuleCoverage[] {
  const values = new KeyValues(store);
  const limits = readLimits(model, calibration);
  const pairsByRule = visitCandidates(store, model, calibration, () => undefined);
  return model.blocking.map((rule, place) => {
    const { refined, excluded } = limits[place] ?? noLimits;
    const whole = buildBlocks(store, values, rule, noLimits);
    const split =
      refined.size === 0 ? whole : buildBlocks(store, values, rule, { refined, excluded: noLimits.excluded });
    let [blocks, largestKept, excludedBlocks, excludedRecords, excludedPairs] = [0, 0, 0, 0, 0];
    for (const { key, size } of listBlocks(split)) {
      if (excluded.has(key)) {
        excludedBlocks++;
        excludedRecords += size;
        excludedPairs += (size * (size - 1)) / 2;
      } else {
        blocks++;
        largestKept = Math.max(largestKept, size);
      }
    }
    const refinedBlocks = listBlocks(whole).filter(({ key }) => refined.has(key)).length;
    return {
      name: rule.name,
      on: rule.on,
      blocks,
      pairs: pairsByRule[place] ?? 0,
      largestKept,
      refinedBlocks,
      excludedBlocks,
      excludedRecords,
      excludedPairs,
    };
  });
}

const listBlocks = ({
  keys,
  starts,
}: BlockIndex): readonly { readonly key: number; readonly size: number }[] =>
  Array.from(keys, (key, g) => ({ key, size: starts[g + 1]! - starts[g]! }));
