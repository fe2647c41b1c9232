import type { TakenOut } from "./taken-out.ts";

const linkTests = "test/domain/link/link-patients.test.ts";
const stateTests = "test/domain/decision/pair-states.test.ts";
const overlayTests = "test/domain/patient/overlay-guard.test.ts";
const overlayGuard = "src/domain/patient/overlay-guard.ts";
const decideDifferent = "src/domain/decision/decide-different.ts";
const decideSame = "src/domain/decision/decide-same.ts";

/** Sections 1, 2, 5, 6 and 8: persons, links, decisions, states, overlays. */
export const personRulesTakenOut: readonly TakenOut[] = [
  {
    rule: "section 1",
    what: "the older enterprise id is kept",
    edits: [
      {
        file: "src/db/queries/persons.ts",
        stands: "order by p.initial_enterprise_at, p.initial_enterprise_id",
        instead: "order by p.initial_enterprise_at desc, p.initial_enterprise_id",
      },
    ],
    testFile: linkTests,
  },
  {
    rule: "section 2",
    what: "unlink refuses where a third record holds the two together",
    edits: [
      {
        file: decideDifferent,
        stands: 'if (thirds === "refuse") throw heldTogether(a, b, way);',
        instead: 'if (thirds === "refuse") return direct;',
      },
    ],
    testFile: linkTests,
  },
  {
    rule: "section 2",
    what: "what is linked is not linked twice",
    edits: [{ file: decideSame, stands: "if (!isSaid || !isLinked) return;", instead: "return;" }],
    testFile: linkTests,
  },
  {
    rule: "section 5",
    what: 'a decision "different" binds whoever links later',
    edits: [
      { file: decideSame, stands: "different.length > 0 && decision.override !== true", instead: "false" },
    ],
    testFile: linkTests,
  },
  {
    rule: "section 5",
    what: "it binds whole persons",
    edits: [
      {
        file: decideSame,
        stands: "findContradiction(tx, listPersonOf(persons, a), listPersonOf(persons, b))",
        instead: "findContradiction(tx, [a], [b])",
      },
    ],
    testFile: linkTests,
  },
  {
    rule: "section 5",
    what: "a third record that matches both is a conflict",
    edits: [
      {
        file: "src/domain/decision/refresh-conflicts.ts",
        stands: 'kind: isConflict ? "conflict" : "duplicate"',
        instead: 'kind: "duplicate"',
      },
    ],
    testFile: linkTests,
  },
  {
    rule: "section 5",
    what: "clearing a decision scores the pair anew",
    edits: [
      {
        file: "src/domain/decision/clear-decision.ts",
        stands: "const score = await scorePair?.(tx, pair.patientId, pair.candidateId);",
        instead: "const score = undefined;",
      },
    ],
    testFile: linkTests,
  },
  {
    rule: "section 5",
    what: "a pair whose basis changed returns to the queue",
    edits: [
      {
        file: "src/db/queries/basis.ts",
        stands: "set kind = case when found.is_changed then 'basis_changed' else 'duplicate' end",
        instead: "set kind = 'duplicate'",
      },
    ],
    testFile: "test/domain/decision/refresh-basis.test.ts",
  },
  {
    rule: "section 5",
    what: "no run changes what a person decided",
    edits: [
      {
        file: "src/db/queries/match-stage.ts",
        stands: "state = case when s.state in ${machineStates} then ${other}.state else s.state end,",
        instead: "state = ${other}.state,",
      },
    ],
    testFile: "test/cli/commands/match/run.test.ts",
  },
  {
    rule: "section 6",
    what: "a newer score below the line supersedes an open pair",
    edits: [
      {
        file: "src/domain/decision/rescore-around.ts",
        stands: 'isUndecided && pair.state === "pending" && !score.isAboveReviewLine',
        instead: "false",
      },
    ],
    testFile: stateTests,
  },
  {
    rule: "section 6",
    what: "the database takes no other states",
    edits: [
      {
        file: "drizzle/0002_patient_children.sql",
        stands:
          "CONSTRAINT \"patient_match_scores_state_check\" CHECK (state = any (array['pending', 'auto_linked', 'confirmed', 'rejected', 'deferred', 'merged', 'superseded']))",
        instead: 'CONSTRAINT "patient_match_scores_state_check" CHECK (true)',
      },
    ],
    testFile: stateTests,
  },
  {
    rule: "section 8",
    what: "two changes beyond partial agreement stop an update",
    edits: [{ file: overlayGuard, stands: "if (changed.length >= 2) return changed;", instead: "" }],
    testFile: overlayTests,
  },
  {
    rule: "section 8",
    what: "an authoritative identifier that agrees lets it pass",
    edits: [
      {
        file: overlayGuard,
        stands: "if (sharesIdentifier(before, after, domains.authoritative)) return [];",
        instead: "",
      },
    ],
    testFile: overlayTests,
  },
  {
    rule: "section 8",
    what: "an edit that is stopped is kept, not applied",
    edits: [
      {
        file: "src/domain/patient/edit-patient.ts",
        stands: "if (fields.length > 0) {",
        instead: "if (false) {",
      },
    ],
    testFile: "test/cli/commands/patient/edit.test.ts",
  },
  {
    rule: "section 8",
    what: "an imported update that is stopped is kept, not applied",
    edits: [
      {
        file: "src/domain/import/import-record.ts",
        stands: "if (overlay.length > 0) {",
        instead: "if (false) {",
      },
    ],
    testFile: "test/cli/commands/import/hl7.test.ts",
  },
  {
    rule: "section 8",
    what: "a merge that arrives against a decision is kept, not made",
    edits: [
      {
        file: "src/domain/import/settle-link.ts",
        stands: 'if (reason !== "decided-different") throw error;',
        instead: "throw error;",
      },
    ],
    testFile: "test/cli/commands/import/fhir.test.ts",
  },
];
