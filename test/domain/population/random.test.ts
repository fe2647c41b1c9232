import { describe, expect, test } from "vitest";
import { Random } from "../../../src/domain/population/random.ts";
import { fc } from "../../support/properties.ts";

/** sfc32 written a second time, in big integers. */
function referenceStream(seed: number, stream: number, count: number): number[] {
  const mask = 0xffff_ffffn;
  let [a, b, c, counter] = [BigInt(seed) & mask, BigInt(seed) >> 32n, BigInt(stream), 1n];
  const next = () => {
    const sum = (a + b + counter) & mask;
    counter = (counter + 1n) & mask;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & mask;
    c = ((((c << 21n) & mask) | (c >> 11n)) + sum) & mask;
    return Number(sum);
  };
  for (let i = 0; i < 15; i++) next();
  return Array.from({ length: count }, next);
}

const seeds = fc.maxSafeNat();
const streams = fc.integer({ min: 0, max: 0xffff_ffff });

describe("Random", () => {
  test("draws the numbers of sfc32 for every seed and stream", () => {
    fc.assert(
      fc.property(seeds, streams, (seed, stream) => {
        const random = new Random(seed, stream);
        const drawn = Array.from({ length: 20 }, () => random.next());
        expect(drawn).toEqual(referenceStream(seed, stream, 20));
      }),
    );
  });

  test("starts again with reseed as it would start anew", () => {
    const random = new Random(5, 1);
    random.next();
    random.reseed(7, 2);
    expect(random.next()).toBe(new Random(7, 2).next());
  });

  test("draws whole numbers below the limit, each about as often", () => {
    const random = new Random(1, 0);
    const counts = [0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 70_000; i++) counts[random.below(7)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  test("includes both ends of between", () => {
    const random = new Random(2, 0);
    const drawn = new Set(Array.from({ length: 200 }, () => random.between(3, 5)));
    expect([...drawn].sort()).toEqual([3, 4, 5]);
  });

  test("never happens at chance 0 and always at chance 1", () => {
    const random = new Random(3, 0);
    for (let i = 0; i < 1_000; i++) {
      expect(random.chance(0)).toBe(false);
      expect(random.chance(1)).toBe(true);
    }
  });
});
