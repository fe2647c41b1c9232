import type { ConnectionTarget } from "../client.ts";
import { listAppliedMigrations, refuseMigrationProblems } from "./applied.ts";
import { readMigrationFiles } from "./files.ts";
import { withSession, type Session } from "./session.ts";
import { createdTable, describeEffect, type LockMode } from "./statement-effect.ts";

/** A table as a statement of the plan will find it. */
export interface PlannedTable {
  readonly name: string;
  /** Made by the plan itself: nobody waits for its lock. */
  readonly isNew: boolean;
  /** Data, indexes and out-of-line values, partitions included. */
  readonly bytes: number;
  /** The planner's estimate. */
  readonly rows: number;
}

/** One statement of a pending migration, and what it costs those who work meanwhile. */
export interface PlannedStatement {
  readonly migration: string;
  readonly number: number;
  readonly sql: string;
  readonly lock: LockMode;
  readonly tables: readonly PlannedTable[];
  readonly rewrites: boolean;
  readonly scans: boolean;
}

/** Every statement that `migrateUp` would run. Changes nothing. */
export const planMigrateUp = (
  target: ConnectionTarget,
  directory?: string,
): Promise<readonly PlannedStatement[]> =>
  withSession(target, async (session) => {
    const files = await readMigrationFiles(directory);
    const applied = await listAppliedMigrations(session);
    refuseMigrationProblems(files, applied);
    const done = new Set(applied.map(({ tag }) => tag));
    const sizes = await readTableSizes(session);
    const made = new Set<string>();
    return files
      .filter(({ tag }) => !done.has(tag))
      .flatMap((file) =>
        file.statements.map(({ number, sql }): PlannedStatement => {
          const effect = describeEffect(sql);
          const created = createdTable(sql);
          if (created !== undefined) made.add(created);
          const tables = effect.tables.map((name) => ({
            name,
            isNew: made.has(name),
            ...(sizes.get(name) ?? { bytes: 0, rows: 0 }),
          }));
          return { migration: file.tag, number, sql, ...effect, tables };
        }),
      );
  });

async function readTableSizes(
  session: Session,
): Promise<ReadonlyMap<string, { readonly bytes: number; readonly rows: number }>> {
  const rows = await session.unsafe<{ name: string; bytes: string; rows: string }[]>(`
    select c.relname as name, sum(pg_total_relation_size(p.relid)) as bytes,
      sum(greatest(l.reltuples, 0))::bigint as rows
    from pg_class c cross join lateral pg_partition_tree(c.oid) p join pg_class l on l.oid = p.relid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'p'
    group by c.relname
    union all
    select relname, pg_total_relation_size(oid), greatest(reltuples, 0)::bigint
    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`);
  return new Map(
    rows.map(({ name, bytes, rows: count }) => [name, { bytes: Number(bytes), rows: Number(count) }]),
  );
}
