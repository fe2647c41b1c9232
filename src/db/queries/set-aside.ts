import { sql } from "drizzle-orm";
import type { Transaction } from "../client.ts";
import { databaseErrorFacts } from "../errors.ts";

/** lock_not_available, deadlock_detected, dependent_objects_still_exist, insufficient_privilege. */
const refusals = ["55P03", "40P01", "2BP01", "42501"];

/** What was set aside, as the statements that bring it back, in their order. */
export interface SetAside {
  readonly references: readonly string[];
  readonly indexes: readonly string[];
}

/**
 * Takes away all indexes of a table but its primary key, and its foreign keys, until `bringBack` in the same transaction:
 * hundreds of thousands of rows then go in at a third of the time. Others wait that long for any use of the table and of
 * those that it refers to; nobody ever sees it without its rules.
 *
 * @param patience how long it waits for others at most.
 * @returns undefined, with everything as it was, where this role does not own the tables, somebody is at work on them, or
 *   an index was put into a tablespace of its own, which its definition does not tell.
 */
export async function setAsideIndexes(
  tx: Transaction,
  table: string,
  patience: `${number}s` = "10s",
): Promise<SetAside | undefined> {
  try {
    return await tx.transaction(async (inner) => {
      if (!(await lockForFilling(inner, table, patience))) return undefined;
      const found = await inner.execute<{ drop: string; restore: string; is_reference: boolean }>(sql`
        with target as (select to_regclass('public.' || quote_ident(${table})) as oid)
        select format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname) as drop,
          format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as restore,
          c.contype = 'f' as is_reference, case c.contype when 'u' then 1 else 2 end as place, c.conname as name
        from pg_constraint c join target t on t.oid = c.conrelid where c.contype in ('u', 'f')
        union all
        select format('drop index %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid), false, 0, r.relname
        from pg_index i join target t on t.oid = i.indrelid join pg_class r on r.oid = i.indexrelid
        where not exists (select from pg_constraint c where c.conindid = i.indexrelid)
        order by place, name`);
      for (const { drop } of found) await inner.execute(sql.raw(drop));
      const statements = (areReferences: boolean) =>
        found.filter((each) => each.is_reference === areReferences).map(({ restore }) => restore);
      return { references: statements(true), indexes: statements(false) };
    });
  } catch (error) {
    if (refusals.includes(databaseErrorFacts(error)?.sqlState ?? "")) return undefined;
    throw error;
  }
}

/**
 * A reference is checked by one query over both tables, of which the planner knows nothing of ours: it is told to sort our
 * side and to go along the other's index, which takes two thirds of the time of what it would choose, on one processor
 * in place of two. So the references come first: an index of ours would be read in place of the sorting, and is slower.
 */
export async function bringBack(tx: Transaction, { references, indexes }: SetAside): Promise<void> {
  await tx.execute(sql`
    select set_config('maintenance_work_mem', greatest(262144, setting::int8) || 'kB', true)
    from pg_settings where name = 'maintenance_work_mem'`);
  for (const [name, value] of mergeOnly) await tx.execute(sql.raw(`set local ${name} to ${value}`));
  for (const statement of references) await tx.execute(sql.raw(statement));
  for (const [name] of mergeOnly) await tx.execute(sql.raw(`set local ${name} to default`));
  for (const statement of indexes) await tx.execute(sql.raw(statement));
}

const mergeOnly = [
  ["enable_hashjoin", "off"],
  ["enable_nestloop", "off"],
  ["max_parallel_workers_per_gather", "0"],
] as const;

/** Those that it refers to first, as writers come to them. An autovacuum gives way after a second; a person keeps the table. */
async function lockForFilling(tx: Transaction, table: string, patience: string): Promise<boolean> {
  const tables = await tx.execute<{ name: string; allowed: boolean }>(sql`
    with target as (select to_regclass('public.' || quote_ident(${table})) as oid),
    referred as (
      select distinct c.confrelid as oid from pg_constraint c join target t on t.oid = c.conrelid
      where c.contype = 'f' and c.confrelid <> t.oid)
    select r.oid::regclass::text as name,
      pg_has_role(c.relowner, 'usage') and (r.referred or not row_security_active(r.oid) and not exists (
        select from pg_index i join pg_class x on x.oid = i.indexrelid
        where i.indrelid = r.oid and x.reltablespace <> 0)) as allowed
    from (select oid, true as referred from referred union all select oid, false from target) r
    join pg_class c on c.oid = r.oid order by r.referred desc, 1`);
  if (tables.some(({ allowed }) => !allowed)) return false;
  const [before] = await tx.execute<{ timeout: string }>(
    sql`select current_setting('lock_timeout') as timeout`,
  );
  await tx.execute(sql`select set_config('lock_timeout', ${patience}, true)`);
  await tx.execute(
    sql.raw(`lock table ${tables.map(({ name }) => name).join(", ")} in access exclusive mode`),
  );
  await tx.execute(sql`select set_config('lock_timeout', ${before!.timeout}, true)`);
  return true;
}
