import type { CalibratedRelation } from "../model/calibration.ts";
import {
  comparisonIndex,
  comparisonKinds,
  levelIndex,
  type ComparisonName,
} from "../model/comparison-kinds.ts";
import { compileModel, type CompiledModel } from "../model/compile-model.ts";
import type { Expected } from "./expect-matches.ts";

/** The model's own rate weighs like so many pairs of relatives. */
const priorPairs = 1;

/** The model's own figures of how they agree weigh like so many pairs. */
const priorRelatives = 50;

/**
 * What relatives may share or not, and which of them they are does not hang on it. Names, birth dates and addresses
 * are left out: a relation free to learn those would end as something else, such as strangers of one name.
 */
const circumstances: readonly ComparisonName[] = ["middle-name", "phone", "email", "mother"];

/**
 * The maximisation step for the relations. How many there are is learned, up to the model's own rate: nature sets
 * the number of twins, and a registry with a changed given name among its duplicates has not more of them. How
 * relatives share phones and the like is learned too; what makes them twins, or father and son, is the model's to
 * say.
 */
export function estimateRelations(
  compiled: CompiledModel,
  expected: Expected,
  allPairs: number,
): CalibratedRelation[] {
  const { model } = compiled;
  const records = (1 + Math.sqrt(1 + 8 * allPairs)) / 2;
  // The model's own, at the m and u of now.
  const own = compileModel(model, { ...compiled.calibration, relations: [] });
  return model.relations.map(({ name, pairsPerRecord }, r) => {
    const ownPairs = (pairsPerRecord * records) / 2;
    const learned = (2 / records) * ((expected.relatives[r]! + priorPairs) / (1 + priorPairs / ownPairs));
    return {
      name,
      pairsPerRecord: Math.min(pairsPerRecord, learned),
      comparisons: circumstances.map((comparison) => ({
        name: comparison,
        levels: estimateCircumstance(own, expected, r, comparison),
      })),
    };
  });
}

function estimateCircumstance(
  own: CompiledModel,
  expected: Expected,
  r: number,
  name: ComparisonName,
): { name: string; probability: number }[] {
  const k = comparisonIndex[name];
  const { levels: kindLevels } = comparisonKinds[k]!;
  const { u } = own.comparisons[k]!;
  const seen = expected.relativeLevels[r]![k]!;
  return (own.model.comparisons.find((each) => each.name === name)?.levels ?? []).map((level) => {
    const index = levelIndex(name, level.name);
    const { group } = kindLevels[index]!;
    const inGroup = seen.reduce((sum, each, at) => (kindLevels[at]!.group === group ? sum + each : sum), 0);
    const prior = u[index]! * 2 ** own.relations[r]!.ratios[k]![index]!;
    return {
      name: level.name,
      probability: (seen[index]! + priorRelatives * prior) / (inGroup + priorRelatives),
    };
  });
}
