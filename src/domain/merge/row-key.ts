import type { ChildRow, ChildTable } from "../../db/queries/child-rows.ts";
import type {
  PatientAddress,
  PatientContact,
  PatientIdentifier,
  PatientName,
} from "../patient/patient-record.ts";
import { normaliseAddress } from "../../matching/normalise/address.ts";

// As the database has them, and as the domain does.
type NameValues = Pick<PatientName, "family" | "given" | "suffix">;
type IdentifierValues = Pick<PatientIdentifier, "type" | "system" | "value">;
type AddressValues = Pick<PatientAddress, "line1" | "line2" | "city" | "state" | "postalCode" | "country">;
type ContactValues = { readonly system: string; readonly value: PatientContact["value"] };

/**
 * Text that compares without case, accents, punctuation and Unicode form. Letters are not transliterated: two
 * names that only romanise alike are two names, and neither may hide behind the other.
 */
function comparable(text: string | null): string {
  return (text ?? "")
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/gu, "")
    .toLowerCase()
    .replace(/['’`´.]/gu, "")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();
}

const nameKey = (name: NameValues): readonly string[] => [
  comparable(name.family),
  comparable(name.given.join(" ")),
  comparable(name.suffix.join(" ")),
];

const identifierKey = (identifier: IdentifierValues): readonly string[] => [
  identifier.type,
  identifier.system,
  identifier.value
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, ""),
];

function addressKey(address: AddressValues): readonly string[] {
  const normal = normaliseAddress({ ...address, current: true });
  if (normal.street === null) {
    return [address.line1, address.line2, address.city, address.state, address.postalCode].map(comparable);
  }
  const { street, unit, poBox, extra, city, state, postalCode } = normal;
  return [street, unit, poBox, extra, city, state, postalCode].map((part) => part ?? "");
}

const telephones: ReadonlySet<string> = new Set(["phone", "sms", "fax", "pager"]);

/** Telephone numbers by their last ten digits, as they are looked up; everything else without case and blanks. */
const contactKey = (contact: ContactValues): readonly string[] => [
  contact.system,
  telephones.has(contact.system)
    ? contact.value
        .toLowerCase()
        .replace(/(?:x|ext).*$/u, "")
        .replace(/[^0-9]/gu, "")
        .slice(-10) || comparable(contact.value)
    : contact.value.trim().toLowerCase(),
];

/** Names what a row says, whoever's it is: two rows with one key say the same. */
export function rowKey(
  table: ChildTable,
  row: NameValues | IdentifierValues | AddressValues | ContactValues,
): string {
  // The table says which kind of row it is.
  switch (table) {
    case "names":
      return JSON.stringify(nameKey(row as NameValues));
    case "identifiers":
      return JSON.stringify(identifierKey(row as IdentifierValues));
    case "addresses":
      return JSON.stringify(addressKey(row as AddressValues));
    default:
      return JSON.stringify(contactKey(row as ContactValues));
  }
}

/** The columns of each table that say something of the patient. */
export const valueColumns: Readonly<Record<ChildTable, readonly string[]>> = {
  names: ["family", "given", "prefix", "suffix"],
  identifiers: ["type", "system", "value", "assigner"],
  addresses: ["line1", "line2", "city", "state", "postalCode", "country"],
  contacts: ["system", "value"],
};

/** The value columns of a row as text: what an edit changes and a merge never does. */
export function rowContent(table: ChildTable, row: ChildRow): string {
  const columns = row as unknown as Readonly<Record<string, unknown>>;
  return JSON.stringify(valueColumns[table].map((column) => columns[column] ?? null));
}
