import { sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";

/** A link of the hash chain. Ids and counts as text: they go into the text that is hashed. */
export interface SealRow {
  readonly id: number;
  /** ISO 8601, UTC, six digits of seconds: as hashed. */
  readonly sealedAt: string;
  readonly sealedBy: string;
  readonly epoch: string;
  readonly floorId: string;
  readonly ceilingId: string | null;
  readonly lowerXid: string;
  readonly upperXid: string;
  readonly nextXid: string;
  readonly position: string;
  readonly maxId: string;
  readonly rowCount: string;
  readonly previousHead: string;
  readonly head: string;
  [column: string]: unknown;
}

/** What a seal says about the rows of one month. */
export interface SealMonthRow {
  readonly sealId: number;
  /** `2026-11` */
  readonly month: string;
  readonly rowCount: string;
  readonly firstId: string;
  readonly lastId: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly hash: string;
  [column: string]: unknown;
}

const instant = (column: string) =>
  sql`to_char(${sql.raw(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Seals what can be sealed now; returns how many links were added to the chain. Needs READ COMMITTED. */
export async function insertSeals(tx: Transaction): Promise<number> {
  const rows = await tx.execute<{ made: number }>(sql`select mpi_audit_seal() as made`);
  return rows[0]!.made;
}

/** All seals with an id beyond `afterId`, in order. */
export async function selectSeals(db: Queryable, afterId = 0): Promise<readonly SealRow[]> {
  return db.execute<SealRow>(sql`
    select id::float8 as id, ${instant("sealed_at")} as "sealedAt", sealed_by as "sealedBy", epoch,
      floor_id::text as "floorId", ceiling_id::text as "ceilingId", lower_xid::text as "lowerXid", upper_xid::text as "upperXid",
      next_xid::text as "nextXid", position::text as position, max_id::text as "maxId", row_count::text as "rowCount",
      encode(previous_head, 'hex') as "previousHead", encode(head, 'hex') as head
    from audit_seals where id > ${afterId} order by id`);
}

/** The months of those seals, by seal and month. */
export async function selectSealMonths(db: Queryable, afterId = 0): Promise<readonly SealMonthRow[]> {
  return db.execute<SealMonthRow>(sql`
    select seal_id::float8 as "sealId", to_char(month, 'YYYY-MM') as month, row_count::text as "rowCount",
      first_id::text as "firstId", last_id::text as "lastId", ${instant("first_at")} as "firstAt", ${instant("last_at")} as "lastAt",
      encode(hash, 'hex') as hash
    from audit_seal_months where seal_id > ${afterId} order by seal_id, month`);
}

/** The last link of the chain. */
export async function findLastSealId(db: Queryable): Promise<number | undefined> {
  const rows = await db.execute<{ id: number | null }>(sql`select max(id)::float8 as id from audit_seals`);
  return rows[0]?.id ?? undefined;
}
