import { readBoolean, readDays, readSmallint, type CopiedRow } from "../../db/binary-copy.ts";
import type { ConnectionTarget, Database } from "../../db/client.ts";
import { withCopyConnection, type CopyConnection } from "../../db/copy.ts";
import { selectDomainFlags } from "../../db/queries/imports.ts";
import {
  beginSnapshot,
  copyPatients,
  estimatePatients,
  patientColumns,
  type WantedRecords,
} from "../../db/queries/match-tables.ts";
import { dateOf } from "../../lib/calendar.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { ListBuilder, type StoreLists } from "../../matching/store/list-builder.ts";
import type { OwnerTable } from "../../matching/store/record-ids.ts";
import type { RecordFacts } from "../../matching/store/record-rows.ts";
import { StoreBuilder, type BuiltStore } from "../../matching/store/store-builder.ts";
import { chooseThreads } from "./choose-threads.ts";
import { listOptions, listSettings, type ListSettings } from "./list-settings.ts";
import { canLoadInThreads, startLoadThread } from "./load-threads.ts";
import { readLists, type ReadLists } from "./read-lists.ts";
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
 *
 * @param threads that read at the same time, two at most; absent: as many as are worth it.
 */
export async function loadStore(
  db: Database,
  target: ConnectionTarget,
  model: MatchModel,
  signal: AbortSignal,
  threads?: number,
): Promise<LoadedRecords> {
  const settings = listSettings(model, await loadDomainFacts(db));
  return withCopyConnection(target, async (connection) => {
    const snapshot = await beginSnapshot(connection);
    const builder = new StoreBuilder({ expected: await estimatePatients(connection) });
    const owners = await readRecords(connection, "all", builder, signal);
    const size = owners.rows.length;
    if (!canLoadInThreads || (threads ?? chooseThreads(size)) < 2) {
      return builder.finish(await readAllLists(connection, "all", settings, owners, signal));
    }
    const nextKind = new Int32Array(new SharedArrayBuffer(4));
    const helper = startLoadThread({ target, snapshot, settings, owners, nextKind }, signal);
    try {
      const take = () => Atomics.add(nextKind, 0, 1);
      const own = await readLists(
        connection,
        "all",
        new ListBuilder(listOptions(settings), owners),
        take,
        signal,
      );
      return builder.finish(allOf({ ...own, ...(await helper.result) }));
    } finally {
      helper.stop();
    }
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
  const builder = new StoreBuilder();
  const owners = await readRecords(connection, wanted, builder, signal);
  return builder.finish(await readAllLists(connection, wanted, listSettings(model, domains), owners, signal));
}

async function readRecords(
  connection: CopyConnection,
  wanted: WantedRecords,
  builder: StoreBuilder,
  signal: AbortSignal,
): Promise<OwnerTable> {
  await copyPatients(connection, wanted, (row) => builder.addRecord(row, patientColumns, readFacts(row)));
  const owners = builder.orderRecords();
  signal.throwIfAborted();
  return owners;
}

async function readAllLists(
  connection: CopyConnection,
  wanted: WantedRecords,
  settings: ListSettings,
  owners: OwnerTable,
  signal: AbortSignal,
): Promise<StoreLists> {
  let next = 0;
  const builder = new ListBuilder(listOptions(settings), owners);
  return allOf(await readLists(connection, wanted, builder, () => next++, signal));
}

/** Every kind was taken by somebody. */
function allOf({ names, addresses, identifiers, contacts }: ReadLists): StoreLists {
  if (names === undefined || addresses === undefined || identifiers === undefined || contacts === undefined) {
    throw new Error("a list of records was not read");
  }
  return { names, addresses, identifiers, contacts };
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
