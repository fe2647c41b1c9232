import type { Database, Transaction } from "../../../db/client.ts";
import {
  countMatchingPatients,
  selectSearchHits,
  selectSurvivors,
  selectUndeleted,
  type SearchHitRow,
  type SearchConditions,
} from "../../../db/queries/search.ts";
import { withTransaction, type AuditContext } from "../../../db/transaction.ts";
import { MpiError } from "../../../lib/errors.ts";
import { listPatientRecords } from "../get-patient-record.ts";
import type { PatientRecord } from "../patient-record.ts";
import {
  freeWordRoles,
  readSearchWords,
  toNameReadings,
  type Roles,
  type SearchWord,
} from "./name-readings.ts";
import { scoreHit, type HitScore } from "./score-hit.ts";
import {
  checkSearchText,
  dateRange,
  sortFreeWords,
  type FreeWords,
  type PatientSearch,
} from "./search-query.ts";

export interface FindOptions {
  /** Only the names as they are written; default false: other spellings, sounds and nicknames too. */
  readonly exact: boolean;
  /** Names and identifiers that begin as asked. */
  readonly prefix: boolean;
  readonly includeDeleted: boolean;
  readonly limit: number;
  readonly offset: number;
  /** Count all hits, however many. */
  readonly countAll: boolean;
}

export interface PatientHit extends HitScore {
  /** The record in charge. */
  readonly record: PatientRecord;
  /** The retired record that was found, where it leads to this one. */
  readonly foundAs: string | null;
}

export interface FindResult {
  readonly hits: readonly PatientHit[];
  readonly total: number;
  /** False: there are more than `total`, which then is `countedAtMost`. */
  readonly totalIsExact: boolean;
  /** So many of them are put in order and can be turned over page by page. */
  readonly ranked: number;
}

/** Up to so many hits are counted and ranked; beyond it the total is "1,000+". */
export const countedAtMost = 1000;

/** What is remembered of a search in the audit trail is up to the caller: it alone knows the key. */
export type RecordSearch = (tx: Transaction, ids: readonly string[]) => Promise<void>;

/**
 * Finds records, ranked by how well they fit. Every record shown is written to the audit trail by `recordSearch`
 * in the same transaction.
 *
 * @throws {MpiError} `usage` where nothing to look for is left.
 */
export async function findPatients(
  db: Database,
  audit: AuditContext,
  search: PatientSearch,
  options: FindOptions,
  recordSearch: RecordSearch,
): Promise<FindResult> {
  checkSearchText(search);
  const free = sortFreeWords(search.words ?? []);
  const plan = planNames(search, free);
  const look = async (tx: Transaction): Promise<FindResult> => {
    let { words, isRestricted } = await readSearchWords(tx, plan.words, options);
    if (words.length < plan.words.length) {
      throw new MpiError("usage", "A name to look for has neither a letter nor a digit.");
    }
    const others = otherConditions(search, free, options);
    const conditions = (tier: "same" | "near"): SearchConditions | undefined => {
      if (plan.roles.length === 0) return others;
      const names = toNameReadings(words, plan.roles, tier);
      return names.length === 0 ? undefined : { ...others, names, isRestricted };
    };
    const rows = new Map<string, readonly SearchHitRow[]>();
    const readTier = async (tier: "same" | "near") => {
      const asked = conditions(tier);
      if (asked === undefined) return;
      for (const [id, names] of await readHits(tx, asked)) rows.set(id, [...(rows.get(id) ?? []), ...names]);
    };
    const isFull = () => rows.size > countedAtMost;
    const asksNear = plan.roles.length > 0 && (!options.exact || options.prefix);
    // A single name is often a common one, of which those that are as asked are more than enough.
    const startsNear = asksNear && plan.words.length > 1;
    await readTier(startsNear ? "near" : "same");
    // What is exactly as asked must not be crowded out by what is merely near it.
    if (startsNear && isFull()) await readTier("same");
    if (asksNear && !startsNear && !isFull()) await readTier("near");
    if (asksNear && !options.exact && rows.size === 0) {
      ({ words, isRestricted } = await readSearchWords(tx, plan.words, options, "far"));
      await readTier("near");
    }
    const ranked = await leadToSurvivors(tx, rank(rows, words, plan.roles, search, free), options);
    const hits = await loadHits(tx, ranked.slice(options.offset, options.offset + options.limit));
    await recordSearch(
      tx,
      hits.map((hit) => hit.record.id),
    );
    const counted = isFull();
    const widest = conditions("near") ?? conditions("same");
    if (counted && options.countAll && widest !== undefined) {
      const total = await countMatchingPatients(tx, widest);
      return { hits, total, totalIsExact: true, ranked: ranked.length };
    }
    return {
      hits,
      total: counted ? countedAtMost : ranked.length,
      totalIsExact: !counted,
      ranked: ranked.length,
    };
  };
  return withTransaction(db, audit, look, options.countAll ? {} : { parallelism: "none" });
}

/** Rows beyond those that are counted, because some records are found by two names of theirs. */
const sparedForSecondNames = 100;

/** A record has as many rows as names that fit: reads on until there are enough records, or no more rows. */
async function readHits(
  tx: Transaction,
  asked: SearchConditions,
): Promise<ReadonlyMap<string, readonly SearchHitRow[]>> {
  for (let limit = countedAtMost + sparedForSecondNames; ; limit *= 4) {
    const found = await selectSearchHits(tx, asked, limit);
    const rows = new Map<string, SearchHitRow[]>();
    for (const row of found) {
      const known = rows.get(row.id);
      if (known === undefined) rows.set(row.id, [row]);
      else known.push(row);
    }
    if (found.length < limit || rows.size > countedAtMost) return rows;
  }
}

interface NamePlan {
  readonly words: readonly string[];
  readonly roles: readonly (Roles & { readonly swapped?: boolean })[];
}

/** The names asked for, by flag or freely, and the ways they may be meant. */
function planNames(search: PatientSearch, free: FreeWords): NamePlan {
  const family = search.family?.split(/\s+/).filter((word) => word !== "") ?? [];
  const given = search.given?.split(/\s+/).filter((word) => word !== "") ?? [];
  if (family.length + given.length === 0) {
    return { words: free.names, roles: free.names.length === 0 ? [] : freeWordRoles(free.names.length) };
  }
  if (free.names.length > 0) {
    throw new MpiError("usage", "Names are given either freely or with --family and --given, not both.");
  }
  const words = [...family, ...given];
  const familyAt = family.map((_, index) => index);
  const givenAt = given.map((_, index) => family.length + index);
  const straight: Roles = { family: familyAt, given: givenAt };
  return family.length > 0 && given.length > 0
    ? { words, roles: [straight, { family: givenAt, given: familyAt, swapped: true }] }
    : { words, roles: [straight] };
}

function otherConditions(search: PatientSearch, free: FreeWords, options: FindOptions): SearchConditions {
  const birthDate = search.birthDate ?? free.birthDate;
  const email = search.email ?? free.email;
  const asked: SearchConditions = {
    includeDeleted: options.includeDeleted,
    ...(birthDate === undefined ? {} : { birthDate: dateRange(birthDate) }),
    ...(search.gender === undefined ? {} : { gender: search.gender }),
    ...(search.identifier === undefined
      ? {}
      : { identifier: { ...search.identifier, prefix: options.prefix } }),
    ...(search.phone === undefined ? {} : { phone: search.phone }),
    ...(email === undefined ? {} : { email }),
    ...(search.postalCode === undefined ? {} : { postalCode: search.postalCode }),
    ...(search.city === undefined ? {} : { city: search.city }),
    ...(free.numbers.length === 0 ? {} : { number: free.numbers }),
    ...(search.id === undefined ? {} : { idPrefix: search.id }),
  };
  const nothing =
    Object.keys(asked).length === 1 && search.family === undefined && search.given === undefined;
  if (nothing && free.names.length === 0) {
    throw new MpiError("usage", "There is nothing to look for.", {
      hint: "For example: mpi patient find smyth jon 1980, or --family, --birth-date, --identifier.",
    });
  }
  return asked;
}

interface RankedHit extends HitScore {
  readonly id: string;
  readonly active: boolean;
}

function rank(
  rows: ReadonlyMap<string, readonly SearchHitRow[]>,
  words: readonly SearchWord[],
  roles: NamePlan["roles"],
  search: PatientSearch,
  free: FreeWords,
): readonly RankedHit[] {
  const others = [
    ...(search.identifier === undefined ? [] : ["identifier same"]),
    ...(search.phone === undefined ? [] : ["phone same"]),
    ...((search.email ?? free.email) === undefined ? [] : ["e-mail same"]),
    ...(search.postalCode === undefined ? [] : ["postal code same"]),
    ...(search.city === undefined ? [] : ["city same"]),
    ...free.numbers.map(() => "number found"),
    ...(search.id === undefined ? [] : ["id begins so"]),
  ];
  const birthDate = search.birthDate ?? free.birthDate;
  // Of a common name there are hundreds that agree in the same way: each way is scored once.
  const known = new Map<string, HitScore>();
  const score = (row: SearchHitRow): HitScore => {
    const way = `${row.family ?? ""}\t${row.given ?? ""}\t${String(row.former)}\t${birthDate === undefined ? "" : (row.birthDate ?? "")}`;
    const found = known.get(way) ?? scoreHit(row, words, roles, birthDate, others);
    known.set(way, found);
    return found;
  };
  return [...rows]
    .map(([id, names]) => {
      const scored = names.map((row) => ({ row, hit: score(row) }));
      const { row, hit } = scored.reduce((best, each) => (each.hit.score > best.hit.score ? each : best));
      return { id, row, active: row.active, ...hit };
    })
    .sort((a, b) => b.score - a.score || compareRows(a.row, b.row));
}

/** By family name, given names, birth date and id; what is missing comes last. */
function compareRows(a: SearchHitRow, b: SearchHitRow): number {
  for (const field of ["family", "given", "birthDate"] as const) {
    const [one, other] = [a[field] ?? "~", b[field] ?? "~"];
    if (one !== other) return one < other ? -1 : 1;
  }
  return a.id < b.id ? -1 : 1;
}

/** A hit with the record to show for it. */
interface LedHit extends RankedHit {
  readonly inCharge: string;
}

/**
 * Puts the record in charge in the place of each retired one. Where both fit, the better hit stands for both; where
 * the one in charge is deleted, neither is shown unless deleted records are asked for.
 */
async function leadToSurvivors(
  tx: Transaction,
  ranked: readonly RankedHit[],
  options: FindOptions,
): Promise<readonly LedHit[]> {
  const retired = ranked.filter((hit) => !hit.active).map((hit) => hit.id);
  if (retired.length === 0) return ranked.map((hit) => ({ ...hit, inCharge: hit.id }));
  const survivors = await selectSurvivors(tx, retired);
  const usable = options.includeDeleted
    ? undefined
    : await selectUndeleted(tx, [...new Set(survivors.values())]);
  const best = new Map<string, LedHit>();
  for (const hit of ranked) {
    const inCharge = survivors.get(hit.id) ?? hit.id;
    if (usable !== undefined && inCharge !== hit.id && !usable.has(inCharge)) continue;
    const known = best.get(inCharge);
    // The record's own hit tells more than its retired one's of the same score.
    if (known === undefined || (known.score === hit.score && hit.id === inCharge)) {
      best.set(inCharge, { ...hit, inCharge });
    }
  }
  return [...best.values()];
}

async function loadHits(tx: Transaction, page: readonly LedHit[]): Promise<readonly PatientHit[]> {
  const ids = page.map((hit) => hit.inCharge);
  const records = new Map((await listPatientRecords(tx, ids)).map((record) => [record.id, record]));
  return page.flatMap((hit) => {
    const record = records.get(hit.inCharge);
    if (record === undefined) return [];
    const foundAs = record.id === hit.id ? null : hit.id;
    return [{ record, foundAs, score: hit.score, reasons: hit.reasons }];
  });
}
