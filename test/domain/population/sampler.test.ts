import { describe, expect, test } from "vitest";
import { Random } from "../../../src/domain/population/random.ts";
import { Sampler } from "../../../src/domain/population/sampler.ts";
import { fc } from "../../support/properties.ts";

describe("Sampler", () => {
  test("draws each value in proportion to its weight", () => {
    const sampler = new Sampler(["a", "b", "c", "d"], [70, 20, 9, 1]);
    const random = new Random(1, 0);
    const counts = new Map<string, number>();
    for (let i = 0; i < 100_000; i++) {
      const value = sampler.draw(random);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    for (const [value, share] of Object.entries({ a: 0.7, b: 0.2, c: 0.09, d: 0.01 })) {
      expect((counts.get(value) ?? 0) / 100_000).toBeCloseTo(share, 2);
    }
  });

  test("never draws a value of weight zero", () => {
    const weights = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        weights.filter((list) => list.some((weight) => weight > 0)),
        fc.nat(),
        (list, seed) => {
          const sampler = new Sampler(
            list.map((_, i) => i),
            list,
          );
          const random = new Random(seed, 0);
          for (let i = 0; i < 100; i++) expect(list[sampler.draw(random)]).toBeGreaterThan(0);
        },
      ),
    );
  });

  test.each([
    ["no values", [], []],
    ["fewer weights than values", ["a", "b"], [1]],
    ["weights of zero only", ["a", "b"], [0, 0]],
  ])("refuses %s", (_, values: string[], weights: number[]) => {
    expect(() => new Sampler(values, weights)).toThrow(RangeError);
  });
});
