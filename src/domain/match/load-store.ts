import { CopiedTexts, readBoolean, readDays, readSmallint, type CopiedRow } from "../../db/binary-copy.ts";
import type { ConnectionTarget, Database } from "../../db/client.ts";
import { withCopyConnection, type CopyConnection } from "../../db/copy.ts";
import { selectDomainFlags } from "../../db/queries/imports.ts";
import {
  addressColumns,
  contactColumns,
  copyAddresses,
  copyContacts,
  copyIdentifiers,
  copyNames,
  copyPatients,
  identifierColumns,
  nameColumns,
  patientColumns,
  type WantedRecords,
} from "../../db/queries/match-tables.ts";
import { dateOf } from "../../lib/calendar.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import type { RecordFacts } from "../../matching/store/record-rows.ts";
import { StoreBuilder, type BuiltStore } from "../../matching/store/store-builder.ts";
import type { DomainFactsBySystem } from "./to-match-record.ts";

/** Every record that takes part in matching, in order of id: row i of the store is the i-th id. */
export type LoadedRecords = BuiltStore;

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
  const unknownDomain = { isAuthoritative: false, isSingleValued: false };
  const builder = new StoreBuilder({
    nationalTypes: new Set(model.nationalIdentifierTypes),
    domainOf: (system) => domains.get(system) ?? unknownDomain,
  });
  await copyPatients(connection, wanted, (row) => builder.addRecord(row, patientColumns, readFacts(row)));
  builder.orderRecords();
  signal.throwIfAborted();
  const given = new CopiedTexts();
  const suffix = new CopiedTexts();
  await copyNames(connection, wanted, (row) =>
    builder.addName(
      row,
      nameColumns,
      given.read(row, nameColumns.given),
      suffix.read(row, nameColumns.suffix),
      readBoolean(row, nameColumns.isCurrent),
    ),
  );
  signal.throwIfAborted();
  await copyIdentifiers(connection, wanted, (row) =>
    builder.addIdentifier(row, identifierColumns, readBoolean(row, identifierColumns.isCurrent)),
  );
  signal.throwIfAborted();
  await copyAddresses(connection, wanted, (row) =>
    builder.addAddress(row, addressColumns, readBoolean(row, addressColumns.isCurrent)),
  );
  signal.throwIfAborted();
  await copyContacts(connection, wanted, (row) =>
    builder.addContact(row, contactColumns, readBoolean(row, contactColumns.isCurrent)),
  );
  signal.throwIfAborted();
  return builder.finish();
}

/** First bytes of the precisions there are, and the unit of a packed date below which nothing is known. */
const precisionUnits: ReadonlyMap<number | undefined, number> = new Map([
  [109, 100], // month
  [121, 10_000], // year
]);

function readFacts(row: CopiedRow): RecordFacts {
  const columns = patientColumns;
  const date = packDays(readDays(row, columns.birthDate));
  const precision =
    row.ends[columns.birthDatePrecision]! < 0
      ? undefined
      : row.bytes[row.starts[columns.birthDatePrecision]!];
  return {
    birthDate: date - (date % (precisionUnits.get(precision) ?? 1)),
    receivedOn: packDays(readDays(row, columns.receivedOn)),
    multipleBirth: row.ends[columns.multipleBirth]! < 0 ? null : readBoolean(row, columns.multipleBirth),
    birthOrder: readSmallint(row, columns.birthOrder),
  };
}

/** 2000-01-01, from which the server counts its days. */
const firstDay = 10_957;

/** Days since 2000-01-01 to packed yyyymmdd; 0 for none. */
function packDays(days: number | null): number {
  if (days === null) return 0;
  const { year, month, dayOfMonth } = dateOf(days + firstDay);
  return year * 10_000 + month * 100 + dayOfMonth;
}
