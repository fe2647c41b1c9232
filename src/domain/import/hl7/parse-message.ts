import { Hl7Message, type Hl7Segment } from "@medplum/core";
import type { RawMessage } from "./read-messages.ts";
import { findDecoder, unescapeText, type Decode, type Separators } from "./hl7-text.ts";

/** One repetition of a field: components, each of subcomponents; texts are decoded. */
export type Repetition = readonly (readonly string[])[];

/** A segment as it is read: fields by their number in the standard, from 1. */
export interface Segment {
  readonly name: string;
  /** Repetitions that say something; `""`, which means "delete", says nothing that could be kept. */
  repetitions(field: number): readonly Repetition[];
  /** Fields that a sender wants deleted. */
  readonly nulls: readonly number[];
  /** How many fields there are. */
  readonly length: number;
}

export interface Message {
  readonly segments: readonly Segment[];
  /** MSH-9: `ADT` and `A40`. */
  readonly type: string;
  readonly event: string;
  /** MSH-3 and MSH-4: their namespace, else their universal id. */
  readonly sendingApplication: string;
  readonly sendingFacility: string;
}

/** HL7's explicit null: the value is to be deleted. */
export const explicitNull = '""';

/** What stands in a component; empty where there is none, or it is to be deleted. */
export const partOf = (repetition: Repetition | undefined, component: number, subcomponent = 1): string => {
  const text = (repetition?.[component - 1]?.[subcomponent - 1] ?? "").trim();
  return text === explicitNull ? "" : text;
};

/**
 * Reads a message: characters by MSH-18, then separators, then escape sequences.
 *
 * @param fallback reads characters where MSH-18 names no set.
 * @returns what is wrong, where it cannot be read; never a value of it.
 */
export function parseMessage(raw: RawMessage, fallback: Decode): Message | string {
  const head = raw.segments[0]!;
  const separators = readSeparators(head);
  if (separators === undefined) return "MSH-2 does not name the separators";
  const sets = (head.split(separators.field)[17] ?? "")
    .split(separators.repetition)
    .map((name) => name.trim());
  const name = sets[0] === explicitNull ? "" : (sets[0] ?? "");
  const decode = name === "" ? fallback : findDecoder(name);
  if (decode === undefined) return `MSH-18 names the character set ${safeName(name)}, which cannot be read`;
  const decoded: string[] = [];
  for (const segment of raw.segments) {
    const text = decode(segment);
    if (text === undefined) {
      return `${segment.slice(0, 3)} has bytes that are not ${name === "" ? "of the character set; MSH-18 names none" : safeName(name)}`;
    }
    decoded.push(text);
  }
  // A line break within a segment would part it.
  const parsed = Hl7Message.parse(decoded.map((text) => text.replaceAll("\n", lineBreak)).join("\r"));
  const segments: Segment[] = [];
  for (const segment of parsed.segments) {
    const read = readSegment(segment, separators, decode);
    if (read === undefined) return `${segment.name} switches to a character set that cannot be read`;
    segments.push(read);
  }
  const msh = segments[0]!;
  const hd = (field: number) => {
    const [repetition] = msh.repetitions(field);
    return partOf(repetition, 1) || partOf(repetition, 2);
  };
  const [kind] = msh.repetitions(9);
  const [evn] = segments.find((segment) => segment.name === "EVN")?.repetitions(1) ?? [];
  return {
    segments,
    type: partOf(kind, 1),
    event: partOf(kind, 2) || partOf(evn, 1),
    sendingApplication: hd(3),
    sendingFacility: hd(4),
  };
}

const lineBreak = "\u2028";

function readSeparators(head: string): Separators | undefined {
  const [component = "", repetition = "~", escape = "\\", subcomponent = "&"] = head
    .slice(4)
    .split(head[3]!)[0]!;
  return component === "" ? undefined : { field: head[3]!, component, repetition, escape, subcomponent };
}

const isNull = (repetitions: readonly Repetition[]) =>
  repetitions.length === 1 && repetitions[0]!.length === 1 && repetitions[0]![0]?.join() === explicitNull;

/** Names of character sets are a sender's text: only what is printable, and not too much of it. */
const safeName = (name: string) => name.replace(/[^ -~]/g, "?").slice(0, 40);

function readSegment(segment: Hl7Segment, separators: Separators, decode: Decode): Segment | undefined {
  const isHeader = segment.name === "MSH";
  const { repetition, component, subcomponent } = separators;
  const fields: Repetition[][] = [];
  for (const [place, field] of segment.fields.entries()) {
    if (place === 0) continue;
    // The separators themselves are not parted by themselves.
    if (isHeader && place === 1) {
      fields.push([[[field.toString()]]]);
      continue;
    }
    const repetitions: Repetition[] = [];
    for (const text of field.toString().split(repetition)) {
      const parts: string[][] = [];
      for (const part of text.split(component)) {
        const texts: string[] = [];
        for (const escaped of part.split(subcomponent)) {
          const plain = unescapeText(escaped.replaceAll(lineBreak, "\n"), separators, decode);
          if (plain === undefined) return undefined;
          texts.push(plain);
        }
        parts.push(texts);
      }
      repetitions.push(parts);
    }
    fields.push(repetitions);
  }
  // MSH-1 is the separator that stands between MSH and MSH-2.
  const offset = isHeader ? 2 : 1;
  return {
    name: segment.name,
    nulls: fields.flatMap((repetitions, place) => (isNull(repetitions) ? [place + offset] : [])),
    length: fields.length + offset - 1,
    repetitions: (field) =>
      (fields[field - offset] ?? []).filter((each) =>
        each.some((parts) => parts.some((text) => text.trim() !== "" && text.trim() !== explicitNull)),
      ),
  };
}
