import type postgres from "postgres";
import { MpiError } from "../../lib/errors.ts";
import type { ConnectionTarget } from "../client.ts";
import { deleteAppliedMigration, listAppliedMigrations, refuseMigrationProblems } from "./applied.ts";
import { applyStatements, type LockPatience } from "./apply.ts";
import { readDownFile, readMigrationFiles, type MigrationFile } from "./files.ts";
import { withMigrationLock } from "./lock.ts";
import { programVersion } from "./program-version.ts";
import { withSession, type Session } from "./session.ts";

/** A table that going back would drop, with what is in it. */
export interface DoomedTable {
  readonly migration: string;
  readonly table: string;
  readonly rows: number;
}

/** What going back would do. */
export interface DownPlan {
  /** Newest first: the order in which they are taken back. */
  readonly migrations: readonly MigrationFile[];
  readonly tables: readonly DoomedTable[];
}

export interface DownOptions extends LockPatience {
  /**
   * The migration that is to be the last one applied: its tag, its number, or `none`. Default: the one before the
   * newest that is applied.
   */
  readonly to?: string;
  readonly user?: string;
  /** Why rows may go. Without it tables that hold rows are not dropped. */
  readonly reason?: string;
  readonly waitSeconds?: number;
  readonly directory?: string;
  readonly onMigration?: (tag: string) => void;
}

export interface DownResult {
  /** Tags, in the order in which they were taken back. */
  readonly takenBack: readonly string[];
  readonly rowsDropped: number;
}

/** Says what `migrateDown` would do, and changes nothing. */
export const planMigrateDown = (
  target: ConnectionTarget,
  options: Pick<DownOptions, "to" | "directory"> = {},
): Promise<DownPlan> =>
  withSession(target, async (session) => {
    const migrations = await listDownFiles(session, options);
    const tables = await Promise.all(migrations.map((file) => countRows(session, file)));
    return { migrations, tables: tables.flat() };
  });

/**
 * Takes migrations back, newest first, each in a transaction of its own. Who did it and why stays in
 * mpi_migration_events, and in the audit trail as long as that stands.
 *
 * @throws {MpiError} `conflict` where a table to be dropped holds rows and no reason is given; `usage` where the
 *   target version is unknown or lies ahead; else as `migrateUp`.
 */
export async function migrateDown(target: ConnectionTarget, options: DownOptions = {}): Promise<DownResult> {
  const version = await programVersion();
  return withMigrationLock(
    target,
    options.waitSeconds ?? 60,
    async (lock, session) => {
      const files = await listDownFiles(session, options);
      // Before anything is touched; each step looks again, under its locks.
      for (const file of files) refuseRowLoss(await countRows(session, file), options.reason);
      const isTrailKept = !files.some((file) => droppedTables(file).includes("audit_log"));
      const takenBack: string[] = [];
      let rowsDropped = 0;
      for (const file of files) {
        options.onMigration?.(file.tag);
        let rows = 0;
        await applyStatements(session, file, options, {
          before: async (transaction) => {
            // Locked first: a row that arrives between counting and dropping would be lost unseen.
            for (const table of await listDoomedTables(transaction, file)) {
              await transaction.unsafe(`lock table public.${table} in access exclusive mode`);
            }
            rows = refuseRowLoss(await countRows(transaction, file), options.reason);
            if (isTrailKept) await insertAuditRow(transaction, file, options, rows);
          },
          after: async (transaction) => {
            const actor = { user: options.user, version };
            await deleteAppliedMigration(transaction, file.tag, actor, options.reason, rows);
            await lock.ensureHeld();
          },
        });
        takenBack.push(file.tag);
        rowsDropped += rows;
      }
      return { takenBack, rowsDropped };
    },
    options.signal,
  );
}

async function listDownFiles(
  session: Session,
  options: Pick<DownOptions, "to" | "directory">,
): Promise<readonly MigrationFile[]> {
  const files = await readMigrationFiles(options.directory);
  const applied = await listAppliedMigrations(session);
  refuseMigrationProblems(files, applied);
  const tags = applied.map(({ tag }) => tag);
  const keep = options.to === undefined ? Math.max(0, tags.length - 1) : countKept(options.to, files, tags);
  return Promise.all(
    tags
      .slice(keep)
      .reverse()
      .map((tag) => readDownFile(tag, options.directory)),
  );
}

/** How many migrations stay when `to` is to be the last one. */
function countKept(to: string, files: readonly MigrationFile[], applied: readonly string[]): number {
  if (to === "none") return 0;
  const position = files.findIndex(
    ({ tag }) => tag === to || (/^\d+$/.test(to) && Number(tag.slice(0, 4)) === Number(to)),
  );
  if (position === -1) {
    throw new MpiError("usage", `There is no migration ${to}.`, {
      hint: `Known are none, ${files.map(({ tag }) => tag).join(", ")}.`,
    });
  }
  if (position >= applied.length) {
    throw new MpiError(
      "usage",
      `Migration ${files[position]!.tag} is not applied: there is nothing to go back to.`,
    );
  }
  return position + 1;
}

/** The tables that a down file drops, in its order. */
const droppedTables = (file: MigrationFile): readonly string[] =>
  file.statements.flatMap(({ sql }) => [...sql.matchAll(/^drop table (\w+);$/gm)].map(([, table]) => table!));

/** Those of them that are there. */
async function listDoomedTables(
  session: Session | postgres.TransactionSql,
  file: MigrationFile,
): Promise<readonly string[]> {
  const tables = droppedTables(file);
  const rows = await session.unsafe<{ name: string }[]>(
    "select name from unnest($1::text[]) name where to_regclass('public.' || name) is not null",
    [tables as string[]],
  );
  const there = new Set(rows.map(({ name }) => name));
  return tables.filter((table) => there.has(table));
}

async function countRows(
  session: Session | postgres.TransactionSql,
  file: MigrationFile,
): Promise<readonly DoomedTable[]> {
  const counts: DoomedTable[] = [];
  for (const table of await listDoomedTables(session, file)) {
    const [row] = await session.unsafe<{ rows: string }[]>(`select count(*) as rows from public.${table}`);
    counts.push({ migration: file.tag, table, rows: Number(row!.rows) });
  }
  return counts;
}

function refuseRowLoss(tables: readonly DoomedTable[], reason: string | undefined): number {
  const filled = tables.filter(({ rows }) => rows > 0);
  if (filled.length > 0 && reason === undefined) {
    const list = filled.map(({ table, rows }) => `${table} (${String(rows)})`).join(", ");
    throw new MpiError("conflict", `Going back would drop tables that hold rows: ${list}.`, {
      hint: "Make a backup; then give --yes and --reason.",
      details: { tables: filled },
    });
  }
  return filled.reduce((sum, { rows }) => sum + rows, 0);
}

/** Into the trail, where it stays; going back over the trail itself is remembered by the runner alone. */
async function insertAuditRow(
  transaction: postgres.TransactionSql,
  file: MigrationFile,
  options: DownOptions,
  rows: number,
): Promise<void> {
  const [log] = await transaction.unsafe<{ there: boolean }[]>(
    "select to_regclass('public.audit_log') is not null as there",
  );
  if (!log!.there) return;
  await transaction.unsafe(
    `insert into public.audit_log (user_id, action, entity_type, table_name, operation, new_values, reason)
     values (coalesce($1, session_user), 'ADMIN', 'schema', 'mpi_migrations', 'MIGRATE_DOWN',
       jsonb_build_object('migration', $2::text, 'rows', $3::bigint), $4)`,
    [options.user ?? null, file.tag, rows, options.reason ?? null],
  );
}
