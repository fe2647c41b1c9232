import type { FieldChange } from "../../../domain/audit/field-changes.ts";
import type { Story, StoryEvent } from "../../../domain/audit/story.ts";
import { safeText } from "../../output/safe-text.ts";
import type { Style } from "../../output/style.ts";
import { wrapText } from "../../output/width.ts";

/** Ids and documents that mean something to programs only; the other formats have them. */
const forPrograms: ReadonlySet<string> = new Set([
  "basis_fingerprint",
  "calibration_id",
  "group_id",
  "inverse",
  "levels",
  "merge_id",
  "origin_patient_id",
  "payload",
  "run_id",
  "terms",
  "keyId",
]);

/** Longer than this a value says nothing to eyes any more; the other formats have it in full. */
const longestValue = 200;

/** Stories for eyes: a line for who did what when and why, and below it one for each thing that happened. */
export function storiesText(stories: readonly Story[], style: Style, width: number): string {
  return stories.map((story) => storyText(story, style, width)).join("\n\n");
}

function storyText(story: Story, style: Style, width: number): string {
  const who =
    story.userId === story.databaseUser ? story.userId : `${story.userId} (as ${story.databaseUser})`;
  const where = [story.ipAddress, story.userAgent].filter((part) => part !== null).join(", ");
  const head = `${story.timestamp.slice(0, 19).replace("T", " ")}  ${story.operation ?? "change"} by ${who}`;
  const lines = [style("bold", safeText(head))];
  const small = [...(where === "" ? [] : [`from ${where}`]), `transaction ${story.transactionId}`].join(", ");
  lines.push(...indent(style, "dim", small, width));
  if (story.reason !== null) lines.push(...indent(style, undefined, `Reason: ${story.reason}`, width));
  for (const event of story.events) lines.push(...indent(style, undefined, eventText(event), width));
  return lines.join("\n");
}

function indent(style: Style, format: "dim" | undefined, text: string, width: number): readonly string[] {
  const wrapped = wrapText(safeText(text), Math.max(30, width - 4)).split("\n");
  return wrapped.map((line, index) => {
    const padded = `${index === 0 ? "  " : "    "}${line}`;
    return format === undefined ? padded : style(format, padded);
  });
}

const short = (id: string) => id.slice(0, 8);
/** So many records are named; of the rest their number. */
const namedRecords = 8;

const recordsText = (ids: readonly string[]): string =>
  ids.length <= namedRecords
    ? ids.map(short).join(", ")
    : `${ids.slice(0, namedRecords).map(short).join(", ")} and ${String(ids.length - namedRecords)} more`;

function eventText({ kind, what, of, changes }: StoryEvent): string {
  const facts = changes
    .filter(({ field }) => !forPrograms.has(field))
    .map((change) => changeText(change, cut))
    .filter((text) => text !== "");
  const told = facts.length === 0 ? "" : `: ${facts.join("; ")}`;
  switch (kind) {
    case "moved":
      return `${what} moved from ${short(of[0] ?? "")} to ${short(of[1] ?? "")}${told}`;
    case "read":
      return `read ${what} ${recordsText(of)}${told}`;
    case "searched":
      return of.length === 0
        ? `searched, and found nobody${told}`
        : `searched, and was shown ${recordsText(of)}${told}`;
    case "exported":
      return of.length === 0 ? `exported nothing${told}` : `exported ${recordsText(of)}${told}`;
    case "told":
      return `${what}${told}`;
    default:
      return `${what} ${kind}${of.length === 0 ? "" : ` (${of.length > 1 ? `${short(of[0]!)} – ${short(of[1]!)}` : short(of[0]!)})`}${told}`;
  }
}

/** `field: old → new`; an absent value is told as none. */
export function changeText({ field, old, new: now }: FieldChange, format = (text: string) => text): string {
  const [before, after] = [format(valueText(old)), format(valueText(now))];
  if (old === undefined) return after === "" ? "" : `${field}: ${after}`;
  if (now === undefined) return before === "" ? "" : `${field}: ${before} → (none)`;
  return `${field}: ${before === "" ? "(none)" : before} → ${after === "" ? "(none)" : after}`;
}

const valueText = (value: unknown): string => {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(valueText).join(" ");
  return typeof value === "string" ? value : JSON.stringify(value);
};

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= longestValue ? text : `${characters.slice(0, longestValue).join("")}…`;
}
