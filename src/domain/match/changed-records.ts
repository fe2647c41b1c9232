import type { CopyConnection } from "../../db/copy.ts";
import {
  addComponents,
  addIds,
  addIdsByPrefix,
  createIdsTable,
  type MatchChanges,
} from "../../db/queries/match-changes.ts";
import { selectChangedKeys, visitKeyPages, type StoredKeys } from "../../db/queries/match-keys.ts";
import { readLimits } from "../../matching/blocking/candidate-pairs.ts";
import { findInPage, KeyLocator, type KeyPlace } from "../../matching/blocking/key-pages.ts";
import { KeyValues } from "../../matching/blocking/key-values.ts";
import { scoreStore, type StoreScores } from "../../matching/bulk/score-store.ts";
import type { CompiledModel } from "../../matching/model/compile-model.ts";
import { readStore, type LoadedRecords } from "./load-store.ts";
import type { DomainFactsBySystem } from "./to-match-record.ts";

/** All that a run must know to bring the results up to date with what has changed. */
export interface ChangedRecords {
  /** The records of every person and every reviewed pair that the changes touch, and nothing else. */
  readonly loaded: LoadedRecords;
  /** Their pairs; the counts are of the comparisons with everything. */
  readonly scores: StoreScores;
  /** Ids of the records that changed, those that take part no longer included. */
  readonly changed: readonly string[];
  /** Ids of all records in the components that the changes touch, those that take part no longer included. */
  readonly touched: readonly string[];
  /** Blocking keys of the changed records. */
  readonly keys: readonly (KeyPlace & { readonly id: string })[];
}

/**
 * Looks at what changed against everything, at a cost in proportion to what changed: the keys of the changed records
 * are looked up on the pages that the last full run left, the records found are scored as a full run scores them, and
 * every component of pairs and links that is touched is loaded whole. What comes out of it is what a full run would
 * say of those records: blocks are limited by the calibration, not by what is in memory.
 *
 * The connection is in a transaction of one snapshot.
 */
export async function loadChangedRecords(
  connection: CopyConnection,
  changes: MatchChanges,
  stored: StoredKeys,
  compiled: CompiledModel,
  domains: DomainFactsBySystem,
  signal: AbortSignal,
): Promise<ChangedRecords> {
  const { model } = compiled;
  const read = (idsTable: string) => readStore(connection, { idsTable }, domains, model, signal);
  await createIdsTable(connection, "match_changed", changes.records);
  const changed = await read("match_changed");
  const keys = locateKeys(changed, compiled, stored.pageBits);

  await createIdsTable(connection, "match_candidates", changes.records);
  await addCandidates(connection, stored.build, keys);
  const candidates = await read("match_candidates");
  const isChanged = new Uint8Array(candidates.store.size);
  for (const id of changes.records) {
    const row = candidates.ids.find(id);
    if (row >= 0) isChanged[row] = 1;
  }
  const all = scoreStore(candidates.store, compiled, model.thresholds.review, isChanged);
  const { pairs: found } = all;
  const partners: string[] = [];
  for (let pair = 0; pair < found.size; pair++) {
    partners.push(candidates.ids.get(found.a[pair]!), candidates.ids.get(found.b[pair]!));
  }

  await createIdsTable(connection, "match_touched", [...changes.records, ...changes.decided, ...partners]);
  const touched = await addComponents(connection, "match_touched");
  const loaded = await read("match_touched");
  const { pairs } = scoreStore(loaded.store, compiled, model.thresholds.review);
  return {
    loaded,
    scores: { ...all, pairs },
    changed: changes.records,
    touched,
    keys,
  };
}

function locateKeys(
  { ids, store }: LoadedRecords,
  { model, calibration }: CompiledModel,
  pageBits: number,
): readonly (KeyPlace & { readonly id: string })[] {
  const values = new KeyValues(store);
  const locator = new KeyLocator(values, model.blocking, readLimits(model, calibration), pageBits);
  return Array.from({ length: store.size }, (_, row) => row).flatMap((row) => {
    const id = ids.get(row);
    return locator.locate(row).map((place) => ({ ...place, id }));
  });
}

const pagesPerQuery = 5000;

async function addCandidates(
  connection: CopyConnection,
  build: number,
  keys: readonly KeyPlace[],
): Promise<void> {
  const checksOf = new Map<number, Set<number>>();
  for (const { page, check } of keys) {
    const checks = checksOf.get(page);
    if (checks === undefined) checksOf.set(page, new Set([check]));
    else checks.add(check);
  }
  const pages = [...checksOf.keys()].sort((a, b) => a - b);
  const prefixes = new Set<string>();
  for (let start = 0; start < pages.length; start += pagesPerQuery) {
    await visitKeyPages(connection, build, pages.slice(start, start + pagesPerQuery), (page, entries) =>
      findInPage(entries, checksOf.get(page)!, (prefix) => prefixes.add(prefix)),
    );
  }
  await addIdsByPrefix(connection, "match_candidates", [...prefixes]);
  const since = await selectChangedKeys(
    connection,
    build,
    keys.map((key) => key.page),
    keys.map((key) => key.check),
  );
  await addIds(connection, "match_candidates", since);
}
