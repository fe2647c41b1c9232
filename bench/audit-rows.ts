/**
 * Fills the audit trail of a benchmark database: rows as an import, edits and reads leave them, over this month and
 * the twelve before, in the order of their time. The hash of each is the true one.
 */
import { withCopyConnection } from "../src/db/copy.ts";
import type { ConnectionTarget } from "../src/db/client.ts";

/** One row in so many is a change by a steward, a search, a read; the rest is what imports write. */
const kinds = `case when k.n % 10 < 6 then 'INSERT' when k.n % 10 < 7 then 'UPDATE' when k.n % 10 < 8 then 'SEARCH' else 'READ' end`;

/** Users besides the import's: a few hundred who look and change. */
export const auditUsers = 400;

export async function countAuditRows(target: ConnectionTarget): Promise<number> {
  return withCopyConnection(target, async (connection) => {
    const rows = await connection.query<{ n: string }>("select count(*)::text as n from audit_log");
    return Number(rows[0]!.n);
  });
}

/** Brings the trail to about `wanted` rows; `log` hears of each month. */
export async function fillAuditTrail(
  target: ConnectionTarget,
  wanted: number,
  log: (text: string) => void,
): Promise<void> {
  await withCopyConnection(target, async (connection) => {
    await connection.query("set work_mem = '256MB'; set synchronous_commit = off");
    await connection.query(
      `select mpi_audit_create_partition((date_trunc('month', now()) - make_interval(months => n))::date) from generate_series(1, 12) n`,
    );
    const months = 13;
    for (let month = 0; month < months; month += 1) {
      const started = performance.now();
      // A patient's rows of one month: the ones whose hash falls to it, so that every patient has some in most months.
      await connection.query(
        `insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id,
            operation, transaction_id, new_values, user_agent, row_hash)
          select s.id, s.at, s.user_id, 'mpi', s.action, 'patient', s.entity_id, s.table_name, s.row_id, s.operation,
            pg_current_xact_id(), s.image, 'mpi bench',
            mpi_audit_hash(s.id, s.at, s.user_id, 'mpi', s.action, 'patient', s.entity_id, s.table_name, s.row_id, s.operation,
              pg_current_xact_id(), null, s.image, null, null, 'mpi bench')
          from (
            select nextval('audit_log_id_seq') as id, o.*
            from (
              select ${timeOf(month)} as at, ${kinds} as action, p.id as entity_id,
                case when k.n % 10 < 6 then 'import' else 'user ' || (abs(hashtext(p.id::text || k.n)) % ${String(auditUsers)})::text end as user_id,
                case when k.n % 10 < 7 then 'patient_names' end as table_name, case when k.n % 10 < 7 then gen_random_uuid() end as row_id,
                (array['IMPORT', 'PATIENT_EDIT', 'PATIENT_FIND', 'PATIENT_SHOW'])[case when k.n % 10 < 6 then 1 when k.n % 10 < 7 then 2 when k.n % 10 < 8 then 3 else 4 end] as operation,
                case when k.n % 10 < 7 then jsonb_build_object('id', p.id, 'patient_id', p.id, 'given', array['Wilhelmina', 'Rose'],
                  'family', 'Quillfeather', 'prefix', array[]::text[], 'suffix', array[]::text[], 'use_type', 'official', 'is_primary', true) end as image
              from patients p
              cross join lateral (
                select abs(hashtext(p.id::text || 'm${String(month)}' || i)) as n
                from generate_series(1, ${String(Math.ceil(wanted / months))} / (select count(*) from patients) + 1) i
              ) k
              where k.n % 1000003 < 1000003 * (${String(Math.ceil(wanted / months))}::float8
                / ((select count(*) from patients) * (${String(Math.ceil(wanted / months))} / (select count(*) from patients) + 1)))
              order by 1
            ) o
          ) s`,
      );
      log(`  audit rows of month ${String(month + 1)} of 13: ${seconds(started)} s`);
    }
    await connection.query("analyze audit_log");
  });
}

const timeOf = (monthsBack: number) => {
  const start = `(date_trunc('month', now()) - make_interval(months => ${String(monthsBack)}))`;
  const end = monthsBack === 0 ? "now()" : `(${start} + interval '27 days')`;
  return `${start} + (${end} - ${start}) * ((abs(hashtext(k.n || p.id::text)) % 1000000) / 1000000.0)`;
};

const seconds = (started: number) => ((performance.now() - started) / 1000).toFixed(1);
