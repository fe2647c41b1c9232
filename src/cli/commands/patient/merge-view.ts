import type { MergeStep } from "../../../domain/merge/merge-one.ts";
import type { MergeResult } from "../../../domain/merge/merge-patients.ts";
import { toMergeDiff } from "../../../domain/merge/merge-diff.ts";
import type { WinReason } from "../../../domain/merge/survivorship.ts";
import type { PatientRecord } from "../../../domain/patient/patient-record.ts";
import { section, type Report } from "../../output/output.ts";
import { safeText } from "../../output/safe-text.ts";
import type { Style } from "../../output/style.ts";
import {
  compareRecords,
  fieldLabels,
  formatField,
  formatRow,
  renderLines,
  sideColumns,
  type SideLine,
} from "./side-by-side.ts";

/** A line of a merge, with the step that it belongs to. */
interface MergeLine extends SideLine {
  readonly source: string;
  readonly survivor: string;
}

const reasons: Readonly<Record<WinReason, string>> = {
  equal: "",
  chosen: "chosen",
  "only-value": "the other says nothing",
  survivor: "the survivor's",
  "deceased-anywhere": "deceased in one is kept",
};

export const short = (id: string): string => id.slice(0, 8);

/** What one step of a merge does, line by line, the lines of the two records beside each other. */
function mergeLines(step: MergeStep, records: ReadonlyMap<string, PatientRecord>): readonly MergeLine[] {
  const ends = { source: step.source, survivor: step.survivor };
  const fields = step.fields.flatMap((outcome): readonly MergeLine[] => {
    const [a, b] = [formatField(outcome.field, outcome.a), formatField(outcome.field, outcome.b)];
    if (a === "" && b === "") return [];
    return [
      {
        ...ends,
        item: fieldLabels[outcome.field],
        a,
        b,
        differs: outcome.reason !== "equal",
        after: outcome.winner === "a" ? a : b,
        why: reasons[outcome.reason],
      },
    ];
  });
  const [source, survivor] = [records.get(step.source), records.get(step.survivor)];
  const compared =
    source === undefined || survivor === undefined
      ? []
      : compareRecords(source, survivor, "alone").filter(
          (line) => line.aRow !== undefined || line.bRow !== undefined,
        );
  const plans = new Map(step.rows.map((plan) => [plan.row.id, plan]));
  const rows = compared.map((line): MergeLine => {
    const plan = plans.get(line.aRow ?? "");
    if (plan === undefined) return { ...ends, ...line, after: line.b, why: "the survivor's" };
    if (plan.action === "stay") {
      const counterpart = plan.counterpart === null ? line.b : formatRow(plan.table, plan.counterpart);
      return {
        ...ends,
        ...line,
        b: line.b === "" ? counterpart : line.b,
        after: counterpart,
        why: plan.reason,
      };
    }
    const use = plan.useType === plan.row.useType ? "" : `, now ${plan.useType ?? "without a use"}`;
    return { ...ends, ...line, after: line.a, why: `moves${use}` };
  });
  return [...fields, ...rows];
}

export interface MergeViewOptions {
  readonly dryRun: boolean;
  readonly isTerminal: boolean;
  readonly width: number;
  readonly style: Style;
}

/** A merge, done or to be done, for every output format. */
export async function mergeReport(
  result: MergeResult,
  records: ReadonlyMap<string, PatientRecord>,
  options: MergeViewOptions,
): Promise<Report> {
  const blocks: string[] = [];
  const all: MergeLine[] = [];
  for (const step of result.merges) {
    const lines = mergeLines(step, records);
    all.push(...lines);
    const columns = sideColumns(
      {
        a: `A ${short(step.source)}, ${options.dryRun ? "to be retired" : "retired"}`,
        b: `B ${short(step.survivor)}, stays`,
      },
      "change",
    );
    blocks.push(await renderLines(columns, lines, options), ...stepNotes(step));
  }
  for (const source of result.alreadyMerged) blocks.push(`${source} was merged into it already.`);
  if (!options.dryRun) {
    for (const merge of result.merges) {
      blocks.push(
        `Merged ${merge.source} into ${merge.survivor}. To take it back: mpi patient unmerge ${merge.mergeId}`,
      );
    }
  }
  return {
    text: blocks.join("\n"),
    json: {
      dryRun: options.dryRun,
      groupId: options.dryRun ? null : result.groupId,
      merges: result.merges.map((merge) => ({
        ...(options.dryRun ? {} : { mergeId: merge.mergeId }),
        ...toMergeDiff(merge),
      })),
      alreadyMerged: result.alreadyMerged,
      versions: Object.fromEntries(result.versions),
    },
    csv: section<MergeLine>(
      "Merge",
      [
        { key: "source", header: "Source", value: (line) => line.source },
        { key: "survivor", header: "Survivor", value: (line) => line.survivor },
        ...sideColumns({ a: "A", b: "B" }, "change"),
      ],
      all,
    ),
  };
}

function stepNotes(step: MergeStep): readonly string[] {
  const notes: string[] = [];
  if (step.linksTaken.length > 0) notes.push("The link between the two gives way to the merge.");
  for (const decision of step.closed) {
    notes.push(
      `The decision that ${decision.records.map(short).join(" and ")} are different (${decision.decidedBy ?? "unknown"}) is overridden.`,
    );
  }
  for (const change of step.persons) {
    notes.push(`${short(change.recordId)} joins the person ${change.after.enterpriseId}.`);
  }
  return notes.map(safeText);
}
