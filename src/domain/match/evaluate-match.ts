import type { ConnectionTarget, Database } from "../../db/client.ts";
import { selectSourceIds } from "../../db/queries/match-runs.ts";
import { MpiError } from "../../lib/errors.ts";
import { clusterPersons } from "../../matching/cluster/person-clusters.ts";
import { decideAutomaticLinks } from "../../matching/decide/automatic-links.ts";
import { scoreCandidates, toReviewPairs, type KeptPair } from "../../matching/decide/score-candidates.ts";
import {
  comparePartitions,
  countPairs,
  pairMetrics,
  type PairMetrics,
} from "../../matching/evaluate/pair-metrics.ts";
import { weightOfProbability } from "../../matching/model/compile-model.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { trainModel } from "../../matching/training/train.ts";
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
}

/**
 * Measures matching against a known truth, over all true pairs, those that blocking lost included. The same code as a
 * run scores; nothing is stored.
 *
 * @throws {MpiError} `usage` where no record of the index is in the truth.
 */
export async function evaluateMatch(
  db: Database,
  target: ConnectionTarget,
  truth: Truth,
  model: MatchModel,
  signal: AbortSignal,
): Promise<Evaluation> {
  const { ids, store } = await loadStore(db, target, model, signal);
  const sourceIds = await selectSourceIds(db);
  const labels = labelRows(ids.map((id) => truth.get(sourceIds.get(id) ?? "")));
  const known = labels.filter((label) => label >= 0).length;
  if (known === 0) {
    throw new MpiError("usage", "None of the records in the index is in the truth file.", {
      hint: "Its column source_id holds the ids under which the records were imported.",
    });
  }
  const calibration =
    (await findKeptCalibration(db, model))?.calibration ?? trainModel(store, model).calibration;
  const scored = scoreCandidates(store, model, calibration, { line: 0 });
  const inTruth = ({ a, b }: KeptPair) => labels[a]! >= 0 && labels[b]! >= 0;
  const isTrue = ({ a, b }: KeptPair) => labels[a] === labels[b];

  const all = scored.kept.filter(inTruth);
  const truePairs = countPairs(labels.filter((label) => label >= 0));
  const possible = all.filter((pair) => pair.weight >= weightOfProbability(model.thresholds.possible));
  const clusters = clusterPersons(store.size, toReviewPairs(possible, scored.rules), [], {
    joinFrom: -Infinity,
    personSize: Infinity,
    directSupport: 0,
  });
  const review = scored.kept.filter((pair) => pair.isAboveReviewLine);
  const automatic = decideAutomaticLinks(store.size, toReviewPairs(review, scored.rules), model, {
    different: [],
    linked: [],
  });
  const knownRows = labels.flatMap((label, row) => (label >= 0 ? [row] : []));
  const only = (values: Int32Array) => knownRows.map((row) => values[row]!);
  const truthOf = knownRows.map((row) => labels[row]!);
  return {
    records: known,
    truePairs,
    candidatePairs: scored.pairsByRule.reduce((sum, each) => sum + each, 0),
    lostInBlocking: truePairs - all.filter(isTrue).length,
    rows: [
      {
        name: "pairs",
        definition: `pairs with probability of at least ${model.thresholds.possible}`,
        ...pairMetrics(possible.filter(isTrue).length, possible.length, truePairs),
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
  };
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
