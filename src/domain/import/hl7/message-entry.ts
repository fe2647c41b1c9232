import type { RejectedEntry } from "../batch-import.ts";
import type { ImportDeletion, ImportRecord } from "../import-record.ts";
import type { IdentifierReader } from "./assigning-authority.ts";
import { readMoment } from "./data-types.ts";
import type { Decode } from "./hl7-text.ts";
import { listUnkeptContent } from "./kept-content.ts";
import { readAct, type ActOnTwo } from "./message-acts.ts";
import { readContent } from "./message-content.ts";
import { parseMessage, partOf, type Message, type Segment } from "./parse-message.ts";
import { findIdentity, type IdentityRule } from "./patient-identity.ts";
import type { RawMessage } from "./read-messages.ts";

/** How messages are read. */
export interface MessageRules {
  readonly identity: IdentityRule;
  readonly reader: IdentifierReader;
  readonly decode: Decode;
  readonly strict: boolean;
}

/** A message that says nothing the index keeps: another type, or an event that concerns a stay. */
interface Skipped {
  readonly line: number;
  readonly settled: "skipped";
}

/** What a message means for the index, and the paths of what is not kept of it. */
export interface MessageEntry {
  readonly entry:
    | ImportRecord
    | ImportDeletion
    | RejectedEntry
    | Skipped
    | (ActOnTwo & { readonly line: number; readonly raw: string });
  readonly unkept: readonly string[];
}

const events: Readonly<Record<string, "record" | "merge" | "link" | "unlink" | "delete">> = {
  A01: "record",
  A04: "record",
  A05: "record",
  A08: "record",
  A28: "record",
  A31: "record",
  A40: "merge",
  A24: "link",
  A37: "unlink",
  A23: "delete",
  A29: "delete",
};

/** Reads one message: a record, a deletion, an act on two records; or what is wrong with it. */
export function readEntry(raw: RawMessage, rules: MessageRules): MessageEntry {
  const { line } = raw;
  const rejected = (reason: string): MessageEntry => ({ entry: { line, raw: raw.raw, reason }, unkept: [] });
  const message = parseMessage(raw, rules.decode);
  if (typeof message === "string") return rejected(message);
  const does = message.type === "ADT" ? events[message.event] : undefined;
  if (does === undefined) {
    const name = safeName(message);
    if (rules.strict) return rejected(`is ${name}, which is not imported`);
    return { entry: { line, settled: "skipped" }, unkept: [`${name} (whole message)`] };
  }
  if (does !== "record" && does !== "delete") {
    const act = readAct(does, message, rules.identity);
    return typeof act === "string" ? rejected(act) : { entry: { ...act, line, raw: raw.raw }, unkept: [] };
  }
  const pid = message.segments.find(({ name }) => name === "PID");
  if (pid === undefined) return rejected("has no PID");
  const identity = findIdentity(pid, 3, message, rules.identity);
  if (typeof identity === "string") return rejected(identity);
  if (does === "delete") return { entry: { ...identity, deleted: true, line, raw: raw.raw }, unkept: [] };

  const { content, problems, unknownCodes } = readContent(message, pid, rules.reader);
  if (problems.length > 0) {
    return rejected(problems.map(({ field, reason }) => `${field} ${reason}`).join("; "));
  }
  const unkept = [...listUnkeptContent(message), ...unknownCodes];
  if (rules.strict && unkept.length > 0)
    return rejected(`says what has no column here: ${unkept.join(", ")}`);
  return {
    entry: { ...identity, receivedAt: receivedAt(message.segments), content, line, raw: raw.raw },
    unkept,
  };
}

/** `ADT^A03`; what is no code of the standard is not repeated. */
const safeName = ({ type, event }: Message) =>
  [type, event].map((code) => (/^[A-Z][A-Z0-9]{2}$/.test(code) ? code : "?")).join("^");

/** When the sender recorded the event, else when it sent the message. */
function receivedAt(segments: readonly Segment[]): string | null {
  const of = (name: string, field: number) =>
    partOf(segments.find((segment) => segment.name === name)?.repetitions(field)[0], 1);
  return readMoment(of("EVN", 2)) ?? readMoment(of("MSH", 7)) ?? null;
}
