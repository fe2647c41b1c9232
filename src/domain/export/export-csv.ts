import { stringify } from "csv-stringify/sync";
import type { Database } from "../../db/client.ts";
import type { ReadContext } from "../audit/record-read.ts";
import { listDomains, type IdentifierDomain } from "../identifier/identifier-domain.ts";
import { formatPartialDate } from "../patient/partial-date.ts";
import type { ExportRecord } from "./export-record.ts";
import { forEachPage, withExportSnapshot, type ExportOptions, type ExportSink } from "./for-each-page.ts";

export interface CsvExportOptions extends ExportOptions {
  /** `records`: a line for each record, flat; `crosswalk`: which ids mean whom. */
  readonly layout: "records" | "crosswalk";
  /** Values as they are, also those that a spreadsheet would run as a formula. */
  readonly rawValues: boolean;
}

interface CsvColumn {
  readonly name: string;
  readonly value: (record: ExportRecord) => string | null;
}

/**
 * Writes records as CSV (RFC 4180, UTF-8, a header), in order of their ids and all of one moment.
 *
 * @returns how many.
 * @throws {MpiError} as exportFhir.
 */
export const exportCsv = (
  db: Database,
  context: ReadContext,
  sink: ExportSink,
  options: CsvExportOptions,
): Promise<number> =>
  withExportSnapshot(db, context, async (snapshot) => {
    const columns =
      options.layout === "crosswalk" ? crosswalkColumns : recordColumns(await listDomains(snapshot));
    await sink.write(stringify([columns.map((column) => column.name)]));
    return forEachPage(db, context, snapshot, `csv ${options.layout}`, options, async (records) => {
      const rows = records.map((record) => columns.map((column) => column.value(record) ?? ""));
      await sink.write(stringify(rows, { escape_formulas: !options.rawValues }));
    });
  });

const crosswalkColumns: readonly CsvColumn[] = [
  { name: "source_system", value: (record) => record.sourceSystem },
  { name: "source_id", value: (record) => record.sourceId },
  { name: "enterprise_id", value: (record) => record.enterpriseId },
  { name: "record_id", value: (record) => record.id },
  { name: "survivor_id", value: (record) => record.survivorId },
  { name: "active", value: (record) => String(record.active) },
];

/** Former names and addresses; they have no place in a flat line but for the maiden name. */
const isCurrent = (row: { readonly use: string | null }) => row.use !== "old" && row.use !== "maiden";
const current = <Row extends { readonly use: string | null; readonly isPrimary: boolean }>(
  rows: readonly Row[],
): Row | undefined => rows.find((row) => row.isPrimary) ?? rows.find(isCurrent) ?? rows[0];
const joined = (values: readonly string[] | undefined): string | null =>
  values === undefined || values.length === 0 ? null : values.join(" ");
const contact = (record: ExportRecord, systems: readonly string[]): string | null => {
  const fitting = record.contacts.filter((each) => systems.includes(each.system) && each.use !== "old");
  return (fitting.find((each) => each.isPrimary) ?? fitting[0])?.value ?? null;
};
const text = (value: boolean | number | null): string | null => (value === null ? null : String(value));

function recordColumns(domains: readonly IdentifierDomain[]): readonly CsvColumn[] {
  const known = new Set(domains.map((domain) => domain.system));
  const name = (record: ExportRecord) => current(record.names);
  const address = (record: ExportRecord) => current(record.addresses);
  return [
    ...crosswalkColumns,
    { name: "prefix", value: (record) => joined(name(record)?.prefix) },
    { name: "given", value: (record) => joined(name(record)?.given) },
    { name: "family", value: (record) => name(record)?.family ?? null },
    { name: "suffix", value: (record) => joined(name(record)?.suffix) },
    {
      name: "maiden_name",
      value: (record) => record.names.find((each) => each.use === "maiden")?.family ?? null,
    },
    { name: "gender", value: (record) => record.gender },
    {
      name: "birth_date",
      value: ({ birthDate }) => (birthDate === null ? null : formatPartialDate(birthDate)),
    },
    { name: "deceased", value: (record) => text(record.deceased) },
    { name: "deceased_at", value: (record) => record.deceasedAt },
    { name: "marital_status", value: (record) => record.maritalStatus },
    { name: "multiple_birth", value: (record) => text(record.multipleBirth) },
    { name: "birth_order", value: (record) => text(record.birthOrder) },
    { name: "mother_name", value: (record) => record.motherName },
    { name: "mother_identifier", value: (record) => record.motherIdentifier },
    { name: "line1", value: (record) => address(record)?.line1 ?? null },
    { name: "line2", value: (record) => address(record)?.line2 ?? null },
    { name: "city", value: (record) => address(record)?.city ?? null },
    { name: "state", value: (record) => address(record)?.state ?? null },
    { name: "postal_code", value: (record) => address(record)?.postalCode ?? null },
    { name: "country", value: (record) => address(record)?.country ?? null },
    { name: "phone", value: (record) => contact(record, ["phone", "sms"]) },
    { name: "email", value: (record) => contact(record, ["email"]) },
    ...[...domains]
      .sort((a, b) => (a.code < b.code ? -1 : 1))
      .map((domain) => ({
        name: `id_${domain.code}`,
        value: (record: ExportRecord) => {
          const own = record.identifiers.filter((each) => each.system === domain.system);
          return (own.find((each) => each.use !== "old") ?? own[0])?.value ?? null;
        },
      })),
    {
      // As FHIR writes a token: the system, a bar, the value.
      name: "other_identifiers",
      value: (record) =>
        joined(
          record.identifiers
            .filter((each) => !known.has(each.system))
            .map((each) => `${each.system}|${each.value}`)
            .sort(),
        ),
    },
    { name: "managing_organization_id", value: (record) => record.managingOrganizationId },
    { name: "updated_at", value: (record) => record.updatedAt },
  ];
}
