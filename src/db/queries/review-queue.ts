import { sql, type SQL } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";

/** Which entries of the queue; what is left out does not narrow it. */
export interface QueueFilter {
  readonly kinds?: readonly QueueKind[] | undefined;
  readonly minScore?: number | undefined;
  readonly maxScore?: number | undefined;
  /** Source system of either record. */
  readonly source?: QueueSource | undefined;
  /** Managing organization of either record, by its id. */
  readonly organizationId?: string | undefined;
  /** Only what is assigned to this user. */
  readonly assignedTo?: string | undefined;
  /** Pairs that were put off: with the others, alone, or not at all. */
  readonly deferred?: "with" | "only" | "without" | undefined;
}

export interface QueueSource {
  readonly system: string;
  /** Ids of its records, where they are few: then the queue is reached through them instead of being walked. */
  readonly records?: readonly string[];
}

export const queueKinds = ["duplicate", "conflict", "basis_changed", "overlay"] as const;
export type QueueKind = (typeof queueKinds)[number];

export type QueueOrder = "best" | "oldest";

/** One thing that waits for a person. */
export interface QueueRow {
  readonly id: string;
  /** For what was kept back: `overlay`, or the `merge`, `link` or `unlink` that went against a decision. */
  readonly kind: QueueKind | "merge" | "link" | "unlink";
  /** `pending`, `deferred`, or for a changed basis the decision that stands. */
  readonly state: string;
  /** Null for data in quarantine. */
  readonly score: number | null;
  readonly aId: string;
  readonly aName: string | null;
  readonly aBirthDate: string | null;
  /** Null for an update in quarantine. */
  readonly bId: string | null;
  readonly bName: string | null;
  readonly bBirthDate: string | null;
  readonly since: string;
  readonly assignedTo: string | null;
  readonly claimedBy: string | null;
  readonly claimedUntil: string | null;
  readonly rules: readonly string[];
  /** Fields that put data into quarantine. */
  readonly fields: readonly string[];
  [column: string]: unknown;
}

const pairsOf = (record: SQL) => sql`(
  select state, candidate_id as other from patient_match_scores where patient_id = ${record}
  union all
  select state, patient_id from patient_match_scores where candidate_id = ${record})`;

/**
 * Pairs that a decision can still change: both records in use, two persons, and no decision between the two persons
 * that answers it already. A scalar and not an EXISTS, which the planner takes for a join that leaves one row: then it
 * prepares for going through all pairs, 15 s at 260,000 of them, instead of taking the first from the index.
 */
const isOpen = sql`a.active and b.active and a.deleted_at is null and b.deleted_at is null
  and a.enterprise_id <> b.enterprise_id
  and not coalesce((
    select true from patients m cross join lateral ${pairsOf(sql`m.id`)} d join patients o on o.id = d.other
    where m.enterprise_id = a.enterprise_id and d.state = 'rejected' and o.enterprise_id = b.enterprise_id limit 1), false)`;

const isUsed = sql`a.active and b.active and a.deleted_at is null and b.deleted_at is null`;

const fromPairs = sql`patient_match_scores s
  join patients a on a.id = s.patient_id
  join patients b on b.id = s.candidate_id`;

function sourceCondition({ system, records }: QueueSource): SQL {
  if (records === undefined) return sql`${system} in (a.source_system, b.source_system)`;
  const ids = sql`${sql.param([...records])}::uuid[]`;
  return sql`(s.patient_id = any(${ids}) or s.candidate_id = any(${ids}))`;
}

/** Ids of a source's records, at most so many, those merged away and deleted included. */
export async function selectSourceRecords(
  db: Queryable,
  system: string,
  most: number,
): Promise<readonly string[]> {
  const rows = await db.execute<{ id: string }>(
    sql`select id from patients where source_system = ${system} limit ${most}`,
  );
  return rows.map((row) => row.id);
}

/** The source systems there are, in order; found by stepping from one to the next, however many records they have. */
export async function selectSourceSystems(db: Queryable, most: number): Promise<readonly string[]> {
  const rows = await db.execute<{ system: string }>(sql`
    with recursive step (system, place) as (
      select min(source_system), 1 from patients
      union all
      select (select min(p.source_system) from patients p where p.source_system > step.system), place + 1
      from step where step.system is not null and place < ${most})
    select system from step where system is not null order by place`);
  return rows.map((row) => row.system);
}

function pairConditions(filter: QueueFilter): SQL {
  const conditions: SQL[] = [];
  if (filter.minScore !== undefined) conditions.push(sql`s.total_score >= ${filter.minScore}::numeric`);
  if (filter.maxScore !== undefined) conditions.push(sql`s.total_score <= ${filter.maxScore}::numeric`);
  if (filter.source !== undefined) conditions.push(sourceCondition(filter.source));
  if (filter.organizationId !== undefined) {
    conditions.push(
      sql`${filter.organizationId}::uuid in (a.managing_organization_id, b.managing_organization_id)`,
    );
  }
  if (filter.assignedTo !== undefined) conditions.push(sql`s.assigned_to = ${filter.assignedTo}`);
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}

const states = (filter: QueueFilter): SQL =>
  filter.deferred === "only"
    ? sql`s.state = 'deferred'`
    : filter.deferred === "without"
      ? sql`s.state = 'pending'`
      : sql`s.state in ('pending', 'deferred')`;

/** The pairs that wait, each branch by its own index: undecided ones, and decided ones whose basis changed. */
function pairBranches(filter: QueueFilter, more: SQL = sql`true`): readonly SQL[] {
  const wants = (kind: QueueKind) => filter.kinds === undefined || filter.kinds.includes(kind);
  const kinds = (["duplicate", "conflict"] as const).filter(wants);
  const conditions = sql`${pairConditions(filter)} and ${more}`;
  return [
    ...(kinds.length === 0
      ? []
      : [
          sql`${states(filter)} and s.kind = any(${sql.param(kinds)}::text[]) and ${isOpen} and ${conditions}`,
        ]),
    ...(wants("basis_changed") && filter.deferred !== "only"
      ? [
          sql`s.kind = 'basis_changed' and s.state in ('confirmed', 'rejected') and ${isUsed} and ${conditions}`,
        ]
      : []),
  ];
}

const quarantineConditions = (filter: QueueFilter): SQL | undefined => {
  const isExcluded =
    (filter.kinds !== undefined && !filter.kinds.includes("overlay")) ||
    filter.minScore !== undefined ||
    filter.maxScore !== undefined ||
    filter.assignedTo !== undefined ||
    filter.deferred === "only";
  if (isExcluded) return undefined;
  const conditions = [sql`q.state = 'pending'`];
  if (filter.source !== undefined) conditions.push(sql`a.source_system = ${filter.source.system}`);
  if (filter.organizationId !== undefined) {
    conditions.push(sql`a.managing_organization_id = ${filter.organizationId}::uuid`);
  }
  return sql.join(conditions, sql` and `);
};

/** Entries of the queue: data in quarantine first, then pairs in the order asked for. */
export async function selectQueue(
  db: Queryable,
  filter: QueueFilter,
  page: { readonly order: QueueOrder; readonly limit: number; readonly offset: number },
): Promise<readonly QueueRow[]> {
  const upTo = page.offset + page.limit;
  const order = page.order === "best" ? sql`total_score desc, id` : sql`calculated_at, id`;
  const pairs = pairBranches(filter).map(
    (where) => sql`(
      select s.id, s.kind, s.state, s.total_score, s.calculated_at, s.patient_id as a_id, s.candidate_id as b_id,
        s.assigned_to, s.claimed_by, s.claimed_until, s.rules_fired, '{}'::text[] as fields, 1 as place
      from ${fromPairs} where ${where} order by ${order} limit ${upTo})`,
  );
  const where = quarantineConditions(filter);
  const quarantine =
    where === undefined
      ? []
      : [
          sql`(
      select q.id, q.kind, q.state, null::numeric as total_score, q.created_at as calculated_at, q.patient_id as a_id,
        case when q.kind <> 'overlay' then (q.payload ->> 'other')::uuid end as b_id, null::varchar as assigned_to, null::varchar as claimed_by, null::timestamptz as claimed_until,
        '{}'::text[] as rules_fired, q.fields, 0 as place
      from patient_quarantine q join patients a on a.id = q.patient_id where ${where} order by q.created_at, q.id limit ${upTo})`,
        ];
  const branches = [...quarantine, ...pairs];
  if (branches.length === 0) return [];
  const name = (record: SQL) => sql`(
    select concat_ws(', ', n.family, nullif(array_to_string(n.given, ' '), '')) from patient_names n
    where n.patient_id = ${record} order by n.is_primary desc, n.created_at, n.id limit 1)`;
  const birthDate = (record: SQL) => sql`(
    select left(p.birth_date::text, case p.birth_date_precision when 'year' then 4 when 'month' then 7 else 10 end)
    from patients p where p.id = ${record})`;
  return db.execute<QueueRow>(sql`
    select id, kind, state, total_score::float8 as score, a_id as "aId", b_id as "bId",
      ${name(sql`a_id`)} as "aName", ${birthDate(sql`a_id`)} as "aBirthDate",
      ${name(sql`b_id`)} as "bName", ${birthDate(sql`b_id`)} as "bBirthDate",
      calculated_at::text as since, assigned_to as "assignedTo",
      case when claimed_until > now() then claimed_by end as "claimedBy",
      case when claimed_until > now() then claimed_until::text end as "claimedUntil",
      rules_fired as rules, fields
    from (${sql.join(branches, sql` union all `)}) entries
    order by place, ${order} limit ${page.limit} offset ${page.offset}`);
}

/** How many entries there are, counted up to `most`. */
export async function countQueue(db: Queryable, filter: QueueFilter, most: number): Promise<number> {
  const where = quarantineConditions(filter);
  const branches = [
    ...pairBranches(filter).map(
      (condition) => sql`(select 1 from ${fromPairs} where ${condition} limit ${most})`,
    ),
    ...(where === undefined
      ? []
      : [
          sql`(select 1 from patient_quarantine q join patients a on a.id = q.patient_id where ${where} limit ${most})`,
        ]),
  ];
  if (branches.length === 0) return 0;
  const [row] = await db.execute<{ count: number }>(
    sql`select count(*)::integer as count from (select 1 from (${sql.join(branches, sql` union all `)}) found limit ${most}) counted`,
  );
  return row!.count;
}

export interface ClaimRequest {
  readonly user: string;
  readonly seconds: number;
  readonly order: QueueOrder;
  /** Pairs that this session has passed over. */
  readonly except: readonly string[];
}

/**
 * Takes the first pair that nobody else works at and holds it for a user; undefined where there is none. Two sessions
 * never get the same one, and neither waits for the other.
 */
export async function claimNextPair(
  tx: Transaction,
  filter: QueueFilter,
  claim: ClaimRequest,
): Promise<string | undefined> {
  const isFree = sql`(s.claimed_until is null or s.claimed_until < now() or s.claimed_by = ${claim.user})
    and (s.assigned_to is null or s.assigned_to = ${claim.user})
    and s.id <> all(${sql.param([...claim.except])}::uuid[])`;
  const order = claim.order === "best" ? sql`s.total_score desc, s.id` : sql`s.calculated_at, s.id`;
  for (const where of pairBranches(filter, isFree)) {
    const rows = await tx.execute<{ id: string }>(sql`
      update patient_match_scores set claimed_by = ${claim.user}, claimed_until = now() + make_interval(secs => ${claim.seconds})
      where id = (
        select s.id from ${fromPairs} where ${where} order by ${order} limit 1 for update of s skip locked)
      returning id`);
    if (rows[0] !== undefined) return rows[0].id;
  }
  return undefined;
}

/** Holds one pair for a user. False where somebody else holds it, or it is assigned to somebody else. */
export async function claimPair(
  tx: Transaction,
  id: string,
  claim: Pick<ClaimRequest, "user" | "seconds">,
): Promise<boolean> {
  const rows = await tx.execute(sql`
    update patient_match_scores set claimed_by = ${claim.user}, claimed_until = now() + make_interval(secs => ${claim.seconds})
    where id = ${id} and (claimed_until is null or claimed_until < now() or claimed_by = ${claim.user})
      and (assigned_to is null or assigned_to = ${claim.user})
    returning id`);
  return rows.length > 0;
}

/** Lets go of pairs that a user holds; of all of them where `ids` is null. */
export async function releasePairs(
  tx: Transaction,
  user: string,
  ids: readonly string[] | null,
): Promise<number> {
  const rows = await tx.execute(sql`
    update patient_match_scores set claimed_by = null, claimed_until = null
    where claimed_by = ${user} and (${ids === null} or id = any(${sql.param([...(ids ?? [])])}::uuid[]))
    returning id`);
  return rows.length;
}

/** Assigns pairs to a user, or to nobody; returns those that it changed. */
export async function assignPairs(
  tx: Transaction,
  ids: readonly string[],
  user: string | null,
): Promise<readonly string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    update patient_match_scores set assigned_to = ${user}::varchar
    where id = any(${sql.param([...ids])}::uuid[]) and assigned_to is distinct from ${user}::varchar
    returning id`);
  return rows.map((row) => row.id).sort();
}

/** Ids of pairs and of data in quarantine that begin with `prefix`, at most `limit` of each. */
export async function selectEntryIdsByPrefix(
  db: Queryable,
  prefix: string,
  limit: number,
): Promise<readonly { readonly id: string; readonly isQuarantine: boolean }[]> {
  const digits = prefix.replaceAll("-", "").toLowerCase();
  const range = sql`id between ${digits.padEnd(32, "0")}::uuid and ${digits.padEnd(32, "f")}::uuid`;
  return db.execute<{ id: string; isQuarantine: boolean }>(sql`
    (select id, false as "isQuarantine" from patient_match_scores where ${range} order by id limit ${limit})
    union all
    (select id, true from patient_quarantine where ${range} order by id limit ${limit})`);
}

/** True while the pair waits for a decision and the filter lets it through. */
export async function isPairOpen(db: Queryable, id: string, filter: QueueFilter = {}): Promise<boolean> {
  const branches = pairBranches(filter, sql`s.id = ${id}`).map(
    (where) => sql`(select 1 from ${fromPairs} where ${where})`,
  );
  if (branches.length === 0) return false;
  const rows = await db.execute(sql`${sql.join(branches, sql` union all `)}`);
  return rows.length > 0;
}
