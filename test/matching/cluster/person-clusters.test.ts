import { describe, expect, it } from "vitest";
import { clusterPersons, type ClusterOptions } from "../../../src/matching/cluster/person-clusters.ts";
import { scoredPairs, type PlainPair } from "../../support/pair-columns.ts";
import { fc } from "../../support/properties.ts";

const size = 12;
const row = fc.integer({ min: 0, max: size - 1 });
const plainPairs: fc.Arbitrary<PlainPair[]> = fc.uniqueArray(
  fc.record({ a: row, b: row, weight: fc.integer({ min: 0, max: 6 }) }).filter(({ a, b }) => a < b),
  { maxLength: 30, selector: ({ a, b }) => a * size + b },
);
const apartPairs = fc.array(
  fc.tuple(row, row).filter(([a, b]) => a !== b),
  { maxLength: 4 },
);
const loose: ClusterOptions = { joinFrom: -Infinity, personSize: Infinity, directSupport: 0 };
const options = fc.constantFrom<ClusterOptions>(loose, { joinFrom: 3, personSize: 4, directSupport: 0.5 });
const shuffled = <T>(values: readonly T[], seed: number): T[] =>
  values
    .map((value, at) => [value, Math.imul(at + 1, seed | 1) >>> 0] as const)
    .toSorted((x, y) => x[1] - y[1])
    .map(([value]) => value);

/** Connected components by flooding: what joining has to come to where nothing is forbidden. */
function components(pairs: readonly PlainPair[]): number[] {
  const labels = Array.from({ length: size }, (_, at) => at);
  for (let changed = true; changed;) {
    changed = false;
    for (const { a, b } of pairs) {
      const lowest = Math.min(labels[a]!, labels[b]!);
      changed ||= labels[a] !== lowest || labels[b] !== lowest;
      labels[a] = labels[b] = lowest;
    }
  }
  return labels;
}

describe("persons", () => {
  it("are the connected components where nothing is forbidden", () => {
    fc.assert(
      fc.property(plainPairs, (pairs) => {
        expect([...clusterPersons(size, scoredPairs(pairs), [], loose).persons]).toEqual(components(pairs));
      }),
    );
  });

  it("do not depend on the order of the pairs or of their rows", () => {
    fc.assert(
      fc.property(plainPairs, apartPairs, options, fc.integer(), (pairs, apart, chosen, seed) => {
        const turned = shuffled(pairs, seed).map(({ a, b, weight }, at) =>
          at % 2 === 0 ? { a, b, weight } : { a: b, b: a, weight },
        );
        const one = clusterPersons(size, scoredPairs(pairs), apart, chosen);
        const other = clusterPersons(
          size,
          scoredPairs(turned),
          shuffled(apart, seed).map(([a, b]) => [b, a]),
          chosen,
        );
        expect([...other.persons]).toEqual([...one.persons]);
      }),
    );
  });

  it("never hold two records that are to be kept apart, by whatever way", () => {
    fc.assert(
      fc.property(plainPairs, apartPairs, options, (pairs, apart, chosen) => {
        const { persons } = clusterPersons(size, scoredPairs(pairs), apart, chosen);
        for (const [a, b] of apart) expect(persons[a]).not.toBe(persons[b]);
      }),
    );
  });

  it("keep to their size", () => {
    fc.assert(
      fc.property(plainPairs, fc.integer({ min: 1, max: 5 }), (pairs, personSize) => {
        const { persons } = clusterPersons(size, scoredPairs(pairs), [], { ...loose, personSize });
        for (let label = 0; label < size; label++) {
          expect(persons.filter((each) => each === label).length).toBeLessThanOrEqual(personSize);
        }
      }),
    );
  });

  it("are named after their lowest row, and made by given pairs alone", () => {
    fc.assert(
      fc.property(plainPairs, apartPairs, options, (pairs, apart, chosen) => {
        const { persons } = clusterPersons(size, scoredPairs(pairs), apart, chosen);
        const whole = components(pairs.filter((pair) => pair.weight >= chosen.joinFrom));
        for (let at = 0; at < size; at++) {
          expect(persons[persons[at]!]).toBe(persons[at]);
          expect(persons[at]).toBeLessThanOrEqual(at);
          // A person lies within one component of the pairs.
          expect(whole[at]).toBe(whole[persons[at]!]);
        }
      }),
    );
  });

  it("take the strongest pair first: the weaker one is refused", () => {
    const pairs = scoredPairs([
      { a: 0, b: 1, weight: 5 },
      { a: 1, b: 2, weight: 9 },
    ]);
    const { persons, refused } = clusterPersons(3, pairs, [[0, 2]], loose);
    expect([...persons]).toEqual([0, 1, 1]);
    expect([...refused]).toEqual([1, 0]);
  });

  it("ask for direct support: one pair of four does not join two couples, two of four do", () => {
    const couples = [
      { a: 0, b: 1, weight: 9 },
      { a: 2, b: 3, weight: 9 },
      { a: 1, b: 2, weight: 5 },
    ];
    const half: ClusterOptions = { ...loose, directSupport: 0.5 };
    expect([...clusterPersons(4, scoredPairs(couples), [], half).persons]).toEqual([0, 0, 2, 2]);
    const supported = [...couples, { a: 0, b: 3, weight: 5 }];
    expect([...clusterPersons(4, scoredPairs(supported), [], half).persons]).toEqual([0, 0, 0, 0]);
  });
});
