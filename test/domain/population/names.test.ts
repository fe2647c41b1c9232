import { describe, expect, test } from "vitest";
import { Random } from "../../../src/domain/population/random.ts";
import { getPopulationTables } from "../../../src/domain/population/tables.ts";

const DRAWS = 400_000;

function countDraws(draw: (random: Random) => string, times: number): [string, number][] {
  const random = new Random(99, 0);
  const counts = new Map<string, number>();
  for (let i = 0; i < times; i++) {
    const value = draw(random);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}

describe("family names", () => {
  const { cultureSampler, familyNames } = getPopulationTables();
  const ranked = countDraws((random) => familyNames[cultureSampler.draw(random)]!.draw(random), DRAWS);

  // Shares of the surname ranks in the United States census of 1990.
  test.each([
    [1, 0.01006],
    [10, 0.00311],
    [100, 0.00095],
    [1_000, 0.00013],
    [10_000, 0.00001],
  ])("the name of rank %i has about its published share", (rank, share) => {
    const measured = ranked[rank - 1]![1] / DRAWS;
    expect(measured / share).toBeGreaterThan(0.6);
    expect(measured / share).toBeLessThan(1.6);
  });

  test("there are tens of thousands of them", () => {
    expect(ranked.length).toBeGreaterThan(30_000);
  });

  test("some are written with accents, some have two words, some an apostrophe", () => {
    const names = ranked.map(([name]) => name);
    for (const kind of [/[^ -~]/, / /, /'/]) expect(names.some((name) => kind.test(name))).toBe(true);
  });
});

describe("given names", () => {
  const { cultureSampler, givenNames } = getPopulationTables();

  test.each([
    ["male", 1950],
    ["female", 1950],
    ["male", 1985],
    ["female", 1985],
    ["male", 2015],
    ["female", 2015],
  ] as const)("the commonest of the %s children of %i has 1 to 6 percent", (sex, year) => {
    const ranked = countDraws(
      (random) => givenNames.draw(random, cultureSampler.draw(random), sex, year),
      60_000,
    );
    expect(ranked[0]![1] / 60_000).toBeGreaterThan(0.01);
    expect(ranked[0]![1] / 60_000).toBeLessThan(0.06);
    expect(ranked.length).toBeGreaterThan(1_000);
  });

  test("fashions change", () => {
    const top = (year: number) =>
      countDraws((random) => givenNames.draw(random, 0, "female", year), 20_000)
        .slice(0, 10)
        .map(([name]) => name);
    expect(top(1925).filter((name) => top(2015).includes(name))).toEqual([]);
  });
});

describe("places", () => {
  const { gazetteer } = getPopulationTables().addressBook;

  test("a postal code and a telephone's area code belong to the city's state", () => {
    // One prefix and one area code of each: facts about the states, not about our tables.
    const facts: Readonly<Record<string, readonly [RegExp, RegExp]>> = {
      MA: [/^0[12]/, /^(339|413|508|617|774|781|978)$/],
      CA: [/^9[0-6]/, /^[2-9]/],
      WY: [/^8[23]/, /^307$/],
      VT: [/^05/, /^802$/],
    };
    for (const city of gazetteer.cities.values) {
      const fact = facts[city.state];
      if (fact === undefined) continue;
      for (const code of city.postalCodes) expect(code).toMatch(fact[0]);
      for (const code of city.areaCodes) expect(code).toMatch(fact[1]);
    }
  });

  test("no two cities of a state have one name", () => {
    const names = gazetteer.cities.values.map((city) => `${city.name}, ${city.state}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test("large cities have several postal codes, most have one or two", () => {
    const counts = gazetteer.cities.values.map((city) => city.postalCodes.length).sort((a, b) => a - b);
    expect(counts.at(-1)).toBeGreaterThan(20);
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThanOrEqual(3);
  });
});
