import { sql, type SQL } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";

export type NameKind = "family" | "given";

/** A dictionary entry that a search word may mean. */
export interface NameCandidate {
  /** Position of the word in the list asked for, from 0. */
  readonly word: number;
  readonly kind: NameKind;
  readonly value: string;
  /** `part`: a double name of which the word is one part. */
  readonly how: "exact" | "prefix" | "part" | "similar" | "phonetic";
}

export interface NameCandidateOptions {
  /**
   * `exact`: the words themselves. `near`: double names with the word in them, names that sound alike, and those at most
   * two letters away that begin with the same three letters or end with the same three (four of a long word); found by
   * range, so in a time that hardly grows with the dictionary. `far`: whatever shares enough trigrams, which takes several times as long.
   */
  readonly reach: "exact" | "near" | "far";
  /** Names that begin so, too. */
  readonly prefix: boolean;
  /** At most so many of each kind, way and word; the nearest by edit distance. */
  readonly limit: number;
}

/** Words as the index has them, and what they may mean. */
export interface NameCandidates {
  /** Whether row-level security narrows what this connection sees. */
  readonly isRestricted: boolean;
  /** Null for a word without any letter or digit. */
  readonly words: readonly (string | null)[];
  readonly candidates: readonly NameCandidate[];
}

const textArray = (values: readonly string[]) => sql`${sql.param([...values])}::text[]`;

/** The planner does not look inside: weighing each of a hundred names by its frequency takes longer than to search. */
const opaqueTextArray = (values: readonly string[]) => sql`(select ${textArray(values)})::text[]`;

/** Below it, two names share too few trigrams to be worth a look. */
const similarityThreshold = "0.4";

interface NameCandidateRow {
  readonly word: number;
  readonly folded: string | null;
  readonly restricted: boolean;
  /** Null, like the next two, in the one row of a word that nothing was found for. */
  readonly kind: NameKind | null;
  readonly value: string;
  readonly how: NameCandidate["how"];
  readonly [column: string]: unknown;
}

/** Folds words as the index does, and finds the names of the dictionary that they may mean. */
export async function selectNameCandidates(
  tx: Transaction,
  words: readonly string[],
  options: NameCandidateOptions,
): Promise<NameCandidates> {
  if (words.length === 0) return { isRestricted: false, words: [], candidates: [] };
  const { reach, prefix, limit } = options;
  if (reach === "far")
    await tx.execute(sql`select set_config('pg_trgm.similarity_threshold', ${similarityThreshold}, true)`);
  const ask = (lookUp: SQL) =>
    tx.execute<NameCandidateRow>(sql`
      with asked as materialized (
        select position, mpi_fold_text(word) as folded from unnest(${textArray(words)}) with ordinality given (word, position))
      select (a.position - 1)::integer as word, a.folded, row_security_active('public.patients') as restricted,
        f.kind, f.value, f.how
      from asked a left join ${lookUp} order by a.position`);
  let rows = await ask(sql`lateral mpi_near_names(a.folded, ${reach}, ${prefix}, ${limit}) f on true`);
  const isRestricted = rows.some((row) => row.restricted);
  if (isRestricted) {
    // The dictionary has names of records that may not be seen: below a policy it looks empty, and a function answers.
    rows = await ask(sql`lateral mpi_name_candidates(a.folded, ${reach}, ${prefix}, ${limit}) f on true`);
  }
  const folded = words.map(() => null as string | null);
  for (const row of rows) folded[row.word] = row.folded;
  return {
    isRestricted,
    words: folded,
    candidates: rows.flatMap(({ word, kind, value, how }) =>
      kind === null ? [] : [{ word, kind, value, how }],
    ),
  };
}

/** One way to read the names asked for: any of these family names together with any of these given names. */
export interface NameReading {
  readonly family: readonly string[] | null;
  readonly given: readonly string[] | null;
}

/** What a record must fulfil. Absent is not asked. */
export interface SearchConditions {
  /** Any of the readings; each needs a family or a given name. */
  readonly names?: readonly NameReading[];
  /** Inclusive range of ISO dates. */
  readonly birthDate?: { readonly from: string; readonly to: string };
  readonly gender?: string;
  /** Compared without spaces, punctuation and case, in any system or the one named. */
  readonly identifier?: { readonly value: string; readonly system: string | null; readonly prefix: boolean };
  readonly phone?: string;
  readonly email?: string;
  readonly postalCode?: string;
  readonly city?: string;
  /** An identifier, a telephone number or a postal code: whatever fits. */
  readonly number?: readonly string[];
  readonly idPrefix?: string;
  readonly includeDeleted: boolean;
  /** Whether row-level security narrows what this connection sees; default false. */
  readonly isRestricted?: boolean;
}

function nameCondition(reading: NameReading, isRestricted: boolean): SQL {
  const conditions: SQL[] = [];
  if (reading.family !== null)
    conditions.push(sql`n.family_folded = any(${opaqueTextArray(reading.family)})`);
  if (reading.given !== null) {
    // With a family name the composite index serves the first given name; alone, the array index serves them all.
    if (reading.family !== null)
      conditions.push(sql`(n.given_folded)[1] = any(${opaqueTextArray(reading.given)})`);
    else {
      conditions.push(sql`n.given_folded && ${textArray(reading.given)}`);
      // Below a policy the array index is of no use; a function that knows the tenant asks it.
      if (isRestricted)
        conditions.push(
          sql`n.patient_id = any(array(select mpi_patients_with_given(${textArray(reading.given)})))`,
        );
    }
  }
  return sql.join(conditions, sql` and `);
}

function conditionsOf(search: SearchConditions): SQL[] {
  const all: SQL[] = [];
  if (search.birthDate !== undefined)
    all.push(sql`p.birth_date between ${search.birthDate.from}::date and ${search.birthDate.to}::date`);
  if (search.gender !== undefined) all.push(sql`p.gender = ${search.gender}`);
  if (search.identifier !== undefined) {
    const { value, system, prefix } = search.identifier;
    const compared = prefix
      ? // Written as a range because "begins with" is not leakproof and would scan below a policy.
        sql`i.value_normalized ~>=~ mpi_normalize_identifier(${value})
          and i.value_normalized ~<~ (mpi_normalize_identifier(${value}) || chr(1114111))`
      : sql`i.value_normalized = mpi_normalize_identifier(${value})`;
    all.push(
      sql`p.id in (select i.patient_id from patient_identifiers i where ${compared}${system === null ? sql`` : sql` and i.system = ${system}`})`,
    );
  }
  if (search.phone !== undefined)
    all.push(
      sql`p.id in (select c.patient_id from patient_contacts c where c.value_normalized = mpi_normalize_contact('phone', ${search.phone}) and c.system in ('phone', 'sms', 'fax', 'pager'))`,
    );
  if (search.email !== undefined)
    all.push(
      sql`p.id in (select c.patient_id from patient_contacts c where c.value_normalized = mpi_normalize_contact('email', ${search.email}))`,
    );
  if (search.postalCode !== undefined)
    all.push(
      sql`p.id in (select a.patient_id from patient_addresses a where a.postal_code in (${search.postalCode}, upper(${search.postalCode})))`,
    );
  if (search.city !== undefined)
    all.push(
      sql`p.id in (select a.patient_id from patient_addresses a where a.city in (${search.city}, initcap(${search.city}), upper(${search.city}), lower(${search.city})))`,
    );
  for (const number of search.number ?? []) {
    all.push(sql`p.id in (
      select i.patient_id from patient_identifiers i where i.value_normalized = mpi_normalize_identifier(${number})
      union all select c.patient_id from patient_contacts c where c.value_normalized = mpi_normalize_contact('phone', ${number})
      union all select a.patient_id from patient_addresses a where a.postal_code = ${number})`);
  }
  if (search.idPrefix !== undefined)
    all.push(
      sql`p.id between ${search.idPrefix.padEnd(32, "0")}::uuid and ${search.idPrefix.padEnd(32, "f")}::uuid`,
    );
  if (!search.includeDeleted) all.push(sql`p.deleted_at is null`);
  return all;
}

const where = (conditions: readonly SQL[]) =>
  conditions.length === 0 ? sql`` : sql`where ${sql.join([...conditions], sql` and `)}`;

/** The names that fit, joined to their records; or the records alone where no name is asked. */
const fromClause = (search: SearchConditions): SQL =>
  search.names === undefined
    ? sql`from patients p`
    : sql`from (${sql.join(
        search.names.map(
          (reading) =>
            sql`select n.patient_id, n.family_folded, n.given_folded, n.use_type from patient_names n where ${nameCondition(reading, search.isRestricted === true)}`,
        ),
        sql` union all `,
      )}) n join patients p on p.id = n.patient_id`;

/** A record that fits, with one of the names that made it fit: what ranking needs. */
export interface SearchHitRow {
  readonly id: string;
  readonly birthDate: string | null;
  /** Null where no name was asked for. */
  readonly family: string | null;
  /** Folded given names, joined by spaces. */
  readonly given: string | null;
  /** A maiden or otherwise former name. */
  readonly former: boolean;
  /** False for a record that was merged into another. */
  readonly active: boolean;
  [column: string]: unknown;
}

/**
 * At most `limit` rows of records that fulfil every condition, one for each name that fits; in no order. Where nothing
 * but a family name is asked, the bearers of the names that are listed first come first, by given name.
 */
export async function selectSearchHits(
  db: Queryable,
  search: SearchConditions,
  limit: number,
): Promise<readonly SearchHitRow[]> {
  const conditions = conditionsOf(search);
  const record = sql`p.id, p.birth_date::text as "birthDate", p.active`;
  if (search.names === undefined) {
    return db.execute<SearchHitRow>(sql`
      select ${record}, null as family, null as given, false as former from patients p ${where(conditions)} limit ${limit}`);
  }
  const name = sql`n.family_folded as family, array_to_string(n.given_folded, ' ') as given,
    coalesce(n.use_type in ('old', 'maiden'), false) as former`;
  const asksNamesOnly = conditions.length === (search.includeDeleted ? 0 : 1);
  const familiesOnly = search.names.flatMap(({ family, given }) =>
    asksNamesOnly && family !== null && given === null ? [family] : [],
  );
  // Name by name: the common ones have thousands of bearers, who would crowd out those of nearer names.
  const bearers = familiesOnly.map(
    (names) => sql`select h.* from unnest(${textArray(names)}) family (name) cross join lateral (
      select ${record}, ${name} from patient_names n join patients p on p.id = n.patient_id
      ${where([sql`n.family_folded = family.name`, ...conditions])}
      order by (n.given_folded)[1], n.id limit ${limit}) h`,
  );
  const others = search.names.filter(
    ({ family, given }) => !asksNamesOnly || family === null || given !== null,
  );
  const fitting =
    others.length === 0
      ? []
      : [sql`select ${record}, ${name} ${fromClause({ ...search, names: others })} ${where(conditions)}`];
  return db.execute<SearchHitRow>(
    sql`select * from (${sql.join([...bearers, ...fitting], sql` union all `)}) hits limit ${limit}`,
  );
}

/**
 * How many records fulfil every condition, all of them counted: a retired record counts as the one that stands for it,
 * and together they count once.
 */
export async function countMatchingPatients(db: Queryable, search: SearchConditions): Promise<number> {
  const [row] = await db.execute<{ total: number }>(sql`
    with recursive found as materialized (select distinct p.id, p.active ${fromClause(search)} ${where(conditionsOf(search))}),
      path (id, current, depth) as (
        select id, id, 0 from found where not active
        union all
        select path.id, l.other_patient_id, depth + 1
        from path join patient_links l on l.patient_id = path.current and l.link_type = 'replaced_by'
        where depth < 1000),
      led as (select distinct on (id) id, current from path order by id, depth desc)
    select count(distinct coalesce(led.current, found.id))::integer as total
    from found left join led on led.id = found.id left join patients s on s.id = led.current
    where ${search.includeDeleted} or s.deleted_at is null`);
  return row!.total;
}

/** For each retired record the one that stands for it at the end of the chain of merges. */
export async function selectSurvivors(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.execute<{ id: string; survivor: string }>(sql`
    with recursive path (id, current, depth) as (
      select id, id, 0 from unnest(${sql.param([...ids])}::uuid[]) asked (id)
      union all
      select path.id, l.other_patient_id, depth + 1
      from path join patient_links l on l.patient_id = path.current and l.link_type = 'replaced_by'
      where depth < 1000)
    select distinct on (id) id, current as survivor from path where depth > 0 order by id, depth desc`);
  return new Map(rows.map((row) => [row.id, row.survivor]));
}

/** Those of `ids` that are not deleted. */
export async function selectUndeleted(db: Queryable, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.execute<{ id: string }>(
    sql`select id from patients where id = any(${sql.param([...ids])}::uuid[]) and deleted_at is null`,
  );
  return new Set(rows.map((row) => row.id));
}
