import { sql, type SQL } from "drizzle-orm";
import type { Queryable } from "../client.ts";

/** A decision as a list shows it. */
export interface DecidedRow {
  readonly id: string;
  readonly said: "same" | "different" | "later" | "merged";
  /** False for one that was overridden since. */
  readonly isInForce: boolean;
  readonly aId: string;
  readonly aName: string | null;
  readonly bId: string;
  readonly bName: string | null;
  readonly decidedBy: string;
  readonly decidedAt: string;
  readonly origin: string | null;
  readonly reason: string | null;
  readonly basisChanged: boolean;
  [column: string]: unknown;
}

const name = (record: SQL) => sql`(
  select concat_ws(', ', n.family, nullif(array_to_string(n.given, ' '), '')) from patient_names n
  where n.patient_id = ${record} order by n.is_primary desc, n.created_at, n.id limit 1)`;

/** What people have decided about pairs, the latest first. What an overridden decision said is in the audit trail. */
export const selectDecided = (
  db: Queryable,
  page: { readonly limit: number; readonly offset: number },
): Promise<readonly DecidedRow[]> =>
  db.execute<DecidedRow>(sql`
    select s.id,
      case case s.state when 'superseded' then closed.state else s.state end
        when 'confirmed' then 'same' when 'deferred' then 'later' when 'merged' then 'merged' else 'different' end as said,
      s.state <> 'superseded' as "isInForce", s.patient_id as "aId", s.candidate_id as "bId",
      ${name(sql`s.patient_id`)} as "aName", ${name(sql`s.candidate_id`)} as "bName",
      s.decided_by as "decidedBy", s.decided_at::text as "decidedAt", s.decision_origin as origin, s.reason,
      s.kind = 'basis_changed' as "basisChanged"
    from patient_match_scores s
      left join lateral (
        select l.old_values ->> 'state' as state from audit_log l
        where s.state = 'superseded' and l.entity_type = 'patient' and l.entity_id = s.patient_id and l.row_id = s.id
          and l.new_values ->> 'state' = 'superseded'
        order by l.timestamp desc, l.id desc limit 1) closed on true
    where s.decided_at is not null and s.state in ('confirmed', 'rejected', 'deferred', 'merged', 'superseded')
    order by s.decided_at desc, s.id limit ${page.limit} offset ${page.offset}`);
