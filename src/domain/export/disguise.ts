import { createHash, createHmac } from "node:crypto";
import { MpiError } from "../../lib/errors.ts";
import type { PatientRecord } from "../patient/patient-record.ts";
import type { ExportRecord } from "./export-record.ts";

/** Hides who the patients of an export are. */
export interface Disguise {
  /** What FHIR calls it in `meta.security`. */
  readonly securityCode: "MASKED" | "PSEUDED";
  /** For the audit trail. */
  readonly details: Readonly<Record<string, string>>;
  hide(record: ExportRecord): ExportRecord;
  /** The name of a person in the export. */
  hidePerson(enterpriseId: string): string;
  /** The id of a record in the export. */
  hideId(recordId: string): string;
}

/** What both ways leave out: times and places that are as telling as a name. */
const withheld = {
  birth: null,
  deceasedAt: null,
  maritalStatus: null,
  motherIdentifier: null,
} satisfies Partial<ExportRecord>;

const yearOf = (date: PatientRecord["birthDate"]): PatientRecord["birthDate"] =>
  date === null ? null : { date: `${date.date.slice(0, 4)}-01-01`, precision: "year" };

/**
 * Masked: for looking at. Of names the first letter, of numbers the last four characters, of dates the year; streets
 * are left out. Ids of records stay, so that the steward who may see them finds them again.
 */
export const createMask = (): Disguise => {
  const name = (text: string) => `${Array.from(text)[0] ?? ""}***`;
  const number = (text: string) => (text.length > 8 ? `****${text.slice(-4)}` : "****");
  return {
    securityCode: "MASKED",
    details: { disguise: "masked" },
    hidePerson: (id) => id,
    hideId: (id) => id,
    hide: (record) => ({
      ...record,
      ...withheld,
      sourceId: record.sourceId === null ? null : number(record.sourceId),
      birthDate: yearOf(record.birthDate),
      motherName: record.motherName === null ? null : name(record.motherName),
      names: record.names.map((each) => ({
        ...each,
        family: each.family === null ? null : name(each.family),
        given: each.given.map(name),
      })),
      identifiers: distinct(
        record.identifiers.map((each) => ({ ...each, value: number(each.value) })),
        (each) => `${each.system}\n${each.value}`,
      ),
      addresses: record.addresses.map((each) => ({
        ...each,
        line1: null,
        line2: null,
        postalCode: each.postalCode === null ? null : `${each.postalCode.slice(0, 3)}**`,
      })),
      contacts: distinct(
        record.contacts.map((each) => ({ ...each, value: number(each.value) })),
        (each) => `${each.system}\n${each.value}`,
      ),
      links: record.links.map((link) => ({ ...link, otherSource: null })),
    }),
  };
};

/** Shorter secrets could be guessed, and with them every pseudonym turned back. */
const shortestSecret = 16;

/**
 * Pseudonymised: for research. Equal values have equal pseudonyms, in every export that is made with the same secret;
 * without it nobody can turn them back, or tell which pseudonym a known patient has. Of dates the year stays, of
 * places the state, the country and the first three characters of the postal code.
 *
 * @throws {MpiError} `usage` for a secret of less than 16 characters.
 */
export function createPseudonymizer(secret: string, source: string): Disguise {
  const key = secret.trim();
  if (key.length < shortestSecret) {
    throw new MpiError(
      "usage",
      `The secret in ${source} is too short: it needs ${shortestSecret} characters.`,
      {
        hint: 'A good one: "openssl rand -hex 32". Keep it: the same secret gives the same pseudonyms.',
      },
    );
  }
  const hash = (field: string, value: string) =>
    createHmac("sha256", key).update(`${field}\0${value}`).digest("hex");
  const word = (field: string, value: string) =>
    hash(field, value.normalize("NFKC").trim().toLowerCase()).slice(0, 16);
  const uuid = (field: string, value: string) => {
    const digits = hash(field, value);
    // Version 8: a UUID whose bits an application makes.
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
  };
  const record = (id: string) => uuid("record", id);
  return {
    securityCode: "PSEUDED",
    details: {
      disguise: "pseudonymized",
      keyId: createHash("sha256").update(key).digest("hex").slice(0, 8),
    },
    hidePerson: (id) => uuid("person", id),
    hideId: record,
    hide: (each) => ({
      ...each,
      ...withheld,
      id: record(each.id),
      survivorId: record(each.survivorId),
      enterpriseId: uuid("person", each.enterpriseId),
      sourceId:
        each.sourceId === null
          ? null
          : hash("sourceId", `${each.sourceSystem ?? ""}\0${each.sourceId}`).slice(0, 32),
      birthDate: yearOf(each.birthDate),
      // As telling as a date of admission.
      updatedAt: `${each.updatedAt.slice(0, 4)}-01-01 00:00:00+00`,
      motherName: each.motherName === null ? null : word("name", each.motherName),
      names: each.names.map((name) => ({
        ...name,
        family: name.family === null ? null : word("name", name.family),
        given: name.given.map((part) => word("name", part)),
        prefix: [],
        suffix: [],
      })),
      identifiers: each.identifiers.map((identifier) => ({
        ...identifier,
        value: hash("identifier", `${identifier.system}\0${identifier.value}`).slice(0, 32),
      })),
      addresses: each.addresses.map((address) => ({
        ...address,
        line1: address.line1 === null ? null : word("line", address.line1),
        line2: null,
        city: address.city === null ? null : word("city", address.city),
        postalCode: address.postalCode?.slice(0, 3) ?? null,
      })),
      contacts: each.contacts.map((contact) => ({ ...contact, value: word(contact.system, contact.value) })),
      links: each.links.map((link) => ({ ...link, otherId: record(link.otherId), otherSource: null })),
    }),
  };
}

function distinct<Row>(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}
