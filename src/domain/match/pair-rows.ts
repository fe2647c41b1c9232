import { ascendingIds } from "../../db/clustered-ids.ts";
import type { ScoredPairRow } from "../../db/queries/match-stage.ts";
import { memoise } from "../../lib/memoise.ts";
import { componentsPerPair, levelsPerPair, type ScoredPairs } from "../../matching/bulk/scored-pairs.ts";
import type { AutomaticLinks } from "../../matching/decide/automatic-links.ts";
import { probabilityOfWeight } from "../../matching/model/compile-model.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { compileRules, listRules } from "../../matching/score/rules.ts";
import type { LoadedRecords } from "./load-store.ts";

export interface PairRowOptions {
  readonly model: MatchModel;
  readonly links: AutomaticLinks;
  /** Whether the run links this pair, or leaves it linked as an earlier one did. */
  readonly isLinked: (pair: number) => boolean;
}

/** Scored pairs, by place, as rows of patient_match_scores; each call gives the next higher id. */
export function pairRowMaker(
  { ids }: LoadedRecords,
  pairs: ScoredPairs,
  { model, links, isLinked }: PairRowOptions,
): (pair: number) => ScoredPairRow {
  const rules = compileRules(model);
  const rulesOf = memoise((fired: number) => listRules(rules, fired).map((rule) => rule.name));
  const nextId = ascendingIds(pairs.size);
  return (pair) => {
    const component = (place: number) => {
      const score = pairs.components[pair * componentsPerPair + place]!;
      return Number.isNaN(score) ? null : score;
    };
    const weight = pairs.weights[pair]!;
    return {
      id: nextId(),
      ids,
      patient: pairs.a[pair]!,
      candidate: pairs.b[pair]!,
      totalScore: probabilityOfWeight(weight),
      matchWeight: weight,
      nameScore: component(0),
      birthDateScore: component(1),
      genderScore: component(2),
      addressScore: component(3),
      identifierScore: component(4),
      levels: pairs.levels.subarray(pair * levelsPerPair, (pair + 1) * levelsPerPair),
      rulesFired: rulesOf(pairs.rules[pair]!),
      state: isLinked(pair) ? "auto_linked" : "pending",
      kind: links.isConflict[pair] === 1 ? "conflict" : "duplicate",
    };
  };
}
