import {
  comparisonKinds,
  frequencyFields,
  type ComparisonName,
  type FrequencyField,
} from "./comparison-kinds.ts";
import type { MatchModel } from "./match-model.ts";

/**
 * What was learned from the data: made by training or by the first full run, stored with a version, and not
 * changed by any later run. With it a score depends on the two records alone.
 */
export interface Calibration {
  readonly format: "mpi-match-calibration/1";
  /** Of the placeholder list that the values were judged by. */
  readonly placeholders: string;
  readonly seed: number;
  /** Records it was learned from. */
  readonly records: number;
  /** P(same person) for two records picked at random. */
  readonly probabilityTwoRandomRecordsMatch: number;
  readonly comparisons: readonly CalibratedComparison[];
  readonly relations: readonly CalibratedRelation[];
  readonly frequencies: Readonly<Record<FrequencyField, FrequencyTable>>;
  /** Keys of blocks that were too large, by rule. */
  readonly blocking: readonly CalibratedBlockingRule[];
}

export interface CalibratedComparison {
  readonly name: ComparisonName;
  /** False where the data told too little, so that m is the model's own. */
  readonly learned: boolean;
  readonly levels: readonly { readonly name: string; readonly m: number; readonly u: number }[];
}

export interface CalibratedRelation {
  readonly name: string;
  /** Records of such relatives that a record has on average. */
  readonly pairsPerRecord: number;
  /** How their records agree, as far as it was learned: P(level | relation). */
  readonly comparisons: readonly {
    readonly name: ComparisonName;
    readonly levels: readonly { readonly name: string; readonly probability: number }[];
  }[];
}

export interface FrequencyTable {
  /** Records that carry a value. */
  readonly records: number;
  /** P(two records of different persons carry the same value). */
  readonly collision: number;
  /** Frequency taken for a value that is not listed. */
  readonly unlisted: number;
  /** Values that are frequent enough to be listed, commonest first, and how many records carry each. */
  readonly values: readonly (readonly [value: string, records: number])[];
}

export interface CalibratedBlockingRule {
  readonly name: string;
  /** Hashes of the keys that are split, in ascending order. */
  readonly refined: readonly number[];
  /** Hashes of the keys, refined ones included, that are left out, in ascending order. */
  readonly excluded: readonly number[];
}

/** A calibration that knows nothing but the number of records: the model's own figures. */
export function defaultCalibration(model: MatchModel, records: number, placeholders: string): Calibration {
  const others = Math.max(1, records - 1);
  return {
    format: "mpi-match-calibration/1",
    placeholders,
    seed: 0,
    records,
    probabilityTwoRandomRecordsMatch: Math.min(0.5, model.duplicatesPerRecord / others),
    comparisons: [],
    relations: model.relations.map(({ name, pairsPerRecord }) => ({ name, pairsPerRecord, comparisons: [] })),
    frequencies: defaultFrequencies(model, records),
    blocking: [],
  };
}

function defaultFrequencies(model: MatchModel, records: number): Record<FrequencyField, FrequencyTable> {
  const table = (field: FrequencyField): FrequencyTable => {
    const collision = exactU(model, field) ?? model.strangersPerValue[field] / Math.max(1, records);
    return { records: 0, collision, unlisted: collision, values: [] };
  };
  return Object.fromEntries(frequencyFields.map((field) => [field, table(field)])) as Record<
    FrequencyField,
    FrequencyTable
  >;
}

/** u of the first level that the field adjusts in full: its exact level. */
function exactU(model: MatchModel, field: FrequencyField): number | undefined {
  for (const comparison of model.comparisons) {
    const kind = comparisonKinds.find((each) => each.name === comparison.name);
    const exact = kind?.levels.find((level) => "field" in level && level.field === field);
    const found = comparison.levels.find((level) => level.name === exact?.name);
    if (found !== undefined) return found.u;
  }
  return undefined;
}
