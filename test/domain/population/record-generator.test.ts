import { beforeAll, describe, expect, test } from "vitest";
import { listErrorNames } from "../../../src/domain/population/error-model.ts";
import { generateRecords, type PopulationRecord } from "../../../src/domain/population/record-generator.ts";
import { resolvePopulationOptions } from "../../../src/domain/population/settings.ts";
import { compareWithOriginal } from "./compare-with-original.ts";

const generate = (patients: number, seed = 7, options = {}) => [
  ...generateRecords(resolvePopulationOptions({ patients, seed, ...options })),
];

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

describe("a population of 40,000 records", () => {
  let records: readonly PopulationRecord[];
  let originals: ReadonlyMap<number, PopulationRecord>;
  const duplicates = () => records.filter((record) => record.truth.role === "duplicate");
  const share = (matches: (record: PopulationRecord) => boolean) =>
    records.filter(matches).length / records.length;
  const persons = (matches: (record: PopulationRecord) => boolean) =>
    [...originals.values()].filter(matches).length / originals.size;

  beforeAll(() => {
    records = generate(40_000);
    originals = new Map(
      records.filter((r) => r.truth.role === "original").map((record) => [record.truth.cluster, record]),
    );
  });

  test("has exactly as many records as were asked for", () => {
    expect(records).toHaveLength(40_000);
  });

  test("has one original for each person, and no record without one", () => {
    expect(records.filter((record) => !originals.has(record.truth.cluster))).toEqual([]);
    expect(records.filter((r) => r.truth.role === "original")).toHaveLength(originals.size);
  });

  test("gives every record a source id of its own, and an MRN that is unique in its source", () => {
    expect(new Set(records.map((record) => record.columns.source_id)).size).toBe(records.length);
    const mrns = records.map(({ columns }) => `${columns.source_system} ${columns.mrn}`);
    expect(new Set(mrns).size).toBe(records.length);
  });

  test("has the duplicate rate that was asked for", () => {
    expect(share((record) => record.truth.role !== "original")).toBeCloseTo(0.18, 1);
  });

  test.each([
    ["ssn", 0.56, 0.6],
    ["phone", 0.75, 0.8],
    ["email", 0.47, 0.5],
  ] as const)("has the %s on its share of the records and not more", (column, low, high) => {
    const filled = share((record) => record.columns[column] !== "");
    expect(filled).toBeGreaterThan(low);
    expect(filled).toBeLessThanOrEqual(high);
  });

  test("has at least 1 % twins and one pair of Sr and Jr for each hundred persons", () => {
    expect(persons((record) => record.truth.kind === "twins")).toBeGreaterThanOrEqual(0.01);
    expect(persons((record) => record.truth.kind === "generations")).toBeGreaterThanOrEqual(0.02);
  });

  test("has most persons in a shared household", () => {
    const sizes = new Map<string, number>();
    for (const { truth } of originals.values()) {
      sizes.set(truth.household, (sizes.get(truth.household) ?? 0) + 1);
    }
    expect(persons((record) => sizes.get(record.truth.household)! > 1)).toBeGreaterThan(0.6);
  });

  test("has every kind of hard case, and ties each to a group", () => {
    const kinds = new Set(records.map((record) => record.truth.kind));
    expect([...kinds].sort()).toEqual(
      [
        "none",
        "household",
        "institution",
        "twins",
        "generations",
        "mother_newborn",
        "shared_ssn",
        "overlay",
        "namesake",
        "unidentified",
      ].sort(),
    );
    const ungrouped = records.filter(
      ({ truth }) => truth.kind !== "none" && truth.kind !== "household" && truth.group === "",
    );
    expect(ungrouped).toEqual([]);
  });

  test("gives each duplicate one to four errors, each in another field", () => {
    for (const { truth } of duplicates()) {
      expect(truth.errors.length).toBeGreaterThanOrEqual(1);
      expect(truth.errors.length).toBeLessThanOrEqual(4);
      const fields = truth.errors.map((error) => error.split(":")[0]);
      expect(new Set(fields).size).toBe(fields.length);
    }
  });

  test("has no errors in originals", () => {
    const wrong = [...originals.values()].filter((record) => record.truth.errors.length > 0);
    expect(wrong).toEqual([]);
  });

  test("lets a duplicate differ from its original only where the truth names an error", () => {
    const unexplained = records
      .filter((record) => record.truth.role !== "original")
      .flatMap((record) => compareWithOriginal(originals.get(record.truth.cluster)!, record).unexplained);
    expect(unexplained).toEqual([]);
  });

  test("names no error that does not show", () => {
    const invisible = records
      .filter((record) => record.truth.role === "duplicate")
      .flatMap((record) => compareWithOriginal(originals.get(record.truth.cluster)!, record).invisible);
    expect(invisible).toEqual([]);
  });

  test("uses every error of the model", () => {
    const used = new Set(
      records.flatMap((record) => record.truth.errors.map((error) => error.split(":")[1])),
    );
    for (const error of ["nickname", "typing", "phonetic", "ocr", "transposition", "truncation", "missing"]) {
      expect(used).toContain(error);
    }
    for (const error of [
      "swapped_with_family",
      "day_month_swapped",
      "name_change",
      "moved",
      "abbreviation",
    ]) {
      expect(used).toContain(error);
    }
  });

  test("gives twins one birth date and different given names", () => {
    const groups = groupBy(
      [...originals.values()].filter((r) => r.truth.kind === "twins"),
      (r) => r.truth.group,
    );
    for (const twins of groups.values()) {
      expect(twins.length).toBeGreaterThanOrEqual(2);
      expect(new Set(twins.map((twin) => twin.columns.birth_date)).size).toBe(1);
    }
  });

  test("gives father and son one name and birth dates a generation apart", () => {
    const groups = groupBy(
      [...originals.values()].filter((r) => r.truth.kind === "generations"),
      (r) => r.truth.group,
    );
    for (const pair of groups.values()) {
      expect(pair).toHaveLength(2);
      const years = pair.map((record) => Number(record.columns.birth_date.slice(0, 4)));
      expect(Math.abs(years[0]! - years[1]!)).toBeGreaterThanOrEqual(14);
    }
  });

  test("registers newborns under a placeholder, days after the birth, where the mother is", () => {
    const newborns = [...originals.values()].filter(
      ({ columns, truth }) => truth.kind === "mother_newborn" && columns.mother_mrn !== "",
    );
    expect(newborns.length).toBeGreaterThan(100);
    for (const { columns } of newborns) {
      const days =
        (Date.parse(columns.received_at.slice(0, 10)) - Date.parse(columns.birth_date)) / 86_400_000;
      expect(days).toBeGreaterThanOrEqual(0);
      expect(days).toBeLessThanOrEqual(3);
      expect(columns.given).toMatch(/BOY|GIRL|^B[BG]$|NEWBORN|INFANT/);
    }
    const mothers = new Set(records.map(({ columns }) => `${columns.source_system} ${columns.mrn}`));
    expect(
      newborns.every(({ columns }) => mothers.has(`${columns.source_system} ${columns.mother_mrn}`)),
    ).toBe(true);
  });

  test("lets the couples of a shared number share it", () => {
    const groups = groupBy(
      records.filter((r) => r.truth.kind === "shared_ssn"),
      (r) => r.truth.group,
    );
    const shared = [...groups.values()].filter((group) => {
      const owners = new Map<string, Set<number>>();
      for (const { columns, truth } of group) {
        if (columns.ssn === "") continue;
        const digits = columns.ssn.replace(/\D/g, "");
        owners.set(digits, (owners.get(digits) ?? new Set()).add(truth.cluster));
      }
      return [...owners.values()].some((clusters) => clusters.size > 1);
    });
    expect(shared.length).toBeGreaterThan(groups.size / 8);
  });

  test("registers nobody before the birth, nor after the last day of the population", () => {
    const wrong = [...originals.values()].filter(
      ({ columns, truth }) =>
        truth.kind !== "unidentified" &&
        (columns.received_at.slice(0, 10) < columns.birth_date || columns.received_at > "2024-12-31T24"),
    );
    expect(wrong).toEqual([]);
  });

  test("has old and young, as patients are", () => {
    const born = (from: number, to: number) =>
      persons(({ columns }) => {
        const year = Number(columns.birth_date.slice(0, 4));
        return year >= from && year <= to;
      });
    expect(born(2007, 2024)).toBeGreaterThan(0.15);
    expect(born(2007, 2024)).toBeLessThan(0.35);
    expect(born(1905, 1959)).toBeGreaterThan(0.15);
  });
});

describe("small populations", () => {
  test.each([1, 2, 3, 10, 57])("of %i records have exactly as many, within the limits", (patients) => {
    for (let seed = 0; seed < 20; seed++) {
      const records = generate(patients, seed);
      expect(records).toHaveLength(patients);
      for (const [column, limit] of [
        ["ssn", 0.6],
        ["phone", 0.8],
        ["email", 0.5],
      ] as const) {
        const filled = records.filter((record) => record.columns[column] !== "").length;
        expect(filled / patients).toBeLessThanOrEqual(limit);
      }
    }
  });
});

describe("options", () => {
  test("no duplicates are made where none are asked for, the overlaid records aside", () => {
    const records = generate(3_000, 3, { duplicateRate: 0, overlayRate: 0 });
    expect(records.filter((record) => record.truth.role !== "original")).toEqual([]);
  });

  test("more duplicates, of one error each", () => {
    const records = generate(8_000, 3, { duplicateRate: 0.5, errorsPerDuplicate: [1] });
    const duplicates = records.filter((record) => record.truth.role === "duplicate");
    expect(duplicates.length / records.length).toBeCloseTo(0.5, 1);
    // A newborn who has a name by now differs by that.
    expect(new Set(duplicates.map((record) => record.truth.errors.length))).toEqual(new Set([1]));
  });

  test("a factor of zero leaves an error out", () => {
    const records = generate(8_000, 3, { errorWeights: { typing: 0 } });
    expect(records.flatMap((record) => record.truth.errors).filter((e) => e.endsWith(":typing"))).toEqual([]);
  });

  test("a duplicate has an error also where the weights leave it hardly any", () => {
    const names = listErrorNames().filter((name) => name !== "swapped_with_middle");
    const errorWeights = Object.fromEntries(names.map((name) => [name, 0]));
    const records = generate(3_000, 3, { errorWeights });
    const duplicates = records.filter((record) => record.truth.role === "duplicate");
    expect(duplicates.filter((record) => record.truth.errors.length === 0)).toEqual([]);
    expect(duplicates.flatMap((record) => record.truth.errors)).toContain("given:swapped_with_middle");
  });

  test("one source alone", () => {
    const records = generate(500, 3, { sources: 1 });
    expect(new Set(records.map((record) => record.columns.source_system)).size).toBe(1);
  });

  test("an earlier last day", () => {
    const records = generate(500, 3, { asOf: "2010-06-30" });
    expect(records.filter((record) => record.columns.received_at > "2010-07")).toEqual([]);
  });
});
