import { describe, expect, it } from "vitest";
import { defaultCalibration, type Calibration } from "../../../src/matching/model/calibration.ts";
import { comparisonIndex, type FrequencyField } from "../../../src/matching/model/comparison-kinds.ts";
import {
  compileModel,
  probabilityOfWeight,
  weightOfProbability,
} from "../../../src/matching/model/compile-model.ts";
import { defaultModel } from "../../../src/matching/model/default-model.ts";
import type { MatchModel } from "../../../src/matching/model/match-model.ts";
import type { MatchRecord } from "../../../src/matching/record.ts";
import { explainPair } from "../../../src/matching/score/explain-pair.ts";
import {
  encodeForMatching,
  rankCandidates,
  RecordScorer,
  scorePair,
} from "../../../src/matching/score/score-records.ts";
import {
  aKnownPerson,
  aMatchRecord,
  aName,
  aPhone,
  anAddress,
  someRecord,
  someRecords,
} from "../../support/match-records.ts";
import { fc } from "../../support/properties.ts";

const compiled = compileModel(defaultModel, defaultCalibration(defaultModel, 100_000, "1"));

/** Names and gender only, figures that can be added by hand; 1,001 records with 1 duplicate each. */
const small: MatchModel = {
  ...defaultModel,
  duplicatesPerRecord: 1,
  comparisons: [
    {
      name: "family-name",
      levels: [
        { name: "exact", m: 0.8, u: 0.01, termFrequency: 1 },
        { name: "very-close", m: 0.1, u: 0.01, termFrequency: 0.5 },
        { name: "differs", m: 0.1, u: 0.98 },
      ],
    },
    {
      name: "gender",
      levels: [
        { name: "same", m: 0.96, u: 0.48 },
        { name: "differs", m: 0.04, u: 0.52 },
      ],
    },
  ],
  relations: [],
  rules: [],
};
const smallCalibration = defaultCalibration(small, 1001, "1");
const withFrequencies = (
  field: FrequencyField,
  values: readonly (readonly [string, number])[],
): Calibration => ({
  ...smallCalibration,
  frequencies: {
    ...smallCalibration.frequencies,
    [field]: { records: 1000, collision: 0.01, unlisted: 0.0025, values },
  },
});
const pair = (
  a: Partial<MatchRecord>,
  b: Partial<MatchRecord>,
  calibration = smallCalibration,
  model = small,
) => scorePair(aMatchRecord(a), aMatchRecord({ id: "2", ...b }), compileModel(model, calibration));

describe("the weight of a pair", () => {
  // 1 duplicate among 1,000 others: log2(0.001 / 0.999).
  const prior = Math.log2(0.001 / 0.999);

  it("is the prior where nothing can be compared", () => {
    const { weight, probability, levels } = pair({}, {});
    expect(weight).toBeCloseTo(prior, 12);
    expect(probability).toBeCloseTo(0.001, 12);
    expect(new Set(levels)).toEqual(new Set([-1]));
  });

  it("adds log2(m/u) of every comparison", () => {
    // log2(0.96 / 0.48) is 1 bit, log2(0.04 / 0.52) about -3.7.
    expect(pair({ gender: "male" }, { gender: "male" }).weight).toBeCloseTo(prior + 1, 12);
    expect(pair({ gender: "male" }, { gender: "female" }).weight).toBeCloseTo(prior + Math.log2(1 / 13), 12);
    const names = { names: [aName(null, "Quillfeather")] };
    // Not counted yet, so of average frequency: log2(0.8 / 0.01).
    expect(pair(names, names).weight).toBeCloseTo(prior + Math.log2(80), 12);
    const both = { ...names, gender: "male" as const };
    expect(pair(both, both).weight).toBeCloseTo(prior + Math.log2(80) + 1, 12);
  });

  it("takes from a common value and adds to a rare one, in full or in part", () => {
    const calibration = withFrequencies("family-name", [
      ["smith", 40],
      ["quillfeather", 5],
    ]);
    const weigh = (a: string, b: string) =>
      pair({ names: [aName(null, a)] }, { names: [aName(null, b)] }, calibration).weight - prior;
    // 40 of 1,000 carry it, the average pair agrees on a value of 1 %: 2 bits less. 5 of 1,000: 1 bit more.
    expect(weigh("Smith", "SMITH")).toBeCloseTo(Math.log2(80) - 2, 12);
    expect(weigh("Quillfeather", "Quillfeather")).toBeCloseTo(Math.log2(80) + 1, 12);
    // Not listed: rarer than what is, a quarter of the average.
    expect(weigh("Thistlewick", "Thistlewick")).toBeCloseTo(Math.log2(80) + 2, 12);
    // Half of it for a level that counts frequency by half, by the commoner of the two: log2(0.1 / 0.01) + 1/2.
    expect(weigh("Quillfeather", "Quillfeathe")).toBeCloseTo(Math.log2(10) + 0.5, 12);
    // Disagreement weighs the same whatever the values.
    expect(weigh("Smith", "Quillfeather")).toBeCloseTo(Math.log2(0.1 / 0.98), 12);
  });

  it("gives the probability 2^M / (1 + 2^M), without overflow", () => {
    expect(probabilityOfWeight(0)).toBe(0.5);
    expect(probabilityOfWeight(1)).toBeCloseTo(2 / 3, 12);
    expect(probabilityOfWeight(5000)).toBe(1);
    expect(probabilityOfWeight(-5000)).toBe(0);
    fc.assert(
      fc.property(fc.double({ min: 0.0001, max: 0.9999, noNaN: true }), (probability) => {
        expect(probabilityOfWeight(weightOfProbability(probability))).toBeCloseTo(probability, 10);
      }),
      { numRuns: 40 },
    );
  });
});

describe("relations", () => {
  const household = {
    name: "household",
    label: "members of one household",
    pairsPerRecord: 2,
    comparisons: { "family-name": 0.9 },
  } as const;
  const related: MatchModel = { ...small, relations: [household] };
  const calibration = defaultCalibration(related, 1001, "1");
  const names = { names: [aName(null, "Quillfeather")] };

  it("take away what other explanations of the same agreement are worth", () => {
    // P(match) = 0.001, P(household) = 0.002, P(strangers) = 0.997. Among relatives nine of ten names agree as a person's
    // own do: P(exact | household) / u = 0.9 * 80 + 0.1.
    const { weight } = pair(names, names, calibration, related);
    const own = Math.log2(0.001 / 0.997) + Math.log2(80);
    const others = (0.002 / 0.997) * (0.9 * 80 + 0.1);
    expect(weight).toBeCloseTo(own - Math.log2(1 + others), 12);
  });

  it("make the probability that of Bayes over all classes", () => {
    const { probability } = pair(names, names, calibration, related);
    const likelihood = { match: 0.8, household: 0.9 * 0.8 + 0.1 * 0.01, strangers: 0.01 };
    const evidence = 0.001 * likelihood.match + 0.002 * likelihood.household + 0.997 * likelihood.strangers;
    expect(probability).toBeCloseTo((0.001 * likelihood.match) / evidence, 12);
  });

  it("never add anything", () => {
    const without = compileModel(
      { ...defaultModel, relations: [] },
      { ...compiled.calibration, relations: [] },
    );
    fc.assert(
      fc.property(someRecord, someRecord, (a, b) => {
        const { relations, weight, prior, comparisons } = explainPair(a, b, compiled);
        expect(relations.weight).toBeLessThanOrEqual(0);
        const evidence = comparisons.reduce((sum, each) => sum + each.weight, prior.weight);
        expect(weight).toBeLessThanOrEqual(evidence + 1e-9);
        // The levels are the same with and without: relations explain, they do not compare.
        expect(scorePair(a, b, without).levels).toEqual(scorePair(a, b, compiled).levels);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a score", () => {
  const scorerOf = (records: readonly MatchRecord[]) =>
    new RecordScorer(encodeForMatching(records, compiled), compiled);

  it("is the same the other way round", () => {
    fc.assert(
      fc.property(someRecords(2, 8), (records) => {
        const [scorer, turned] = [scorerOf(records), scorerOf(records.toReversed())];
        const last = records.length - 1;
        for (let a = 0; a < records.length; a++) {
          for (let b = 0; b < a; b++) {
            const score = scorer.score(a, b);
            expect(score).toEqual(scorer.score(b, a));
            expect(score).toEqual(turned.score(last - a, last - b));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("does not depend on what other records there are", () => {
    fc.assert(
      fc.property(someRecords(2, 6), (records) => {
        expect(scorerOf(records).score(0, 1)).toEqual(scorePair(records[0]!, records[1]!, compiled));
      }),
      { numRuns: 50 },
    );
  });

  it("does not depend on the order of a record's values", () => {
    fc.assert(
      fc.property(someRecord, someRecords(1, 6), (a, others) => {
        // What an identifier means is its system's to say, so one number cannot mean two things.
        fc.pre(new Set(a.identifiers.map((each) => each.value)).size === a.identifiers.length);
        const turned = {
          ...a,
          names: a.names.toReversed(),
          addresses: a.addresses.toReversed(),
          contacts: a.contacts.toReversed(),
          identifiers: a.identifiers.toReversed(),
        };
        const scorer = scorerOf([a, turned, ...others]);
        for (let other = 2; other < others.length + 2; other++) {
          expect(scorer.score(0, other).weight).toBe(scorer.score(1, other).weight);
        }
      }),
      { numRuns: 80 },
    );
  });

  const missing: readonly [string, Partial<MatchRecord>][] = [
    ["gender", { gender: null }],
    ["birth date", { birthDate: null }],
    ["names", { names: [] }],
    ["addresses", { addresses: [] }],
    ["contacts", { contacts: [] }],
    ["identifiers", { identifiers: [] }],
    ["mother", { motherName: null, motherIdentifier: null }],
  ];

  it.each(missing)(
    "takes a missing value of one for no evidence, whatever the other has: %s",
    (_, without) => {
      fc.assert(
        fc.property(someRecord, someRecords(1, 5), (a, others) => {
          const scorer = scorerOf([
            { ...a, ...without },
            ...others,
            ...others.map((other) => ({ ...other, ...without })),
          ]);
          for (let at = 1; at <= others.length; at++) {
            const [one, both] = [scorer.score(0, at), scorer.score(0, at + others.length)];
            expect([one.levels, one.weight]).toEqual([both.levels, both.weight]);
          }
        }),
        { numRuns: 50 },
      );
    },
  );

  it("has components from 0 to 1, null where nothing of them could be compared", () => {
    fc.assert(
      fc.property(someRecord, someRecord, (a, b) => {
        const { components, levels } = scorePair(a, b, compiled);
        for (const each of Object.values(components)) {
          expect(each ?? 0).toBeGreaterThanOrEqual(0);
          expect(each ?? 1).toBeLessThanOrEqual(1);
        }
        expect(components.gender === null).toBe(levels[comparisonIndex.gender] === -1);
        expect(components.birthDate === null).toBe(levels[comparisonIndex["birth-date"]] === -1);
      }),
      { numRuns: 40 },
    );
  });

  it("is what ranking against candidates gives, heaviest first", () => {
    fc.assert(
      fc.property(someRecord, fc.array(someRecord, { maxLength: 6 }), (record, candidates) => {
        const ranked = rankCandidates(record, candidates, compiled);
        expect(ranked.map((each) => each.candidate).toSorted()).toEqual(candidates.map((_, place) => place));
        for (const [place, { candidate, weight }] of ranked.entries()) {
          expect(weight).toBe(scorePair(record, candidates[candidate]!, compiled).weight);
          if (place > 0) expect(weight).toBeLessThanOrEqual(ranked[place - 1]!.weight);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("an explanation", () => {
  it("adds up to the score, bar by bar", () => {
    fc.assert(
      fc.property(someRecord, someRecord, (a, b) => {
        const explained = explainPair(a, b, compiled);
        const scored = scorePair(a, b, compiled);
        const sum = explained.comparisons.reduce(
          (total, each) => total + each.weight,
          explained.prior.weight,
        );
        expect(sum + explained.relations.weight).toBeCloseTo(scored.weight, 9);
        expect(explained.weight).toBe(scored.weight);
        expect(explained.probability).toBe(scored.probability);
        expect(explained.rules.map((rule) => rule.name)).toEqual(scored.rules);
        expect(explained.blockingRule).toBe(scored.blockingRule);
        expect([explained.grade, explained.isAutomatic]).toEqual([scored.grade, scored.isAutomatic]);
        for (const each of explained.comparisons) {
          expect(each.weight).toBeCloseTo(each.levelWeight + each.frequencyWeight, 12);
          if (each.m !== null && each.u !== null)
            expect(each.levelWeight).toBeCloseTo(Math.log2(each.m / each.u), 12);
          else expect(each.weight).toBe(0);
        }
        const relatives = explained.relations.candidates.reduce((total, each) => total + each.probability, 0);
        expect(relatives + explained.probability).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it("says what stops a pair, or that nothing does", () => {
    fc.assert(
      fc.property(someRecord, someRecord, (a, b) => {
        const { isAutomatic, stoppedBy } = explainPair(a, b, compiled);
        expect(stoppedBy.length === 0).toBe(isAutomatic);
      }),
      { numRuns: 40 },
    );
  });

  it("names what would make the pair automatic, and that does", () => {
    const a = aKnownPerson();
    const b = aKnownPerson({
      id: "2",
      birthDate: "1960-02-11",
      identifiers: [],
      contacts: [],
      addresses: [anAddress("17 Thistlewick Lane", "Ambleford", "04417")],
    });
    const { isAutomatic, counterfactuals } = explainPair(a, b, compiled);
    expect(isAutomatic).toBe(false);
    expect(counterfactuals.map((each) => each.comparison)).toContain("birth-date");
    // The same pair with the birth date corrected.
    expect(explainPair(a, { ...b, birthDate: a.birthDate }, compiled).isAutomatic).toBe(true);
  });

  it("shows the values that were compared, as received", () => {
    const a = aMatchRecord({
      names: [aName("Ann", "Smith", { current: false }), aName("Ann", "QUILLFEATHER ")],
      contacts: [aPhone("1"), aPhone("(207) 867-2291")],
    });
    const b = aMatchRecord({
      id: "2",
      names: [aName("Ann", "Quillfeather")],
      contacts: [aPhone("207.867.2291")],
    });
    const valuesOf = (name: string) =>
      explainPair(a, b, compiled).comparisons.find((each) => each.name === name)!.values;
    expect(valuesOf("family-name")).toEqual(["QUILLFEATHER ", "Quillfeather"]);
    expect(valuesOf("phone")).toEqual(["(207) 867-2291", "207.867.2291"]);
  });
});
