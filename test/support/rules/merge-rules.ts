import type { TakenOut } from "./taken-out.ts";

const testFile = "test/domain/merge/merge-patients.test.ts";
const checkMerge = "src/domain/merge/check-merge.ts";
const mergeOne = "src/domain/merge/merge-one.ts";
const mergePatients = "src/domain/merge/merge-patients.ts";
const planRows = "src/domain/merge/plan-rows.ts";
const survivorship = "src/domain/merge/survivorship.ts";

/** M1 to M16. */
export const mergeRulesTakenOut: readonly TakenOut[] = [
  {
    rule: "M1",
    what: "several records that a prefix names are ambiguous",
    edits: [
      {
        file: "src/domain/patient/resolve-record.ts",
        stands: "if (ids.length > 1) throw ambiguous(ids);",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: "M1",
    what: "several records that carry an identifier are ambiguous",
    edits: [
      {
        file: "src/domain/patient/resolve-record.ts",
        stands: "if (best.length > 1) throw ambiguous(best.map((match) => match.patientId));",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: "M2",
    what: "the two records are not one",
    edits: [{ file: checkMerge, stands: "if (source === survivor) {", instead: "if (false) {" }],
    testFile,
  },
  {
    rule: "M3",
    what: "the survivor is active",
    edits: [{ file: checkMerge, stands: "if (!b.active && !isDone) {", instead: "if (false) {" }],
    testFile,
  },
  {
    rule: "M3",
    what: "neither is deleted",
    edits: [{ file: checkMerge, stands: "if (a.deleted || b.deleted) {", instead: "if (false) {" }],
    testFile,
  },
  {
    rule: "M3",
    what: "neither is retired",
    edits: [{ file: checkMerge, stands: "if (next === undefined) continue;", instead: "continue;" }],
    testFile,
  },
  {
    rule: "M4",
    what: "it is one transaction",
    edits: [
      {
        file: "src/db/transaction.ts",
        stands: "result = { value: await work(tx) };",
        instead: "result = { value: await work(db) };",
      },
    ],
    testFile,
  },
  {
    rule: "M4",
    what: "the source is no longer active",
    edits: [{ file: mergeOne, stands: "await updatePatient(tx, source, { active: false });", instead: "" }],
    testFile,
  },
  {
    rule: "M5",
    what: "what the survivor lacks moves to it",
    edits: [
      {
        file: mergeOne,
        stands: 'rows.filter((row) => row.action === "move")',
        instead: "rows.filter(() => false)",
      },
    ],
    testFile,
  },
  {
    rule: "M5",
    what: "an identifier that moves becomes old",
    edits: [
      {
        file: planRows,
        stands: 'standingUses.has(row.useType ?? "") ? row.useType : "old"',
        instead: "true ? row.useType : null",
      },
    ],
    testFile,
  },
  {
    rule: "M5",
    what: "what the survivor has already stays on the source",
    edits: [
      {
        file: planRows,
        stands: 'if (equal !== undefined) return stay("survivor has it", equal);',
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: "M6",
    what: "a value wins over no value",
    edits: [
      {
        file: survivorship,
        stands: 'if (says !== has) return outcome(says ? "a" : "b", "only-value");',
        instead: "",
      },
    ],
    testFile: "test/domain/merge/survivorship.test.ts",
  },
  {
    rule: "M6",
    what: "the steward's choice wins",
    edits: [
      {
        file: survivorship,
        stands: 'if (choice !== undefined) return outcome(choice, "chosen");',
        instead: "",
      },
    ],
    testFile: "test/domain/merge/survivorship.test.ts",
  },
  {
    rule: "M6",
    what: "deceased anywhere stays deceased",
    edits: [
      {
        file: survivorship,
        stands: 'if (field === "deceased" && isDeceased(a) !== isDeceased(b)) {',
        instead: "if (false) {",
      },
    ],
    testFile: "test/domain/merge/survivorship.test.ts",
  },
  {
    rule: "M7",
    what: "links between the two go",
    edits: [{ file: mergeOne, stands: "await journal.deleteLinks(linksTaken);", instead: "" }],
    testFile,
  },
  {
    rule: "M7",
    what: "the database takes no link from a record to itself",
    edits: [
      {
        file: "drizzle/0002_patient_children.sql",
        stands: 'CONSTRAINT "patient_links_self_check" CHECK (patient_id <> other_patient_id)',
        instead: 'CONSTRAINT "patient_links_self_check" CHECK (true)',
      },
    ],
    testFile,
  },
  {
    rule: "M8",
    what: "a merge that was made is known again",
    edits: [
      {
        file: checkMerge,
        stands: 'if (leadsTo(persons, source, survivor)) return "already-merged";',
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: "M8",
    what: "repeating is refused, unless --if-needed says that it is enough",
    edits: [
      { file: mergePatients, stands: "if (request.ifNeeded !== true) throw", instead: "if (false) throw" },
    ],
    testFile,
  },
  {
    rule: "M9",
    what: "a dry run is taken back",
    edits: [
      {
        file: "src/db/transaction.ts",
        stands: "if (options.dryRun === true) throw new RollBack();",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: "M9",
    what: "a record that changed since the plan is refused",
    edits: [
      {
        file: mergePatients,
        stands: "if (request.versions !== undefined) requireVersions(persons, request.versions);",
        instead: "",
      },
    ],
    testFile,
  },
  {
    rule: "M10",
    what: 'a decision "different" forbids merging',
    edits: [
      {
        file: mergeOne,
        stands: "contradiction.different.length > 0 && request.override !== true",
        instead: "false",
      },
    ],
    testFile,
  },
  {
    rule: "M10",
    what: 'a decision "different" forbids linking',
    edits: [
      {
        file: "src/domain/decision/decide-same.ts",
        stands: "different.length > 0 && decision.override !== true",
        instead: "false",
      },
    ],
    testFile,
  },
  {
    rule: "M10",
    what: "an overridden decision is closed",
    edits: [
      { file: mergeOne, stands: "await closeDecisions(journal, contradiction.different);", instead: "" },
    ],
    testFile,
  },
  {
    rule: "M11",
    what: "decisions about the other records of a person count",
    edits: [
      {
        file: "src/domain/decision/decide-same.ts",
        stands: "findContradiction(tx, listPersonOf(persons, a), listPersonOf(persons, b))",
        instead: "findContradiction(tx, [a], [b])",
      },
    ],
    testFile,
  },
  {
    rule: "M11",
    what: 'the decision "same" that stands against it is shown',
    edits: [
      {
        file: "src/domain/decision/standing-decisions.ts",
        stands: 'same: within.filter((pair) => pair.state === "confirmed")',
        instead: "same: []",
      },
    ],
    testFile,
  },
  {
    rule: "M12",
    what: "the records are locked, in order of their ids",
    edits: [
      {
        file: "src/db/queries/persons.ts",
        stands: "order by id for update",
        instead: "order by id",
      },
    ],
    testFile: "test/domain/merge/opposite-merges.test.ts",
  },
  {
    rule: "M13",
    what: "the way is followed to its end",
    edits: [
      {
        file: "src/domain/merge/resolve-in-charge.ts",
        stands: "path.at(-1)?.to ?? record",
        instead: "path[0]?.to ?? record",
      },
    ],
    testFile: "test/domain/merge/resolve-in-charge.test.ts",
  },
  {
    rule: "M13",
    what: "--no-follow answers with the record alone",
    edits: [
      {
        file: "src/domain/merge/run-resolve.ts",
        stands: "follow ? answer : { ...answer, path: [] }",
        instead: "answer",
      },
    ],
    testFile: "test/cli/commands/patient/merge.test.ts",
  },
  {
    rule: "M14",
    what: "new data of a retired record goes to its survivor",
    edits: [
      {
        file: "src/domain/merge/late-changes.ts",
        stands: "patientId: inCharge,",
        instead: "patientId: retiredId,",
      },
    ],
    testFile,
  },
  {
    rule: "M14",
    what: "the id that was sent is kept",
    edits: [
      {
        file: "src/domain/merge/late-changes.ts",
        stands: "originPatientId: inCharge === retiredId ? null : retiredId,",
        instead: "originPatientId: null,",
      },
    ],
    testFile,
  },
  {
    rule: "M15",
    what: "which rule it was is kept",
    edits: [
      {
        file: mergeOne,
        stands:
          '(scored === undefined || scored.rulesFired.length === 0 ? null : scored.rulesFired.join(", "))',
        instead: "null",
      },
    ],
    testFile,
  },
  {
    rule: "M15",
    what: "the moved rows are kept as they were",
    edits: [{ file: mergeOne, stands: "rows: gatherRows(moved),", instead: "rows: gatherRows([])," }],
    testFile,
  },
  {
    rule: "M16",
    what: "one group id for all",
    edits: [
      {
        file: mergePatients,
        stands: "{ source, mergeId, groupId: groupId! }",
        instead: "{ source, mergeId, groupId: mergeId }",
      },
    ],
    testFile,
  },
];
