import { describe, expect, it } from "vitest";
import { decideAutomaticLinks, type PersonDecisions } from "../../src/matching/decide/automatic-links.ts";
import { defaultCalibration } from "../../src/matching/model/calibration.ts";
import {
  comparisonIndex,
  comparisonKinds,
  type ComparisonName,
} from "../../src/matching/model/comparison-kinds.ts";
import { compileModel, probabilityOfWeight } from "../../src/matching/model/compile-model.ts";
import { defaultModel } from "../../src/matching/model/default-model.ts";
import type { MatchRecord } from "../../src/matching/record.ts";
import { explainPair } from "../../src/matching/score/explain-pair.ts";
import { encodeForMatching, scorePair, type PairScore } from "../../src/matching/score/score-records.ts";
import { trainModel } from "../../src/matching/training/train.ts";
import {
  aKnownPerson,
  aMatchRecord,
  aName,
  aPhone,
  anAddress,
  anEmail,
  anIdentifier,
} from "../support/match-records.ts";
import { scoredPairs } from "../support/pair-columns.ts";

const compiled = compileModel(defaultModel, defaultCalibration(defaultModel, 100_000, "1"));
const score = (a: MatchRecord, b: MatchRecord): PairScore => scorePair(a, { ...b, id: "2" }, compiled);
const levelOf = (found: PairScore, comparison: ComparisonName): string | null =>
  comparisonKinds[comparisonIndex[comparison]]!.levels[found.levels[comparisonIndex[comparison]]!]?.name ??
  null;

// Everything that is compared, so that a test of one thing begins with a pair that is certain.
it("begins with a pair that would be linked", () => {
  expect(score(aKnownPerson(), aKnownPerson()).isAutomatic).toBe(true);
});

describe("section 7, hazard 1: placeholders", () => {
  const hidden: readonly [string, ComparisonName, Partial<MatchRecord>][] = [
    ["BABY BOY as given name", "given-name", { names: [aName("BABY BOY", "Quillfeather")] }],
    ["TWIN A as given name", "given-name", { names: [aName("TWIN A", "Quillfeather")] }],
    ["UNKNOWN as family name", "family-name", { names: [aName("Philippa", "UNKNOWN")] }],
    ["a dot as given name", "given-name", { names: [aName(".", "Quillfeather")] }],
    ["N/A as family name", "family-name", { names: [aName("Philippa", "N/A")] }],
    ["1900-01-01", "birth-date", { birthDate: "1900-01-01" }],
    ["1901-01-01", "birth-date", { birthDate: "1901-01-01" }],
    ["a birth date after receipt", "birth-date", { birthDate: "2026-01-02" }],
    ["a birth date 121 years before receipt", "birth-date", { birthDate: "1904-12-31" }],
    ...[
      "000-00-0000",
      "999-99-9999",
      "123-45-6789",
      "111-11-1111",
      "078-05-1120",
      "666-12-3456",
      "912-34-5678",
    ].map((value): [string, ComparisonName, Partial<MatchRecord>] => [
      `SSN ${value}`,
      "national-identifier",
      { identifiers: [anIdentifier("SSN", value)] },
    ]),
    ...["000-000-0000", "555-555-5555", "999-999-9999"].map(
      (value): [string, ComparisonName, Partial<MatchRecord>] => [
        `phone ${value}`,
        "phone",
        { contacts: [aPhone(value)] },
      ],
    ),
    ...["none@none", "none@none.com", "unknown@example.com"].map(
      (value): [string, ComparisonName, Partial<MatchRecord>] => [
        `e-mail ${value}`,
        "email",
        { contacts: [anEmail(value)] },
      ],
    ),
  ];

  it.each(hidden)("neither agree nor conflict: %s", (_, comparison, placeholder) => {
    const [person, hiding] = [aKnownPerson(), aKnownPerson(placeholder)];
    expect(levelOf(score(person, person), comparison)).toBe("exact");
    for (const found of [score(hiding, hiding), score(hiding, person), score(person, hiding)]) {
      expect(levelOf(found, comparison)).toBeNull();
    }
  });

  it("are judged against the day of receipt, so that the same data give the same answer every day", () => {
    const bornLate = (receivedOn: string | null) => aKnownPerson({ birthDate: "2026-01-02", receivedOn });
    expect(levelOf(score(bornLate("2026-01-01"), bornLate("2026-01-01")), "birth-date")).toBeNull();
    expect(levelOf(score(bornLate("2026-01-03"), bornLate("2026-01-03")), "birth-date")).toBe("exact");
  });

  it.each(["1900-01-01", "1901-01-01"])(
    "are so also where somebody could have been born then: %s",
    (birthDate) => {
      const hiding = aKnownPerson({ birthDate, receivedOn: "2015-06-01" });
      expect(levelOf(score(hiding, hiding), "birth-date")).toBeNull();
      const nextDay = aKnownPerson({ birthDate: birthDate.replace(/1$/, "2"), receivedOn: "2015-06-01" });
      expect(levelOf(score(nextDay, nextDay), "birth-date")).toBe("exact");
    },
  );

  it("hide two people named JOHN DOE from each other", () => {
    const unnamed = aMatchRecord({ gender: "male", names: [aName("JOHN", "DOE")] });
    const found = score(unnamed, unnamed);
    expect([levelOf(found, "family-name"), levelOf(found, "given-name")]).toEqual([null, null]);
  });
});

describe("section 7, hazard 2: null is not null", () => {
  it("leaves two records of which nothing is known at the prior", () => {
    expect(score(aMatchRecord(), aMatchRecord()).probability).toBeCloseTo(
      compiled.calibration.probabilityTwoRandomRecordsMatch,
      12,
    );
  });
});

describe("section 7, hazard 3: shared identifiers", () => {
  const number = { identifiers: [anIdentifier("SSN", "536-22-8726")] };
  const authoritative = { identifiers: [anIdentifier("MRN", "A-100", { authoritative: true })] };
  const other: Partial<MatchRecord> = {
    gender: "male",
    birthDate: "1988-02-11",
    names: [aName("Zebulon", "Ravensworth")],
    addresses: [],
    contacts: [],
  };

  it("are not enough by themselves to link", () => {
    expect(score(aMatchRecord(number), aMatchRecord(number)).isAutomatic).toBe(false);
    expect(score(aKnownPerson(number), aKnownPerson({ ...other, ...number })).isAutomatic).toBe(false);
  });

  it("are one piece of evidence, however many were copied from one card", () => {
    const card = { identifiers: [anIdentifier("SSN", "536-22-8726"), anIdentifier("MRN", "A-100")] };
    const called = (name: ReturnType<typeof aName>) => aMatchRecord({ ...card, names: [name] });
    const found = score(called(aName("Philippa", "Quillfeather")), called(aName("Zebulon", "Ravensworth")));
    expect(found.weight).toBeGreaterThan(compiled.thresholds.automatic);
    expect(found).toMatchObject({ isAutomatic: false, isAboveReviewLine: true });
  });

  it("are enough in an authoritative domain", () => {
    const same = { gender: "female", birthDate: "1961-07-23", names: [aName("Pip", "Ravensworth")] } as const;
    const found = score(aKnownPerson(authoritative), aKnownPerson({ ...other, ...same, ...authoritative }));
    expect(found.isAutomatic).toBe(true);
    expect(found.rules).toContain("authoritative identifier");
  });

  it("go to review, authoritative or not, where sex and birth date are another's", () => {
    for (const identifiers of [number, authoritative]) {
      const found = score(aKnownPerson(identifiers), aKnownPerson({ ...other, ...identifiers }));
      expect(found.rules).toContain("shared identifier");
      expect(found).toMatchObject({ isAutomatic: false, isAboveReviewLine: true });
    }
  });
});

describe("section 7, hazard 3: shared e-mail addresses", () => {
  const email = { contacts: [anEmail("philippa1961@post.example")] };
  const stranger: Partial<MatchRecord> = {
    birthDate: "1961-02-03",
    identifiers: [],
    addresses: [anAddress("4 Orchard Row", "Nether Wallop", "99120")],
  };

  it("made of a name and a year do not make one person of two who share these", () => {
    const [one, other] = [
      aKnownPerson({ ...email, identifiers: [] }),
      aKnownPerson({ ...stranger, ...email, names: [aName("Philippa", "Ravensworth")] }),
    ];
    const found = score(one, other);
    expect(levelOf(found, "email")).toBe("exact");
    expect(found.probability).toBeLessThan(0.5);
  });

  it("still speak for one person where the birth date agrees too", () => {
    const moved = { ...stranger, ...email, birthDate: "1961-07-23" };
    const found = score(aKnownPerson({ ...email, identifiers: [] }), aKnownPerson(moved));
    expect(found.probability).toBeGreaterThan(0.8);
  });
});

describe("section 7, hazard 4: households", () => {
  it("are one piece of evidence: family name, address and phone weigh less together than their sum", () => {
    const home = {
      names: [aName("Philippa", "Quillfeather")],
      addresses: [anAddress("17 Thistlewick Lane", "Ambleford", "04417")],
      contacts: [aPhone("(207) 867-2291")],
    };
    const a = aMatchRecord({ ...home, gender: "female", birthDate: "1961-07-23" });
    const spouse = aMatchRecord({
      ...home,
      names: [aName("Horatio", "Quillfeather")],
      gender: "male",
      birthDate: "1959-11-02",
    });
    const found = score(a, spouse);
    expect(found).toMatchObject({ isAutomatic: false, isAboveReviewLine: false });
    const { relations } = explainPair(a, { ...spouse, id: "2" }, compiled);
    expect(relations.candidates[0]).toMatchObject({ name: "household" });
    // What the three together say beyond one of them is taken back.
    expect(relations.weight).toBeLessThan(-10);
  });
});

describe("section 7, hazard 5: institutional addresses", () => {
  it("carry almost nothing: an address of very many records weighs far less than one of two", () => {
    // 300 people: 120 at the shelter, the others each with one housemate.
    const people = Array.from({ length: 300 }, (_, at) =>
      aMatchRecord({
        id: `p${at}`,
        names: [aName(`Given${String.fromCharCode(97 + (at % 26))}${at}`, `Family${at}`)],
        birthDate: `19${String(20 + (at % 70)).padStart(2, "0")}-0${1 + (at % 9)}-1${at % 10}`,
        addresses: [
          at < 120
            ? anAddress("1 Harbour Road", "Ambleford", "04417")
            : anAddress(`${at >> 1} Elm Street`, "Ambleford", "04417"),
        ],
      }),
    );
    const { calibration } = trainModel(encodeForMatching(people, compiled), defaultModel);
    const learned = compileModel(defaultModel, calibration);
    const weightAt = (line: string) => {
      const at = { addresses: [anAddress(line, "Ambleford", "04417")] };
      const { comparisons } = explainPair(aMatchRecord(at), aMatchRecord({ id: "2", ...at }), learned);
      return comparisons.find((each) => each.name === "street")!.weight;
    };
    expect(weightAt("1 Harbour Road")).toBeLessThan(2);
    expect(weightAt("1 Harbour Road")).toBeLessThan(weightAt("70 Elm Street") - 4);
  });
});

describe("section 7, hazard 6: twins", () => {
  const home = {
    birthDate: "2019-04-05",
    addresses: [anAddress("17 Thistlewick Lane", "Ambleford", "04417")],
    contacts: [aPhone("(207) 867-2291")],
    motherName: "Philippa Quillfeather",
  };
  const child = (given: string, rest: Partial<MatchRecord> = {}) =>
    aMatchRecord({ gender: "female", names: [aName(given, "Quillfeather")], ...home, ...rest });

  const twins: readonly (readonly [string, MatchRecord, MatchRecord])[] = [
    ["other given names", child("Rosalind"), child("Beatrix")],
    ["given names that are alike", child("Carla"), child("Carlo", { gender: "male" })],
    ["given names that sound alike", child("Jon"), child("Jean")],
    [
      "birth orders that differ, under one given name",
      child("Rosa", { birthOrder: 1 }),
      child("Rosa", { birthOrder: 2 }),
    ],
    ["numbered placeholders", child("TWIN A"), child("TWIN B")],
    ["placeholders without a number", child("BABY GIRL"), child("BABY GIRL")],
    ["a placeholder against a name", child("BABY GIRL"), child("Rosalind")],
    ["no given name", child("Rosalind", { names: [aName(null, "Quillfeather")] }), child("Rosalind")],
  ];

  it.each(twins)("are never linked automatically: %s", (_, a, b) => {
    expect(score(a, b).isAutomatic).toBe(false);
  });

  // Names that are alike may be one name misspelt, where such a number agrees.
  it.each(twins.filter(([title]) => title !== "given names that are alike"))(
    "are not linked by a number that names one person for sure: %s",
    (_, a, b) => {
      const identifiers = [anIdentifier("MRN", "A-100", { authoritative: true })];
      const found = score({ ...a, identifiers }, { ...b, identifiers });
      expect(found.rules).toContain("authoritative identifier");
      expect(found).toMatchObject({ isAutomatic: false, isAboveReviewLine: true });
    },
  );

  it("with a placeholder for the given name come before a person", () => {
    expect(score(child("BABY GIRL"), child("Rosalind")).isAboveReviewLine).toBe(true);
  });

  it("are kept apart even where a shared number says otherwise", () => {
    const identifiers = [anIdentifier("SSN", "536-22-8726")];
    expect(score(child("Rosalind", { identifiers }), child("Beatrix", { identifiers })).isAutomatic).toBe(
      false,
    );
  });
});

describe("section 7, hazard 7: generations", () => {
  const man = (suffix: string[], rest: Partial<MatchRecord> = {}) =>
    aKnownPerson({ gender: "male", names: [aName("Horatio", "Quillfeather", { suffix })], ...rest });

  it.each([
    [["Jr"], ["Sr"]],
    [["II"], ["III"]],
    [["Jr."], ["III"]],
  ])("that are known and differ forbid a link: %j and %j", (one, other) => {
    const found = score(man(one), man(other));
    expect(found.isAutomatic).toBe(false);
    expect(found.rules).toContain("generations");
  });

  it("missing on one side are no evidence", () => {
    const [known, unknown] = [man(["Jr"]), man([])];
    expect(levelOf(score(known, unknown), "generation")).toBeNull();
    expect(score(known, unknown).weight).toBe(score(unknown, unknown).weight);
  });

  it("apart by more than 12 years under one name and address come before a person", () => {
    const found = score(man([], { identifiers: [] }), man([], { identifiers: [], birthDate: "1990-07-23" }));
    expect(found.rules).toContain("parent and child");
    expect(found).toMatchObject({ isAutomatic: false, isAboveReviewLine: true });
  });
});

/** Pairs of rows with their weights, all of them automatic as far as the records tell. */
const certain = (...pairs: readonly (readonly [number, number, number])[]) =>
  scoredPairs(pairs.map(([a, b, weight]) => ({ a, b, weight, isAutomatic: true })));
const undecided: PersonDecisions = { different: [], linked: [] };
const linksOf = (size: number, pairs: ReturnType<typeof scoredPairs>, decisions = undecided) =>
  decideAutomaticLinks(size, pairs, defaultModel, decisions);

describe("section 7, hazard 8: snowballs", () => {
  it("do not roll: a chain in which each knows its neighbour only does not become one person", () => {
    const chain = certain(...Array.from({ length: 9 }, (_, at) => [at, at + 1, 20] as const));
    const { persons } = linksOf(10, chain);
    const sizes = new Map<number, number>();
    for (const person of persons) sizes.set(person, (sizes.get(person) ?? 0) + 1);
    expect(Math.max(...sizes.values())).toBeLessThanOrEqual(2);
  });

  it("do not grow beyond the size of a person, however well they hang together", () => {
    const count = defaultModel.limits.personSize + 5;
    const all = Array.from({ length: count }, (_, a) =>
      Array.from({ length: a }, (_, b) => [b, a, 20] as const),
    ).flat();
    const { persons } = linksOf(count, certain(...all));
    const sizes = new Map<number, number>();
    for (const person of persons) sizes.set(person, (sizes.get(person) ?? 0) + 1);
    expect(Math.max(...sizes.values())).toBeLessThanOrEqual(defaultModel.limits.personSize);
  });
});

describe("section 7, hazard 9: a best candidate that is not the only one", () => {
  const twoPeople: PersonDecisions = { different: [[1, 2]], linked: [] };

  it("is linked to neither of two that are nearly as good", () => {
    const { isLinked } = linksOf(3, certain([0, 1, 20], [0, 2, 18]), twoPeople);
    expect([...isLinked]).toEqual([0, 0]);
  });

  it("is linked where it stands clear of the runner-up", () => {
    const margin = defaultModel.thresholds.runnerUpMargin;
    const { isLinked } = linksOf(3, certain([0, 1, 20], [0, 2, 20 - margin]), twoPeople);
    expect([...isLinked]).toEqual([1, 0]);
  });

  it("is not disturbed by a runner-up that is the same person", () => {
    const { isLinked } = linksOf(3, certain([0, 1, 20], [0, 2, 19], [1, 2, 19]));
    expect([...isLinked]).toEqual([1, 1, 1]);
  });
});

describe("section 7, hazard 11: hyphenated and double family names", () => {
  const named = (family: string) => aMatchRecord({ names: [aName("Ana", family)] });

  it.each([
    ["GARCIA-LOPEZ", "LOPEZ GARCIA"],
    ["Garcia Lopez", "garcia-lopez"],
    ["O'Brien", "OBRIEN"],
  ])("agree in full where only punctuation and order differ: %s and %s", (a, b) => {
    expect(levelOf(score(named(a), named(b)), "family-name")).toBe("exact");
  });

  it("agree in part where one part is in common", () => {
    const level = levelOf(score(named("Garcia-Lopez"), named("Lopez")), "family-name");
    expect(["contained", "part-in-common"]).toContain(level);
    expect(levelOf(score(named("Garcia-Lopez"), named("Lopez-Perez")), "family-name")).toBe("part-in-common");
  });
});

describe("section 7, hazard 12: swapped given and family names", () => {
  it("are agreement, and less of it than in order", () => {
    const named = (given: string, family: string) => aMatchRecord({ names: [aName(given, family)] });
    const right = named("Philippa", "Quillfeather");
    const found = score(right, named("Quillfeather", "Philippa"));
    expect(levelOf(found, "name-order")).toBe("swapped");
    expect(found.weight).toBeLessThan(score(right, right).weight);
    expect(found.weight).toBeGreaterThan(score(right, named("Zebulon", "Ravensworth")).weight);
  });
});

describe("section 7, hazard 13: birth dates", () => {
  const born = (birthDate: string, birthDatePrecision: MatchRecord["birthDatePrecision"] = "day") =>
    aMatchRecord({ birthDate, birthDatePrecision });

  it.each([
    ["one digit off", "1961-07-23", "1961-07-28", "one-digit"],
    ["day and month transposed", "1961-07-03", "1961-03-07", "transposed"],
    ["off by one day", "1961-07-31", "1961-08-01", "off-by-one-day"],
  ])("agree in part, never in full: %s", (_, a, b, level) => {
    const found = score(born(a), born(b));
    expect(levelOf(found, "birth-date")).toBe(level);
    expect(found.weight).toBeGreaterThan(score(born(a), born("1987-11-15")).weight);
    expect(found.weight).toBeLessThan(score(born(a), born(a)).weight);
  });

  it("known to the year or month are compared at that precision, and never padded", () => {
    expect(levelOf(score(born("1961-01-01", "year"), born("1961-01-01")), "birth-date")).toBe("year");
    expect(levelOf(score(born("1961-01-01", "year"), born("1961-07-23")), "birth-date")).toBe("year");
    expect(levelOf(score(born("1961-07-01", "month"), born("1961-07-01")), "birth-date")).toBe("month");
    expect(levelOf(score(born("1961-01-01", "year"), born("1962-01-01")), "birth-date")).toBe("year-differs");
    expect(levelOf(score(born("1961-07-01", "month"), born("1961-08-01")), "birth-date")).toBe(
      "month-differs",
    );
  });
});

describe("section 7, hazard 14: given names", () => {
  const called = (given: string, family = "Quillfeather") => aMatchRecord({ names: [aName(given, family)] });
  const level = (a: string, b: string) => levelOf(score(called(a), called(b)), "given-name");

  it("know short forms, which are not transitive", () => {
    expect(level("William", "Bill")).toBe("nickname");
    expect(level("Margaret", "Peggy")).toBe("nickname");
    // Both are short for Alexander and Alexandra; the long forms are two names.
    expect(level("Alexander", "Sandy")).toBe("nickname");
    expect(level("Alexander", "Samantha")).not.toBe("nickname");
  });

  it("know initials, and the middle name that is used as the given one", () => {
    expect(level("W", "William")).toBe("initial");
    expect(level("William Henry", "Henry")).toBe("middle");
  });

  it("have short forms that family names have not", () => {
    const found = scorePair(called("Ann", "William"), { ...called("Ann", "Bill"), id: "2" }, compiled);
    expect(["similar", "differs"]).toContain(levelOf(found, "family-name"));
  });
});

describe("section 7, hazard 15: all known values", () => {
  const maiden = aKnownPerson({
    names: [aName("Philippa", "Quillfeather"), aName("Philippa", "Thistlewick", { current: false })],
    addresses: [
      anAddress("17 Thistlewick Lane", "Ambleford", "04417"),
      anAddress("4 Elm St", "Corriedale", "90210", { current: false }),
    ],
  });

  it("count for agreement: a maiden name, a former address", () => {
    const found = score(
      maiden,
      aKnownPerson({
        names: [aName("Philippa", "Thistlewick")],
        addresses: [anAddress("4 Elm St", "Corriedale", "90210")],
      }),
    );
    expect(levelOf(found, "family-name")).toBe("exact");
    expect(levelOf(found, "street")).toBe("exact");
  });

  it("conflict only while they are current", () => {
    const formerOnly = aMatchRecord({ names: [aName("Philippa", "Thistlewick", { current: false })] });
    expect(
      levelOf(score(formerOnly, aMatchRecord({ names: [aName("Philippa", "Ravensworth")] })), "family-name"),
    ).toBeNull();
    const current = aMatchRecord({ names: [aName("Philippa", "Thistlewick")] });
    expect(
      levelOf(score(current, aMatchRecord({ names: [aName("Philippa", "Ravensworth")] })), "family-name"),
    ).toBe("differs");
  });
});

describe("section 7, hazard 16: long and foreign names", () => {
  const named = (given: string, family: string) => aMatchRecord({ names: [aName(given, family)] });
  const family = (a: string, b: string) => levelOf(score(named("Ana", a), named("Ana", b)), "family-name");

  it("are never cut before they are compared", () => {
    const long = "Wolfeschlegelsteinhausenbergerdorff".repeat(8);
    expect(family(long, long)).toBe("exact");
    // They differ behind the place where a machine word, or a column of 255, would end.
    expect(family(`${long}abc`, `${long}xyz`)).not.toBe("exact");
    expect(family(`${"ab".repeat(20)}quill`, `${"ab".repeat(20)}stone`)).not.toBe("exact");
    const begin = "Wolfeschlegelsteinhausenbergerdorff";
    const level = family(begin + "quill".repeat(5), begin + "moxy".repeat(6));
    expect(["exact", "very-close", "contained"]).not.toContain(level);
  });

  it.each([
    ["José", "JOSE"],
    ["Jose\u0301", "Jos\u00e9"],
    ["Müller", "Muller"],
    ["ŁUKASZ", "lukasz"],
    ["D'Angelo", "DAngelo"],
    ["李", "李"],
    ["Иванов", "ИВАНОВ"],
    ["محمد", "محمد"],
  ])("do not depend on accents, case, punctuation or Unicode form: %s and %s", (a, b) => {
    expect(family(a, b)).toBe("exact");
  });

  it("are told apart where they are not Latin", () => {
    expect(family("李", "王")).not.toBe("exact");
    expect(family("Иванов", "Петров")).not.toBe("exact");
  });
});

describe("section 7, hazard 17: one source", () => {
  it("has issued two ids already: a pair inside it needs more evidence", () => {
    const person = (sourceSystem: string) =>
      aMatchRecord({
        sourceSystem,
        birthDate: "1961-07-23",
        names: [aName("Philippa", "Quillfeather")],
        contacts: [aPhone("(207) 867-2291")],
      });
    const { weight } = score(person("east"), person("west"));
    const { sameSourceMargin } = defaultModel.thresholds;
    const isLinkedAt = (line: number, other: string) => {
      const thresholds = { ...defaultModel.thresholds, automatic: probabilityOfWeight(line) };
      const model = compileModel({ ...defaultModel, thresholds }, compiled.calibration);
      return scorePair(person("east"), { ...person(other), id: "2" }, model).isAutomatic;
    };
    const [inReach, clear] = [weight - sameSourceMargin / 2, weight - sameSourceMargin * 2];
    expect([isLinkedAt(inReach, "west"), isLinkedAt(inReach, "east")]).toEqual([true, false]);
    expect([isLinkedAt(clear, "west"), isLinkedAt(clear, "east")]).toEqual([true, true]);
  });
});
