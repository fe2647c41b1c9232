import { sql } from "drizzle-orm";
import type { ConnectionTarget, Queryable, Transaction } from "../client.ts";
import { MpiError } from "../../lib/errors.ts";
import { advisoryLockClass } from "../migrate/lock.ts";
import { withSession } from "../migrate/session.ts";
import { verifySchema } from "../migrate/verify.ts";

/** The tables that a load of patients fills. */
const loaded = [
  "patients",
  "patient_names",
  "patient_identifiers",
  "patient_addresses",
  "patient_contacts",
  "audit_log",
] as const;

/** Its row of import_runs is what a killed load leaves behind: while it is open, indexes and references are missing. */
const fingerprint = "first load";

export interface FirstLoad {
  readonly id: string;
  /** `building`: every record is in, and indexes were being built. */
  readonly stage: "new" | "loading" | "building";
}

/** Second half of the advisory lock key: one first load of a database at a time. */
export const firstLoadLock = 3;

/** @throws {MpiError} `locked`, at once, while another process is at a first load. */
export async function withFirstLoadLock<T>(target: ConnectionTarget, work: () => Promise<T>): Promise<T> {
  return withSession(target, async (session) => {
    const [row] = await session.unsafe<{ locked: boolean }[]>(
      `select pg_try_advisory_lock(${advisoryLockClass}, ${firstLoadLock}) as locked`,
    );
    if (!row!.locked) throw new MpiError("locked", "Another first load is at work on this database.");
    return work();
  });
}

/** Waits for whoever writes patients, and keeps everybody else out until the transaction ends. */
export async function lockPatientTables(tx: Transaction): Promise<void> {
  await tx.execute(sql`set local lock_timeout = '10s'`);
  await tx.execute(sql.raw(`lock table ${loaded.join(", ")} in access exclusive mode`));
}

export async function hasPatients(db: Queryable): Promise<boolean> {
  const [row] = await db.execute<{ any: boolean }>(sql`select exists (select from patients) as any`);
  return row!.any;
}

/** The first load that did not come to its end. */
export async function findOpenFirstLoad(db: Queryable): Promise<FirstLoad | undefined> {
  const [row] = await db.execute<{ id: string; building: boolean }>(sql`
    select id, counts ? 'building' as building from import_runs where fingerprint = ${fingerprint} and state <> 'succeeded'`);
  return row === undefined ? undefined : { id: row.id, stage: row.building ? "building" : "loading" };
}

export async function insertFirstLoad(tx: Transaction): Promise<FirstLoad> {
  const [row] = await tx.execute<{ id: string }>(sql`
    insert into import_runs (format, source_system, fingerprint) values ('csv', '(first load)', ${fingerprint}) returning id`);
  return { id: row!.id, stage: "new" };
}

/** Every record is in. */
export async function markBuilding(tx: Transaction, id: string): Promise<void> {
  await tx.execute(sql`update import_runs set counts = '{"building": 1}' where id = ${id}`);
}

export async function closeFirstLoad(tx: Transaction, id: string): Promise<void> {
  await tx.execute(sql`
    update import_runs set state = 'succeeded', counts = '{}', finished_at = now() where id = ${id}`);
}

/** How many were taken away until every record is in. */
export interface SetAsideForLoad {
  readonly indexes: number;
  readonly references: number;
}

/**
 * Drops the references to patients, which cost an eighth of a load row by row and a second each at the end, and the
 * indexes that only searches need. Those that keep a rule, those by which a record's own rows are found (an
 * update needs them), and that on the change marker, which mpi_touch_patients() reads, stay. So does the trail's index on
 * users: sorting a million equal names takes longer (16 s of processor time) than adding each where it belongs.
 */
export async function setAsideForLoad(tx: Transaction): Promise<SetAsideForLoad> {
  const references = await tx.execute<{ table: string; name: string }>(sql`
    select c.conrelid::regclass::text as "table", c.conname as name
    from pg_constraint c
    where c.contype = 'f' and c.confrelid = 'public.patients'::regclass
      and c.conrelid in (select to_regclass('public.' || t) from unnest(${sql.param([...loaded])}::text[]) t)
    order by 1, 2`);
  for (const { table, name } of references) {
    await tx.execute(sql`alter table ${sql.identifier(table)} drop constraint ${sql.identifier(name)}`);
  }
  const rows = await tx.execute<{ name: string }>(sql`
    select c.relname as name
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid in (select to_regclass('public.' || t) from unnest(${sql.param([...loaded])}::text[]) t)
      and not i.indisunique and c.relname <> all (array['idx_patient_names_patient_id', 'idx_patient_addresses_patient_id',
        'idx_patient_contacts_patient_id', 'idx_patients_change_xid', 'idx_audit_log_user_id', 'idx_audit_log_action', 'idx_audit_log_id'])
    order by 1`);
  for (const { name } of rows) await tx.execute(sql`drop index ${sql.identifier(name)}`);
  return { indexes: rows.length, references: references.length };
}

/** An index or a reference, and the statement that makes it. */
export interface MissingPart {
  readonly name: string;
  readonly statement: string;
}

/**
 * The references and indexes of those tables that should be there and are not: references first, while the rows are in
 * memory, then the indexes that take longest.
 */
export async function listMissing(target: ConnectionTarget): Promise<readonly MissingPart[]> {
  const drift = await verifySchema(target);
  const missing = drift.flatMap(({ problem, kind, name: path, expected }) => {
    const [table = "", name = ""] = path.split(".", 2);
    if (problem !== "missing" || expected === undefined || !loaded.some((each) => each === table)) return [];
    if (kind === "index") return [{ name, statement: expected }];
    if (kind === "constraint" && expected.includes("FOREIGN KEY")) {
      return [{ name, statement: `alter table ${table} add ${expected}` }];
    }
    return [];
  });
  const place = ({ statement }: MissingPart) =>
    statement.includes("FOREIGN KEY") ? 0 : statement.includes("USING gin") ? 1 : 2;
  return missing.sort((a, b) => place(a) - place(b));
}

/** Two at a time: each build keeps one processor busy. A build that is killed leaves nothing. */
export async function buildMissing(
  target: ConnectionTarget,
  parts: readonly MissingPart[],
  options: { readonly signal: AbortSignal; readonly onBuilt: (name: string) => void },
): Promise<void> {
  const waiting = [...parts];
  const work = () =>
    withSession(
      target,
      async (session) => {
        await session.unsafe("set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 0");
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          await session.unsafe(next.statement);
          options.onBuilt(next.name);
        }
      },
      options.signal,
    );
  await Promise.all([work(), work()]);
}
