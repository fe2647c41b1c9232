import { sql } from "drizzle-orm";
import type { Queryable } from "../client.ts";

/** Another record of the same person, in brief. */
export interface PersonMemberRow {
  readonly id: string;
  readonly family: string | null;
  readonly given: readonly string[] | null;
  readonly birthDate: string | null;
  readonly sourceSystem: string | null;
  readonly active: boolean;
  readonly deleted: boolean;
  [column: string]: unknown;
}

export interface LinkRow {
  /** `replaced_by`, `replaces`, `refer` or `seealso`, seen from the record asked about. */
  readonly linkType: string;
  readonly direction: "to" | "from";
  readonly otherId: string;
  readonly origin: string;
  readonly createdAt: string;
  readonly createdBy: string | null;
  readonly reason: string | null;
  [column: string]: unknown;
}

export interface ReviewRow {
  readonly id: string;
  readonly otherId: string;
  readonly totalScore: number;
  readonly state: string;
  readonly kind: string;
  readonly rulesFired: readonly string[];
  [column: string]: unknown;
}

export interface PersonViewRows {
  readonly members: readonly PersonMemberRow[];
  readonly links: readonly LinkRow[];
  readonly reviews: readonly ReviewRow[];
}

/** So many members, links and reviews are read at most; more belong on a list of their own. */
const limit = 200;

/** What surrounds one record: its person's other records, its links and its pairs that wait for a decision. */
export async function selectPersonView(
  db: Queryable,
  id: string,
  enterpriseId: string,
): Promise<PersonViewRows> {
  const members = await db.execute<PersonMemberRow>(sql`
    select p.id, n.family, n.given, p.birth_date::text as "birthDate", p.source_system as "sourceSystem", p.active,
      p.deleted_at is not null as deleted
    from patients p left join patient_names n on n.patient_id = p.id and n.is_primary
    where p.enterprise_id = ${enterpriseId} and p.id <> ${id}
    order by p.initial_enterprise_at, p.id limit ${limit}`);
  const links = await db.execute<LinkRow>(sql`
    select link_type as "linkType", 'to' as direction, other_patient_id as "otherId", origin, created_at::text as "createdAt",
      created_by as "createdBy", reason
    from patient_links where patient_id = ${id}
    union all
    select link_type, 'from', patient_id, origin, created_at::text, created_by, reason
    from patient_links where other_patient_id = ${id} and link_type in ('refer', 'seealso')
    order by 5, 3 limit ${limit}`);
  const reviews = await db.execute<ReviewRow>(sql`
    select id, case when patient_id = ${id} then candidate_id else patient_id end as "otherId",
      total_score::float8 as "totalScore", state, kind, rules_fired as "rulesFired"
    from patient_match_scores
    where (patient_id = ${id} or candidate_id = ${id}) and state in ('pending', 'deferred')
    order by 3 desc, 1 limit ${limit}`);
  return { members, links, reviews };
}
