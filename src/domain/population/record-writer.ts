import { dropAccents } from "./ascii.ts";
import { formatDay, twoDigits } from "./calendar.ts";
import type { PatientColumns } from "./columns.ts";
import type { Draft } from "./draft.ts";
import { familyOf } from "./name-errors.ts";
import type { Random } from "./random.ts";
import type { SourceSystem } from "./source-system.ts";
import type { StreetAddress } from "./street-address.ts";

const DIRECTION_ABBREVIATIONS: Readonly<Record<string, string>> = {
  North: "N",
  South: "S",
  East: "E",
  West: "W",
  Northeast: "NE",
  Southwest: "SW",
};

/** Writes the record as its source writes: case, accents, punctuation, abbreviations. */
export function writeRecord(random: Random, draft: Draft): PatientColumns {
  const { source, address } = draft;
  const { writes } = source;
  const text = (value: string) => writeText(value, source);
  const lines = writeAddress(draft, source);
  return {
    source_system: source.code,
    source_id: draft.sourceId,
    mrn: draft.mrn,
    prefix: text(draft.prefix),
    given: writeName(draft.given, source),
    middle: writeName(writes.middle === "initial" ? draft.middle.slice(0, 1) : draft.middle, source),
    family: writeName(familyOf(draft), source),
    suffix: text(draft.suffix),
    maiden_name: writeName(draft.maidenName, source),
    gender: draft.gender,
    birth_date: draft.birthDate,
    multiple_birth: draft.multipleBirth,
    birth_order: draft.birthOrder,
    ssn: writeSsn(draft.ssn, source),
    address_line1: text(lines[0]),
    address_line2: text(lines[1]),
    city: text(draft.city),
    state: address?.city.state ?? "",
    postal_code: writePostalCode(draft, random),
    country: address === undefined ? "" : writes.country,
    phone: writePhone(draft.phone, draft.phoneOtherwise ? otherPhoneStyle(source) : writes.phone),
    email: draft.email,
    mother_name: writeName(draft.motherName, source),
    mother_mrn: draft.motherMrn,
    received_at: writeTime(random, draft.receivedDay),
  };
}

function writeText(value: string, source: SourceSystem): string {
  const plain = source.writes.accents === "dropped" ? dropAccents(value) : value;
  return source.writes.case === "upper" ? plain.toUpperCase() : plain;
}

function writeName(value: string, source: SourceSystem): string {
  const plain = writeText(value, source);
  return source.writes.apostrophe === "dropped" && plain.includes("'") ? plain.replaceAll("'", "") : plain;
}

function writeSsn(ssn: string, source: SourceSystem): string {
  if (ssn.length !== 9 || source.writes.ssn === "plain") return ssn;
  return `${ssn.slice(0, 3)}-${ssn.slice(3, 5)}-${ssn.slice(5)}`;
}

type PhoneStyle = SourceSystem["writes"]["phone"];

function otherPhoneStyle(source: SourceSystem): PhoneStyle {
  return source.writes.phone === "digits" ? "dashed" : "digits";
}

function writePhone(phone: string, style: PhoneStyle): string {
  if (phone.length !== 10) return phone;
  const [area, exchange, line] = [phone.slice(0, 3), phone.slice(3, 6), phone.slice(6)];
  switch (style) {
    case "parentheses":
      return `(${area}) ${exchange}-${line}`;
    case "dashed":
      return `${area}-${exchange}-${line}`;
    case "dotted":
      return `${area}.${exchange}.${line}`;
    case "international":
      return `+1 ${area} ${exchange} ${line}`;
    case "digits":
      return phone;
  }
}

function writeAddress(draft: Draft, source: SourceSystem): readonly [string, string] {
  const { address } = draft;
  if (address === undefined) return ["", ""];
  if (address.instead !== "") return [address.instead, ""];
  const abbreviated = (source.writes.street === "abbreviated") !== draft.streetOtherwise;
  const street = writeStreet(address, abbreviated);
  if (address.unit === "") return [street, ""];
  // A comma inside a field: every reader of CSV meets one here.
  return source.writes.unit === "line1" ? [`${street}, ${address.unit}`, ""] : [street, address.unit];
}

function writeStreet(address: StreetAddress, abbreviated: boolean): string {
  const { houseNumber, direction, street, streetType } = address;
  const type = abbreviated ? streetType.abbreviation : streetType.name;
  if (direction === "") return `${houseNumber} ${street} ${type}`;
  const shown = abbreviated ? DIRECTION_ABBREVIATIONS[direction]! : direction;
  return `${houseNumber} ${shown} ${street} ${type}`;
}

function writePostalCode(draft: Draft, random: Random): string {
  const { postalCode, address, source } = draft;
  const share = source.writes.zip4;
  if (share === 0 || postalCode.length !== 5 || address === undefined || !random.chance(share))
    return postalCode;
  // The same house has the same four digits, whoever lives there.
  const house =
    address.houseNumber.length * 1_009 + Number(address.houseNumber) * 37 + address.street.length * 613;
  return `${postalCode}-${String(1_000 + (house % 9_000))}`;
}

function writeTime(random: Random, day: number): string {
  // Most people come by day.
  const hour = random.chance(0.8) ? random.between(7, 18) : random.below(24);
  return `${formatDay(day)}T${twoDigits(hour)}:${twoDigits(random.below(60))}:${twoDigits(random.below(60))}Z`;
}
