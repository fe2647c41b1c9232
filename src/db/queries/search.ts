import { sql, type SQL } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";

export type NameKind = "family" | "given";

/** A dictionary entry that a search word may mean. */
export interface NameCandidate {
  /** Position of the word in the list asked for, from 0. */
  readonly word: number;
  readonly kind: NameKind;
  readonly value: string;
  readonly how: "exact" | "prefix" | "similar" | "phonetic";
  [column: string]: unknown;
}

export interface NameCandidateOptions {
  readonly fuzzy: boolean;
  readonly prefix: boolean;
  /** As foldWords says. */
  readonly isRestricted: boolean;
  /** At most so many of each kind, way and word; the nearest by trigrams. */
  readonly limit: number;
}

const textArray = (values: readonly string[]) => sql`${sql.param([...values])}::text[]`;

/** Below it, two names share too few trigrams to be worth a look; phonetic and exact equality need none. */
const similarityThreshold = "0.4";

/** Words as the index has them, and what the search for them needs to know of the connection. */
export interface FoldedWords {
  /** Null for a word without any letter or digit. */
  readonly words: readonly (string | null)[];
  /** True where row-level security narrows what this connection sees. */
  readonly isRestricted: boolean;
}

/** Folds words as the index does, and readies the transaction for selectNameCandidates. */
export async function foldWords(tx: Transaction, words: readonly string[]): Promise<FoldedWords> {
  if (words.length === 0) return { words: [], isRestricted: false };
  const rows = await tx.execute<{ folded: string | null; restricted: boolean }>(sql`
    select mpi_fold_text(word) as folded, row_security_active('public.patients') as restricted,
      set_config('pg_trgm.similarity_threshold', ${similarityThreshold}, true)
    from unnest(${textArray(words)}) with ordinality as asked (word, position) order by position`);
  return { words: rows.map((row) => row.folded), isRestricted: rows[0]!.restricted };
}

/**
 * The names of the dictionary that folded words may mean: the words themselves, and where asked names that
 * begin so, sound alike or share trigrams. The dictionary is small, so this stays quick at any number of patients.
 */
export async function selectNameCandidates(
  tx: Transaction,
  words: readonly string[],
  options: NameCandidateOptions,
): Promise<readonly NameCandidate[]> {
  if (words.length === 0) return [];
  if (options.isRestricted) {
    // Below a policy no trigram index works, and the dictionary has names of records that may not be seen.
    return tx.execute<NameCandidate>(sql`
      select word, kind, value, how
      from mpi_name_candidates(${textArray(words)}, ${options.prefix}, ${options.fuzzy}, ${options.limit})`);
  }
  const parts: SQL[] = [
    sql`select kind, value, 'exact' as how from name_dictionary d
        where d.kind in ('family', 'given') and d.value = asked.word`,
  ];
  const nearest = (condition: SQL, how: string) => sql`
    (select kind, value, ${sql.raw(`'${how}'`)} as how from (
       select d.kind, d.value, row_number() over (partition by d.kind order by similarity(d.value, asked.word) desc, d.value) as place
       from name_dictionary d where ${condition}) ranked
     where place <= ${options.limit})`;
  if (options.prefix) {
    parts.push(
      nearest(
        sql`d.value like replace(replace(replace(asked.word, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%'`,
        "prefix",
      ),
    );
  }
  if (options.fuzzy) {
    parts.push(nearest(sql`d.value % asked.word`, "similar"));
    parts.push(
      nearest(sql`d.phonetic in (mpi_phonetic(asked.word), mpi_phonetic_alternate(asked.word))`, "phonetic"),
      nearest(
        sql`d.phonetic_alternate in (mpi_phonetic(asked.word), mpi_phonetic_alternate(asked.word))`,
        "phonetic",
      ),
    );
  }
  return tx.execute<NameCandidate>(sql`
    select (asked.position - 1)::integer as word, found.kind, found.value, found.how
    from unnest(${textArray(words)}) with ordinality as asked (word, position)
    cross join lateral (${sql.join(parts, sql` union all `)}) found`);
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
}

function nameCondition(reading: NameReading, isRestricted: boolean): SQL {
  const conditions: SQL[] = [];
  if (reading.family !== null) conditions.push(sql`n.family_folded = any(${textArray(reading.family)})`);
  if (reading.given !== null) {
    // With a family name the composite index serves the first given name; alone, the array index serves them all.
    if (reading.family !== null) conditions.push(sql`(n.given_folded)[1] = any(${textArray(reading.given)})`);
    else {
      conditions.push(sql`n.given_folded && ${textArray(reading.given)}`);
      // Below a policy the array index is of no use; a function that knows the tenant asks it.
      if (isRestricted)
        conditions.push(
          sql`n.patient_id = any(array(select mpi_patients_with_given(${textArray(reading.given)})))`,
        );
    }
  }
  return sql`
    select n.patient_id, n.family_folded, n.given_folded, coalesce(n.use_type in ('old', 'maiden'), false) as former
    from patient_names n where ${sql.join(conditions, sql` and `)}`;
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
const fromClause = (search: SearchConditions, isRestricted: boolean): SQL =>
  search.names === undefined
    ? sql`from patients p`
    : sql`from (${sql.join(
        search.names.map((reading) => nameCondition(reading, isRestricted)),
        sql` union all `,
      )}) n join patients p on p.id = n.patient_id`;

/** Whether row-level security narrows what this connection sees; asked only where the search depends on it. */
async function isRestrictedSearch(db: Queryable, search: SearchConditions): Promise<boolean> {
  if (search.names?.some((reading) => reading.family === null) !== true) return false;
  const [row] = await db.execute<{ restricted: boolean }>(
    sql`select row_security_active('public.patients') as restricted`,
  );
  return row!.restricted;
}

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

/** At most `limit` rows of records that fulfil every condition, one for each name that fits; in no order. */
export async function selectSearchHits(
  db: Queryable,
  search: SearchConditions,
  limit: number,
): Promise<readonly SearchHitRow[]> {
  const names =
    search.names === undefined
      ? sql`null as family, null as given, false as former`
      : sql`n.family_folded as family, mpi_join_text(n.given_folded) as given, n.former`;
  const from = fromClause(search, await isRestrictedSearch(db, search));
  return db.execute<SearchHitRow>(sql`
    select p.id, p.birth_date::text as "birthDate", p.active, ${names} ${from} ${where(conditionsOf(search))} limit ${limit}`);
}

/**
 * How many records fulfil every condition, all of them counted: a retired record counts as the one that stands for it,
 * and together they count once.
 */
export async function countMatchingPatients(db: Queryable, search: SearchConditions): Promise<number> {
  const from = fromClause(search, await isRestrictedSearch(db, search));
  const [row] = await db.execute<{ total: number }>(sql`
    with recursive found as materialized (select distinct p.id, p.active ${from} ${where(conditionsOf(search))}),
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
