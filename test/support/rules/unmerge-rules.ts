import type { TakenOut } from "./taken-out.ts";

const testFile = "test/domain/merge/unmerge-patient.test.ts";
const unmergePatient = "src/domain/merge/unmerge-patient.ts";
const returnRows = "src/domain/merge/return-rows.ts";
const planReturn = "src/domain/merge/plan-return.ts";

/** U1 to U7. */
export const unmergeRulesTakenOut: readonly TakenOut[] = [
  {
    rule: "U1",
    what: "the record is active again",
    edits: [
      {
        file: unmergePatient,
        stands: "await updatePatient(tx, record, { active: merge.inverse.wasActive });",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: "U1",
    what: "its own rows come back",
    edits: [
      {
        file: returnRows,
        stands: "const home = gather(rows, (each) => each.home);",
        instead: "const home = gather(rows, () => null);",
      },
    ],
    testFile,
  },
  {
    rule: "U2",
    what: "links that the merge took away come back",
    edits: [{ file: unmergePatient, stands: "await journal.insertLinks(parting.restored);", instead: "" }],
    testFile,
  },
  {
    rule: "U2",
    what: "what was said of pairs before the merge comes back",
    edits: [
      {
        file: unmergePatient,
        stands:
          "for (const change of merge.inverse.changes.pairs) await restorePair(tx, journal, change, merge, personOf);",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: "U3",
    what: "a value edited on the survivor stays there",
    edits: [
      {
        file: planReturn,
        stands: 'copy: take === "a" && home !== null ? null : kept,',
        instead: "copy: null,",
      },
    ],
    testFile,
  },
  {
    rule: "U3",
    what: "--take decides who gets it",
    edits: [
      {
        file: planReturn,
        stands: 'take === "b" ? image : mark === undefined',
        instead: "mark === undefined",
      },
    ],
    testFile,
  },
  {
    rule: "U4",
    what: "rows are looked for along the whole chain",
    edits: [
      {
        file: returnRows,
        stands: "const visiting = await selectVisitingRows(tx, chain, [...leaving]);",
        instead: "const visiting = await selectVisitingRows(tx, [merge.survivorId], [...leaving]);",
      },
    ],
    testFile,
  },
  {
    rule: "U4",
    what: "data that arrived for the record after the merge returns with it",
    edits: [
      {
        file: planReturn,
        stands: "if (image === undefined) {\n    const home = settle(owned(row));",
        instead: "if (image === undefined) {\n    const home = null;",
      },
    ],
    testFile,
  },
  {
    rule: "U5",
    what: "that they are different is remembered",
    edits: [
      {
        file: unmergePatient,
        stands: "const decided =\n    request.allowRematch === true",
        instead: "const decided =\n    true",
      },
    ],
    testFile,
  },
  {
    rule: "U5",
    what: "a third record that holds both is asked about",
    edits: [
      {
        file: unmergePatient,
        stands: "if (thirds.length > 0 && request.third === undefined) {",
        instead: "if (false) {",
      },
    ],
    testFile,
  },
  {
    rule: "U6",
    what: "a merge that was taken back is refused",
    edits: [
      {
        file: unmergePatient,
        stands: "if (merge.unmergedAt !== null) throw alreadyUnmerged(merge);",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: "U7",
    what: "stored pairs are scored anew",
    edits: [
      {
        file: unmergePatient,
        stands: "await rescoreAround(tx, journal, [record, inCharge], scorePair);",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: "U7",
    what: "enterprise ids are computed anew",
    edits: [
      {
        file: unmergePatient,
        stands: "await journal.recomputePersons(\n    everyone,",
        instead: "await journal.recomputePersons(\n    [],",
      },
    ],
    testFile,
  },
];
