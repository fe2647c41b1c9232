import { selectDomainFlags } from "../../db/queries/imports.ts";
import { copyMatchRecords } from "../../db/queries/match-records.ts";
import type { ConnectionTarget, Database } from "../../db/client.ts";
import { withCopyConnection } from "../../db/copy.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { normaliseRecord, type NormalRecord } from "../../matching/normal-record.ts";
import { encodeRecords } from "../../matching/store/encode-records.ts";
import type { RecordStore } from "../../matching/store/record-store.ts";
import { unpackMatchRecord, type DomainFactsBySystem } from "./to-match-record.ts";

/** Every record that takes part in matching, in order of id: row i of the store is ids[i]. */
export interface LoadedRecords {
  readonly ids: readonly string[];
  readonly store: RecordStore;
}

export async function loadDomainFacts(db: Database): Promise<DomainFactsBySystem> {
  const flags = await selectDomainFlags(db);
  return new Map(
    flags.map(({ system, isAuthoritative, isSingleValued }) => [system, { isAuthoritative, isSingleValued }]),
  );
}

/** Reads all records that are neither deleted nor merged away, normalised and encoded. */
export async function loadStore(
  db: Database,
  target: ConnectionTarget,
  model: MatchModel,
  signal: AbortSignal,
  onRecords: (count: number) => void = () => undefined,
): Promise<LoadedRecords> {
  const domains = await loadDomainFacts(db);
  const national = new Set(model.nationalIdentifierTypes);
  const records: NormalRecord[] = [];
  await withCopyConnection(target, async (connection) => {
    for await (const batch of copyMatchRecords(connection)) {
      signal.throwIfAborted();
      for (const packed of batch) records.push(normaliseRecord(unpackMatchRecord(packed, domains), national));
      onRecords(records.length);
    }
  });
  return { ids: records.map((record) => record.id), store: encodeRecords(records) };
}
