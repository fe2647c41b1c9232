import type { ConnectionTarget, Database } from "../../db/client.ts";
import { selectSourceIds } from "../../db/queries/match-runs.ts";
import { MpiError } from "../../lib/errors.ts";
import { scoreStore } from "../../matching/bulk/score-store.ts";
import { pairFlags, selectPairs, type ScoredPairs } from "../../matching/bulk/scored-pairs.ts";
import { clusterPersons } from "../../matching/cluster/person-clusters.ts";
import { decideAutomaticLinks } from "../../matching/decide/automatic-links.ts";
import { countLostPairs } from "../../matching/evaluate/lost-pairs.ts";
import {
  comparePartitions,
  countPairs,
  pairMetrics,
  type PairMetrics,
} from "../../matching/evaluate/pair-metrics.ts";
import { compileModel, weightOfProbability } from "../../matching/model/compile-model.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { trainModel } from "../../matching/training/train.ts";
import { analyseEvaluation, lowestLooked, type EvaluationAnalysis } from "./analyse-evaluation.ts";
import { findKeptCalibration } from "./calibration-store.ts";
import { loadStore } from "./load-store.ts";

/** Which person each source record belongs to in truth. */
export type Truth = ReadonlyMap<string, string>;

export interface EvaluationRow extends PairMetrics {
  readonly name: "pairs" | "persons" | "automatic";
  readonly definition: string;
}

export interface Evaluation {
  /** Records that the truth speaks of; the others take no part. */
  readonly records: number;
  readonly truePairs: number;
  readonly candidatePairs: number;
  /** True pairs that no blocking rule found. */
  readonly lostInBlocking: number;
  readonly rows: readonly EvaluationRow[];
  readonly analysis: EvaluationAnalysis;
}

/**
 * Measures matching against a known truth, over all true pairs, those that blocking lost included. The same code as a
 * run scores; nothing is stored.
 *
 * @param worst how many of the worst false matches and misses are looked into.
 * @throws {MpiError} `usage` where no record of the index is in the truth.
 */
export async function evaluateMatch(
  db: Database,
  target: ConnectionTarget,
  truth: Truth,
  model: MatchModel,
  signal: AbortSignal,
  worst = 5,
): Promise<Evaluation> {
  const { ids, store } = await loadStore(db, target, model, signal);
  const sourceIds = await selectSourceIds(db);
  const labels = labelRows(
    Array.from({ length: store.size }, (_, row) => truth.get(sourceIds.get(ids.get(row)) ?? "")),
  );
  const known = labels.filter((label) => label >= 0).length;
  if (known === 0) {
    throw new MpiError("usage", "None of the records in the index is in the truth file.", {
      hint: "Its column source_id holds the ids under which the records were imported.",
    });
  }
  const calibration =
    (await findKeptCalibration(db, model))?.calibration ?? trainModel(store, model).calibration;
  const compiled = compileModel(model, calibration);
  const scored = scoreStore(store, compiled, Math.min(lowestLooked, model.thresholds.possible));
  const { pairs } = scored;
  const truePairs = countPairs(labels.filter((label) => label >= 0));
  const possible = selectPairs(
    pairs,
    (pair) => pairs.weights[pair]! >= weightOfProbability(model.thresholds.possible),
  );
  const clusters = clusterPersons(store.size, possible, [], {
    joinFrom: -Infinity,
    personSize: Infinity,
    directSupport: 0,
  });
  const review = selectPairs(pairs, (pair) => (pairs.flags[pair]! & pairFlags.aboveReviewLine) !== 0);
  const automatic = decideAutomaticLinks(store.size, review, model, { different: [], linked: [] });
  const claimed = countClaims(possible, labels);
  const knownRows = labels.flatMap((label, row) => (label >= 0 ? [row] : []));
  const only = (values: Int32Array) => knownRows.map((row) => values[row]!);
  const truthOf = knownRows.map((row) => labels[row]!);
  return {
    records: known,
    truePairs,
    candidatePairs: scored.pairsByRule.reduce((sum, each) => sum + each, 0),
    lostInBlocking: countLostPairs(store, compiled, labels),
    rows: [
      {
        name: "pairs",
        definition: `pairs with probability of at least ${model.thresholds.possible}`,
        ...pairMetrics(claimed.right, claimed.all, truePairs),
      },
      {
        name: "persons",
        definition: "the same, with everything that hangs together taken for one person",
        ...comparePartitions(truthOf, only(clusters.persons)),
      },
      {
        name: "automatic",
        definition: "persons as --auto-link would make them, with all guards",
        ...comparePartitions(truthOf, only(automatic.persons)),
      },
    ],
    analysis: analyseEvaluation(store, compiled, pairs, labels, {
      truePairs,
      worst,
      idOf: (row) => ids.get(row),
    }),
  };
}

/** Pairs of records that the truth speaks of, and how many of them it confirms. */
function countClaims(
  pairs: ScoredPairs,
  labels: readonly number[],
): { readonly all: number; readonly right: number } {
  let all = 0;
  let right = 0;
  for (let pair = 0; pair < pairs.size; pair++) {
    const [a, b] = [labels[pairs.a[pair]!]!, labels[pairs.b[pair]!]!];
    if (a < 0 || b < 0) continue;
    all++;
    if (a === b) right++;
  }
  return { all, right };
}

/** A number for each different label; -1 where the truth says nothing. */
function labelRows(clusters: readonly (string | undefined)[]): number[] {
  const numbers = new Map<string, number>();
  return clusters.map((cluster) => {
    if (cluster === undefined) return -1;
    const known = numbers.get(cluster) ?? numbers.size;
    numbers.set(cluster, known);
    return known;
  });
}
