import { readFile } from "node:fs/promises";
import type { ConnectionTarget } from "../client.ts";
import { findMigrationProblems, listAppliedMigrations, type MigrationProblem } from "./applied.ts";
import { readCatalogue, type CatalogueObject, type ObjectKind } from "./catalogue.ts";
import { parseSchema } from "./dump.ts";
import { defaultMigrationsDirectory, readMigrationFiles } from "./files.ts";
import { withSession, type Session } from "./session.ts";

/** One way in which a database is not what the migrations make. */
export interface Drift {
  readonly problem: "missing" | "extra" | "altered" | "unprotected" | "pending" | MigrationProblem["kind"];
  readonly kind: ObjectKind | "partition" | "migration";
  readonly name: string;
  /** The definition it should have; absent for what should not be there. */
  readonly expected?: string;
  readonly actual?: string;
}

/**
 * Compares a database with the schema that ships with the program: tables, columns with types, defaults and
 * nullability, constraints, indexes, functions, triggers with their state, and the protection of each partition
 * of the audit trail. Empty where all is as it should be. Reads only.
 */
export const verifySchema = (target: ConnectionTarget, directory?: string): Promise<readonly Drift[]> =>
  withSession(target, async (session) => [
    ...(await findMigrationDrift(session, directory)),
    ...(await findSchemaDrift(session, directory)),
  ]);

async function findMigrationDrift(session: Session, directory?: string): Promise<readonly Drift[]> {
  const files = await readMigrationFiles(directory);
  const applied = await listAppliedMigrations(session);
  const tags = new Set(applied.map(({ tag }) => tag));
  const problems = findMigrationProblems(files, applied);
  const pending = files.filter(
    ({ tag }) => !tags.has(tag) && !problems.some((problem) => problem.tag === tag),
  );
  return [
    ...problems.map(({ tag, kind }): Drift => ({ problem: kind, kind: "migration", name: tag })),
    ...pending.map(({ tag }): Drift => ({ problem: "pending", kind: "migration", name: tag })),
  ];
}

/** The part of `verifySchema` that does not ask what the runner remembers. */
export async function findSchemaDrift(session: Session, directory?: string): Promise<readonly Drift[]> {
  const expected = await readExpectedSchema(directory);
  return [
    ...compareCatalogues(expected, await readCatalogue(session)),
    ...(await findUnprotectedPartitions(session)),
  ];
}

/** The end state that ships with the program. */
export async function readExpectedSchema(
  directory: string = defaultMigrationsDirectory(),
): Promise<readonly CatalogueObject[]> {
  return parseSchema(await readFile(`${directory.replace(/\/$/, "")}/schema.sql`, "utf8"));
}

/** What is missing, extra or altered, in the order of the expected schema, then of the actual. */
export function compareCatalogues(
  expected: readonly CatalogueObject[],
  actual: readonly CatalogueObject[],
): readonly Drift[] {
  const key = ({ kind, name }: CatalogueObject) => `${kind} ${name}`;
  const byKey = new Map(actual.map((object) => [key(object), object]));
  const known = new Set(expected.map(key));
  // A missing table is one finding, not one for each of its columns; likewise an extra one.
  const isOf = (tables: ReadonlySet<string>) => (object: CatalogueObject) =>
    object.kind !== "table" && tables.has(object.name.split(".", 1)[0]!);
  const tablesOf = (objects: readonly CatalogueObject[]) =>
    new Set(objects.filter(({ kind }) => kind === "table").map(({ name }) => name));
  const [expectedTables, actualTables] = [tablesOf(expected), tablesOf(actual)];
  const missingTables = new Set([...expectedTables].filter((name) => !actualTables.has(name)));
  const extraTables = new Set([...actualTables].filter((name) => !expectedTables.has(name)));
  return [
    ...expected
      .filter((object) => !isOf(missingTables)(object))
      .flatMap((object): readonly Drift[] => {
        const { kind, name, definition } = object;
        const found = byKey.get(key(object));
        if (found === undefined) return [{ problem: "missing", kind, name, expected: definition }];
        if (found.definition === definition) return [];
        return [{ problem: "altered", kind, name, expected: definition, actual: found.definition }];
      }),
    ...actual
      .filter((object) => !known.has(key(object)) && !isOf(extraTables)(object))
      .map(({ kind, name, definition }): Drift => ({ problem: "extra", kind, name, actual: definition })),
  ];
}

/**
 * Partitions of the audit trail, and the trail itself, that somebody could change: each needs the trigger that
 * refuses rows and the one that refuses statements, both also for replication.
 */
async function findUnprotectedPartitions(session: Session): Promise<readonly Drift[]> {
  const rows = await session.unsafe<{ name: string }[]>(`
    select t.relid::text as name
    from pg_partition_tree(to_regclass('public.audit_log')) t
    where (
      select count(*) from pg_trigger g
      where g.tgrelid = t.relid and g.tgenabled = 'A' and g.tgfoid = to_regproc('public.mpi_audit_immutable')
        -- Bits of tgtype: 1 for each row, 2 before, 8 delete, 16 update, 32 truncate.
        and g.tgtype in (1 + 2 + 8 + 16, 2 + 8 + 16 + 32)) < 2
    order by t.relid::text collate "C"`);
  return rows.map(({ name }): Drift => ({ problem: "unprotected", kind: "partition", name }));
}
