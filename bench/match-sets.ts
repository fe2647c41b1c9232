import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { PatientColumns } from "../src/domain/population/columns.ts";
import { generateRecords } from "../src/domain/population/record-generator.ts";
import { resolvePopulationOptions } from "../src/domain/population/settings.ts";
import type { MatchIdentifier, MatchName, MatchRecord } from "../src/matching/record.ts";

/** Records with known truth: equal labels are one person. */
export interface LabelledSet {
  readonly name: string;
  readonly records: readonly MatchRecord[];
  readonly truth: readonly number[];
}

type Row = Readonly<Record<string, string>>;

function readRows(file: string): readonly Row[] {
  return parse(readFileSync(file), { columns: true, trim: true, skip_empty_lines: true });
}

function text(value: string | undefined): string | null {
  return value === undefined || value === "" || value === "NA" ? null : value;
}

function isoDate(digits: string | undefined): string | null {
  const match = /^(\d{4})(\d{2})(\d{2})$/u.exec(digits ?? "");
  return match === null ? null : `${match[1] ?? ""}-${match[2] ?? ""}-${match[3] ?? ""}`;
}

export function emptyRecord(id: string): MatchRecord {
  return {
    id,
    sourceSystem: null,
    gender: null,
    birthDate: null,
    birthDatePrecision: null,
    multipleBirth: null,
    birthOrder: null,
    motherName: null,
    motherIdentifier: null,
    receivedOn: null,
    names: [],
    identifiers: [],
    addresses: [],
    contacts: [],
  };
}

function nameOf(
  given: readonly (string | null)[],
  family: string | null,
  suffix: readonly string[] = [],
): MatchName[] {
  const known = given.filter((each) => each !== null);
  if (known.length === 0 && family === null) return [];
  return [{ family, given: known, prefix: [], suffix, current: true }];
}

function identifierOf(type: string, system: string, value: string | null, unique = true): MatchIdentifier[] {
  return value === null ? [] : [{ type, system, value, current: true, authoritative: false, unique }];
}

/** As data/maps/febrl.json has an import read it. */
export function readFebrl(folder: string, file: string): LabelledSet {
  const rows = readRows(join(folder, "febrl", file));
  return {
    name: file.replace(/^dataset(\d)\.csv$/u, "FEBRL $1"),
    truth: rows.map((row) => Number(/^rec-(\d+)-/u.exec(row["rec_id"] ?? "")?.[1])),
    records: rows.map((row) => ({
      ...emptyRecord(row["rec_id"] ?? ""),
      birthDate: isoDate(row["date_of_birth"]),
      birthDatePrecision: "day",
      names: nameOf([text(row["given_name"])], text(row["surname"])),
      identifiers: identifierOf("SSID", "urn:febrl:soc-sec-id", text(row["soc_sec_id"]), false),
      addresses: [
        {
          line1:
            [text(row["street_number"]), text(row["address_1"])].filter((part) => part !== null).join(" ") ||
            null,
          line2: text(row["address_2"]),
          city: text(row["suburb"]),
          state: text(row["state"]),
          postalCode: text(row["postcode"]),
          country: "AU",
          current: true,
        },
      ],
    })),
  };
}

export function readRlData(folder: string): LabelledSet {
  const rows = readRows(join(folder, "rldata500", "RLdata500.csv"));
  return {
    name: "RLdata500",
    truth: rows.map((row) => Number(row["ent_id"])),
    records: rows.map((row) => ({
      ...emptyRecord(row["rec_id"] ?? ""),
      birthDate: `${row["by"] ?? ""}-${(row["bm"] ?? "").padStart(2, "0")}-${(row["bd"] ?? "").padStart(2, "0")}`,
      birthDatePrecision: "day",
      names: nameOf(
        [text(row["fname_c1"]), text(row["fname_c2"])],
        [text(row["lname_c1"]), text(row["lname_c2"])].filter((part) => part !== null).join(" ") || null,
      ),
    })),
  };
}

export function readFake1000(folder: string): LabelledSet {
  const rows = readRows(join(folder, "fake1000", "fake_1000.csv"));
  return {
    name: "fake_1000",
    truth: rows.map((row) => Number(row["cluster"])),
    records: rows.map((row) => ({
      ...emptyRecord(row["unique_id"] ?? ""),
      birthDate: text(row["dob"]),
      birthDatePrecision: "day",
      names: nameOf([text(row["first_name"])], text(row["surname"])),
      addresses:
        text(row["city"]) === null
          ? []
          : [
              {
                line1: null,
                line2: null,
                city: text(row["city"]),
                state: null,
                postalCode: null,
                country: null,
                current: true,
              },
            ],
      contacts:
        text(row["email"]) === null ? [] : [{ system: "email", value: row["email"] ?? "", current: true }],
    })),
  };
}

/** A generated population with what is known of each record. */
export interface PopulationSet extends LabelledSet {
  /** The hard case that a record belongs to: twins, generations, households and so on. */
  readonly kinds: readonly string[];
  /** Twins, a father and his son and the like: records of one group are such relatives, or one person's. */
  readonly groups: readonly string[];
}

export function generateSet(patients: number, seed: number): PopulationSet {
  const records: MatchRecord[] = [];
  const truth: number[] = [];
  const kinds: string[] = [];
  const groups: string[] = [];
  for (const record of generateRecords(resolvePopulationOptions({ patients, seed }))) {
    records.push(populationRecord(record.columns));
    truth.push(record.truth.cluster);
    kinds.push(record.truth.kind);
    groups.push(record.truth.group);
  }
  return {
    name: `generated, ${patients.toLocaleString("en")} patients, seed ${seed}`,
    records,
    truth,
    kinds,
    groups,
  };
}

/** A row of patients.csv as the import reads it. */
export function populationRecord(row: PatientColumns): MatchRecord {
  const precision = row.birth_date.length === 10 ? "day" : row.birth_date.length === 7 ? "month" : "year";
  const names: MatchName[] = nameOf(
    [text(row.given), ...row.middle.split(" ").map(text)],
    text(row.family),
    text(row.suffix) === null ? [] : [row.suffix],
  );
  if (text(row.maiden_name) !== null) {
    names.push({ family: row.maiden_name, given: [], prefix: [], suffix: [], current: false });
  }
  const address = {
    line1: text(row.address_line1),
    line2: text(row.address_line2),
    city: text(row.city),
    state: text(row.state),
    postalCode: text(row.postal_code),
    country: text(row.country),
    current: true,
  };
  return {
    ...emptyRecord(row.source_id),
    sourceSystem: row.source_system,
    gender: row.gender === "male" || row.gender === "female" ? row.gender : null,
    birthDate: row.birth_date === "" ? null : `${row.birth_date}-01-01`.slice(0, 10),
    birthDatePrecision: row.birth_date === "" ? null : precision,
    multipleBirth: row.multiple_birth === "" ? null : row.multiple_birth === "true",
    birthOrder: row.birth_order === "" ? null : Number(row.birth_order),
    motherName: text(row.mother_name),
    motherIdentifier: text(row.mother_mrn),
    receivedOn: row.received_at.slice(0, 10),
    names,
    identifiers: [
      ...identifierOf("SSN", "http://hl7.org/fhir/sid/us-ssn", text(row.ssn)),
      ...identifierOf("MRN", row.source_system, text(row.mrn)),
    ],
    addresses:
      address.line1 === null && address.city === null && address.postalCode === null ? [] : [address],
    contacts: [
      ...(text(row.phone) === null ? [] : [{ system: "phone" as const, value: row.phone, current: true }]),
      ...(text(row.email) === null ? [] : [{ system: "email" as const, value: row.email, current: true }]),
    ],
  };
}
