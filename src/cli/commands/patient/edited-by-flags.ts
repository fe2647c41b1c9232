import type { IdentifierDomain } from "../../../domain/identifier/identifier-domain.ts";
import type { EditedContent } from "../../../domain/patient/content-document.ts";
import { childLists } from "../../../domain/patient/edit-plan.ts";
import type { PatientName } from "../../../domain/patient/patient-record.ts";
import { MpiError } from "../../../lib/errors.ts";
import { readContentFlags, type ContentFlags } from "./content-flags.ts";

/** Flags that speak of rows a record has. */
export interface RowFlags {
  readonly correct?: true;
  readonly remove: readonly string[];
  readonly primary?: string;
  readonly clear: readonly string[];
}

/** Fields that --clear empties. */
export const clearable = {
  gender: "gender",
  "birth-date": "birthDate",
  "marital-status": "maritalStatus",
  "mother-name": "motherName",
  "mother-identifier": "motherIdentifier",
  "multiple-birth": "multipleBirth",
  "birth-order": "birthOrder",
  "deceased-at": "deceasedAt",
  organization: "managingOrganizationId",
} as const satisfies Readonly<Record<string, keyof EditedContent>>;

/** @throws {MpiError} `usage` for a row that the record has not, or a value that cannot be read */
export function applyContentFlags(
  now: EditedContent,
  flags: ContentFlags & RowFlags,
  domains: readonly IdentifierDomain[],
  organizationId: string | undefined,
): EditedContent {
  const said = readContentFlags(flags, domains);
  const cleared = Object.fromEntries(
    flags.clear.map((field) => [clearable[field as keyof typeof clearable], null]),
  );
  const removed = flags.remove.map((row) => findRow(now, row));
  const left: EditedContent = {
    ...now,
    ...cleared,
    ...said.scalars,
    ...(organizationId === undefined ? {} : { managingOrganizationId: organizationId }),
    names: now.names.filter((row) => !removed.includes(row.id ?? "")),
    identifiers: now.identifiers.filter((row) => !removed.includes(row.id ?? "")),
    addresses: now.addresses.filter((row) => !removed.includes(row.id ?? "")),
    contacts: now.contacts.filter((row) => !removed.includes(row.id ?? "")),
  };
  const known = new Set(left.contacts.map((row) => `${row.system} ${row.value}`));
  const edited: EditedContent = {
    ...left,
    names: said.name === undefined ? left.names : giveName(left.names, said.name, flags),
    identifiers: [...left.identifiers, ...said.identifiers.map((row) => ({ ...row, id: null }))],
    addresses:
      said.address === undefined
        ? left.addresses
        : [
            ...left.addresses.map((row) =>
              (row.use ?? "home") === (said.address?.use ?? "home")
                ? { ...row, use: "old" as const, isPrimary: false }
                : { ...row, isPrimary: false },
            ),
            { ...said.address, id: null },
          ],
    contacts: [
      ...left.contacts,
      ...said.contacts
        .filter((row) => !known.has(`${row.system} ${row.value}`))
        .map((row) => ({ ...row, id: null })),
    ],
  };
  return flags.primary === undefined ? edited : markPrimary(edited, findRow(now, flags.primary));
}

/** Parts that no flag names stay as they are in the primary name. */
function giveName(
  names: EditedContent["names"],
  said: PatientName,
  flags: ContentFlags & RowFlags,
): EditedContent["names"] {
  const primary = names.find((row) => row.isPrimary) ?? names[0];
  const part = (given: readonly string[], before: readonly string[] | undefined) =>
    given.length > 0 ? given : (before ?? []);
  const isFormer = said.use === "old" || said.use === "maiden";
  // A former name stands for itself; any other is the primary one with some parts changed.
  if (isFormer) return [...names, { ...said, id: null, isPrimary: false }];
  const name = {
    family: flags.family === undefined ? (primary?.family ?? null) : said.family,
    given: part(said.given, primary?.given),
    prefix: part(said.prefix, primary?.prefix),
    suffix: part(said.suffix, primary?.suffix),
    use: said.use ?? primary?.use ?? null,
    isPrimary: true,
  };
  if (flags.correct === true) {
    return names.map((row) => (row === primary ? { ...name, id: row.id } : row));
  }
  return [
    ...names.map((row) => (row === primary ? { ...row, use: "old" as const, isPrimary: false } : row)),
    { ...name, id: null },
  ];
}

function findRow(content: EditedContent, prefix: string): string {
  const digits = prefix.replaceAll("-", "").toLowerCase();
  const ids = childLists
    .flatMap((list) => content[list].map((row) => row.id ?? ""))
    .filter((id) => digits.length >= 4 && id.replaceAll("-", "").startsWith(digits));
  const [id] = ids;
  if (id === undefined || ids.length > 1) {
    throw new MpiError(
      "usage",
      id === undefined ? "The record has no row of that id." : "Several rows have ids that begin so.",
      { hint: "mpi patient edit RECORD --print shows the rows with their ids." },
    );
  }
  return id;
}

function markPrimary(content: EditedContent, id: string): EditedContent {
  const mark = <Row extends { readonly id: string | null; readonly isPrimary: boolean }>(
    rows: readonly Row[],
  ) => (rows.some((row) => row.id === id) ? rows.map((row) => ({ ...row, isPrimary: row.id === id })) : rows);
  return {
    ...content,
    names: mark(content.names),
    addresses: mark(content.addresses),
    contacts: mark(content.contacts),
  };
}
