import { orderByWeight } from "./order-by-weight.ts";

/** Scored pairs as columns; a and b are rows. */
export interface PairColumns {
  readonly size: number;
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly weights: Float64Array;
}

export interface ClusterOptions {
  /** Pairs below this weight support a person and join nobody. */
  readonly joinFrom: number;
  /** Records in one person at most. */
  readonly personSize: number;
  /** Share of the pairs between two groups that must be among the given pairs for the groups to be joined. */
  readonly directSupport: number;
}

export interface PersonClusters {
  /** By row: the lowest row of its person. */
  readonly persons: Int32Array;
  /** By pair: 1 where it was not allowed to join its two records. */
  readonly refused: Uint8Array;
}

/**
 * Joins records to persons by the given pairs, strongest first. A pair joins two groups only where their records
 * support it directly, where the person stays inside its size, and where nothing keeps any two of them apart. The
 * order of the pairs does not matter: ties go by row.
 *
 * @param apart pairs of rows that must not become one person, by whatever way.
 * @param joined pairs of rows that are one person already, whatever the options and `apart` say.
 */
export function clusterPersons(
  size: number,
  pairs: PairColumns,
  apart: readonly (readonly [number, number])[],
  options: ClusterOptions,
  joined: readonly (readonly [number, number])[] = [],
): PersonClusters {
  const order = orderPairs(pairs, options.joinFrom);
  const links = listLinks(size, pairs);
  const groups = new RowGroups(size);
  const enemies = listEnemies(apart);
  const refused = new Uint8Array(pairs.size);
  for (const [a, b] of joined) groups.join(groups.find(a), groups.find(b));
  for (const pair of order) {
    const a = groups.find(pairs.a[pair]!);
    const b = groups.find(pairs.b[pair]!);
    if (a === b) continue;
    const isAllowed =
      groups.sizeOf(a) + groups.sizeOf(b) <= options.personSize &&
      !areApart(groups, enemies, a, b) &&
      supportBetween(groups, links, a, b) >= options.directSupport;
    if (isAllowed) groups.join(a, b);
    else refused[pair] = 1;
  }
  const persons = new Int32Array(size);
  for (let row = 0; row < size; row++) persons[row] = groups.find(row);
  return { persons, refused };
}

/** Those of a weight and above, the heaviest first; equals by row. */
function orderPairs({ size, a, b, weights }: PairColumns, from: number): Uint32Array {
  let count = 0;
  const places = new Uint32Array(size);
  for (let pair = 0; pair < size; pair++) if (weights[pair]! >= from) places[count++] = pair;
  const chosen = new Float64Array(count);
  for (let i = 0; i < count; i++) chosen[i] = weights[places[i]!]!;
  const order = orderByWeight(chosen);
  for (let i = 0; i < count; i++) order[i] = places[order[i]!]!;
  const byRows = (x: number, y: number) =>
    Math.min(a[x]!, b[x]!) - Math.min(a[y]!, b[y]!) || Math.max(a[x]!, b[x]!) - Math.max(a[y]!, b[y]!);
  for (let start = 0, end = 1; start < count; start = end++) {
    while (end < count && weights[order[end]!] === weights[order[start]!]) end++;
    if (end - start > 1) order.subarray(start, end).sort(byRows);
  }
  return order;
}

interface Links {
  readonly starts: Uint32Array;
  readonly rows: Int32Array;
}

/** For each row, the rows it is paired with. */
function listLinks(size: number, pairs: PairColumns): Links {
  const starts = new Uint32Array(size + 1);
  for (let pair = 0; pair < pairs.size; pair++) {
    starts[pairs.a[pair]! + 1]!++;
    starts[pairs.b[pair]! + 1]!++;
  }
  for (let row = 0; row < size; row++) starts[row + 1]! += starts[row]!;
  const next = starts.slice();
  const rows = new Int32Array(pairs.size * 2);
  for (let pair = 0; pair < pairs.size; pair++) {
    rows[next[pairs.a[pair]!]!++] = pairs.b[pair]!;
    rows[next[pairs.b[pair]!]!++] = pairs.a[pair]!;
  }
  return { starts, rows };
}

/** Share of the pairs between two groups that are given pairs. */
function supportBetween(groups: RowGroups, links: Links, a: number, b: number): number {
  const sizeA = groups.sizeOf(a);
  const sizeB = groups.sizeOf(b);
  const [small, other] = sizeA <= sizeB ? [a, b] : [b, a];
  let supported = 0;
  for (let row = small; row >= 0; row = groups.nextOf(row)) {
    for (let at = links.starts[row]!; at < links.starts[row + 1]!; at++) {
      if (groups.find(links.rows[at]!) === other) supported++;
    }
  }
  return supported / (sizeA * sizeB);
}

function listEnemies(apart: readonly (readonly [number, number])[]): ReadonlyMap<number, readonly number[]> {
  const enemies = new Map<number, number[]>();
  for (const [a, b] of apart) {
    for (const [row, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const known = enemies.get(row);
      if (known === undefined) enemies.set(row, [other]);
      else known.push(other);
    }
  }
  return enemies;
}

function areApart(
  groups: RowGroups,
  enemies: ReadonlyMap<number, readonly number[]>,
  a: number,
  b: number,
): boolean {
  if (enemies.size === 0) return false;
  const [small, other] = groups.sizeOf(a) <= groups.sizeOf(b) ? [a, b] : [b, a];
  for (let row = small; row >= 0; row = groups.nextOf(row)) {
    if (enemies.get(row)?.some((enemy) => groups.find(enemy) === other) === true) return true;
  }
  return false;
}

/** Disjoint groups of rows, each known by its lowest row; the members of a group can be walked. */
class RowGroups {
  readonly #parents: Int32Array;
  readonly #sizes: Int32Array;
  readonly #next: Int32Array;
  readonly #last: Int32Array;

  constructor(size: number) {
    this.#parents = new Int32Array(size);
    for (let row = 0; row < size; row++) this.#parents[row] = row;
    this.#sizes = new Int32Array(size).fill(1);
    this.#next = new Int32Array(size).fill(-1);
    this.#last = this.#parents.slice();
  }

  find(row: number): number {
    let root = row;
    while (this.#parents[root] !== root) {
      this.#parents[root] = this.#parents[this.#parents[root]!]!;
      root = this.#parents[root]!;
    }
    return root;
  }

  sizeOf(root: number): number {
    return this.#sizes[root]!;
  }

  /** The member after this one, beginning with the root; -1 after the last. */
  nextOf(row: number): number {
    return this.#next[row]!;
  }

  /** Of two roots. */
  join(a: number, b: number): void {
    if (a === b) return;
    const [root, child] = a < b ? [a, b] : [b, a];
    this.#parents[child] = root;
    this.#sizes[root]! += this.#sizes[child]!;
    this.#next[this.#last[root]!] = child;
    this.#last[root] = this.#last[child]!;
  }
}
