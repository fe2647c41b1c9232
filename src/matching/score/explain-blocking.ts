import { BlockingKeys, mostKeys, noLimits, type BlockLimits } from "../blocking/blocking-keys.ts";
import { readLimits } from "../blocking/candidate-pairs.ts";
import { mostValuesOfPart, type KeyValues } from "../blocking/key-values.ts";
import type { Calibration } from "../model/calibration.ts";
import type { KeyPart } from "../model/key-parts.ts";
import type { BlockingRule, MatchModel } from "../model/match-model.ts";

/** What one blocking rule makes of two records. */
export interface ExplainedBlocking {
  readonly rule: string;
  /**
   * found: they share a key. left-out: they share one, and so do so many others that its block is left out. unknown: a
   * part is not known of both. differs: all parts are known, and no value is in common.
   */
  readonly outcome: "found" | "left-out" | "unknown" | "differs";
  /** The parts that are not known of both, or that differ. */
  readonly parts: readonly KeyPart[];
}

/** Why a run compares two rows of a store, or never does: what each blocking rule makes of them, in order. */
export function explainBlocking(
  values: KeyValues,
  model: MatchModel,
  calibration: Calibration,
  a: number,
  b: number,
): readonly ExplainedBlocking[] {
  const keys = new BlockingKeys(values);
  const limits = readLimits(model, calibration);
  return model.blocking.map((rule, place) => {
    const sharesKey = (within: BlockLimits) => shareKey(keys, rule, within, a, b);
    if (sharesKey(limits[place] ?? noLimits)) return { rule: rule.name, outcome: "found", parts: [] };
    if (sharesKey(noLimits)) return { rule: rule.name, outcome: "left-out", parts: [] };
    const parts = rule.on.map((part) => ({ part, ...comparePart(values, part, a, b) }));
    const unknown = parts.filter((each) => !each.isKnown).map((each) => each.part);
    if (unknown.length > 0) return { rule: rule.name, outcome: "unknown", parts: unknown };
    const differing = parts.filter((each) => !each.isShared).map((each) => each.part);
    return { rule: rule.name, outcome: "differs", parts: differing };
  });
}

function shareKey(
  keys: BlockingKeys,
  rule: BlockingRule,
  limits: BlockLimits,
  a: number,
  b: number,
): boolean {
  const read = (row: number) => {
    const buffer = new Float64Array(mostKeys);
    return buffer.subarray(0, keys.read(rule, limits, row, buffer));
  };
  const first = new Set(read(a));
  return read(b).some((key) => first.has(key));
}

function comparePart(
  values: KeyValues,
  part: KeyPart,
  a: number,
  b: number,
): { readonly isKnown: boolean; readonly isShared: boolean } {
  const read = (row: number) => {
    const buffer = new Int32Array(mostValuesOfPart);
    return buffer.subarray(0, values.read(part, row, buffer));
  };
  const [first, second] = [read(a), read(b)];
  return {
    isKnown: first.length > 0 && second.length > 0,
    isShared: first.some((value) => second.includes(value)),
  };
}
