import type { ConnectionTarget, Database } from "../../db/client.ts";
import { withCopyConnection, type CopyConnection } from "../../db/copy.ts";
import { selectDomainFlags } from "../../db/queries/imports.ts";
import {
  copyAddresses,
  copyContacts,
  copyIdentifiers,
  copyNames,
  copyPatients,
  type PatientColumns,
  type WantedRecords,
} from "../../db/queries/match-tables.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { orderIds, RecordIds } from "../../matching/store/record-ids.ts";
import type { RecordStore } from "../../matching/store/record-store.ts";
import { StoreBuilder } from "../../matching/store/store-builder.ts";
import type { DomainFactsBySystem } from "./to-match-record.ts";

/** Every record that takes part in matching, in order of id: row i of the store is the i-th id. */
export interface LoadedRecords {
  readonly ids: RecordIds;
  readonly store: RecordStore;
}

export async function loadDomainFacts(db: Database): Promise<DomainFactsBySystem> {
  const flags = await selectDomainFlags(db);
  return new Map(
    flags.map(({ system, isAuthoritative, isSingleValued }) => [system, { isAuthoritative, isSingleValued }]),
  );
}

/**
 * Reads all records that are neither deleted nor merged away, normalised and encoded: table by table in one snapshot,
 * joined here by id, which costs the server nothing but the reading.
 */
export async function loadStore(
  db: Database,
  target: ConnectionTarget,
  model: MatchModel,
  signal: AbortSignal,
): Promise<LoadedRecords> {
  const domains = await loadDomainFacts(db);
  return withCopyConnection(target, async (connection) => {
    await connection.query("begin isolation level repeatable read read only");
    return readStore(connection, "all", domains, model, signal);
  });
}

/** The same on a connection that is there, in whatever transaction it is in. */
export async function readStore(
  connection: CopyConnection,
  wanted: WantedRecords,
  domains: DomainFactsBySystem,
  model: MatchModel,
  signal: AbortSignal,
): Promise<LoadedRecords> {
  const patients = await readPatients(connection, wanted);
  const ids = new RecordIds(patients.ids);
  const unknownDomain = { isAuthoritative: false, isSingleValued: false };
  const builder = new StoreBuilder(ids.size, {
    nationalTypes: new Set(model.nationalIdentifierTypes),
    domainOf: (system) => domains.get(system) ?? unknownDomain,
  });
  patients.fill(builder);
  const find = (bytes: Uint8Array, at: number) => ids.findBytes(bytes, at);
  signal.throwIfAborted();
  await copyNames(connection, wanted, {
    find,
    visit: (row, id, name) => builder.addName(row, id, { ...name, prefix: [] }),
  });
  signal.throwIfAborted();
  await copyIdentifiers(connection, wanted, {
    find,
    visit: (row, id, each) => builder.addIdentifier(row, id, each),
  });
  signal.throwIfAborted();
  await copyAddresses(connection, wanted, {
    find,
    visit: (row, id, each) => builder.addAddress(row, id, each),
  });
  signal.throwIfAborted();
  await copyContacts(connection, wanted, {
    find,
    visit: (row, id, each) => builder.addContact(row, id, each),
  });
  signal.throwIfAborted();
  return { ids, store: builder.finish() };
}

interface ReadPatients {
  /** Sixteen bytes each, ascending. */
  readonly ids: Uint8Array;
  readonly fill: (builder: StoreBuilder) => void;
}

/** The server gives them as they lie on its disk; putting them into order is cheaper here. */
async function readPatients(connection: CopyConnection, wanted: WantedRecords): Promise<ReadPatients> {
  const patients = new PatientBuffer();
  await copyPatients(connection, wanted, (patient) => patients.add(patient));
  return patients.finish();
}

const dayPrecision = 1;
const monthPrecision = 100;
const yearPrecision = 10_000;

/** Records as they arrive, before it is known which row each will be. Texts are few: sources, sexes, mothers. */
class PatientBuffer {
  #ids = new Uint8Array(16 * 1024);
  #birthDates = new Int32Array(1024);
  #receivedOn = new Int32Array(1024);
  #births = new Int8Array(1024);
  #texts = new Int32Array(1024 * 2);
  readonly #values: string[] = [];
  readonly #codes = new Map<string, number>();
  readonly #mothers = new Map<number, { readonly name: string | null; readonly identifier: string | null }>();
  #size = 0;

  add(patient: PatientColumns): void {
    const at = this.#size++;
    if (at === this.#birthDates.length) this.#grow();
    const { bytes, at: start } = patient.id;
    for (let i = 0; i < 16; i++) this.#ids[at * 16 + i] = bytes[start + i]!;
    const unit =
      patient.birthDatePrecision === "year"
        ? yearPrecision
        : patient.birthDatePrecision === "month"
          ? monthPrecision
          : dayPrecision;
    const date = packDays(patient.birthDate);
    this.#birthDates[at] = date - (date % unit);
    this.#receivedOn[at] = packDays(patient.receivedOn);
    // Sign and size: -1 a single birth, 0 unknown, 1 multiple; with a birth order, that and two.
    this.#births[at] =
      patient.birthOrder === null
        ? patient.multipleBirth === null
          ? 0
          : patient.multipleBirth
            ? 1
            : -1
        : patient.birthOrder + 2;
    this.#texts[at * 2] = this.#codeOf(patient.sourceSystem);
    this.#texts[at * 2 + 1] = this.#codeOf(patient.gender);
    if (patient.motherName !== null || patient.motherIdentifier !== null) {
      this.#mothers.set(at, { name: patient.motherName, identifier: patient.motherIdentifier });
    }
  }

  finish(): ReadPatients {
    const order = orderIds(this.#ids, this.#size);
    const ids = new Uint8Array(this.#size * 16);
    for (let row = 0; row < order.length; row++) {
      const from = order[row]! * 16;
      for (let i = 0; i < 16; i++) ids[row * 16 + i] = this.#ids[from + i]!;
    }
    return { ids, fill: (builder) => order.forEach((at, row) => this.#fill(builder, at, row)) };
  }

  #fill(builder: StoreBuilder, at: number, row: number): void {
    const birth = this.#births[at]!;
    const mother = this.#mothers.get(at);
    builder.setRecord(row, {
      sourceSystem: this.#values[this.#texts[at * 2]!] ?? null,
      gender: this.#values[this.#texts[at * 2 + 1]!] ?? null,
      birthDate: this.#birthDates[at]!,
      receivedOn: this.#receivedOn[at]!,
      multipleBirth: birth === 0 ? null : birth > 0,
      birthOrder: birth > 2 ? birth - 2 : null,
      motherName: mother?.name ?? null,
      motherIdentifier: mother?.identifier ?? null,
    });
  }

  #codeOf(value: string | null): number {
    if (value === null) return -1;
    let code = this.#codes.get(value);
    if (code === undefined) {
      code = this.#values.push(value) - 1;
      this.#codes.set(value, code);
    }
    return code;
  }

  #grow(): void {
    this.#ids = grown(this.#ids, Uint8Array);
    this.#birthDates = grown(this.#birthDates, Int32Array);
    this.#receivedOn = grown(this.#receivedOn, Int32Array);
    this.#births = grown(this.#births, Int8Array);
    this.#texts = grown(this.#texts, Int32Array);
  }
}

function grown<T extends Int32Array | Uint8Array | Int8Array>(values: T, make: new (length: number) => T): T {
  const larger = new make(values.length * 2);
  larger.set(values);
  return larger;
}

/** Days since 2000-01-01 to packed yyyymmdd; 0 for none. The Gregorian calendar in eras of 400 years from 1 March. */
function packDays(days: number | null): number {
  if (days === null) return 0;
  const shifted = days + 730_425;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return year * 10_000 + month * 100 + day;
}
