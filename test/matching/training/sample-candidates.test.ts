import { describe, expect, it } from "vitest";
import { visitCandidates } from "../../../src/matching/blocking/candidate-pairs.ts";
import { describeStore } from "../../../src/matching/compare/store-traits.ts";
import { defaultCalibration } from "../../../src/matching/model/calibration.ts";
import { defaultModel } from "../../../src/matching/model/default-model.ts";
import type { MatchModel } from "../../../src/matching/model/match-model.ts";
import { normaliseRecord } from "../../../src/matching/normal-record.ts";
import { encodeRecords } from "../../../src/matching/store/encode-records.ts";
import { sampleCandidates } from "../../../src/matching/training/sample-candidates.ts";
import { aMatchRecord, aName } from "../../support/match-records.ts";

/** Sixteen families of twenty-five, five of each family born on each of five days. */
const store = encodeRecords(
  Array.from({ length: 400 }, (_, i) =>
    normaliseRecord(
      aMatchRecord({
        names: [aName("Anna", `Quill${String.fromCharCode(97 + (i % 16))}`)],
        birthDate: `1961-07-0${String((i % 5) + 1)}`,
      }),
      new Set(),
    ),
  ),
);
const model: MatchModel = {
  ...defaultModel,
  blocking: [
    { name: "birth date and family name", on: ["birth-date", "family-name"], largestBlock: 200 },
    { name: "family name", on: ["family-name"], largestBlock: 200 },
    { name: "birth date", on: ["birth-date"], largestBlock: 200 },
  ],
};
const traits = describeStore(store);

function sample(pairsPerRule: number, seed = 1) {
  const pairs: string[] = [];
  let count = 0;
  const sampled = sampleCandidates(store, traits, model, { seed, pairsPerRule }, (a, b, each) => {
    pairs.push(`${String(a)} ${String(b)}`);
    count += each;
  });
  return { pairs, count, ...sampled };
}

function allPairs(): string[] {
  const pairs: string[] = [];
  const calibration = defaultCalibration(model, store.size, "1");
  visitCandidates(store, model, calibration, (a, b) => pairs.push(`${String(a)} ${String(b)}`));
  return pairs;
}

describe("a sample of the candidate pairs", () => {
  it("is all of them where no rule has more than are wanted", () => {
    const { pairs, count, candidatePairs } = sample(1_000_000);
    expect(pairs.toSorted()).toEqual(allPairs().toSorted());
    expect([count, candidatePairs]).toEqual([pairs.length, pairs.length]);
  });

  it("takes about as many of each rule as are wanted, and stands for as many as there are", () => {
    const all = new Set(allPairs());
    const { pairs, count } = sample(1000);
    expect(pairs.every((pair) => all.has(pair))).toBe(true);
    expect(new Set(pairs).size).toBe(pairs.length);
    // Each of the 960 pairs of the first rule, and of the two others 1,000 less those that it found before.
    expect(pairs.length).toBeGreaterThan(2000);
    expect(pairs.length).toBeLessThan(3000);
    // Five standard deviations.
    expect(Math.abs(count - all.size)).toBeLessThan(5 * Math.sqrt(all.size * 16));
  });

  it("is the same for the same seed, and another for another", () => {
    expect(sample(300).pairs).toEqual(sample(300).pairs);
    expect(sample(300).pairs).not.toEqual(sample(300, 2).pairs);
  });
});
