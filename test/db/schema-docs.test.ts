import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { shareTestDatabase } from "../support/database.ts";
import { loadLargeIndex } from "./large-index.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/database-schema.md"), "utf8");

/** The rows of the first table behind a heading: cells without their backticks, `\|` as a bar. */
const tableBehind = (heading: string): readonly (readonly string[])[] => {
  const lines = page.slice(page.indexOf(`\n${heading}\n`)).split("\n");
  const start = lines.findIndex((line) => line.startsWith("| ---"));
  const end = lines.findIndex((line, position) => position > start && !line.startsWith("|"));
  return lines.slice(start + 1, end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("\\|", "|")),
  );
};
const words = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);

interface DocumentedIndex {
  readonly name: string;
  readonly query: string;
  readonly notes: string;
  /** Indexes that the page says do the work as well. */
  readonly coveredBy: readonly string[];
}

const indexes: readonly DocumentedIndex[] = tableBehind("## Indexes").map((cells) => {
  const [name, , query, notes] = cells as [string, string, string, string];
  return {
    name: words(name)[0]!,
    query: words(query)[0]!,
    notes,
    coveredBy: words(notes.split("covered by")[1] ?? ""),
  };
});

describe("docs/database-schema.md", () => {
  const shared = shareTestDatabase();

  it("counts as many tables, indexes, triggers, functions and types as there are", async () => {
    const [counts] = await shared().sql<Record<string, number>[]>`
      select
        (select count(*)::int from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
          and not relispartition and relname not like 'mpi_migration%') as tables,
        (select count(*)::int from pg_index i join pg_class c on c.oid = i.indrelid
          where c.relnamespace = 'public'::regnamespace and not c.relispartition and c.relname not like 'mpi_migration%') as indexes,
        (select count(*)::int from pg_trigger g join pg_class c on c.oid = g.tgrelid
          where not tgisinternal and tgparentid = 0 and not c.relispartition) as triggers,
        (select count(*)::int from pg_proc p where pronamespace = 'public'::regnamespace
          and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')) as functions`;
    const rows = readFileSync(join(root, "src/db/rows.ts"), "utf8");
    const types = rows.match(/^export type \w+(?:Row|Insert|Update) =/gm)!.length;
    const documented: Readonly<Record<string, number>> = Object.fromEntries(
      tableBehind("## Asked for and there").map(([what, , there]) => [what!, Number(there)] as const),
    );
    expect(documented).toEqual({ ...counts, "model types": types });
  });

  it("has every table with purpose, patient data, audit and retention, and no other", async () => {
    const documented = tableBehind("## Tables");
    const tables = await shared().sql<{ name: string }[]>`
      select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and not relispartition and relname not like 'mpi_migration%'`;
    expect(documented.map(([name]) => words(name!)[0]).sort()).toEqual(tables.map(({ name }) => name).sort());
    expect(documented.flat().filter((cell) => cell === "")).toEqual([]);
  });

  it("says of each table truly which function audits it", async () => {
    const found = await shared().sql<{ table: string; function: string }[]>`
      select tgrelid::regclass::text as table, tgfoid::regproc::text || '()' as function
      from pg_trigger where tgname like '%audit_insert'`;
    const audited = tableBehind("## Tables")
      .map(([name, , , by]) => ({ table: words(name!)[0]!, function: words(by!)[0] }))
      .filter((row) => row.function !== undefined);
    const byTable = (left: { table: string }, right: { table: string }) =>
      left.table < right.table ? -1 : 1;
    expect(audited.sort(byTable)).toEqual([...found].sort(byTable));
  });

  it("names every function of a trigger, and every migration", () => {
    const schema = readFileSync(join(root, "drizzle/schema.sql"), "utf8");
    const functions = new Set([...schema.matchAll(/EXECUTE FUNCTION (\w+)\(/g)].map(([, name]) => name!));
    const section = page.slice(page.indexOf("\n## Triggers\n"), page.indexOf("\n## The audit trail\n"));
    const triggers = [...schema.matchAll(/^-- \[trigger\] \w+\.(\w+)$/gm)].map(([, name]) => name!);
    const patterns = [...section.matchAll(/`(…?)(_?\w+)`/g)].map(([, dots, name]) =>
      dots === "" ? new RegExp(`^${name!}$`) : new RegExp(`${name!}$`),
    );
    expect(triggers.filter((name) => !patterns.some((pattern) => pattern.test(name)))).toEqual([]);
    expect(functions.size).toBeGreaterThan(10);
    const journal = JSON.parse(readFileSync(join(root, "drizzle/meta/_journal.json"), "utf8")) as {
      entries: { tag: string }[];
    };
    expect(tableBehind("## Migrations").map(([name]) => words(name!)[0])).toEqual(
      journal.entries.map(({ tag }) => tag),
    );
  });

  it("has every index but those of plain primary keys, and no other", async () => {
    const rows = await shared().sql<{ name: string }[]>`
      select i.relname as name from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
      where c.relnamespace = 'public'::regnamespace and not c.relispartition and c.relname not like 'mpi_migration%'`;
    const documented = indexes.map(({ name }) => name);
    const there = rows.map(({ name }) => name);
    expect(there.filter((name) => !name.endsWith("_pkey") && !documented.includes(name))).toEqual([]);
    expect(documented.filter((name) => !there.includes(name))).toEqual([]);
  });

  it("calls the seed's every index that was asked for by name", () => {
    const asked =
      "idx_patients_birth_date idx_patients_gender idx_patients_active idx_patients_organization idx_patients_deleted_at idx_patients_active_gender idx_patients_birth_date_gender idx_patient_names_family idx_patient_names_family_trgm idx_patient_names_given_trgm idx_patient_identifiers_type idx_patient_identifiers_value idx_patient_identifiers_system_value idx_patient_addresses_postal_code idx_patient_addresses_city_state idx_match_scores_total_score idx_match_scores_calculated_at idx_audit_log_timestamp idx_audit_log_entity idx_audit_log_user_id idx_audit_log_action idx_organizations_deleted_at";
    const marked = indexes.filter(({ notes }) => notes.includes("the seed's")).map(({ name }) => name);
    expect(marked.sort()).toEqual(asked.split(" ").sort());
  });
});

describe("every index, with 100,000 patients", () => {
  const shared = shareTestDatabase();
  beforeAll(() => loadLargeIndex(shared()), 240_000);

  /** The indexes that a plan uses, those of partitions under their parent's name. */
  const usedBy = async (query: string) => {
    const plan = await shared().sql.unsafe<{ "QUERY PLAN": string }[]>(`explain (costs off) ${query}`);
    const text = plan.map((row) => row["QUERY PLAN"]).join("\n");
    const names = [...text.matchAll(/(?:using|Index Scan on) (\w+)/g)].map(([, name]) => name!);
    const rows = await shared().sql<{ name: string }[]>`
      select coalesce(p.relname, c.relname) as name from pg_class c
      left join pg_inherits h on h.inhrelid = c.oid left join pg_class p on p.oid = h.inhparent
      where c.relname = any(${names}) and c.relkind in ('i', 'I')`;
    return { text, names: rows.map(({ name }) => name) };
  };

  it.each(indexes)("serves its query: $name", async ({ name, query, notes, coveredBy }) => {
    const { text, names } = await usedBy(query);
    expect(
      names.filter((used) => used === name || coveredBy.includes(used)),
      `${query}\n${text}`,
    ).not.toEqual([]);
    if (notes.includes("index only")) expect(text).toContain("Index Only Scan");
  });

  // A few pages of BRIN against a key: which of the two is cheaper depends on the size of the month.
  it.each(indexes.filter(({ name, coveredBy }) => coveredBy.length > 0 && name !== "idx_audit_log_id"))(
    "is truly covered where the page says so: $name",
    async ({ name, query, coveredBy }) => {
      const { sql } = shared();
      class RollBack extends Error {}
      await sql
        .begin(async (transaction) => {
          await transaction.unsafe(`drop index ${name}`);
          const plan = await transaction.unsafe<{ "QUERY PLAN": string }[]>(`explain (costs off) ${query}`);
          const text = plan.map((row) => row["QUERY PLAN"]).join("\n");
          expect(
            coveredBy.some((other) => text.includes(other)),
            text,
          ).toBe(true);
          throw new RollBack();
        })
        .catch((error: unknown) => {
          if (!(error instanceof RollBack)) throw error;
        });
    },
  );

  it("is missed when it is gone: the check can fail", async () => {
    await shared().sql`drop index idx_patients_enterprise_id`;
    const query = indexes.find(({ name }) => name === "idx_patients_enterprise_id")!.query;
    expect((await usedBy(query)).names).toEqual([]);
  });
});
