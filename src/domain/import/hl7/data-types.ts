import { makePartialDate } from "../../patient/partial-date.ts";
import type {
  AddressUse,
  ContactUse,
  NameUse,
  PartialDate,
  PatientAddress,
  PatientContact,
  PatientName,
} from "../../patient/patient-record.ts";
import { partOf, type Repetition } from "./parse-message.ts";

const orNull = (text: string): string | null => (text === "" ? null : text);
const listOf = (...texts: readonly string[]): readonly string[] => texts.filter((text) => text !== "");

/** HL7 table 0200, as far as our uses tell its codes apart. Other codes are names without a use. */
const nameUses: Readonly<Record<string, NameUse>> = {
  L: "official",
  R: "official",
  C: "official",
  D: "usual",
  M: "maiden",
  B: "maiden",
  N: "nickname",
  S: "anonymous",
  T: "temp",
  BAD: "old",
};

/** A name (XPN); undefined where it has neither a family nor a given name. */
export function readName(xpn: Repetition): Omit<PatientName, "isPrimary"> | undefined {
  // FN: the whole surname, or its parts: own prefix, own, prefix and name of the partner.
  const parts = [2, 3, 4, 5].map((place) => partOf(xpn, 1, place)).filter((part) => part !== "");
  const family = partOf(xpn, 1) || parts.join(" ");
  const given = listOf(partOf(xpn, 2), partOf(xpn, 3));
  if (family === "" && given.length === 0) return undefined;
  return {
    family: orNull(family),
    given,
    prefix: listOf(partOf(xpn, 5)),
    suffix: listOf(partOf(xpn, 4)),
    use: nameUses[partOf(xpn, 7).toUpperCase()] ?? null,
  };
}

/** A name in one line, as a reference to the mother has it. */
export const readWholeName = (xpn: Repetition | undefined): string | null => {
  const name = xpn === undefined ? undefined : readName(xpn);
  return name === undefined ? null : orNull(listOf(...name.given, name.family ?? "").join(" "));
};

/** HL7 table 0190. */
const addressUses: Readonly<Record<string, AddressUse>> = {
  H: "home",
  P: "home",
  L: "home",
  RH: "home",
  B: "work",
  O: "work",
  C: "temp",
  V: "temp",
  BA: "old",
  BR: "old",
  BI: "billing",
};

/** Not where a patient lives: country of origin, places of birth. */
const otherPlaces: ReadonlySet<string> = new Set(["F", "N", "BDL"]);

/** An address (XAD); undefined where nothing of it is a place that the patient can be found at. */
export function readAddress(xad: Repetition): Omit<PatientAddress, "isPrimary"> | undefined {
  const type = partOf(xad, 7).toUpperCase();
  if (otherPlaces.has(type)) return undefined;
  // SAD: the line as it is printed, or street and number.
  const street = partOf(xad, 1) || listOf(partOf(xad, 1, 3), partOf(xad, 1, 2)).join(" ");
  const address = {
    line1: orNull(street),
    line2: orNull(partOf(xad, 2)),
    city: orNull(partOf(xad, 3)),
    state: orNull(partOf(xad, 4)),
    postalCode: orNull(partOf(xad, 5)),
    country: orNull(partOf(xad, 6)),
  };
  if (Object.values(address).every((value) => value === null)) return undefined;
  return { ...address, use: addressUses[type] ?? null };
}

/** HL7 table 0201. */
const contactUses: Readonly<Record<string, ContactUse>> = {
  PRN: "home",
  ORN: "home",
  VHN: "temp",
  WPN: "work",
  PRS: "mobile",
};

/** Numbers and addresses of a telephone field (XTN): one repetition may hold a number and an e-mail address. */
export function readContacts(xtn: Repetition, usual: ContactUse): readonly PatientContact[] {
  const [use, equipment] = [partOf(xtn, 2).toUpperCase(), partOf(xtn, 3).toUpperCase()];
  const text = partOf(xtn, 1) || partOf(xtn, 12);
  const isEmail = use === "NET" || equipment === "INTERNET" || (text.includes("@") && equipment === "");
  const email = partOf(xtn, 4) || (isEmail ? text : "");
  const number = isEmail ? "" : text || numberOf(xtn);
  const row = (system: PatientContact["system"], value: string, as: ContactUse | null): PatientContact => ({
    system,
    value,
    use: as,
    isPrimary: false,
  });
  return [
    ...(number === ""
      ? []
      : [row(systemOf(equipment, use), number, equipment === "CP" ? "mobile" : (contactUses[use] ?? usual))]),
    ...(email === "" ? [] : [row("email", email, usual === "work" ? "work" : null)]),
  ];
}

const systemOf = (equipment: string, use: string): PatientContact["system"] =>
  equipment === "FX" ? "fax" : equipment === "BP" || use === "BPN" ? "pager" : "phone";

/** Country, area, number and extension, where they stand apart. */
function numberOf(xtn: Repetition): string {
  const [country, area, local, extension] = [5, 6, 7, 8].map((place) => partOf(xtn, place));
  if (local === "") return "";
  return [
    country === "" ? "" : `+${country!.replace(/^\+/, "")}`,
    area,
    local,
    extension === "" ? "" : `x${extension!}`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

/** A day, month or year of a time stamp (DTM), whose further digits are left; undefined where it is none. */
export function readDate(text: string): PartialDate | undefined {
  const match = /^(\d{4})(?:(\d{2})(?:(\d{2})(?:\d{2,6}(?:\.\d{1,4})?)?)?)?(?:[+-]\d{4})?$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day] = match;
  const number = (part: string | undefined) => (part === undefined ? undefined : Number(part));
  return makePartialDate(Number(year), number(month), number(day));
}

/** A moment, as ISO 8601 has it: with its time only where the zone is said, else the day alone. */
export function readMoment(text: string): string | undefined {
  const date = readDate(text);
  if (date === undefined) return undefined;
  const time = /^\d{8}([01]\d|2[0-3])([0-5]\d)([0-5]\d)?(?:\.\d+)?([+-]\d{2})(\d{2})$/.exec(text);
  if (time === null) return date.date;
  const [, hour, minute, second = "00", zone, offset] = time;
  return `${date.date}T${hour!}:${minute!}:${second}${zone!}:${offset!}`;
}
