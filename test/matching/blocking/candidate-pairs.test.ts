import { describe, expect, it } from "vitest";
import { limitBlocks } from "../../../src/matching/blocking/block-limits.ts";
import { BlockingKeys, mostKeys, type BlockLimits } from "../../../src/matching/blocking/blocking-keys.ts";
import { readLimits, visitCandidates } from "../../../src/matching/blocking/candidate-pairs.ts";
import { KeyValues } from "../../../src/matching/blocking/key-values.ts";
import { defaultCalibration, type Calibration } from "../../../src/matching/model/calibration.ts";
import { compileModel } from "../../../src/matching/model/compile-model.ts";
import { defaultModel } from "../../../src/matching/model/default-model.ts";
import type { BlockingRule, MatchModel } from "../../../src/matching/model/match-model.ts";
import type { MatchRecord } from "../../../src/matching/record.ts";
import { encodeForMatching, RecordScorer } from "../../../src/matching/score/score-records.ts";
import { trainModel } from "../../../src/matching/training/train.ts";
import { aMatchRecord, aName, aPhone, anAddress, someRecords } from "../../support/match-records.ts";
import { fc } from "../../support/properties.ts";

const withRules = (...blocking: readonly BlockingRule[]): MatchModel => ({ ...defaultModel, blocking });
const storeOf = (records: readonly MatchRecord[], model: MatchModel) =>
  encodeForMatching(records, compileModel(model, defaultCalibration(model, 100, "1")));

interface Visited {
  readonly pairs: readonly (readonly [number, number, number])[];
  readonly byRule: readonly number[];
}

function visit(records: readonly MatchRecord[], model: MatchModel, calibration: Calibration): Visited {
  const pairs: (readonly [number, number, number])[] = [];
  const byRule = visitCandidates(storeOf(records, model), model, calibration, (a, b, rule) => {
    pairs.push([a, b, rule]);
  });
  return { pairs, byRule };
}

/** The keys of every record under every rule, one record at a time: the definition that the fast way has to meet. */
function keysOf(records: readonly MatchRecord[], model: MatchModel, calibration: Calibration) {
  const reader = new BlockingKeys(new KeyValues(storeOf(records, model)));
  const buffer = new Float64Array(mostKeys);
  const limits = readLimits(model, calibration);
  return model.blocking.map((rule, at) =>
    records.map((_, row) => new Set(buffer.slice(0, reader.read(rule, limits[at]!, row, buffer)))),
  );
}

function expectedPairs(records: readonly MatchRecord[], model: MatchModel, calibration: Calibration) {
  const keys = keysOf(records, model, calibration);
  const pairs: (readonly [number, number, number])[] = [];
  for (let a = 0; a < records.length; a++) {
    for (let b = a + 1; b < records.length; b++) {
      const rule = keys.findIndex((rows) => [...rows[a]!].some((key) => rows[b]!.has(key)));
      if (rule >= 0) pairs.push([a, b, rule]);
    }
  }
  return pairs;
}

const inOrder = (pairs: readonly (readonly [number, number, number])[]) =>
  pairs.toSorted((x, y) => x[0] - y[0] || x[1] - y[1]);

describe("candidate pairs", () => {
  const calibration = defaultCalibration(defaultModel, 100, "1");

  it("are visited once each, under the first rule that finds them, the smaller row first", () => {
    fc.assert(
      fc.property(someRecords(0, 14), (records) => {
        const { pairs, byRule } = visit(records, defaultModel, calibration);
        expect(inOrder(pairs)).toEqual(expectedPairs(records, defaultModel, calibration));
        expect(byRule).toEqual(
          defaultModel.blocking.map((_, rule) => pairs.filter((pair) => pair[2] === rule).length),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("are the same pairs whatever the order of the rules", () => {
    const turned: MatchModel = { ...defaultModel, blocking: defaultModel.blocking.toReversed() };
    fc.assert(
      fc.property(someRecords(0, 12), (records) => {
        const withoutRule = ({ pairs }: Visited) => inOrder(pairs).map(([a, b]) => [a, b]);
        expect(withoutRule(visit(records, turned, calibration))).toEqual(
          withoutRule(visit(records, defaultModel, calibration)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it("are those of which an explanation names the rule, and no others", () => {
    fc.assert(
      fc.property(someRecords(2, 8), (records) => {
        const compiled = compileModel(defaultModel, calibration);
        const scorer = new RecordScorer(encodeForMatching(records, compiled), compiled);
        const { pairs } = visit(records, defaultModel, calibration);
        for (let a = 0; a < records.length; a++) {
          for (let b = a + 1; b < records.length; b++) {
            const found = pairs.find((pair) => pair[0] === a && pair[1] === b);
            expect(scorer.score(a, b).blockingRule).toBe(
              found === undefined ? null : defaultModel.blocking[found[2]]!.name,
            );
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it("are visited once each where rules split or leave out their large blocks", () => {
    const refined = (rule: BlockingRule): BlockingRule => ({
      refine: ["given-name-initial"],
      ...rule,
      largestBlock: 2,
    });
    const model: MatchModel = {
      ...defaultModel,
      limits: { ...defaultModel.limits, pairsPerRule: 1 },
      blocking: [
        ...defaultModel.blocking.map(refined),
        { name: "family name part", on: ["family-name-part"], largestBlock: 3, refine: ["birth-year"] },
        { name: "given name sound", on: ["given-name-sound"], largestBlock: 3, refine: ["identifier"] },
        { name: "e-mail name", on: ["email-name"], largestBlock: 2 },
        { name: "end of an identifier", on: ["national-identifier-end"], largestBlock: 2, refine: ["phone"] },
        { name: "month and day", on: ["birth-month-and-day"], largestBlock: 2, refine: ["family-name-part"] },
        { name: "town", on: ["city", "street-name"], largestBlock: 3, refine: ["house-number"] },
      ],
    };
    fc.assert(
      fc.property(someRecords(4, 24), (records) => {
        const learned = trainModel(storeOf(records, model), model).calibration;
        const { pairs } = visit(records, model, learned);
        expect(inOrder(pairs)).toEqual(expectedPairs(records, model, learned));
      }),
      { numRuns: 60 },
    );
  });

  it("are never made by what is missing or a placeholder", () => {
    const unknown = {
      names: [aName("BABY BOY", "UNKNOWN")],
      birthDate: "1900-01-01",
      contacts: [aPhone("555-555-5555")],
    };
    const records = ["1", "2", "3"].map((id) => aMatchRecord({ id, ...unknown }));
    expect(visit(records, defaultModel, calibration).pairs).toEqual([]);
    expect(
      visit([aMatchRecord({ id: "1" }), aMatchRecord({ id: "2" })], defaultModel, calibration).pairs,
    ).toEqual([]);
  });

  it("are made by any value of a record, former ones too", () => {
    const maiden = aMatchRecord({
      id: "1",
      birthDate: "1961-07-23",
      names: [aName("Ann", "Smith"), aName("Ann", "Quillfeather", { current: false })],
    });
    const other = aMatchRecord({ id: "2", birthDate: "1961-07-23", names: [aName("Ann", "Quillfeather")] });
    const model = withRules({ name: "family", on: ["birth-date", "family-name"], largestBlock: 10 });
    expect(visit([maiden, other], model, calibration).pairs).toEqual([[0, 1, 0]]);
  });
});

describe("blocks that are too large", () => {
  /** So many people at one postal code; every third shares a house number with two others. */
  const neighbours = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      aMatchRecord({
        id: String(at),
        addresses: [anAddress(`${Math.floor(at / 3) + 1} Elm Street`, "Ambleford", "04417")],
      }),
    );
  /** No allowance beyond the rule's own largest block. */
  const strict = (rule: BlockingRule): MatchModel => ({
    ...withRules(rule),
    limits: { ...defaultModel.limits, pairsPerRule: 1 },
  });
  const limited = (records: readonly MatchRecord[], model: MatchModel) => {
    const store = storeOf(records, model);
    const [rule] = model.blocking;
    return limitBlocks(store, new KeyValues(store), rule!, model);
  };
  const calibrationWith = (model: MatchModel, limits: ReturnType<typeof limited>["limits"]): Calibration => ({
    ...defaultCalibration(model, 100, "1"),
    blocking: [limits],
  });

  it("are left out and counted where nothing splits them", () => {
    const model = strict({ name: "postal code", on: ["postal-code"], largestBlock: 10 });
    const { limits, coverage } = limited(neighbours(30), model);
    expect(coverage).toEqual({
      name: "postal code",
      largestKept: 10,
      refinedBlocks: 0,
      excludedBlocks: 1,
      excludedRecords: 30,
      excludedPairs: (30 * 29) / 2,
    });
    expect(visit(neighbours(30), model, calibrationWith(model, limits)).pairs).toEqual([]);
  });

  it("are split by a further part of the key, and the parts that are small enough stay", () => {
    const model = strict({
      name: "postal code",
      on: ["postal-code"],
      largestBlock: 10,
      refine: ["house-number"],
    });
    const { limits, coverage } = limited(neighbours(30), model);
    expect(coverage).toMatchObject({
      refinedBlocks: 1,
      excludedBlocks: 0,
      excludedRecords: 0,
      excludedPairs: 0,
    });
    // Ten houses of three.
    expect(visit(neighbours(30), model, calibrationWith(model, limits)).pairs).toHaveLength(10 * 3);
  });

  it("are left out in part where a part of them is too large as well", () => {
    const model = strict({
      name: "postal code",
      on: ["postal-code"],
      largestBlock: 2,
      refine: ["house-number"],
    });
    const { limits, coverage } = limited(neighbours(30), model);
    expect(coverage).toMatchObject({
      refinedBlocks: 1,
      excludedBlocks: 10,
      excludedRecords: 30,
      excludedPairs: 30,
    });
    expect(visit(neighbours(30), model, calibrationWith(model, limits)).pairs).toEqual([]);
  });

  it("stay whole while the rule stays inside its budget of pairs", () => {
    const model = {
      ...withRules({ name: "postal code", on: ["postal-code"], largestBlock: 10 }),
      limits: { ...defaultModel.limits, pairsPerRule: 435 },
    } as const;
    const { limits, coverage } = limited(neighbours(30), model);
    expect(coverage).toMatchObject({ largestKept: 30, excludedBlocks: 0 });
    expect(visit(neighbours(30), model, calibrationWith(model, limits)).pairs).toHaveLength(435);
  });

  it("hide no pair that is not counted: what is found and what is left out make up all of them", () => {
    fc.assert(
      fc.property(
        someRecords(0, 24),
        fc.integer({ min: 2, max: 6 }),
        fc.constantFrom("family-name" as const, "birth-year" as const, "postal-code" as const),
        (records, largestBlock, part) => {
          const model = strict({ name: "one part", on: [part], largestBlock });
          const { limits, coverage } = limited(records, model);
          const all = expectedPairsByBlock(records, model, { refined: new Set(), excluded: new Set() });
          const kept = expectedPairsByBlock(records, model, {
            refined: new Set(),
            excluded: new Set(limits.excluded),
          });
          // By block, so that a pair in two blocks counts in each.
          expect(kept + coverage.excludedPairs).toBe(all);
        },
      ),
      { numRuns: 60 },
    );
  });

  function expectedPairsByBlock(
    records: readonly MatchRecord[],
    model: MatchModel,
    limits: BlockLimits,
  ): number {
    const reader = new BlockingKeys(new KeyValues(storeOf(records, model)));
    const buffer = new Float64Array(mostKeys);
    const sizes = new Map<number, number>();
    for (let row = 0; row < records.length; row++) {
      for (const key of new Set(buffer.slice(0, reader.read(model.blocking[0]!, limits, row, buffer)))) {
        sizes.set(key, (sizes.get(key) ?? 0) + 1);
      }
    }
    return [...sizes.values()].reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
  }

  it("are limited in a later run as the calibration says, however the data has grown", () => {
    const model = strict({ name: "postal code", on: ["postal-code"], largestBlock: 10 });
    const { calibration } = trainModel(storeOf(neighbours(12), model), model);
    expect(calibration.blocking).toMatchObject([{ name: "postal code", excluded: { length: 1 } }]);
    // Two of them alone: the block is small now, but the limits are the calibration's.
    expect(visit(neighbours(2), model, calibration).pairs).toEqual([]);
    expect(visit(neighbours(2), model, defaultCalibration(model, 2, "1")).pairs).toEqual([[0, 1, 0]]);
  });
});
