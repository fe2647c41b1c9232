import { describe, expect, it } from "vitest";
import { measureCoverage } from "../../../src/matching/evaluate/measure-coverage.ts";
import { defaultCalibration } from "../../../src/matching/model/calibration.ts";
import { compileModel } from "../../../src/matching/model/compile-model.ts";
import { defaultModel } from "../../../src/matching/model/default-model.ts";
import type { MatchModel } from "../../../src/matching/model/match-model.ts";
import { encodeForMatching } from "../../../src/matching/score/score-records.ts";
import { trainModel } from "../../../src/matching/training/train.ts";
import { someRecords } from "../../support/match-records.ts";
import { fc } from "../../support/properties.ts";

/** Blocks are large from three records on. */
const model: MatchModel = {
  ...defaultModel,
  blocking: defaultModel.blocking.map((rule) => ({ ...rule, largestBlock: 2 })),
  limits: { ...defaultModel.limits, pairsPerRule: 1 },
};
const storeOf = (records: Parameters<typeof encodeForMatching>[0]) =>
  encodeForMatching(records, compileModel(model, defaultCalibration(model, 100, "1")));

describe("the coverage of blocking", () => {
  it("is, of the records that were learned from, what learning says it left out", () => {
    fc.assert(
      fc.property(someRecords(2, 25), (records) => {
        const store = storeOf(records);
        const { calibration, coverage, candidatePairs } = trainModel(store, model);
        const measured = measureCoverage(store, model, calibration);
        for (const [rule, { largestKept, ...learned }] of coverage.entries()) {
          expect(measured[rule]).toMatchObject(learned);
          expect(measured[rule]!.largestKept).toBeLessThanOrEqual(largestKept);
        }
        expect(measured.reduce((sum, rule) => sum + rule.pairs, 0)).toBe(candidatePairs);
      }),
      { numRuns: 25 },
    );
  });
});
