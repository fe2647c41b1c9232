import { normaliseAddress, type NormalisedAddress } from "./normalise/address.ts";
import { normaliseBirthDate } from "./normalise/date.ts";
import { normaliseEmail } from "./normalise/email.ts";
import { normaliseIdentifier } from "./normalise/identifier.ts";
import { normaliseName, type NormalisedName } from "./normalise/name.ts";
import { normalisePhone } from "./normalise/phone.ts";
import { foldText } from "./normalise/text.ts";
import type { MatchAddress, MatchContact, MatchIdentifier, MatchName, MatchRecord } from "./record.ts";
import { builtInPlaceholders, type PlaceholderList } from "./reference/placeholders.ts";

/** A record in the form that is compared: every value normalised, placeholders and repetitions gone. */
export interface NormalRecord {
  readonly id: string;
  readonly source: string | null;
  readonly gender: "male" | "female" | "other" | null;
  /** Packed yyyymmdd with 00 for unknown parts; 0 where unavailable. */
  readonly birthDate: number;
  readonly birthOrder: number | null;
  /** Null where nothing says so. */
  readonly isMultipleBirth: boolean | null;
  readonly names: readonly NormalName[];
  readonly addresses: readonly NormalAddress[];
  readonly phones: readonly NormalValue[];
  /** Mailboxes. */
  readonly emails: readonly NormalValue[];
  readonly identifiers: readonly NormalIdentifier[];
  /** The words of the mother's name in alphabetical order. */
  readonly motherName: string | null;
  readonly motherIdentifier: string | null;
}

export interface NormalName extends NormalisedName {
  readonly isCurrent: boolean;
  /** As received, for eyes. */
  readonly raw: MatchName;
}

export interface NormalAddress extends NormalisedAddress {
  /** The street without its house number. */
  readonly streetName: string | null;
  readonly isCurrent: boolean;
  readonly raw: MatchAddress;
}

export interface NormalValue {
  readonly value: string;
  readonly isCurrent: boolean;
  readonly raw: string;
}

export interface NormalIdentifier extends NormalValue {
  readonly scope: "national" | "local";
  /** What makes values comparable: the type of a national identifier, the system of a local one. */
  readonly domain: string;
  readonly isAuthoritative: boolean;
  /** One person has at most one current value. */
  readonly isUnique: boolean;
}

export function normaliseRecord(
  record: MatchRecord,
  nationalTypes: ReadonlySet<string>,
  placeholders: PlaceholderList = builtInPlaceholders,
): NormalRecord {
  const birthOrder = record.birthOrder ?? findBirthOrder(record);
  return {
    id: record.id,
    source: record.sourceSystem,
    gender: record.gender === "unknown" ? null : record.gender,
    birthDate: normaliseBirthDate(
      record.birthDate,
      record.birthDatePrecision,
      record.receivedOn,
      placeholders,
    ),
    birthOrder,
    isMultipleBirth: birthOrder === null ? record.multipleBirth : true,
    names: normaliseNames(record, placeholders),
    addresses: normaliseAddresses(record, placeholders),
    phones: normaliseContacts(record.contacts, ["phone", "sms"], (value) =>
      normalisePhone(value, placeholders),
    ),
    emails: normaliseContacts(
      record.contacts,
      ["email"],
      (value) => normaliseEmail(value, placeholders)?.mailbox ?? null,
    ),
    identifiers: normaliseIdentifiers(record.identifiers, nationalTypes, placeholders),
    motherName: normaliseMotherName(record.motherName),
    motherIdentifier:
      record.motherIdentifier === null ? null : normaliseIdentifier(record.motherIdentifier, ""),
  };
}

/** "Twin B", "Baby girl 2", "BBA": wards number the children of a multiple birth before they have names. */
const numberedNewborn =
  /^(?:baby ?(?:boy|girl)?|infant|twin|triplet|boy|girl|bb|bg|[a-z]+s (?:baby|boy|girl|twin)) ?([a-f1-6])$/u;

function findBirthOrder(record: MatchRecord): number | null {
  for (const name of currentFirst(record.names.map((each) => ({ ...each, isCurrent: each.current })))) {
    const order = readBirthOrder(name.given);
    if (order !== null) return order;
  }
  return null;
}

/** The number that a ward gave a child of a multiple birth in place of a given name, or null. */
export function readBirthOrder(given: readonly string[]): number | null {
  const label = given.length === 0 ? null : foldText(given.join(" "));
  const order = label === null ? undefined : numberedNewborn.exec(label)?.[1];
  if (order === undefined) return null;
  return order >= "a" ? order.charCodeAt(0) - 96 : Number(order);
}

/** Words in alphabetical order, so that "Lopez, Maria" is "Maria Lopez". */
export function normaliseMotherName(raw: string | null): string | null {
  return (raw === null ? null : foldText(raw))?.split(" ").sort().join(" ") ?? null;
}

function normaliseNames(record: MatchRecord, placeholders: PlaceholderList): readonly NormalName[] {
  const names = record.names.map((name) => ({
    ...normaliseName(name, placeholders),
    isCurrent: name.current,
    raw: name,
  }));
  return currentFirst(names);
}

function normaliseAddresses(record: MatchRecord, placeholders: PlaceholderList): readonly NormalAddress[] {
  const addresses = record.addresses.map((address) => {
    const normalised = normaliseAddress(address, placeholders);
    return { ...normalised, streetName: nameOfStreet(normalised), isCurrent: address.current, raw: address };
  });
  return currentFirst(addresses);
}

/** The street of an address without its house number. */
export function nameOfStreet({ street, houseNumber }: NormalisedAddress): string | null {
  if (street === null || houseNumber === null) return street;
  return street === houseNumber ? null : street.slice(houseNumber.length + 1);
}

function normaliseContacts(
  contacts: readonly MatchContact[],
  systems: readonly MatchContact["system"][],
  normalise: (value: string) => string | null,
): readonly NormalValue[] {
  const values: NormalValue[] = [];
  for (const contact of currentFirst(contacts.map((each) => ({ ...each, isCurrent: each.current })))) {
    const value = systems.includes(contact.system) ? normalise(contact.value) : null;
    if (value !== null && !values.some((known) => known.value === value)) {
      values.push({ value, isCurrent: contact.isCurrent, raw: contact.value });
    }
  }
  return values;
}

function normaliseIdentifiers(
  identifiers: readonly MatchIdentifier[],
  nationalTypes: ReadonlySet<string>,
  placeholders: PlaceholderList,
): readonly NormalIdentifier[] {
  const values: NormalIdentifier[] = [];
  for (const identifier of currentFirst(identifiers.map((each) => ({ ...each, isCurrent: each.current })))) {
    const type = identifier.type.toUpperCase();
    const value = normaliseIdentifier(identifier.value, type, placeholders);
    if (value === null) continue;
    const isNational = nationalTypes.has(type);
    const domain = isNational ? type : identifier.system;
    if (values.some((known) => known.domain === domain && known.value === value)) continue;
    values.push({
      scope: isNational ? "national" : "local",
      domain,
      value,
      isCurrent: identifier.isCurrent,
      raw: identifier.value,
      isAuthoritative: identifier.authoritative,
      isUnique: identifier.unique,
    });
  }
  return values;
}

/** Current values first, otherwise in the order received: ties between equals go to the current one. */
function currentFirst<T extends { readonly isCurrent: boolean }>(values: readonly T[]): readonly T[] {
  return [...values.filter((value) => value.isCurrent), ...values.filter((value) => !value.isCurrent)];
}
