import { describe, expect, it } from "vitest";
import { visitCandidates } from "../../../src/matching/blocking/candidate-pairs.ts";
import { scoreStore } from "../../../src/matching/bulk/score-store.ts";
import {
  componentsPerPair,
  levelsPerPair,
  mergeScoredPairs,
  pairFlags,
} from "../../../src/matching/bulk/scored-pairs.ts";
import {
  compileModel,
  weightOfProbability,
  type CompiledModel,
} from "../../../src/matching/model/compile-model.ts";
import { defaultCalibration } from "../../../src/matching/model/calibration.ts";
import { defaultModel } from "../../../src/matching/model/default-model.ts";
import type { MatchRecord } from "../../../src/matching/record.ts";
import { encodeForMatching, RecordScorer } from "../../../src/matching/score/score-records.ts";
import { trainModel } from "../../../src/matching/training/train.ts";
import { aKnownPerson, aName, someRecords } from "../../support/match-records.ts";
import { scoredPairs } from "../../support/pair-columns.ts";
import { fc } from "../../support/properties.ts";

const untrained = compileModel(defaultModel, defaultCalibration(defaultModel, 1000, "1"));

/** What the plain scorer says of every candidate pair that is worth keeping. */
function keptByPlainScorer(records: readonly MatchRecord[], compiled: CompiledModel, keepFrom: number) {
  const store = encodeForMatching(records, compiled);
  const scorer = new RecordScorer(store, compiled);
  const pairs: (readonly [number, number])[] = [];
  const byRule = visitCandidates(store, compiled.model, compiled.calibration, (a, b) => pairs.push([a, b]));
  const line = weightOfProbability(keepFrom);
  const kept = pairs
    .toSorted((x, y) => x[0] - y[0] || x[1] - y[1])
    .map(([a, b]) => ({ a, b, ...scorer.score(a, b) }))
    .filter((each) => each.weight >= line || each.isAboveReviewLine);
  return { kept, byRule };
}

function keptByBulkScorer(records: readonly MatchRecord[], compiled: CompiledModel, keepFrom: number) {
  const { pairs, pairsByRule } = scoreStore(encodeForMatching(records, compiled), compiled, keepFrom);
  const orNull = (score: number) => (Number.isNaN(score) ? null : score);
  const kept = Array.from({ length: pairs.size }, (_, at) => {
    const [name, birthDate, gender, address, identifier] = pairs.components.slice(
      at * componentsPerPair,
      (at + 1) * componentsPerPair,
    );
    return {
      a: pairs.a[at]!,
      b: pairs.b[at]!,
      weight: pairs.weights[at]!,
      levels: [...pairs.levels.slice(at * levelsPerPair, (at + 1) * levelsPerPair)],
      rules: compiled.model.rules
        .filter((_, rule) => (pairs.rules[at]! & (1 << rule)) !== 0)
        .map((rule) => rule.name),
      isAutomatic: (pairs.flags[at]! & pairFlags.automatic) !== 0,
      isAboveReviewLine: (pairs.flags[at]! & pairFlags.aboveReviewLine) !== 0,
      components: {
        name: orNull(name!),
        birthDate: orNull(birthDate!),
        gender: orNull(gender!),
        address: orNull(address!),
        identifier: orNull(identifier!),
      },
    };
  });
  return { kept, byRule: pairsByRule };
}

describe("scoring a whole store", () => {
  it.each([0.0001, 0.5, 0.8])(
    "gives for every candidate pair what the plain scorer gives, kept from a probability of %d",
    (keepFrom) => {
      fc.assert(
        fc.property(someRecords(2, 16), (records) => {
          const plain = keptByPlainScorer(records, untrained, keepFrom);
          const bulk = keptByBulkScorer(records, untrained, keepFrom);
          expect(bulk.byRule).toEqual(plain.byRule);
          expect(bulk.kept).toEqual(
            plain.kept.map(({ a, b, weight, levels, rules, isAutomatic, isAboveReviewLine, components }) => ({
              a,
              b,
              weight,
              levels,
              rules,
              isAutomatic,
              isAboveReviewLine,
              components,
            })),
          );
        }),
        { numRuns: 60 },
      );
    },
  );

  it("does so with what was learned from the records themselves", () => {
    fc.assert(
      fc.property(someRecords(8, 30), (records) => {
        const { calibration } = trainModel(encodeForMatching(records, untrained), defaultModel);
        const learned = compileModel(defaultModel, calibration);
        const weights = (kept: readonly { a: number; b: number; weight: number }[]) =>
          kept.map(({ a, b, weight }) => [a, b, weight]);
        expect(weights(keptByBulkScorer(records, learned, 0.5).kept)).toEqual(
          weights(keptByPlainScorer(records, learned, 0.5).kept),
        );
      }),
      { numRuns: 15 },
    );
  });

  it("sees that one of several names is swapped, and that other initials of those names are crossed", () => {
    const person = (id: string, ...names: MatchRecord["names"]) =>
      aKnownPerson({ id, identifiers: [], contacts: [], addresses: [], names });
    const records = [
      person("1", aName("Quilliu", "Jansen"), aName("Ottomo", "Brod")),
      person("2", aName("Yansen", "Kuilliu"), aName("Bergh", "Fyff")),
    ];
    const { kept } = keptByPlainScorer(records, untrained, 0);
    expect(kept).toMatchObject([{ weight: expect.any(Number) as number }]);
    const probability = 1 / (1 + 2 ** -(kept[0]!.weight - 0.01));
    expect(keptByBulkScorer(records, untrained, probability).kept).toHaveLength(1);
  });

  it("keeps what a rule wants a person to see, also below the line", () => {
    const man = (birthDate: string) =>
      aKnownPerson({
        gender: "male",
        names: [aName("Horatio", "Quillfeather")],
        identifiers: [],
        contacts: [],
        birthDate,
      });
    const { kept } = keptByBulkScorer(
      [man("1961-07-23"), { ...man("1990-02-11"), id: "2" }],
      untrained,
      0.999,
    );
    expect(kept).toMatchObject([
      { rules: expect.arrayContaining(["parent and child"]) as string[], isAutomatic: false },
    ]);
    expect(kept[0]!.weight).toBeLessThan(weightOfProbability(0.999));
  });
});

describe("pairs that several threads found", () => {
  it("are there once each, also where two found the same", () => {
    const pair = { a: 3, b: 7, weight: 5 };
    const parts = [
      scoredPairs([pair, { a: 3, b: 8, weight: 4 }]),
      scoredPairs([{ a: 1, b: 7, weight: 2 }, pair]),
    ];
    const { a, b } = mergeScoredPairs(parts, 9);
    expect([...a].map((row, at) => [row, b[at]])).toEqual([
      [1, 7],
      [3, 7],
      [3, 8],
    ]);
  });

  it("are put into one order, whoever found which", () => {
    const pairs = Array.from({ length: 40 }, (_, at) => ({
      a: (at * 7) % 11,
      b: 11 + ((at * 5) % 13),
      weight: at,
    }));
    const whole = mergeScoredPairs([scoredPairs(pairs)], 24);
    const parts = [0, 1, 2].map((part) => scoredPairs(pairs.filter((_, at) => at % 3 === part)));
    const rowsOf = ({ a, b, weights }: typeof whole) => [...a].map((row, at) => [row, b[at]!, weights[at]!]);
    const byRows = ([a, b]: readonly number[], [c, d]: readonly number[]) => a! - c! || b! - d!;
    expect(rowsOf(whole).map(([a, b]) => [a, b])).toEqual(pairs.map(({ a, b }) => [a, b]).toSorted(byRows));
    expect(rowsOf(mergeScoredPairs(parts, 24)).toSorted((x, y) => x[2]! - y[2]!)).toEqual(
      rowsOf(whole).toSorted((x, y) => x[2]! - y[2]!),
    );
  });
});
