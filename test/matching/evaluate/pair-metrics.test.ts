import { describe, expect, it } from "vitest";
import { comparePartitions, countPairs, pairMetrics } from "../../../src/matching/evaluate/pair-metrics.ts";
import { fc } from "../../support/properties.ts";

const labels = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 0, maxLength: 20 });
const pairsOf = (given: readonly number[]) =>
  given.flatMap((label, a) =>
    given.slice(a + 1).flatMap((other, b) => (label === other ? [`${a}-${a + 1 + b}`] : [])),
  );

describe("measures of pairs", () => {
  it("are those of the textbook", () => {
    // 8 claimed, 6 of them right, 10 to be found.
    const { precision, recall, f1, falsePositives, falseNegatives } = pairMetrics(6, 8, 10);
    expect([precision, recall, falsePositives, falseNegatives]).toEqual([0.75, 0.6, 2, 4]);
    expect(f1).toBeCloseTo((2 * 0.75 * 0.6) / 1.35, 12);
  });

  it("say nothing false where nothing was claimed, or nothing was to be found", () => {
    expect(pairMetrics(0, 0, 5)).toMatchObject({ precision: 1, recall: 0, f1: 0 });
    expect(pairMetrics(0, 5, 0)).toMatchObject({ precision: 0, recall: 1, f1: 0 });
    expect(pairMetrics(0, 0, 0)).toMatchObject({ precision: 1, recall: 1, f1: 1 });
  });

  it("of two partitions are those of the pairs that each makes", () => {
    fc.assert(
      fc.property(labels, fc.infiniteStream(fc.integer({ min: 0, max: 4 })), (truth, stream) => {
        const persons = truth.map(() => stream.next().value as number);
        const [real, claimed] = [new Set(pairsOf(truth)), pairsOf(persons)];
        const right = claimed.filter((pair) => real.has(pair)).length;
        expect(comparePartitions(truth, persons)).toEqual(pairMetrics(right, claimed.length, real.size));
        expect(countPairs(truth)).toBe(real.size);
      }),
    );
  });
});
