import { describe, expect, it } from "vitest";
import type { BlockIndex } from "../../../src/matching/blocking/block-index.ts";
import {
  FoundPairs,
  numberBlocks,
  roomForBlockNumbers,
} from "../../../src/matching/blocking/block-numbers.ts";
import { fc } from "../../support/properties.ts";

const records = 6;

/** Of each block the records in it, ascending. */
function blocksOf(groups: readonly (readonly number[])[]): BlockIndex {
  const starts = [0];
  for (const rows of groups) starts.push(starts.at(-1)! + rows.length);
  return {
    keys: Float64Array.from(groups, (_, g) => g),
    starts: Uint32Array.from(starts),
    rows: Int32Array.from(groups.flat()),
  };
}

const someGroups = fc.array(fc.subarray([...Array(records).keys()], { minLength: 2 }), { maxLength: 5 });

describe("numbers of blocks", () => {
  it("tell of every pair in a block whether an earlier rule, or an earlier block, finds it too", () => {
    fc.assert(
      fc.property(fc.array(someGroups, { minLength: 1, maxLength: 4 }), (groupsByRule) => {
        const rules = groupsByRule.length;
        const numbers = roomForBlockNumbers(records, rules);
        const chains = groupsByRule.map((groups, rule) =>
          numberBlocks(numbers, rules, rule, blocksOf(groups)),
        );
        const found = new FoundPairs(numbers, rules, chains);
        const seen = new Set<string>();
        for (const [rule, groups] of groupsByRule.entries()) {
          for (const [block, rows] of groups.entries()) {
            for (const a of rows) {
              for (const b of rows.filter((row) => row > a)) {
                const pair = `${String(a)} ${String(b)}`;
                expect(found.isFoundBefore(rule, block, a, b)).toBe(seen.has(pair));
                seen.add(pair);
              }
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("pass over blocks that are left out", () => {
    const numbers = roomForBlockNumbers(records, 2);
    const left = blocksOf([
      [0, 1],
      [1, 2],
    ]);
    const chains = [
      numberBlocks(numbers, 2, 0, left, (key) => key !== 0),
      numberBlocks(numbers, 2, 1, blocksOf([[0, 1, 2]])),
    ];
    const found = new FoundPairs(numbers, 2, chains);
    expect(found.isFoundBefore(1, 0, 0, 1)).toBe(false);
    expect(found.isFoundBefore(1, 0, 1, 2)).toBe(true);
  });
});
