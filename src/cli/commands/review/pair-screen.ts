import type { PairView } from "../../../domain/review/pair-view.ts";
import { safeText } from "../../output/safe-text.ts";
import { padText, textWidth, wrapText } from "../../output/width.ts";
import { compareRecords, type SideLine } from "../patient/side-by-side.ts";
import { markDifferences } from "./mark-differences.ts";

/** Lines of a screen that a pair may take, so that it fits on 24 with what stands above and below it. */
const mostLines = 15;

const order = ["name", "birth date", "gender", "multiple birth", "birth order", "mother", "deceased"];

const rank = (line: SideLine): number => {
  const place = order.indexOf(line.item);
  if (place >= 0) return place;
  if (line.aRow !== undefined || line.bRow !== undefined) return order.length;
  return order.length + 1;
};

const sourceOf = ({ a, b }: PairView): readonly SideLine[] => {
  const name = (record: PairView["a"]) =>
    record.sourceSystem === null ? "" : `${record.sourceSystem} ${record.sourceId ?? ""}`;
  const line = { item: "source", a: name(a), b: name(b), differs: false, after: "", why: "" };
  return line.a === "" && line.b === "" ? [] : [line];
};

const labelWidth = 14;

/** Cuts a text to so many cells, and shows that it did. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = "";
  for (const { segment } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)) {
    if (textWidth(`${cut}${segment}...`) > width) break;
    cut += segment;
  }
  return `${cut}...`;
}

/** One line for the eye and the ear: the field, what A says, what B says. */
function renderLine(line: SideLine, column: number): string {
  const [a, b] = [safeText(line.a), safeText(line.b)];
  const [markedA, markedB] = line.differs ? markDifferences(a, b) : [a, b];
  const cells = [
    padText(cutText(line.item, labelWidth - 1), labelWidth),
    padText(cutText(markedA, column), column),
    cutText(markedB, column),
  ];
  return `${cells[0]!}${cells[1]!}  ${cells[2]!}`.trimEnd();
}

/**
 * A pair for a screen of 80 by 24 without colours, in reading order: what kind of pair, then field by field what A
 * and B say with brackets around what differs, then why it was found.
 *
 * @param whole shows every line and cuts nothing.
 */
export function renderPair(view: PairView, width: number, whole: boolean): readonly string[] {
  const column = Math.floor((width - labelWidth - 2) / 2);
  const lines = [...compareRecords(view.a, view.b, "beside"), ...sourceOf(view)].sort(
    (one, other) => rank(one) - rank(other),
  );
  const shown = whole || lines.length <= mostLines ? lines : lines.slice(0, mostLines - 1);
  const hidden = lines.length - shown.length;
  return [
    `${padText("", labelWidth)}${padText(`A ${view.a.id.slice(0, 8)}`, column)}  B ${view.b.id.slice(0, 8)}`,
    ...shown.flatMap((line) => (whole ? renderWhole(line, column) : [renderLine(line, column)])),
    ...(hidden > 0 ? [`${String(hidden)} more lines: i shows all.`] : []),
    ...renderWhy(view, width, whole),
  ];
}

/** The same without cutting: long values take several lines. */
function renderWhole(line: SideLine, column: number): readonly string[] {
  const marked = line.differs
    ? markDifferences(safeText(line.a), safeText(line.b))
    : [safeText(line.a), safeText(line.b)];
  const [a, b] = marked.map((text) => wrapText(text, column).split("\n")) as [string[], string[]];
  return Array.from({ length: Math.max(a.length, b.length) }, (_, place) =>
    `${padText(place === 0 ? line.item : "", labelWidth)}${padText(a[place] ?? "", column)}  ${b[place] ?? ""}`.trimEnd(),
  );
}

function renderWhy(view: PairView, width: number, whole: boolean): readonly string[] {
  const against = view.findings.filter((finding) => !finding.agrees);
  const rules = view.rules.length === 0 ? [] : [`rules ${view.rules.join(", ")}`];
  const findings = [...against, ...view.findings.filter((finding) => finding.agrees)].map(
    (finding) => `${finding.comparison.toLowerCase()} ${finding.level}`,
  );
  const why = [...rules, ...findings];
  if (why.length === 0) return ["Why: it was never scored."];
  const wrapped = wrapText(`Why: ${why.join("; ")}`, width).split("\n");
  return whole || wrapped.length <= 2
    ? wrapped
    : [wrapped[0]!, cutText(`${wrapped[1]!} ${wrapped[2]!}`, width)];
}

const kinds: Readonly<Record<string, string>> = {
  duplicate: "possible duplicate",
  conflict: "conflict: one of the two also matches somebody who was decided to be different",
  basis_changed: "basis changed",
};

/** What kind of pair it is, in one line. */
export function renderHead(view: PairView): string {
  const score = view.score === null ? "" : ` ${(view.score * 100).toFixed(1)} %,`;
  const stands =
    view.state === "confirmed" || view.state === "rejected"
      ? ` since ${view.decidedBy ?? "unknown"} said ${view.state === "confirmed" ? "same" : "different"} on ${view.decidedAt?.slice(0, 10) ?? "unknown"}`
      : view.state === "deferred"
        ? `, put off by ${view.decidedBy ?? "unknown"}`
        : "";
  return safeText(`${view.id.slice(0, 8)}:${score} ${kinds[view.kind] ?? view.kind}${stands}`);
}
