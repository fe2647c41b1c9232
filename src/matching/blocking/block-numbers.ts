import { GrowingInt32 } from "../store/growing-columns.ts";
import { sharedInt32 } from "../store/shared-columns.ts";
import type { BlockIndex } from "./block-index.ts";

/** Blocks are numbered from 1. Of a record in several, the number is that of the first link of a chain, negated. */
const noBlock = 0;
/** A record in no block has a number of its own: two that are equal tell at once that their records share a block. */
const ownNumber = 2 ** 30;

/** Chains of the blocks of records that are in several under one rule: two numbers a link, a block and the next link or 0. */
export type BlockChains = Int32Array;

/** Room for the numbers of the blocks that every record is in, by record and rule, in memory that threads can share. */
export const roomForBlockNumbers = (records: number, rules: number): Int32Array =>
  sharedInt32(records * rules);

/**
 * Writes the blocks of one rule into the numbers.
 *
 * @param isKept false for blocks that are left out.
 */
export function numberBlocks(
  numbers: Int32Array,
  rules: number,
  rule: number,
  { keys, starts, rows }: BlockIndex,
  isKept: (key: number) => boolean = () => true,
): BlockChains {
  const chains = new GrowingInt32();
  const addLink = (block: number, next: number): number => {
    // Link 0 is none.
    if (chains.length === 0) addPair(chains, 0, 0);
    addPair(chains, block, next);
    return chains.length / 2 - 1;
  };
  // Into a column first: rows come in any order, and the numbers of all rules are too many for the processor's cache.
  const column = new Int32Array(numbers.length / rules);
  for (let g = 0; g < keys.length; g++) {
    if (!isKept(keys[g]!)) continue;
    for (let i = starts[g]!; i < starts[g + 1]!; i++) {
      const row = rows[i]!;
      const number = column[row]!;
      if (number === noBlock) column[row] = g + 1;
      else column[row] = -addLink(g + 1, number < 0 ? -number : addLink(number, 0));
    }
  }
  for (let row = 0, at = rule; row < column.length; row++, at += rules)
    numbers[at] = column[row]! || ownNumber + row;
  return chains.toArray();
}

function addPair(values: GrowingInt32, first: number, second: number): void {
  values.push(first);
  values.push(second);
}

/** Tells which rule finds a pair first, by the blocks that the two records are in. */
export class FoundPairs {
  readonly #numbers: Int32Array;
  readonly #rules: number;
  readonly #chains: readonly BlockChains[];

  /**
   * @param numbers of the rules up to the last one that is asked for: see numberBlocks.
   * @param chains by rule.
   */
  constructor(numbers: Int32Array, rules: number, chains: readonly BlockChains[]) {
    this.#numbers = numbers;
    this.#rules = rules;
    this.#chains = chains;
  }

  /**
   * True where an earlier rule, or an earlier block of this one, finds two records too.
   *
   * @param block of the rule that both are in, counted from 0.
   */
  isFoundBefore(rule: number, block: number, a: number, b: number): boolean {
    const numbers = this.#numbers;
    const x = a * this.#rules;
    const y = b * this.#rules;
    for (let earlier = 0; earlier < rule; earlier++) {
      const first = numbers[x + earlier]!;
      const second = numbers[y + earlier]!;
      if (first === second) return true;
      if ((first | second) < 0 && this.#firstShared(earlier, first, second) !== noBlock) return true;
    }
    const first = numbers[x + rule]!;
    const second = numbers[y + rule]!;
    return (first & second) < 0 && this.#firstShared(rule, first, second) !== block + 1;
  }

  /** Number of the first block that two records share; noBlock for none. */
  #firstShared(rule: number, first: number, second: number): number {
    const chains = this.#chains[rule]!;
    let shared = noBlock;
    for (let x = first; x !== noBlock; x = nextOf(chains, x)) {
      const block = blockOf(chains, x);
      for (let y = second; y !== noBlock; y = nextOf(chains, y)) {
        if (blockOf(chains, y) === block && (shared === noBlock || block < shared)) shared = block;
      }
    }
    return shared;
  }
}

const blockOf = (chains: BlockChains, number: number): number => (number < 0 ? chains[-number * 2]! : number);

const nextOf = (chains: BlockChains, number: number): number =>
  number < 0 ? -chains[-number * 2 + 1]! : noBlock;
