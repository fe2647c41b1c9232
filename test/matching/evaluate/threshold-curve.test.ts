import { describe, expect, it } from "vitest";
import { pairMetrics } from "../../../src/matching/evaluate/pair-metrics.ts";
import { thresholdCurve, weightHistogram } from "../../../src/matching/evaluate/threshold-curve.ts";
import { fc } from "../../support/properties.ts";

// Weights are sums of logarithms: nothing as near to 0 as the smallest numbers there are, which dividing makes 0.
const weight = fc
  .double({ min: -20, max: 40, noNaN: true })
  .map((each) => Math.round(each * 2 ** 20) / 2 ** 20);
const pairs = fc.array(fc.record({ weight, isTrue: fc.boolean() }), { maxLength: 60 });
const judged = (given: readonly { readonly weight: number; readonly isTrue: boolean }[]) => ({
  weights: given.map((each) => each.weight),
  isTrue: given.map((each) => Number(each.isTrue)),
});

describe("the curve over thresholds", () => {
  it("has at each of them the measures of the pairs at or above it, true pairs that were never scored included", () => {
    fc.assert(
      fc.property(
        pairs,
        fc.nat(20),
        fc.array(fc.integer({ min: -25, max: 45 }), { maxLength: 12 }),
        (given, unscored, thresholds) => {
          const truePairs = given.filter((each) => each.isTrue).length + unscored;
          const curve = thresholdCurve(judged(given), truePairs, thresholds);
          expect(curve.map((each) => each.weight)).toEqual(thresholds.toSorted((a, b) => a - b));
          for (const { weight, probability, ...measures } of curve) {
            const claimed = given.filter((each) => each.weight >= weight);
            expect(measures).toEqual(
              pairMetrics(claimed.filter((each) => each.isTrue).length, claimed.length, truePairs),
            );
            expect(probability).toBeCloseTo(2 ** weight / (1 + 2 ** weight), 9);
          }
        },
      ),
    );
  });

  it("loses recall as the threshold rises, and never gains any", () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const truePairs = given.filter((each) => each.isTrue).length;
        const recalls = thresholdCurve(judged(given), truePairs, [-20, -10, 0, 10, 20, 30]).map(
          (each) => each.recall,
        );
        expect(recalls).toEqual(recalls.toSorted((a, b) => b - a));
      }),
    );
  });
});

describe("the spread of the weights", () => {
  it("counts every pair once, in the bin that holds its weight", () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom(0.5, 1, 2), (given, width) => {
        const bins = weightHistogram(judged(given), width);
        expect(bins.reduce((sum, bin) => sum + bin.matches + bin.others, 0)).toBe(given.length);
        for (const { from, to, matches, others } of bins) {
          const inside = given.filter((each) => each.weight >= from && each.weight < to);
          expect([matches, others]).toEqual([
            inside.filter((each) => each.isTrue).length,
            inside.filter((each) => !each.isTrue).length,
          ]);
          expect(to - from).toBe(width);
        }
      }),
    );
  });
});
