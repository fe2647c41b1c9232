import { explicitNull, partOf, type Message, type Repetition, type Segment } from "./parse-message.ts";

/** Components that are kept, by segment and field; an empty list stands for all of them. */
const kept: Readonly<Record<string, Readonly<Record<number, readonly number[]>>>> = {
  PID: {
    1: [],
    3: [1, 2, 3, 4, 5],
    5: [1, 2, 3, 4, 5, 7, 8],
    6: [1, 2, 3, 4, 5, 7],
    7: [1],
    8: [1],
    9: [1, 2, 3, 4, 5, 7, 8],
    11: [1, 2, 3, 4, 5, 6, 7],
    13: [1, 2, 3, 4, 5, 6, 7, 8, 12],
    14: [1, 2, 3, 4, 5, 6, 7, 8, 12],
    16: [1, 2, 3],
    19: [1],
    21: [1, 2, 3, 4, 5],
    24: [1],
    25: [1],
    29: [1],
    30: [1],
  },
  NK1: { 1: [], 2: [1, 2, 3, 4, 5, 7], 3: [1, 2, 3], 33: [1, 2, 3, 4, 5] },
};

/** They say how the message travels, not what it says of the patient. */
const control: ReadonlySet<string> = new Set(["MSH", "SFT", "UAC", "EVN", "ZRJ"]);
/** Segments whose fields are listed one by one; of others the name is enough. */
const listed: ReadonlySet<string> = new Set(["PID", "PD1", "NK1"]);

/** NK1 of the mother, by HL7 table 0063. */
export const isMother = (segment: Segment): boolean =>
  segment.name === "NK1" &&
  segment
    .repetitions(3)
    .some((relation) => ["MTH", "NMTH", "MOTHER"].includes(partOf(relation, 1).toUpperCase()));

/** Account and visit numbers name a stay, not a patient. */
export const isVisitNumber = (cx: Repetition): boolean => ["AN", "VN"].includes(partOf(cx, 5).toUpperCase());

/**
 * What a message says that has no column here, as paths: `PID-10`, `PID-5.6`, `PV1`. Each path once a message. An explicit
 * null (`""`) is named too: a value is never deleted because a message says so.
 */
export function listUnkeptContent(message: Message): readonly string[] {
  const paths = new Set<string>();
  let mothers = 0;
  for (const segment of message.segments) {
    if (control.has(segment.name)) continue;
    if (!listed.has(segment.name)) {
      paths.add(segment.name);
      continue;
    }
    if (isMother(segment)) mothers += 1;
    const isLeft = segment.name === "NK1" && (!isMother(segment) || mothers > 1);
    if (isLeft) paths.add("NK1");
    else addFields(segment, paths);
  }
  return [...paths];
}

function addFields(segment: Segment, paths: Set<string>): void {
  for (const field of segment.nulls) paths.add(`${segment.name}-${String(field)}("")`);
  for (let field = 1; field <= segment.length; field += 1) {
    const known = kept[segment.name]?.[field];
    const path = `${segment.name}-${String(field)}`;
    for (const repetition of segment.repetitions(field)) {
      if (known === undefined) paths.add(path);
      else if (path === "PID-3" && isVisitNumber(repetition)) {
        paths.add(`PID-3(${partOf(repetition, 5).toUpperCase()})`);
      } else if (known.length > 0) {
        for (const [place, parts] of repetition.entries()) {
          const isSaid = parts.some((text) => text.trim() !== "" && text.trim() !== explicitNull);
          if (isSaid && !known.includes(place + 1)) paths.add(`${path}.${String(place + 1)}`);
        }
      }
    }
  }
}
