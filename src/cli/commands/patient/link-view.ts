import type { ActChanges } from "../../../domain/decision/change-journal.ts";
import type { StandingDecision } from "../../../domain/decision/standing-decisions.ts";
import { section, type Report } from "../../output/output.ts";
import { safeText } from "../../output/safe-text.ts";
import { short } from "./merge-view.ts";

/** What linking, unlinking or deciding changed. */
export interface LinkOutcome {
  readonly closed: readonly StandingDecision[];
  readonly changes: ActChanges;
}

interface LinkChange {
  readonly change: "link" | "person";
  readonly record: string;
  readonly other: string | null;
  readonly before: string | null;
  readonly after: string | null;
}

const listChanges = ({ links, persons }: ActChanges): readonly LinkChange[] => [
  ...links.map(({ before, after }): LinkChange => {
    const link = (after ?? before)!;
    const describe = (row: typeof before) =>
      row === null ? null : `${row.linkType.replace("_", "-")} (${row.origin})`;
    return {
      change: "link",
      record: link.patientId,
      other: link.otherPatientId,
      before: describe(before),
      after: describe(after),
    };
  }),
  ...persons.map((change): LinkChange => ({
    change: "person",
    record: change.recordId,
    other: null,
    before: change.before.enterpriseId,
    after: change.after.enterpriseId,
  })),
];

const sentence = (row: LinkChange): string => {
  if (row.change === "person") return `${short(row.record)} is now of person ${row.after ?? ""}.`;
  const ends = `${short(row.record)} - ${short(row.other ?? "")}`;
  if (row.before === null) return `Link ${ends} ${row.after ?? ""} made.`;
  return row.after === null
    ? `Link ${ends} ${row.before} removed.`
    : `Link ${ends}: ${row.before} is now ${row.after}.`;
};

/**
 * An act about links and decisions, for every output format.
 *
 * @param said what it comes to, in one sentence.
 * @param json facts that stand first in the JSON document.
 */
export function linkReport(
  said: string,
  outcome: LinkOutcome | undefined,
  json: Readonly<Record<string, unknown>>,
): Report {
  const rows = outcome === undefined ? [] : listChanges(outcome.changes);
  const closed = outcome?.closed ?? [];
  const closings = closed.map(
    (decision) =>
      `The decision that ${decision.records.map(short).join(" and ")} are ${decision.said === "same" ? "the same" : decision.said} (${decision.decidedBy ?? "unknown"}) is closed.`,
  );
  return {
    text: [said, ...rows.map(sentence), ...closings].map(safeText).join("\n"),
    json: {
      ...json,
      links: rows.filter((row) => row.change === "link"),
      persons: rows.filter((row) => row.change === "person"),
      decisionsClosed: closed,
    },
    csv: section<LinkChange>(
      "Changes",
      [
        { key: "change", header: "Change", value: (row) => row.change },
        { key: "record", header: "Record", value: (row) => row.record },
        { key: "other", header: "Other", value: (row) => row.other },
        { key: "before", header: "Before", value: (row) => row.before },
        { key: "after", header: "After", value: (row) => row.after },
      ],
      rows,
    ),
  };
}
