import { onTestFinished } from "vitest";
import type postgres from "postgres";
import { openDatabase, type Database, type Transaction } from "../../src/db/client.ts";
import { withTransaction, type TransactionOptions } from "../../src/db/transaction.ts";
import { insertPatient, type RecordSource } from "../../src/domain/patient/insert-patient.ts";
import type {
  PatientAddress,
  PatientContact,
  PatientContent,
  PatientIdentifier,
  PatientName,
} from "../../src/domain/patient/patient-record.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

/** What a test says of an invented patient; everything else is absent. */
export interface Invented extends Partial<
  Omit<PatientContent, "birthDate" | "names" | "identifiers" | "addresses" | "contacts">
> {
  /** `Family, Given Given` */
  readonly name?: string;
  readonly names?: readonly Partial<PatientName>[];
  readonly birthDate?: string;
  readonly identifiers?: readonly (Partial<PatientIdentifier> & { readonly value: string })[];
  readonly addresses?: readonly Partial<PatientAddress>[];
  readonly contacts?: readonly (Partial<PatientContact> & { readonly value: string })[];
  readonly source?: RecordSource;
}

/** A database with our schema and a way to act on it, for one test. */
export interface TestIndex {
  readonly database: TestDatabase;
  readonly db: Database;
  readonly sql: postgres.Sql;
  /** One transaction under an audit context. */
  act<T>(
    work: (tx: Transaction) => Promise<T>,
    options?: TransactionOptions & {
      readonly user?: string;
      readonly operation?: string;
      readonly reason?: string;
    },
  ): Promise<T>;
  /** Adds an invented patient and returns its id. */
  add(invented?: Invented): Promise<string>;
}

export function inventContent(invented: Invented): PatientContent {
  const [family = null, given = ""] = invented.name?.split(", ") ?? [];
  const named = family === null ? [] : [{ family, given: given.split(" ").filter(Boolean), isPrimary: true }];
  return {
    gender: null,
    deceased: false,
    deceasedAt: null,
    maritalStatus: null,
    multipleBirth: null,
    birthOrder: null,
    motherName: null,
    motherIdentifier: null,
    managingOrganizationId: null,
    ...invented,
    birthDate: invented.birthDate === undefined ? null : { date: invented.birthDate, precision: "day" },
    names: [...named, ...(invented.names ?? [])].map((name) => ({
      family: null,
      given: [],
      prefix: [],
      suffix: [],
      use: null,
      isPrimary: false,
      ...name,
    })),
    identifiers: (invented.identifiers ?? []).map((identifier) => ({
      type: "MRN",
      system: "urn:test:mrn",
      assigner: null,
      use: null,
      ...identifier,
    })),
    addresses: (invented.addresses ?? []).map((address) => ({
      line1: null,
      line2: null,
      city: null,
      state: null,
      postalCode: null,
      country: null,
      use: null,
      isPrimary: false,
      ...address,
    })),
    contacts: (invented.contacts ?? []).map((contact) => ({
      system: "phone",
      use: null,
      isPrimary: false,
      ...contact,
    })),
  };
}

/** Opens an index of the running test's own; closed and dropped with it. */
export async function openTestIndex(): Promise<TestIndex> {
  const database = await createTestDatabase();
  const handle = await openDatabase(database.target);
  onTestFinished(() => handle.close());
  const act: TestIndex["act"] = (work, { user, operation, reason, ...options } = {}) =>
    withTransaction(
      handle.db,
      {
        user: user ?? "steward",
        operation: operation ?? "TEST",
        ...(reason === undefined ? {} : { reason }),
      },
      work,
      options,
    );
  return {
    database,
    db: handle.db,
    sql: database.sql,
    act,
    add: (invented = {}) =>
      act((tx) => insertPatient(tx, inventContent(invented), invented.source ?? null), {
        operation: "PATIENT_ADD",
      }),
  };
}
