import { describe, expect, it } from "vitest";
import { defaultCalibration, type Calibration } from "../../../src/matching/model/calibration.ts";
import {
  comparisonIndex,
  comparisonKinds,
  levelIndex,
  type ComparisonName,
} from "../../../src/matching/model/comparison-kinds.ts";
import { compileModel } from "../../../src/matching/model/compile-model.ts";
import { defaultModel } from "../../../src/matching/model/default-model.ts";
import type { MatchModel } from "../../../src/matching/model/match-model.ts";
import { encodeForMatching } from "../../../src/matching/score/score-records.ts";
import { AgreementPatterns } from "../../../src/matching/training/agreement-patterns.ts";
import { estimateParameters } from "../../../src/matching/training/estimate-parameters.ts";
import { RandomNumbers } from "../../../src/matching/training/random-numbers.ts";
import { trainModel } from "../../../src/matching/training/train.ts";
import { aKnownPerson, aMatchRecord, aName, anIdentifier, someRecords } from "../../support/match-records.ts";
import { fc } from "../../support/properties.ts";

type Truth = readonly (readonly [
  ComparisonName,
  readonly (readonly [level: string, m: number, u: number])[],
])[];

/** A model that begins with figures far from the truth. */
const ignorant = (truth: Truth): MatchModel => ({
  ...defaultModel,
  duplicatesPerRecord: 1,
  relations: [],
  rules: [],
  comparisons: truth.map(([name, levels]) => ({
    name,
    levels: levels.map(([level], at) => ({
      name: level,
      m: at === 0 ? 0.6 : 0.4 / (levels.length - 1),
      u: at === levels.length - 1 ? 0.7 : 0.3 / (levels.length - 1),
    })),
  })),
});

/**
 * Pairs whose agreement is drawn from known figures: so many matches, so many strangers, each comparison missing
 * in one pair of five. What is learned from them must be those figures.
 */
function learn(truth: Truth, matches: number, strangers: number, seed: number) {
  const numbers = new RandomNumbers(seed);
  const uniform = () => numbers.below(2 ** 30) / 2 ** 30;
  const allPairs = matches + strangers;
  const model = ignorant(truth);
  const start: Calibration = defaultCalibration(model, Math.ceil(Math.sqrt(2 * allPairs)), "1");
  const patterns = new AgreementPatterns(compileModel(model, start));
  const randomLevels = comparisonKinds.map((kind) => new Float64Array(kind.levels.length));
  const levels = new Int8Array(comparisonKinds.length);
  const none = new Float64Array(comparisonKinds.length);
  for (let pair = 0; pair < allPairs; pair++) {
    levels.fill(-1);
    for (const [name, of] of truth) {
      if (uniform() < 0.2) continue;
      let left = uniform();
      const drawn = of.find(([, m, u]) => (left -= pair < matches ? m : u) < 0) ?? of.at(-1)!;
      levels[comparisonIndex[name]] = levelIndex(name, drawn[0]);
    }
    patterns.add(levels, none);
    for (const [k, level] of levels.entries()) if (level >= 0) randomLevels[k]![level]!++;
  }
  return estimateParameters(model, start, { patterns, randomLevels, randomPairs: allPairs, allPairs });
}

const levelsOf = (counts: readonly (readonly [string, number, number])[]) => counts;
const truths: readonly (readonly [string, Truth])[] = [
  [
    "clear evidence",
    [
      [
        "middle-name",
        levelsOf([
          ["exact", 0.75, 0.03],
          ["initial", 0.12, 0.05],
          ["alike", 0.05, 0.02],
          ["differs", 0.08, 0.9],
        ]),
      ],
      [
        "mother",
        levelsOf([
          ["exact", 0.8, 0.002],
          ["close", 0.15, 0.01],
          ["differs", 0.05, 0.988],
        ]),
      ],
      [
        "generation",
        levelsOf([
          ["same", 0.97, 0.3],
          ["differs", 0.03, 0.7],
        ]),
      ],
      [
        "gender",
        levelsOf([
          ["same", 0.98, 0.5],
          ["differs", 0.02, 0.5],
        ]),
      ],
      [
        "national-identifier",
        levelsOf([
          ["one-edit", 0.9, 0.001],
          ["last-four", 0.06, 0.004],
          ["differs", 0.04, 0.995],
        ]),
      ],
    ],
  ],
  [
    "many errors",
    [
      [
        "middle-name",
        levelsOf([
          ["exact", 0.5, 0.02],
          ["initial", 0.2, 0.05],
          ["alike", 0.1, 0.02],
          ["differs", 0.2, 0.91],
        ]),
      ],
      [
        "mother",
        levelsOf([
          ["exact", 0.6, 0.005],
          ["close", 0.2, 0.01],
          ["differs", 0.2, 0.985],
        ]),
      ],
      [
        "generation",
        levelsOf([
          ["same", 0.9, 0.4],
          ["differs", 0.1, 0.6],
        ]),
      ],
      [
        "national-identifier",
        levelsOf([
          ["one-edit", 0.7, 0.002],
          ["last-four", 0.1, 0.004],
          ["differs", 0.2, 0.994],
        ]),
      ],
      [
        "phone",
        levelsOf([
          ["local-part", 0.6, 0.003],
          ["one-digit", 0.1, 0.005],
          ["differs", 0.3, 0.992],
        ]),
      ],
    ],
  ],
];

describe("learning without labels", () => {
  it.each(truths)("finds the figures that pairs were drawn from, within sampling error: %s", (_, truth) => {
    const [matches, strangers] = [5000, 45_000];
    for (const seed of [1, 2, 3]) {
      const learned = learn(truth, matches, strangers, seed);
      expect(learned.converged).toBe(true);
      // Five standard errors of a share that is seen in four of five pairs, and what the prior pulls.
      const tolerance = (p: number, of: number) =>
        5 * Math.sqrt((p * (1 - p)) / (0.8 * of)) + 20 / (0.8 * of);
      const lambda = matches / (matches + strangers);
      expect(Math.abs(learned.probabilityTwoRandomRecordsMatch - lambda)).toBeLessThan(
        tolerance(lambda, matches + strangers) + 0.02 * lambda,
      );
      for (const [name, levels] of truth) {
        const found = learned.comparisons.find((each) => each.name === name)!;
        expect(found.learned).toBe(true);
        for (const [level, m, u] of levels) {
          const figures = found.levels.find((each) => each.name === level)!;
          expect(Math.abs(figures.m - m), `m of ${name} ${level}`).toBeLessThan(tolerance(m, matches));
          expect(Math.abs(figures.u - u), `u of ${name} ${level}`).toBeLessThan(tolerance(u, strangers));
        }
      }
    }
  });

  it("keeps m and u probabilities that add up, whatever the records", () => {
    fc.assert(
      fc.property(someRecords(0, 25), (records) => {
        const { calibration, estimate } = trainModel(storeOf(records), defaultModel);
        expect(estimate.probabilityTwoRandomRecordsMatch).toBeGreaterThan(0);
        expect(estimate.probabilityTwoRandomRecordsMatch).toBeLessThanOrEqual(0.5);
        for (const { name, levels } of calibration.comparisons) {
          const { levels: kindLevels } = comparisonKinds[comparisonIndex[name]]!;
          const groups = new Map<string, number>();
          for (const { name: level, m, u } of levels) {
            for (const figure of [m, u]) {
              expect(figure).toBeGreaterThan(0);
              expect(figure).toBeLessThanOrEqual(1);
            }
            const { group } = kindLevels[levelIndex(name, level)]!;
            groups.set(group, (groups.get(group) ?? 0) + m);
          }
          for (const sum of groups.values()) expect(sum).toBeCloseTo(1, 2);
        }
        for (const { pairsPerRecord } of calibration.relations)
          expect(pairsPerRecord).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 30 },
    );
  });

  it("does not find duplicates in a registry that has none", () => {
    const people = Array.from({ length: 200 }, (_, at) => stranger(at));
    const { estimate } = trainModel(storeOf(people), defaultModel);
    // Less than one pair in 200 records; the prior of the model says 20.
    expect(estimate.expectedMatches).toBeLessThan(1);
    expect(estimate.probabilityTwoRandomRecordsMatch * ((200 * 199) / 2)).toBeLessThan(2);
  });

  it("counts what is only written down as an exception among all pairs", () => {
    // Of 240 records 24 say "multiple birth", the others nothing.
    const people = Array.from({ length: 240 }, (_, at) => ({
      ...stranger(at % 120),
      id: `p${String(at)}`,
      multipleBirth: at % 120 < 12 ? true : null,
    }));
    const { calibration } = trainModel(storeOf(people), defaultModel);
    const { learned, levels } = calibration.comparisons.find((each) => each.name === "multiple-birth")!;
    const multiple = levels.find((each) => each.name === "multiple")!;
    expect(learned).toBe(true);
    expect(multiple.u).toBeCloseTo(1 - (216 * 215) / (240 * 239), 2);
    // One person in ten; two strangers have twice the chance.
    expect(multiple.m).toBeGreaterThan(0.05);
    expect(multiple.m).toBeLessThan(0.1);
  });

  it("counts u of an exact level from the values themselves", () => {
    // 200 records, ten to each of 20 birth dates: two of different persons agree in 9 of 199.
    const people = Array.from({ length: 200 }, (_, at) => ({
      ...stranger(at),
      birthDate: `19${String(30 + (at % 20))}-04-05`,
    }));
    const { calibration } = trainModel(storeOf(people), defaultModel);
    const { u } = calibration.comparisons.find((each) => each.name === "birth-date")!.levels[0]!;
    expect(u).toBeCloseTo(9 / 199, 3);
  });
});

const storeOf = (records: Parameters<typeof encodeForMatching>[0]) =>
  encodeForMatching(records, compileModel(defaultModel, defaultCalibration(defaultModel, 100, "1")));

/** A record of a name of its own, and of one of a hundred birth dates. */
function stranger(at: number) {
  const numbers = new RandomNumbers(at + 1);
  const word = () => Array.from({ length: 9 }, () => String.fromCharCode(97 + numbers.below(26))).join("");
  return aMatchRecord({
    id: `p${String(at).padStart(4, "0")}`,
    names: [aName(word(), word())],
    birthDate: `${1900 + (at % 100)}-${String(1 + (at % 12)).padStart(2, "0")}-${String(1 + ((at * 7) % 28)).padStart(2, "0")}`,
    receivedOn: "2015-01-01",
  });
}

describe("a calibration", () => {
  const people = Array.from({ length: 120 }, (_, at) =>
    at % 3 === 0 ? { ...stranger(at - (at % 6)), id: `q${at}` } : stranger(at),
  );

  it("is the same for the same records, model and seed, to the last bit", () => {
    const train = (seed: number) =>
      trainModel(storeOf(people), defaultModel, { seed, randomPairs: 500 }).calibration;
    expect(train(7)).toEqual(train(7));
    // The seed picks the pairs that u is counted from.
    expect({ ...train(8), seed: 7 }).not.toEqual(train(7));
  });

  it("does not depend on the order of the records beyond rounding", () => {
    const [one, turned] = [people, people.toReversed()].map(
      (records) => trainModel(storeOf(records), defaultModel).calibration,
    );
    expect(turned!.blocking).toEqual(one!.blocking);
    expect(turned!.frequencies).toEqual(one!.frequencies);
    for (const [at, { levels }] of one!.comparisons.entries()) {
      for (const [place, level] of levels.entries()) {
        expect(turned!.comparisons[at]!.levels[place]!.m).toBeCloseTo(level.m, 8);
      }
    }
  });

  it("says which comparisons the records could not teach, and leaves their m alone", () => {
    const { calibration } = trainModel(storeOf(people), defaultModel);
    const of = (name: string) => calibration.comparisons.find((each) => each.name === name)!;
    expect(of("family-name").learned).toBe(true);
    expect(of("mother").learned).toBe(false);
    const own = defaultModel.comparisons.find((each) => each.name === "mother")!;
    expect(of("mother").levels.map((level) => level.m)).toEqual(own.levels.map((level) => level.m));
  });

  it("holds no value of fewer records than make one frequent", () => {
    const rare = [...people, aKnownPerson({ id: "z1" }), aKnownPerson({ id: "z2" })];
    const { calibration } = trainModel(storeOf(rare), defaultModel);
    const text = JSON.stringify(calibration);
    for (const value of ["536228726", "p.quillfeather@", "2078672291"]) expect(text).not.toContain(value);
  });
});

describe("learning from decisions", () => {
  it("takes m from the pairs that people said are one person, where they are enough", () => {
    // Twelve couples of one person each; in nine of them the identifier differs, which no model expects.
    const records = Array.from({ length: 12 }, (_, at) => {
      const one = {
        ...stranger(at * 5),
        identifiers: [anIdentifier("MRN", `A-1${String(at).padStart(3, "0")}`)],
      };
      const same = { ...one, id: `s${at}` };
      return [
        one,
        at < 9
          ? { ...same, identifiers: [anIdentifier("MRN", `Z-9${String(at * 37).padStart(3, "0")}`)] }
          : same,
      ];
    }).flat();
    const pairs = Array.from({ length: 12 }, (_, at) => [at * 2, at * 2 + 1] as const);
    const store = storeOf(records);
    const { calibration } = trainModel(store, defaultModel, {
      seed: 1,
      randomPairs: 10_000,
      decidedMatches: pairs,
    });
    const { learned, levels } = calibration.comparisons.find((each) => each.name === "local-identifier")!;
    expect(learned).toBe(true);
    // 3 of 12 agree; the model's own m of 0.5 counts as 20 more: (3 + 10) / 32.
    expect(levels.find((level) => level.name === "exact")!.m).toBeCloseTo(13 / 32, 12);
  });

  it("leaves alone what too few decisions speak of", () => {
    const records = Array.from({ length: 40 }, (_, at) => stranger(at));
    const store = storeOf(records);
    const plain = trainModel(store, defaultModel).calibration;
    const four = trainModel(store, defaultModel, {
      seed: 1,
      randomPairs: 500_000,
      decidedMatches: [
        [0, 1],
        [2, 3],
        [4, 5],
        [6, 7],
      ],
    });
    expect(four.calibration.comparisons).toEqual(plain.comparisons);
  });
});
