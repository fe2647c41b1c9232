import { codeSystems, formatSystem, identifierTypeSystem, isCode, sourcePrefix } from "../fhir/terms.ts";
import { otherType } from "../identifier/named-identifier.ts";

/** Any JSON object; elements that are undefined are not written. */
export type Element = Readonly<Record<string, unknown>>;

/** A list as FHIR has it: never empty. */
export const listOf = <Item>(items: readonly Item[]): readonly Item[] | undefined =>
  items.length === 0 ? undefined : items;

/** Texts without those that are blank: FHIR knows no empty strings. */
export const textsOf = (...texts: readonly (string | null)[]): readonly string[] | undefined =>
  listOf(texts.filter((text): text is string => text !== null && text.trim() !== ""));

export const textOf = (text: string | null): string | undefined => textsOf(text)?.[0];

/** The order that content alone decides, so that the same record is always written the same. */
export const byContent = <Item>(items: readonly Item[]): readonly Item[] =>
  items
    .map((item) => [JSON.stringify(item), item] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, item]) => item);

/** Primary rows first, the rest in the order of their content. */
export function primaryFirst<Row extends { readonly isPrimary: boolean }>(
  rows: readonly Row[],
  format: (row: Row) => Element,
): readonly Element[] {
  const of = (isPrimary: boolean) => byContent(rows.filter((row) => row.isPrimary === isPrimary).map(format));
  return [...of(true), ...of(false)];
}

/** HL7's codes for kinds of identifiers, by the codes that identifier domains usually have. */
const identifierCodes: Readonly<Record<string, string>> = {
  MRN: "MR",
  SSN: "SS",
  NHS: "NH",
  PASSPORT: "PPN",
  DRIVERS_LICENSE: "DL",
  NPI: "NPI",
};
const standardCodes = new Set([
  "MR",
  "SS",
  "PI",
  "PPN",
  "DL",
  "NI",
  "NH",
  "NPI",
  "MC",
  "MA",
  "PRN",
  "AN",
  "XX",
]);

export interface IdentifierRow {
  readonly type: string;
  readonly system: string;
  readonly value: string;
  readonly assigner: string | null;
  readonly use: string | null;
}

export function formatIdentifier(row: IdentifierRow): Element {
  const standard = standardCodes.has(row.type) ? row.type : identifierCodes[row.type.toUpperCase()];
  const coding = [
    ...(standard === undefined ? [] : [{ system: codeSystems.identifierType, code: standard }]),
    ...(isCode(row.type) ? [{ system: identifierTypeSystem, code: row.type }] : []),
  ];
  return {
    use: row.use ?? undefined,
    type:
      row.type === otherType
        ? undefined
        : { coding: listOf(coding), text: coding.length === 0 ? textOf(row.type) : undefined },
    system: formatSystem(row.system),
    value: row.value,
    assigner: row.assigner === null ? undefined : { display: row.assigner },
  };
}

export interface AddressRow {
  readonly use: string | null;
  readonly line1: string | null;
  readonly line2: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
}

export const formatAddress = (row: AddressRow): Element => ({
  use: row.use ?? undefined,
  line: textsOf(row.line1, row.line2),
  city: textOf(row.city),
  state: textOf(row.state),
  postalCode: textOf(row.postalCode),
  country: textOf(row.country),
});

/** True for what has something to say besides its use. */
export const isFilled = (element: Element): boolean =>
  Object.entries(element).some(([name, value]) => name !== "use" && value !== undefined);

export interface ContactRow {
  readonly system: string;
  readonly value: string;
  readonly use: string | null;
  readonly isPrimary: boolean;
}

export const formatContact = (row: ContactRow): Element => ({
  system: row.system,
  value: row.value,
  use: row.use ?? undefined,
  rank: row.isPrimary ? 1 : undefined,
});

/** A reference that finds its way where ids are others too: by the source's own id. */
export const formatReference = (
  type: "Patient" | "Organization",
  id: string,
  source: { readonly system: string; readonly id: string } | null,
): Element => ({
  reference: `${type}/${id}`,
  identifier:
    source === null
      ? undefined
      : { system: `${sourcePrefix}${encodeURIComponent(source.system)}`, value: source.id },
});
