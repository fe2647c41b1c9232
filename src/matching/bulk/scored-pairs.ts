import { comparisonKinds, components } from "../model/comparison-kinds.ts";
import type { ComponentScores } from "../score/component-scores.ts";

/** Numbers that one kept pair has in `levels` and in `components`. */
export const levelsPerPair = comparisonKinds.length;
export const componentsPerPair = components.length;

/** Bits of ScoredPairs.flags. */
export const pairFlags = { automatic: 1, aboveReviewLine: 2, separates: 4 } as const;

/** Pairs that are worth keeping, as columns; a < b are rows of the store. */
export interface ScoredPairs {
  readonly size: number;
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly weights: Float64Array;
  /** Bits of the rules that fired. */
  readonly rules: Int32Array;
  readonly flags: Uint8Array;
  /** levelsPerPair numbers each; -1 where nothing could be compared. */
  readonly levels: Int8Array;
  /** componentsPerPair numbers each, 0 to 1; NaN where nothing could be compared. */
  readonly components: Float64Array;
}

/** The pairs that are wanted, in the order they were in. */
export function selectPairs(pairs: ScoredPairs, isWanted: (pair: number) => boolean): ScoredPairs {
  const places: number[] = [];
  for (let pair = 0; pair < pairs.size; pair++) if (isWanted(pair)) places.push(pair);
  return gatherPairs(pairs, Uint32Array.from(places));
}

/** Collects scored pairs; grows as it must. */
export class PairCollector {
  #size = 0;
  #a = new Int32Array(1024);
  #b = new Int32Array(1024);
  #weights = new Float64Array(1024);
  #rules = new Int32Array(1024);
  #flags = new Uint8Array(1024);
  #levels = new Int8Array(1024 * levelsPerPair);
  #components = new Float64Array(1024 * componentsPerPair);

  add(
    a: number,
    b: number,
    weight: number,
    rules: number,
    flags: number,
    levels: Int8Array,
    scores: ComponentScores,
  ): void {
    const at = this.#size++;
    if (at === this.#a.length) this.#grow();
    this.#a[at] = a;
    this.#b[at] = b;
    this.#weights[at] = weight;
    this.#rules[at] = rules;
    this.#flags[at] = flags;
    this.#levels.set(levels, at * levelsPerPair);
    const first = at * componentsPerPair;
    this.#components[first] = scores.name ?? NaN;
    this.#components[first + 1] = scores.birthDate ?? NaN;
    this.#components[first + 2] = scores.gender ?? NaN;
    this.#components[first + 3] = scores.address ?? NaN;
    this.#components[first + 4] = scores.identifier ?? NaN;
  }

  finish(): ScoredPairs {
    const size = this.#size;
    return {
      size,
      a: this.#a.slice(0, size),
      b: this.#b.slice(0, size),
      weights: this.#weights.slice(0, size),
      rules: this.#rules.slice(0, size),
      flags: this.#flags.slice(0, size),
      levels: this.#levels.slice(0, size * levelsPerPair),
      components: this.#components.slice(0, size * componentsPerPair),
    };
  }

  #grow(): void {
    this.#a = grown(this.#a, Int32Array);
    this.#b = grown(this.#b, Int32Array);
    this.#weights = grown(this.#weights, Float64Array);
    this.#rules = grown(this.#rules, Int32Array);
    this.#flags = grown(this.#flags, Uint8Array);
    this.#levels = grown(this.#levels, Int8Array);
    this.#components = grown(this.#components, Float64Array);
  }
}

function grown<T extends Int32Array | Float64Array | Uint8Array | Int8Array>(
  values: T,
  make: new (length: number) => T,
): T {
  const larger = new make(values.length * 2);
  larger.set(values);
  return larger;
}

/**
 * Joins what several threads found, in order of a, then b: the same whoever found what. Blocking keys are hashes, so
 * once in a great while two rules find one pair, each as the first; it is there once all the same.
 *
 * @param rows number of records.
 */
export function mergeScoredPairs(parts: readonly ScoredPairs[], rows: number): ScoredPairs {
  const collected = concatenate(parts);
  const { a, b } = collected;
  const order = sortByRows(collected, rows);
  const isNew = (pair: number, place: number) =>
    place === 0 || a[pair] !== a[order[place - 1]!] || b[pair] !== b[order[place - 1]!];
  return gatherPairs(collected, order.filter(isNew));
}

function gatherPairs(pairs: ScoredPairs, order: Uint32Array): ScoredPairs {
  const size = order.length;
  const gathered = { ...emptyPairs(size), size };
  for (let i = 0; i < size; i++) {
    const from = order[i]!;
    gathered.a[i] = pairs.a[from]!;
    gathered.b[i] = pairs.b[from]!;
    gathered.weights[i] = pairs.weights[from]!;
    gathered.rules[i] = pairs.rules[from]!;
    gathered.flags[i] = pairs.flags[from]!;
    for (let k = 0; k < levelsPerPair; k++) {
      gathered.levels[i * levelsPerPair + k] = pairs.levels[from * levelsPerPair + k]!;
    }
    for (let k = 0; k < componentsPerPair; k++) {
      gathered.components[i * componentsPerPair + k] = pairs.components[from * componentsPerPair + k]!;
    }
  }
  return gathered;
}

function emptyPairs(size: number): Omit<ScoredPairs, "size"> {
  return {
    a: new Int32Array(size),
    b: new Int32Array(size),
    weights: new Float64Array(size),
    rules: new Int32Array(size),
    flags: new Uint8Array(size),
    levels: new Int8Array(size * levelsPerPair),
    components: new Float64Array(size * componentsPerPair),
  };
}

function concatenate(parts: readonly ScoredPairs[]): ScoredPairs {
  const first = parts[0];
  if (parts.length === 1 && first !== undefined) return first;
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const all = { ...emptyPairs(size), size };
  let at = 0;
  for (const part of parts) {
    all.a.set(part.a, at);
    all.b.set(part.b, at);
    all.weights.set(part.weights, at);
    all.rules.set(part.rules, at);
    all.flags.set(part.flags, at);
    all.levels.set(part.levels, at * levelsPerPair);
    all.components.set(part.components, at * componentsPerPair);
    at += part.size;
  }
  return all;
}

/** A counting sort by a, then the few pairs of each a by b. */
function sortByRows(pairs: ScoredPairs, rows: number): Uint32Array {
  const starts = new Uint32Array(rows + 1);
  for (let pair = 0; pair < pairs.size; pair++) starts[pairs.a[pair]! + 1]!++;
  for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
  const order = new Uint32Array(pairs.size);
  const next = starts.slice();
  for (let pair = 0; pair < pairs.size; pair++) order[next[pairs.a[pair]!]!++] = pair;
  for (let row = 0; row < rows; row++) {
    const end = starts[row + 1]!;
    if (end - starts[row]! > 1) order.subarray(starts[row], end).sort((x, y) => pairs.b[x]! - pairs.b[y]!);
  }
  return order;
}
