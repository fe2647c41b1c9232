import type { TakenOut } from "./taken-out.ts";

const testFile = "test/matching/hazards.test.ts";
const defaultModel = "src/matching/model/default-model.ts";
const hazard = (number: number) => `section 7, hazard ${number}`;

/** The hazards of section 7. */
export const matchingRulesTakenOut: readonly TakenOut[] = [
  {
    rule: hazard(1),
    what: "given names that are placeholders",
    edits: [
      {
        file: "src/matching/normalise/placeholders.ts",
        stands:
          "return list.givenNames.has(folded) || isPlaceholderName(folded, list) || newbornLabel.test(folded);",
        instead: "return false;",
      },
    ],
    testFile,
  },
  {
    rule: hazard(1),
    what: "family names that are placeholders",
    edits: [
      {
        file: "src/matching/normalise/placeholders.ts",
        stands: "return list.familyNames.has(folded) || isPlaceholderName(folded, list);",
        instead: "return false;",
      },
    ],
    testFile,
  },
  {
    rule: hazard(1),
    what: "birth dates on the list",
    edits: [
      {
        file: "src/matching/normalise/date.ts",
        stands: "if (placeholders.dates.has(date)) return true;",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: hazard(1),
    what: "birth dates more than 120 years before receipt",
    edits: [
      {
        file: "src/matching/normalise/date.ts",
        stands: "return latestDayOf(date) < received - longestLifeInYears * 10000;",
        instead: "return false;",
      },
    ],
    testFile,
  },
  {
    rule: hazard(1),
    what: "birth dates after receipt",
    edits: [
      {
        file: "src/matching/normalise/date.ts",
        stands: "if (date > received) return true;",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: hazard(1),
    what: "social security numbers on the list",
    edits: [
      {
        file: "src/matching/normalise/identifier.ts",
        stands: 'digits === "" || placeholders.socialSecurityNumbers.has(digits)',
        instead: 'digits === ""',
      },
    ],
    testFile,
  },
  {
    rule: hazard(1),
    what: "social security numbers that were never given out",
    edits: [
      {
        file: "src/matching/normalise/identifier.ts",
        stands: "if (/^[0-9]{9}$/u.test(digits) && !hasSocialSecurityStructure(digits)) return null;",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: hazard(1),
    what: "telephone numbers that are placeholders",
    edits: [
      {
        file: "src/matching/normalise/phone.ts",
        stands:
          'return placeholders.phones.has(digits) || isOneCharacterRepeated(digits) || digits.endsWith("0000000");',
        instead: "return false;",
      },
    ],
    testFile,
  },
  {
    rule: hazard(1),
    what: "e-mail addresses that are placeholders",
    edits: [
      {
        file: "src/matching/normalise/email.ts",
        stands: "if (isPlaceholderEmail(address, localPart, domain, placeholders)) return null;",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: hazard(2),
    what: "a missing sex is not compared",
    edits: [
      {
        file: "src/matching/compare/pair-comparer.ts",
        stands: "if (first === genderCodes.none || second === genderCodes.none) return;",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: hazard(2),
    what: "a missing birth date is not compared",
    edits: [
      {
        file: "src/matching/compare/compare-birth-dates.ts",
        stands: "if (dateA === 0 || dateB === 0) return;",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: hazard(3),
    what: "one piece of evidence is not enough",
    edits: [
      {
        file: defaultModel,
        stands: 'when: { fact: "single-piece-of-evidence" },',
        instead: "when: { any: [] },",
      },
    ],
    testFile,
  },
  {
    rule: hazard(3),
    what: "another sex and birth date under one identifier go to review",
    edits: [
      {
        file: defaultModel,
        stands: '{ comparison: "gender", levels: ["differs", "differs-from-name"] },\n',
        instead: '{ comparison: "gender", levels: [] },\n',
      },
    ],
    testFile,
  },
  {
    rule: hazard(4),
    what: "members of one household, and other relatives, as an explanation",
    edits: [
      {
        file: "src/matching/score/pair-scorer.ts",
        stands: "return -Math.log2(1 + others);",
        instead: "return 0;",
      },
    ],
    testFile,
  },
  {
    rule: hazard(5),
    what: "how many records share an address",
    edits: [
      {
        file: "src/matching/training/count-frequencies.ts",
        stands: "if (count >= least) listed.push([String(value), count]);",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: hazard(6),
    what: "another given name on one birth date and family",
    edits: [
      {
        file: defaultModel,
        stands: 'levels: ["differs", "both-common", "similar", "phonetic"] },',
        instead: "levels: [] },",
      },
    ],
    testFile,
  },
  {
    rule: hazard(6),
    what: "birth orders that differ",
    edits: [
      { file: defaultModel, stands: 'when: { fact: "birth-orders-differ" },', instead: "when: { any: [] }," },
    ],
    testFile,
  },
  {
    rule: hazard(6),
    what: "no given name to tell them apart by",
    edits: [
      {
        file: defaultModel,
        stands: 'when: { comparison: "given-name", levels: ["unavailable"] },',
        instead: "when: { any: [] },",
      },
    ],
    testFile,
  },
  {
    rule: hazard(7),
    what: "generations that differ",
    edits: [
      {
        file: defaultModel,
        stands: 'when: { comparison: "generation", levels: ["differs"] },',
        instead: "when: { any: [] },",
      },
    ],
    testFile,
  },
  {
    rule: hazard(7),
    what: "parent and child",
    edits: [{ file: defaultModel, stands: '{ fact: "a-generation-apart" },', instead: "{ any: [] }," }],
    testFile,
  },
  {
    rule: hazard(8),
    what: "groups are joined only where their records support it",
    edits: [
      {
        file: "src/matching/cluster/person-clusters.ts",
        stands: "supportBetween(groups, links, a, b) >= options.directSupport",
        instead: "true",
      },
    ],
    testFile,
  },
  {
    rule: hazard(8),
    what: "the size of a person",
    edits: [
      {
        file: "src/matching/cluster/person-clusters.ts",
        stands: "groups.sizeOf(a) + groups.sizeOf(b) <= options.personSize &&",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: hazard(9),
    what: "the margin over the runner-up",
    edits: [
      {
        file: "src/matching/decide/automatic-links.ts",
        stands: "dropUnclear(size, pairs, isCandidate, first.persons, model.thresholds.runnerUpMargin);",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: hazard(10),
    what: "the limits of a run",
    edits: [
      { file: "src/domain/match/store-run.ts", stands: "if (links <= limit) return;", instead: "return;" },
    ],
    testFile: "test/cli/commands/match/limits.test.ts",
  },
  {
    rule: hazard(11),
    what: "the order of the parts does not matter",
    edits: [
      {
        file: "src/matching/normalise/name.ts",
        stands: 'return [...parts].sort().join(" ");',
        instead: 'return parts.join(" ");',
      },
    ],
    testFile,
  },
  {
    rule: hazard(11),
    what: "one part in common is partial agreement",
    edits: [
      {
        file: "src/matching/comparators/family-name.ts",
        stands: "return common > 0 ? Math.min(best, level.partInCommon) : best;",
        instead: "return best;",
      },
    ],
    testFile,
  },
  {
    rule: hazard(12),
    what: "names in each other's place are compared",
    edits: [
      {
        file: "src/matching/compare/compare-names.ts",
        stands: "if (isCrossed) this.#compareSwapped(startA, endA, startB, endB);",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: hazard(13),
    what: "day and month transposed",
    edits: [
      {
        file: "src/matching/comparators/birth-date.ts",
        stands: "if (yearA === yearB && monthA === dayB && dayA === monthB) return level.transposed;",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: hazard(13),
    what: "a partial date is not padded",
    edits: [
      {
        file: "src/matching/normalise/date.ts",
        stands: 'precision === "year" || precision === "month" ? 0 : Number(match[3] ?? 0)',
        instead: "Number(match[3] ?? 0)",
      },
    ],
    testFile,
  },
  {
    rule: hazard(14),
    what: "short forms",
    edits: [
      {
        file: "src/matching/comparators/given-name.ts",
        stands:
          "(nicknamesA.formalNames.includes(nicknamesB.id) || nicknamesB.formalNames.includes(nicknamesA.id))",
        instead: "false",
      },
    ],
    testFile,
  },
  {
    rule: hazard(14),
    what: "initials",
    edits: [
      {
        file: "src/matching/comparators/given-name.ts",
        stands: "if (a.length === 1 || b.length === 1) {",
        instead: "if (false) {",
      },
    ],
    testFile,
  },
  {
    rule: hazard(14),
    what: "a given name that is the other's middle name",
    edits: [{ file: "src/matching/compare/compare-names.ts", stands: "level = given.middle;", instead: "" }],
    testFile,
  },
  {
    rule: hazard(15),
    what: "former values count for agreement",
    edits: [
      {
        file: "src/matching/compare/best-level.ts",
        stands: "if (!isAgreement && !isCurrent) return;",
        instead: "if (!isCurrent) return;",
      },
    ],
    testFile,
  },
  {
    rule: hazard(15),
    what: "only current values conflict",
    edits: [
      {
        file: "src/matching/compare/best-level.ts",
        stands: "if (!isAgreement && !isCurrent) return;",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: hazard(16),
    what: "names longer than a machine word",
    edits: [
      {
        file: "src/matching/comparators/jaro-winkler.ts",
        stands: "if (lengthA <= wordSize && lengthB <= wordSize) return jaroOfShort(a, b);",
        instead: "return jaroOfShort(a.slice(0, wordSize), b.slice(0, wordSize));",
      },
    ],
    testFile,
  },
  {
    rule: hazard(16),
    what: "other scripts and accents become Latin letters",
    edits: [
      {
        file: "src/matching/normalise/text.ts",
        stands: "return clean(anyAscii(words).toLowerCase());",
        instead: "return clean(words);",
      },
    ],
    testFile,
  },
  {
    rule: hazard(17),
    what: "more evidence inside one source",
    edits: [
      {
        file: "src/matching/score/judge-pair.ts",
        stands: "isSameSource ? compiled.model.thresholds.sameSourceMargin : 0",
        instead: "0",
      },
    ],
    testFile,
  },
];
