import { describe, expect, it } from "vitest";
import { decideAutomaticLinks } from "../../../src/matching/decide/automatic-links.ts";
import { defaultModel } from "../../../src/matching/model/default-model.ts";
import { scoredPairs, type PlainPair } from "../../support/pair-columns.ts";
import { fc } from "../../support/properties.ts";

const size = 10;
const row = fc.integer({ min: 0, max: size - 1 });
const plainPairs: fc.Arbitrary<PlainPair[]> = fc.uniqueArray(
  fc
    .record({
      a: row,
      b: row,
      weight: fc.integer({ min: 5, max: 30 }),
      isAutomatic: fc.boolean(),
      separates: fc.boolean(),
    })
    .filter(({ a, b }) => a < b)
    // What a rule keeps apart, no rule lets through.
    .map((pair) => ({ ...pair, isAutomatic: pair.isAutomatic && !pair.separates })),
  { maxLength: 25, selector: ({ a, b }) => a * size + b },
);
const rowPairs = fc.array(
  fc.tuple(row, row).filter(([a, b]) => a !== b),
  { maxLength: 3 },
);

describe("automatic links", () => {
  it("are pairs that may be, inside one person, and none that a person or a rule keeps apart", () => {
    fc.assert(
      fc.property(plainPairs, rowPairs, (pairs, different) => {
        const { isLinked, isConflict, persons } = decideAutomaticLinks(
          size,
          scoredPairs(pairs),
          defaultModel,
          { different, linked: [] },
        );
        for (const [at, { a, b, isAutomatic }] of pairs.entries()) {
          if (isLinked[at] === 1) {
            expect(isAutomatic).toBe(true);
            expect(persons[a]).toBe(persons[b]);
          }
          expect(isLinked[at]! + isConflict[at]!).toBeLessThanOrEqual(1);
        }
        for (const [a, b] of different) expect(persons[a]).not.toBe(persons[b]);
        for (const { a, b, separates } of pairs)
          if (separates === true) expect(persons[a]).not.toBe(persons[b]);
      }),
    );
  });

  it("and nothing else make persons: whoever is one is held together by links or by people", () => {
    fc.assert(
      fc.property(plainPairs, rowPairs, (pairs, linked) => {
        const { isLinked, persons } = decideAutomaticLinks(size, scoredPairs(pairs), defaultModel, {
          different: [],
          linked,
        });
        const edges = [
          ...linked,
          ...pairs.flatMap(({ a, b }, at) => (isLinked[at] === 1 ? [[a, b] as const] : [])),
        ];
        const reached = (from: number): ReadonlySet<number> => {
          const seen = new Set([from]);
          for (const at of seen) {
            for (const [a, b] of edges) if (a === at || b === at) seen.add(a).add(b);
          }
          return seen;
        };
        for (let at = 0; at < size; at++) {
          expect([...persons.keys()].filter((other) => persons[other] === persons[at])).toEqual(
            [...reached(at)].toSorted((x, y) => x - y),
          );
        }
      }),
    );
  });

  it("do not depend on the order of the pairs", () => {
    fc.assert(
      fc.property(plainPairs, rowPairs, (pairs, different) => {
        const decide = (given: readonly PlainPair[]) => {
          const { isLinked, persons } = decideAutomaticLinks(size, scoredPairs(given), defaultModel, {
            different,
            linked: [],
          });
          return {
            persons: [...persons],
            linked: given
              .filter((_, at) => isLinked[at] === 1)
              .map(({ a, b }) => a * size + b)
              .toSorted((x, y) => x - y),
          };
        };
        expect(decide(pairs.toReversed())).toEqual(decide(pairs));
      }),
    );
  });

  it("that would join persons kept apart are conflicts, for a person to settle", () => {
    // 0 and 2 are known to be two. People said that 1 is 2, and it looks like 0.
    const pairs = scoredPairs([{ a: 0, b: 1, weight: 30, isAutomatic: true }]);
    const decide = (different: readonly (readonly [number, number])[]) => {
      const { isLinked, isConflict } = decideAutomaticLinks(3, pairs, defaultModel, {
        different,
        linked: [[1, 2]],
      });
      return [isLinked[0], isConflict[0]];
    };
    expect(decide([])).toEqual([1, 0]);
    expect(decide([[0, 2]])).toEqual([0, 1]);
  });

  it("are supported by pairs that join nobody themselves, and by none that a rule keeps apart", () => {
    // 0 and 1 are one person, 2 and 3 another; 1 and 2 would join them, with three pairs more between the two.
    const decide = (between: Partial<PlainPair>) => {
      const pairs = scoredPairs([
        { a: 0, b: 1, weight: 40, isAutomatic: true },
        { a: 2, b: 3, weight: 39, isAutomatic: true },
        { a: 1, b: 2, weight: 38, isAutomatic: true },
        { a: 0, b: 2, weight: 3, ...between },
      ]);
      const decisions = { different: [], linked: [] };
      return [...decideAutomaticLinks(4, pairs, { ...defaultModel, thresholds }, decisions).persons];
    };
    const thresholds = { ...defaultModel.thresholds, runnerUpMargin: 0 };
    expect(decide({})).toEqual([0, 0, 0, 0]);
    expect(decide({ separates: true })).toEqual([0, 0, 2, 2]);
    expect(decide({ b: 3, a: 2 })).toEqual([0, 0, 2, 2]);
  });

  it("leave what people linked together, whatever the scores or the rules say", () => {
    const pairs = scoredPairs([{ a: 0, b: 1, weight: 6, separates: true }]);
    const { persons } = decideAutomaticLinks(3, pairs, defaultModel, {
      different: [],
      linked: [
        [0, 1],
        [1, 2],
      ],
    });
    expect([...persons]).toEqual([0, 0, 0]);
  });

  it("see a person of many records that people linked one by one as one person", () => {
    // 0 to 4 hang together by people's links alone; 5 is known to be different from 0, and looks like 4.
    const linked = [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
    ] as const;
    const pairs = scoredPairs([{ a: 4, b: 5, weight: 30, isAutomatic: true }]);
    const { persons, isLinked, isConflict } = decideAutomaticLinks(6, pairs, defaultModel, {
      different: [[0, 5]],
      linked,
    });
    expect([...persons]).toEqual([0, 0, 0, 0, 0, 5]);
    expect([isLinked[0], isConflict[0]]).toEqual([0, 1]);
  });
});
