import { formatPartialDate } from "../../../domain/patient/partial-date.ts";
import type { PatientAddress, PatientName, PatientRecord } from "../../../domain/patient/patient-record.ts";

/** `GARCIA LOPEZ, Maria Elena (Jr)`: the family name first, as registers are sorted. */
export function formatName(name: PatientName | undefined): string {
  if (name === undefined) return "";
  const given = [...name.prefix, ...name.given].join(" ");
  const suffix = name.suffix.length === 0 ? "" : ` (${name.suffix.join(" ")})`;
  return `${[name.family ?? "", given].filter((part) => part !== "").join(", ")}${suffix}`;
}

export const primaryName = (record: Pick<PatientRecord, "names">): PatientName | undefined =>
  record.names.find((name) => name.isPrimary) ?? record.names[0];

/** Everything but the last four characters hidden; short values altogether. */
export function maskIdentifier(value: string): string {
  const characters = Array.from(value);
  if (characters.length <= 4) return "****";
  return `****${characters.slice(-4).join("")}`;
}

export const formatBirthDate = (record: Pick<PatientRecord, "birthDate">): string =>
  record.birthDate === null ? "" : formatPartialDate(record.birthDate);

export const formatAddress = (address: PatientAddress | undefined): string =>
  address === undefined
    ? ""
    : [
        address.line1,
        address.line2,
        address.city,
        [address.state, address.postalCode].filter((part) => part !== null && part !== "").join(" "),
        address.country,
      ]
        .filter((part) => part !== null && part !== "")
        .join(", ");

/** What a steward must know before using a record. */
export const recordStatus = (record: Pick<PatientRecord, "active" | "deletedAt">): string =>
  record.deletedAt !== null ? "deleted" : record.active ? "active" : "retired";
