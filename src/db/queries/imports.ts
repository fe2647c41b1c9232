import { sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";

/** A record that a source has delivered before. */
export interface SourceRecordRow {
  readonly id: string;
  readonly sourceSystem: string | null;
  readonly sourceId: string | null;
  readonly active: boolean;
  readonly deleted: boolean;
  [column: string]: unknown;
}

/** The records behind pairs of source and source id, locked so that nobody edits them meanwhile. */
export async function selectSourceRecords(
  tx: Transaction,
  keys: readonly { readonly system: string; readonly id: string }[],
): Promise<readonly SourceRecordRow[]> {
  return tx.execute<SourceRecordRow>(sql`
    select p.id, p.source_system as "sourceSystem", p.source_id as "sourceId", p.active, p.deleted_at is not null as deleted
    from unnest(${sql.param(keys.map((key) => key.system))}::text[], ${sql.param(keys.map((key) => key.id))}::text[]) as asked (system, id)
    join patients p on p.source_system = asked.system and p.source_id = asked.id
    order by p.id for update of p`);
}

/** The same for records that no source delivered, by their ids. */
export async function selectRecordsWithoutSource(
  tx: Transaction,
  ids: readonly string[],
): Promise<readonly SourceRecordRow[]> {
  return tx.execute<SourceRecordRow>(sql`
    select p.id, null as "sourceSystem", null as "sourceId", p.active, p.deleted_at is not null as deleted
    from patients p where p.id = any(${sql.param([...ids])}::uuid[]) and p.source_system is null
    order by p.id for update of p`);
}

/** The record that a source delivered under this id; undefined where it has not. */
export async function findSourceRecord(
  db: Queryable,
  system: string,
  id: string,
): Promise<string | undefined> {
  const [row] = await db.execute<{ id: string }>(sql`
    select id from patients where source_system = ${system} and source_id = ${id}`);
  return row?.id;
}

export interface DomainFlags {
  readonly system: string;
  readonly isAuthoritative: boolean;
  readonly isSingleValued: boolean;
  [column: string]: unknown;
}

export const selectDomainFlags = (db: Queryable): Promise<readonly DomainFlags[]> =>
  db.execute<DomainFlags>(sql`
    select system, is_authoritative as "isAuthoritative", is_single_valued as "isSingleValued" from identifier_domains`);

export async function insertQuarantine(
  tx: Transaction,
  row: {
    readonly patientId: string;
    readonly kind: "overlay" | "merge" | "link" | "unlink";
    readonly payload: unknown;
    readonly fields: readonly string[];
    readonly origin: "edit" | "csv" | "fhir" | "hl7";
  },
): Promise<boolean> {
  // The same update sent twice waits once.
  const rows = await tx.execute(sql`
    insert into patient_quarantine (patient_id, kind, payload, fields, origin)
    select ${row.patientId}, ${row.kind}, ${JSON.stringify(row.payload)}::jsonb, ${sql.param([...row.fields])}::text[], ${row.origin}
    where not exists (
      select from patient_quarantine q
      where q.patient_id = ${row.patientId} and q.payload = ${JSON.stringify(row.payload)}::jsonb and q.state in ('pending', 'rejected'))
    returning id`);
  return rows.length > 0;
}

/** A stretch of an input that is committed, told by the transaction that wrote it. */
export interface CommittedStretch {
  /** Place of its first entry in the input, from 0. */
  readonly from: number;
  readonly entries: number;
  /** Outcomes of those entries that were not rejected. */
  readonly counts: Readonly<Record<string, number>>;
  /** Places within the stretch of entries that the database refused, and why; no data. */
  readonly refused: readonly (readonly [place: number, reason: string])[];
}

export interface OpenImport {
  readonly id: string;
  readonly recordsDone: number;
  readonly rejectsBytes: number;
  readonly counts: Readonly<Record<string, number>>;
  /** What is committed beyond `recordsDone`, in the order in which it was. */
  readonly ahead: readonly CommittedStretch[];
}

/** Takes up the unfinished import of the same input, or begins one. */
export async function openImportRun(
  tx: Transaction,
  run: { readonly format: string; readonly sourceSystem: string; readonly fingerprint: string },
): Promise<OpenImport> {
  const [row] = await tx.execute<{ id: string; done: string; counts: StoredCounts }>(sql`
    insert into import_runs (format, source_system, fingerprint)
    values (${run.format}, ${run.sourceSystem}, ${run.fingerprint})
    on conflict (fingerprint) where state <> 'succeeded' do update set state = 'running'
    returning id, records_done as done, counts`);
  const { rejectsBytes = 0, ahead = [], ...counts } = row!.counts;
  return { id: row!.id, recordsDone: Number(row!.done), rejectsBytes, counts, ahead };
}

type StoredCounts = Readonly<Record<string, number>> & { readonly ahead?: readonly CommittedStretch[] };

/**
 * Tells of a stretch in the transaction that writes it, so that it is never taken up a second time. As the last
 * statement before the commit: transactions that write other stretches of the same import wait for this one.
 */
export async function insertCommittedStretch(
  tx: Transaction,
  id: string,
  stretch: CommittedStretch,
): Promise<void> {
  await tx.execute(sql`
    update import_runs
    set counts = jsonb_set(counts, '{ahead}', coalesce(counts -> 'ahead', '[]') || ${JSON.stringify([stretch])}::jsonb)
    where id = ${id}`);
}

/** Where an import stands; what was told of stretches before that is forgotten. */
export async function updateImportRun(
  tx: Transaction,
  id: string,
  progress: {
    readonly recordsDone: number;
    readonly rejectsBytes: number;
    readonly counts: Readonly<Record<string, number>>;
    readonly state: "running" | "succeeded" | "stopped" | "failed";
  },
): Promise<void> {
  const counts = JSON.stringify({ ...progress.counts, rejectsBytes: progress.rejectsBytes });
  await tx.execute(sql`
    update import_runs
    set records_done = ${progress.recordsDone}, state = ${progress.state},
      counts = ${counts}::jsonb || case when ${progress.state} = 'succeeded' then '{}' else jsonb_build_object('ahead', (
        select coalesce(jsonb_agg(stretch order by place), '[]')
        from jsonb_array_elements(counts -> 'ahead') with ordinality stretches (stretch, place)
        where (stretch ->> 'from')::bigint + (stretch ->> 'entries')::bigint > ${progress.recordsDone})) end,
      finished_at = case when ${progress.state} = 'running' then null else now() end
    where id = ${id}`);
}

/** Fresh statistics for the planner, after much has been written. Outside any transaction of ours. */
export async function analyzePatientTables(db: Queryable): Promise<void> {
  await db.execute(sql`
    analyze patients, patient_names, patient_identifiers, patient_addresses, patient_contacts, name_dictionary`);
}

/** The same after many links. */
export async function analyzeLinkTables(db: Queryable): Promise<void> {
  await db.execute(sql`analyze patient_links, patient_match_scores`);
}
