import type postgres from "postgres";
import { auditHash } from "../../src/db/queries/audit-line.ts";
import { PgDialect } from "drizzle-orm/pg-core";

/** A row of the audit trail, as an attacker names it. */
export interface Target {
  readonly id: string;
  readonly at: string;
}

/** The four things that can be done to sealed rows, each by a superuser who has switched the triggers off. */
export const manipulations = ["altered", "removed", "inserted", "reordered"] as const;
export type Manipulation = (typeof manipulations)[number];

/** How much the attacker covers up. */
export const coverUps = ["nothing", "row hashes", "everything"] as const;
export type CoverUp = (typeof coverUps)[number];

const sealTables = ["audit_seals", "audit_seal_months", "audit_seal_chunks"];

const listTables = async (sql: postgres.Sql) => {
  const rows = await sql<{ name: string }[]>`select relid::text as name from pg_partition_tree('audit_log')`;
  return [...rows.map(({ name }) => name), ...sealTables];
};

/** Does something with the guards switched off, and switches them on again as if nothing had been. */
export async function withoutGuards(
  sql: postgres.Sql,
  work: (sql: postgres.TransactionSql) => Promise<unknown>,
) {
  const tables = await listTables(sql);
  const setTriggers = async (transaction: postgres.TransactionSql, state: "enable always" | "disable") => {
    for (const table of tables) {
      const triggers = await transaction<{ name: string }[]>`
        select tgname as name from pg_trigger where tgrelid = ${table}::regclass and tgname like '%immutable%'`;
      for (const { name } of triggers)
        await transaction.unsafe(`alter table ${table} ${state} trigger ${name}`);
    }
  };
  await sql.begin(async (transaction) => {
    await setTriggers(transaction, "disable");
    await work(transaction);
    await setTriggers(transaction, "enable always");
  });
}

/** SQL of the hash that a row of audit_log `a` should bear. */
export const rowHash = new PgDialect().sqlToQuery(auditHash()).sql;

/** Tampers with the rows and covers it up as far as told. Returns the place where a check should point. */
export async function attack(
  sql: postgres.Sql,
  manipulation: Manipulation,
  target: Target,
  other: Target,
  coverUp: CoverUp,
): Promise<Target> {
  let place = target;
  await withoutGuards(sql, async (transaction) => {
    switch (manipulation) {
      case "altered":
        await transaction`update audit_log set user_id = 'somebody else' where id = ${target.id}`;
        break;
      case "removed":
        await transaction`delete from audit_log where id = ${target.id}`;
        break;
      case "inserted": {
        // Beside the target, in its transaction, under an id that a rolled back transaction has left free.
        const rows = await transaction<Target[]>`
          insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, transaction_id)
          select ${other.id}, "timestamp" + interval '1 microsecond', user_id, database_user, 'READ', entity_type, entity_id, transaction_id
          from audit_log where id = ${target.id}
          returning id, to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`;
        place = rows[0]!;
        break;
      }
      case "reordered":
        await transaction`update audit_log set id = case id when ${target.id} then ${other.id}::bigint else ${target.id}::bigint end
          where id in (${target.id}, ${other.id})`;
        break;
    }
    if (coverUp !== "nothing") await transaction.unsafe(`update audit_log a set row_hash = ${rowHash}`);
    if (coverUp === "everything") await recomputeChain(transaction);
  });
  return place;
}

/** What a superuser can do who has read our source: every seal again, over the rows as they are now. */
async function recomputeChain(sql: postgres.TransactionSql) {
  const seals = await sql<Record<string, string | null>[]>`select * from audit_seals order by id`;
  await sql`delete from audit_seal_chunks`;
  await sql`delete from audit_seal_months`;
  await sql`delete from audit_seals`;
  for (const seal of seals) {
    await sql`select mpi_audit_write_seal(${seal["id"]!}, ${seal["epoch"]!}, ${seal["floor_id"]!}, ${seal["ceiling_id"] ?? null},
      ${seal["lower_xid"]!}, ${seal["upper_xid"]!}, ${seal["next_xid"]!}, ${seal["position"]!}, ${seal["max_id"]!},
      coalesce((select head from audit_seals order by id desc limit 1), decode(repeat('00', 32), 'hex')), ${seal["floor_id"]!})`;
  }
}
