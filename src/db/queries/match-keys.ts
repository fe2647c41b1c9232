import { sql } from "drizzle-orm";
import type { Queryable, Transaction } from "../client.ts";
import { copyHeader, copyTrailer } from "../binary-rows.ts";
import type { CopyConnection } from "../copy.ts";

/** The blocking keys that are stored: which build of them, for which calibration. */
export interface StoredKeys {
  readonly build: number;
  readonly calibrationId: string;
  readonly pageBits: number;
  readonly recordCount: number;
}

export async function findStoredKeys(db: Queryable): Promise<StoredKeys | undefined> {
  const [row] = await db.execute<{ build: number; calibration: string; bits: number; records: string }>(sql`
    select build, calibration_id as calibration, page_bits as bits, record_count as records from match_key_index`);
  return row === undefined
    ? undefined
    : {
        build: row.build,
        calibrationId: row.calibration,
        pageBits: row.bits,
        recordCount: Number(row.records),
      };
}

/** Makes a build the current one. */
export async function setStoredKeys(tx: Transaction, keys: StoredKeys): Promise<void> {
  await tx.execute(sql`
    insert into match_key_index (build, calibration_id, page_bits, record_count)
    values (${keys.build}, ${keys.calibrationId}::uuid, ${keys.pageBits}, ${keys.recordCount})
    on conflict (id) do update set build = excluded.build, calibration_id = excluded.calibration_id,
      page_bits = excluded.page_bits, record_count = excluded.record_count, created_at = now()`);
}

/** Removes what builds other than the current one left, a killed run's too, and numbers the next. */
export async function clearOldKeys(connection: CopyConnection): Promise<number> {
  await connection.query(
    "delete from match_key_pages p where not exists (select from match_key_index i where i.build = p.build)",
  );
  await connection.query(
    "delete from match_key_changes c where not exists (select from match_key_index i where i.build = c.build)",
  );
  const [row] = await connection.query<{ build: number }>(
    "select coalesce(max(build), 0)::int % 2000000000 + 1 as build from match_key_index",
  );
  return row!.build;
}

/** Pages as columns: page pages[i] holds the bytes from starts[i] to starts[i + 1] of `entries`. */
export interface PageColumns {
  readonly pages: Int32Array;
  readonly starts: Uint32Array;
  readonly entries: Uint8Array;
}

/** Stores the pages of a build; nobody reads them before setStoredKeys. */
export async function copyKeyPages(
  connection: CopyConnection,
  build: number,
  rules: Iterable<PageColumns> | AsyncIterable<PageColumns>,
): Promise<void> {
  async function* chunks() {
    yield copyHeader;
    for await (const pages of rules) yield* formatPages(build, pages);
    yield copyTrailer;
  }
  await connection.copyIn("copy match_key_pages (build, page, entries) from stdin (format binary)", chunks());
}

const pagesPerChunk = 256;

function* formatPages(build: number, { pages, starts, entries }: PageColumns): Generator<Buffer> {
  for (let from = 0; from < pages.length; from += pagesPerChunk) {
    const to = Math.min(pages.length, from + pagesPerChunk);
    const chunk = Buffer.allocUnsafe((to - from) * 22 + starts[to]! - starts[from]!);
    let at = 0;
    for (let i = from; i < to; i++) {
      const length = starts[i + 1]! - starts[i]!;
      at = chunk.writeInt16BE(3, at);
      at = chunk.writeInt32BE(4, at);
      at = chunk.writeInt32BE(build, at);
      at = chunk.writeInt32BE(4, at);
      at = chunk.writeInt32BE(pages[i]!, at);
      at = chunk.writeInt32BE(length, at);
      chunk.set(entries.subarray(starts[i], starts[i + 1]), at);
      at += length;
    }
    yield chunk;
  }
}

/** The pages of these numbers that there are, as bytes that are valid until the next page. */
export async function visitKeyPages(
  connection: CopyConnection,
  build: number,
  pages: readonly number[],
  visit: (page: number, entries: Uint8Array) => void,
): Promise<void> {
  // COPY takes no parameters; it sends the bytes as they are, where a query spells them out in hexadecimal digits. And
  // "offset 0" has each page looked up by the key: until a new build is analysed, the planner would read all pages.
  const statement = `copy (
    select w.page, p.entries from unnest('{${pages.join(",")}}'::int[]) w (page), lateral (
      select entries from match_key_pages where build = ${String(build)} and page = w.page offset 0) p) to stdout (format binary)`;
  await connection.copyRows(statement, 2, ({ bytes, starts, ends }) =>
    visit(bytes.readInt32BE(starts[0]), bytes.subarray(starts[1], ends[1])),
  );
}

/** Records that incremental runs have found under these keys since the build. */
export async function selectChangedKeys(
  connection: CopyConnection,
  build: number,
  pages: readonly number[],
  checks: readonly number[],
): Promise<readonly string[]> {
  const rows = await connection.query<{ id: string }>(
    `select distinct c.patient_id as id from unnest($2::int[], $3::int[]) w (page, key_check)
      join match_key_changes c on c.build = $1 and c.page = w.page and c.key_check = w.key_check`,
    [build, pages, checks],
  );
  return rows.map((row) => row.id);
}

export async function countChangedKeys(connection: CopyConnection, build: number): Promise<number> {
  const [row] = await connection.query<{ count: number }>(
    "select count(*)::int as count from match_key_changes where build = $1",
    [build],
  );
  return row!.count;
}

/** Writes down the keys of records that a run looked at. What they were before stays: it finds too much, never too little. */
export async function insertChangedKeys(
  tx: Transaction,
  build: number,
  keys: readonly { readonly page: number; readonly check: number; readonly id: string }[],
): Promise<void> {
  const size = 20_000;
  const column = (values: readonly (number | string)[]) => sql.param(values.map(String));
  for (let start = 0; start < keys.length; start += size) {
    const part = keys.slice(start, start + size);
    await tx.execute(sql`
      insert into match_key_changes (build, page, key_check, patient_id)
      select ${build}, page::int, key_check::int, id::uuid
      from unnest(${column(part.map((key) => key.page))}::text[], ${column(part.map((key) => key.check))}::text[],
        ${column(part.map((key) => key.id))}::text[]) as given (page, key_check, id)
      on conflict do nothing`);
  }
}
