import { sql } from "drizzle-orm";
import type { Transaction } from "../client.ts";
import type { CopyConnection } from "../copy.ts";

/** What has changed since a watermark, as ids. */
export interface MatchChanges {
  /** Records whose content changed, those that take part no longer among them. */
  readonly records: readonly string[];
  /** Records about whose pairs or links a person said something. */
  readonly decided: readonly string[];
  /** Whether the rules of an identifier domain changed: then every record is to be looked at. */
  readonly hasOtherDomains: boolean;
}

/**
 * Reads what a run has to look at.
 *
 * @param most more records than this are not listed: `undefined` then.
 */
export async function selectMatchChanges(
  connection: CopyConnection,
  watermark: string,
  most: number,
): Promise<MatchChanges | undefined> {
  const records = await connection.query<{ id: string }>(
    "select id from patients where change_xid >= $1::xid8 limit $2",
    [watermark, most + 1],
  );
  if (records.length > most) return undefined;
  const decided = await connection.query<{ id: string }>(
    // Each is in the history of both records.
    `select distinct entity_id as id from audit_log
      where transaction_id >= $1::xid8 and table_name in ('patient_links', 'patient_match_scores')
        and operation is distinct from 'MATCH_RUN' and entity_id is not null`,
    [watermark],
  );
  const [domains] = await connection.query<{ changed: boolean }>(
    `select exists (select from identifier_domains where updated_at >= (
        select min(started_at) from match_runs where watermark = $1::xid8)) as changed`,
    [watermark],
  );
  return {
    records: records.map((row) => row.id),
    decided: decided.map((row) => row.id),
    hasOtherDomains: domains!.changed,
  };
}

/** Makes a temporary table of ids on this connection; it goes with the transaction. */
export async function createIdsTable(
  connection: CopyConnection,
  name: string,
  ids: readonly string[],
): Promise<void> {
  await connection.query(`create temporary table ${name} (id uuid primary key) on commit drop`);
  await addIds(connection, name, ids);
}

export async function addIds(
  connection: CopyConnection,
  name: string,
  ids: readonly string[],
): Promise<void> {
  await connection.query(
    `insert into ${name} (id) select distinct id::uuid from unnest($1::text[]) id on conflict do nothing`,
    [ids],
  );
  await connection.query(`analyze ${name}`);
}

/** Adds the records whose ids begin with these sixteen hexadecimal digits. */
export async function addIdsByPrefix(
  connection: CopyConnection,
  name: string,
  prefixes: readonly string[],
): Promise<void> {
  await connection.query(
    `insert into ${name} (id)
      select p.id from unnest($1::text[]) w (prefix)
      join patients p on p.id between (w.prefix || '0000000000000000')::uuid and (w.prefix || 'ffffffffffffffff')::uuid
      on conflict do nothing`,
    [prefixes],
  );
  await connection.query(`analyze ${name}`);
}

/** Adds all records that hang together with those in the table, by stored pairs and by links. */
export async function addComponents(connection: CopyConnection, name: string): Promise<readonly string[]> {
  await connection.query(
    `insert into ${name} (id)
      with recursive reached (id) as (
        select id from ${name}
        union
        select n.id from reached r cross join lateral (
          select candidate_id as id from patient_match_scores where patient_id = r.id and state <> 'superseded'
          union all
          select patient_id from patient_match_scores where candidate_id = r.id and state <> 'superseded'
          union all
          select other_patient_id from patient_links where patient_id = r.id
          union all
          select patient_id from patient_links where other_patient_id = r.id) n)
      select id from reached on conflict do nothing`,
  );
  await connection.query(`analyze ${name}`);
  const rows = await connection.query<{ id: string }>(`select id from ${name} order by id`);
  return rows.map((row) => row.id);
}

/** The same on another connection: a temporary table of ids that goes with the transaction. */
export async function createIdTable(tx: Transaction, name: string, ids: readonly string[]): Promise<void> {
  const table = sql.identifier(name);
  await tx.execute(sql`create temporary table ${table} (id uuid primary key) on commit drop`);
  await tx.execute(
    sql`insert into ${table} (id) select id::uuid from unnest(${sql.param([...ids])}::text[]) id`,
  );
  await tx.execute(sql`analyze ${table}`);
}
