import { listValues } from "../../../domain/merge/merge-diff.ts";
import type { RowReturn } from "../../../domain/merge/plan-return.ts";
import type { UnmergePreview } from "../../../domain/merge/run-unmerge.ts";
import type { Column } from "../../output/column.ts";
import { section, type Report } from "../../output/output.ts";
import type { MergeViewOptions } from "./merge-view.ts";
import { short } from "./merge-view.ts";
import {
  fieldLabels,
  formatField,
  formatRow,
  renderLines,
  sideColumns,
  type SideLine,
} from "./side-by-side.ts";

const whys: Readonly<Record<RowReturn["since"], string>> = {
  nothing: "came with the merge",
  edited: "came with the merge, edited since",
  deleted: "came with the merge, deleted since",
  "arrived late": "arrived for it after the merge",
};

const rowLabels: Readonly<Record<RowReturn["table"], string>> = {
  names: "name",
  identifiers: "identifier",
  addresses: "address",
  contacts: "contact",
};

function unmergeLines({ result }: UnmergePreview): readonly SideLine[] {
  const rows = result.rows.map((row): SideLine => {
    const { table, present, home, copy } = row;
    return {
      item: rowLabels[table],
      a: home === null ? "" : formatRow(table, home),
      b: present === null ? "" : formatRow(table, present),
      differs: row.since === "edited" || row.since === "deleted",
      after: copy === null ? "" : formatRow(table, copy),
      why: whys[row.since],
    };
  });
  const fields = result.fields.map((each): SideLine => ({
    item: fieldLabels[each.field],
    a: each.home === null ? "" : formatField(each.field, each.home),
    b: formatField(each.field, each.present),
    differs: each.since === "edited",
    after: formatField(each.field, each.after),
    why: whys[each.since],
  }));
  return [...fields, ...rows];
}

/** An un-merge, done or to be done, for every output format. */
export async function unmergeReport(preview: UnmergePreview, options: MergeViewOptions): Promise<Report> {
  const { result } = preview;
  const lines = unmergeLines(preview);
  const titles = {
    a: `A ${short(result.record)} gets`,
    b: `B ${short(result.inCharge)} has`,
  };
  const columns = sideColumns(titles, "change").map((column): Column<SideLine> =>
    column.key === "after" ? { ...column, header: "B keeps" } : column,
  );
  const notes = [
    ...result.identifiersTaken.map(
      () => "An identifier of A was given to another record meanwhile; it comes back as old.",
    ),
    ...result.thirds.map((id) => `${short(id)} held both.`),
    ...result.persons.map(
      (change) => `${short(change.recordId)} is of person ${change.after.enterpriseId} again.`,
    ),
    result.decided === null
      ? "Matching may propose the two again."
      : "That the two are different is remembered.",
  ];
  const done = options.dryRun
    ? []
    : [`Un-merged: ${result.record} is active again, apart from ${result.survivor}.`];
  const table = lines.length === 0 ? [] : [await renderLines(columns, lines, options)];
  return {
    text: [...table, ...notes, ...done].join("\n"),
    json: {
      dryRun: options.dryRun,
      mergeId: result.mergeId,
      record: result.record,
      survivor: result.survivor,
      inCharge: result.inCharge,
      rows: result.rows.map(({ table: kind, id, since, present, home, copy }) => ({
        table: kind,
        id,
        since,
        present: present === null ? null : listValues(kind, present),
        returned: home === null ? null : listValues(kind, home),
        kept: copy === null ? null : listValues(kind, copy),
      })),
      fields: result.fields,
      identifiersTaken: result.identifiersTaken,
      thirds: result.thirds,
      isRemembered: result.decided !== null,
      persons: result.persons.map((change) => ({
        record: change.recordId,
        before: change.before.enterpriseId,
        after: change.after.enterpriseId,
      })),
      versions: Object.fromEntries(result.versions),
    },
    csv: section("Un-merge", columns, lines),
  };
}
