import { pairFlags, type ScoredPairs } from "../bulk/scored-pairs.ts";
import { clusterPersons, type PairColumns, type PersonClusters } from "../cluster/person-clusters.ts";
import type { MatchModel } from "../model/match-model.ts";
import { compileRules } from "../score/rules.ts";

export interface PersonDecisions {
  /** Pairs of rows that a person said are different, or that belong to persons kept apart. */
  readonly different: readonly (readonly [number, number])[];
  /** Pairs of rows that people or other systems linked. They hold whatever the scores say. */
  readonly linked: readonly (readonly [number, number])[];
}

export interface AutomaticLinks extends PersonClusters {
  /** By pair: 1 where it is linked automatically. */
  readonly isLinked: Uint8Array;
  /** By pair: 1 where it would be, but joins persons that are to be kept apart: a conflict for a person to settle. */
  readonly isConflict: Uint8Array;
}

/**
 * Which pairs are linked without asking: those at or above the automatic line that no rule forbids, whose evidence
 * stands clear of the runner-up, and whose persons support the link. The result depends on the pairs, not on
 * their order.
 *
 * @param pairs those at or above the review line.
 */
export function decideAutomaticLinks(
  size: number,
  pairs: ScoredPairs,
  model: MatchModel,
  decisions: PersonDecisions,
): AutomaticLinks {
  const apart = [...decisions.different];
  const isCandidate = new Uint8Array(pairs.size);
  const known = new Set(decisions.linked.map(([a, b]) => pairKey(a, b)));
  for (let pair = 0; pair < pairs.size; pair++) {
    const [a, b] = [pairs.a[pair]!, pairs.b[pair]!];
    // What a person said is the same is not kept apart by a rule.
    if ((pairs.flags[pair]! & pairFlags.separates) !== 0 && !known.has(pairKey(a, b))) apart.push([a, b]);
    isCandidate[pair] = (pairs.flags[pair]! & pairFlags.automatic) === 0 ? 0 : 1;
  }
  const { personSize, directSupport } = model.limits;
  const { forbid } = compileRules(model);
  const options = { joinFrom: lowestWeight, personSize, directSupport };
  const cluster = () => {
    const columns = chooseColumns(pairs, isCandidate, forbid);
    return clusterPersons(size, columns, apart, options, decisions.linked);
  };

  const first = cluster();
  dropUnclear(size, pairs, isCandidate, first.persons, model.thresholds.runnerUpMargin);
  const last = cluster();
  const isLinked = new Uint8Array(pairs.size);
  const isConflict = new Uint8Array(pairs.size);
  const separated = personsApart(last.persons, apart);
  for (let pair = 0; pair < pairs.size; pair++) {
    if (isCandidate[pair] !== 1) continue;
    const [a, b] = [last.persons[pairs.a[pair]!]!, last.persons[pairs.b[pair]!]!];
    if (a === b) isLinked[pair] = 1;
    else if (separated.has(pairKey(a, b))) isConflict[pair] = 1;
  }
  return { ...last, isLinked, isConflict };
}

/** Below any weight of a pair; what only supports lies below that. */
const lowestWeight = Number.MIN_SAFE_INTEGER;
const supportOnly = -Number.MAX_VALUE;

const pairKey = (a: number, b: number) => (a < b ? a * 0x1_0000_0000 + b : b * 0x1_0000_0000 + a);

const personsApart = (
  persons: Int32Array,
  apart: readonly (readonly [number, number])[],
): ReadonlySet<number> => new Set(apart.map(([a, b]) => pairKey(persons[a]!, persons[b]!)));

/** Candidates, and pairs that no rule forbids: those join nobody, and speak for the persons that others join. */
function chooseColumns(pairs: ScoredPairs, isCandidate: Uint8Array, forbid: number): PairColumns {
  const a = new Int32Array(pairs.size);
  const b = new Int32Array(pairs.size);
  const weights = new Float64Array(pairs.size);
  let size = 0;
  for (let pair = 0; pair < pairs.size; pair++) {
    const isForbidden =
      (pairs.rules[pair]! & forbid) !== 0 || (pairs.flags[pair]! & pairFlags.separates) !== 0;
    if (isCandidate[pair] !== 1 && isForbidden) continue;
    a[size] = pairs.a[pair]!;
    b[size] = pairs.b[pair]!;
    weights[size++] = isCandidate[pair] === 1 ? pairs.weights[pair]! : supportOnly;
  }
  return { size, a: a.subarray(0, size), b: b.subarray(0, size), weights: weights.subarray(0, size) };
}

/**
 * Hazard 9: a record whose second best partner, somebody else, is nearly as good as its best is linked to neither
 * automatically. Takes such pairs out of the candidates.
 */
function dropUnclear(
  size: number,
  pairs: ScoredPairs,
  isCandidate: Uint8Array,
  persons: Int32Array,
  margin: number,
): void {
  const best = new Float64Array(size).fill(-Infinity);
  const bestPerson = new Int32Array(size).fill(-1);
  const second = new Float64Array(size).fill(-Infinity);
  const offer = (row: number, person: number, weight: number) => {
    if (person === bestPerson[row]) best[row] = Math.max(best[row]!, weight);
    else if (weight > best[row]!) {
      second[row] = best[row]!;
      best[row] = weight;
      bestPerson[row] = person;
    } else if (weight > second[row]!) second[row] = weight;
  };
  for (let pair = 0; pair < pairs.size; pair++) {
    const [a, b] = [pairs.a[pair]!, pairs.b[pair]!];
    offer(a, persons[b]!, pairs.weights[pair]!);
    offer(b, persons[a]!, pairs.weights[pair]!);
  }
  for (let pair = 0; pair < pairs.size; pair++) {
    if (isCandidate[pair] !== 1) continue;
    const weight = pairs.weights[pair]!;
    const isClear = (row: number, person: number) =>
      weight - (bestPerson[row] === person ? second[row]! : best[row]!) >= margin;
    const [a, b] = [pairs.a[pair]!, pairs.b[pair]!];
    if (!isClear(a, persons[b]!) || !isClear(b, persons[a]!)) isCandidate[pair] = 0;
  }
}
