import { checkPatientContent, type ContentProblem } from "../../patient/check-content.ts";
import type { Gender, PatientContent, PatientIdentifier, PatientName } from "../../patient/patient-record.ts";
import type { IdentifierReader } from "./assigning-authority.ts";
import { readAddress, readContacts, readDate, readMoment, readName, readWholeName } from "./data-types.ts";
import { isMother, isVisitNumber } from "./kept-content.ts";
import { partOf, type Message, type Repetition, type Segment } from "./parse-message.ts";

export interface MessageContent {
  readonly content: PatientContent;
  /** Paths of HL7 and reasons; never values. */
  readonly problems: readonly ContentProblem[];
  /** Paths whose codes are not known, so that nothing was kept of them. */
  readonly unknownCodes: readonly string[];
}

/** HL7 table 0001. */
const genders: Readonly<Record<string, Gender>> = {
  M: "male",
  F: "female",
  O: "other",
  A: "other",
  U: "unknown",
  N: "unknown",
};
const flags: Readonly<Record<string, boolean>> = { Y: true, N: false };

/** What PID, and the next of kin who is the mother, say of a patient. */
export function readContent(message: Message, pid: Segment, reader: IdentifierReader): MessageContent {
  const problems: ContentProblem[] = [];
  const unknownCodes: string[] = [];
  const first = (field: number, component = 1) => partOf(pid.repetitions(field)[0], component);
  const coded = <Value>(field: number, codes: Readonly<Record<string, Value>>): Value | null => {
    const code = first(field).toUpperCase();
    const value = codes[code];
    if (code !== "" && value === undefined) unknownCodes.push(`PID-${String(field)}(code)`);
    return value ?? null;
  };
  const timed = <Value>(field: number, read: (text: string) => Value | undefined): Value | null => {
    const text = first(field);
    if (text === "" || /^0+$/.test(text)) return null;
    const value = read(text);
    if (value === undefined)
      problems.push({ field: `PID-${String(field)}`, reason: "is not a date written YYYYMMDD" });
    return value ?? null;
  };

  const birthOrder = first(25);
  const deceasedAt = timed(29, readMoment);
  const mother = message.segments.find(isMother);
  const content: PatientContent = {
    gender: coded(8, genders),
    birthDate: timed(7, readDate),
    deceased: coded(30, flags) ?? deceasedAt !== null,
    deceasedAt,
    maritalStatus: first(16) === "" ? null : first(16),
    multipleBirth: coded(24, flags),
    birthOrder: birthOrder === "" ? null : Number(birthOrder),
    motherName: readWholeName(pid.repetitions(6)[0]) ?? readWholeName(mother?.repetitions(2)[0]),
    motherIdentifier: first(21) || partOf(mother?.repetitions(33)[0], 1) || null,
    managingOrganizationId: null,
    names: namesOf(pid),
    identifiers: identifiersOf(pid, message, reader),
    addresses: pid
      .repetitions(11)
      .flatMap((xad) => readAddress(xad) ?? [])
      .map((address, index) => ({ ...address, isPrimary: index === 0 })),
    contacts: distinct(
      [
        ...pid.repetitions(13).flatMap((xtn) => readContacts(xtn, "home")),
        ...pid.repetitions(14).flatMap((xtn) => readContacts(xtn, "work")),
      ],
      (contact) => `${contact.system}|${contact.value.toLowerCase()}`,
    ),
  };
  return { content, problems: [...problems, ...checkPatientContent(content)], unknownCodes };
}

function namesOf(pid: Segment): readonly PatientName[] {
  const read = (xpn: Repetition) => readName(xpn) ?? [];
  const names = [
    ...pid.repetitions(5).flatMap(read),
    ...pid
      .repetitions(9)
      .flatMap(read)
      .map((name) => ({ ...name, use: name.use ?? ("nickname" as const) })),
  ];
  // The name in use comes first in the field, unless that one is a former or a made-up one.
  const primary = Math.max(
    0,
    names.findIndex(({ use }) => use === null || use === "official" || use === "usual"),
  );
  return names.map((name, index) => ({ ...name, isPrimary: index === primary }));
}

function identifiersOf(
  pid: Segment,
  message: Message,
  reader: IdentifierReader,
): readonly PatientIdentifier[] {
  const { sendingFacility } = message;
  const ssn = partOf(pid.repetitions(19)[0], 1);
  const asSsn: Repetition = [[ssn], [""], [""], [""], ["SS"]];
  const read = (cx: Repetition) => reader.read(cx, sendingFacility) ?? [];
  return distinct(
    [
      ...pid
        .repetitions(3)
        .filter((cx) => !isVisitNumber(cx))
        .flatMap(read),
      ...(ssn === "" ? [] : [reader.read(asSsn, sendingFacility)!]),
    ],
    (identifier) => `${identifier.system}|${identifier.value}`,
  );
}

/** The first of each key. */
const distinct = <Row>(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] =>
  [...new Map(rows.map((row) => [keyOf(row), row] as const).reverse()).values()].reverse();
