import { describe, expect, it } from "vitest";
import { PairComparer } from "../../../src/matching/compare/pair-comparer.ts";
import { describeStore, type StoreTraits } from "../../../src/matching/compare/store-traits.ts";
import { lookUpValues } from "../../../src/matching/compare/value-tables.ts";
import { defaultCalibration } from "../../../src/matching/model/calibration.ts";
import { comparisonIndex, levelIndex } from "../../../src/matching/model/comparison-kinds.ts";
import { compileModel } from "../../../src/matching/model/compile-model.ts";
import { defaultModel } from "../../../src/matching/model/default-model.ts";
import { digest, digestBits } from "../../../src/matching/score/row-digests.ts";
import { encodeForMatching } from "../../../src/matching/score/score-records.ts";
import { trainModel } from "../../../src/matching/training/train.ts";
import { aKnownPerson, aName, anIdentifier, someRecords } from "../../support/match-records.ts";
import { fc } from "../../support/properties.ts";

const untrained = compileModel(defaultModel, defaultCalibration(defaultModel, 1000, "1"));

/** As if every record had several values of each kind: all are read from the lists. */
function withoutDigests(traits: StoreTraits): StoreTraits {
  const digests = traits.digests.slice();
  for (let at = digest.facts; at < digests.length; at += digest.width) {
    digests[at]! |=
      digestBits.hasMoreNames |
      digestBits.hasMoreAddresses |
      digestBits.hasMorePhones |
      digestBits.hasMoreEmails |
      digestBits.hasMoreIdentifiers |
      digestBits.hasMother |
      digestBits.hasBirthFacts;
  }
  return { ...traits, digests };
}

/** What a comparison of each two of the records says. */
function compareAll(
  records: Parameters<typeof encodeForMatching>[0],
  compiled: typeof untrained,
  change: (traits: StoreTraits) => StoreTraits,
) {
  const store = encodeForMatching(records, compiled);
  const tables = lookUpValues(store, compiled.calibration);
  const comparer = new PairComparer(store, compiled, tables, change(describeStore(store)));
  return records.flatMap((_, a) =>
    records.slice(a + 1).map((_, offset) => {
      comparer.compare(a, a + 1 + offset);
      const { levels, adjustments, facts } = comparer;
      return { levels: [...levels], adjustments: [...adjustments], facts };
    }),
  );
}

describe("comparing two records", () => {
  it("says the same whether their digests tell all, or their lists are read", () => {
    fc.assert(
      fc.property(someRecords(2, 12), (records) => {
        const fromDigests = compareAll(records, untrained, (traits) => traits);
        expect(fromDigests).toEqual(compareAll(records, untrained, withoutDigests));
      }),
      { numRuns: 150 },
    );
  });

  it("does so with what was learned from the records themselves", () => {
    fc.assert(
      fc.property(someRecords(8, 24), (records) => {
        const { calibration } = trainModel(encodeForMatching(records, untrained), defaultModel);
        const learned = compileModel(defaultModel, calibration);
        const fromDigests = compareAll(records, learned, (traits) => traits);
        expect(fromDigests).toEqual(compareAll(records, learned, withoutDigests));
      }),
      { numRuns: 15 },
    );
  });

  it("compares identifiers of a system that is named like a type of national ones", () => {
    const person = (id: string, type: string, system: string) =>
      aKnownPerson({ id, identifiers: [anIdentifier(type, "G482771093", { system })] });
    const records = [person("1", "DL", "urn:test:licence"), person("2", "MR", "DL")];
    const compared = compareAll(records, untrained, (traits) => traits);
    expect(compared[0]!.levels[comparisonIndex["local-identifier"]]).toBe(
      levelIndex("local-identifier", "exact"),
    );
    expect(compared).toEqual(compareAll(records, untrained, withoutDigests));
  });

  it("tells generations apart", () => {
    const person = (id: string, suffix: string) =>
      aKnownPerson({ id, names: [{ ...aName("Horatio", "Quillfeather"), suffix: [suffix] }] });
    const records = [person("1", "Jr"), person("2", "III"), person("3", "Jr")];
    const compared = compareAll(records, untrained, (traits) => traits);
    const levels = compared.map((pair) => pair.levels[comparisonIndex.generation]);
    const [same, differs] = [levelIndex("generation", "same"), levelIndex("generation", "differs")];
    expect(levels).toEqual([differs, same, differs]);
    expect(compared).toEqual(compareAll(records, untrained, withoutDigests));
  });
});
