/** Table lock modes, from the weakest to the strongest. */
export const lockModes = [
  "none",
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;
export type LockMode = (typeof lockModes)[number];

/** What a statement of a migration does to a table that is there already. */
export interface StatementEffect {
  /** Tables it locks, the one it changes first. Empty where it touches none. */
  readonly tables: readonly string[];
  readonly lock: LockMode;
  /** The whole table is written anew. */
  readonly rewrites: boolean;
  /** The whole table is read while the lock is held. */
  readonly scans: boolean;
}

interface Rule {
  /** Group `table` is the table that is changed, `other` one that is locked besides. */
  readonly pattern: RegExp;
  readonly lock: LockMode;
  readonly rewrites?: boolean;
  readonly scans?: boolean;
}

const name = (group: string) => String.raw`(?:"?public"?\.)?"?(?<${group}>\w+)"?`;
const statement = (text: string) => new RegExp(`^${text}`, "is");

/** The first that fits counts. The locks are those of the manual's chapter on explicit locking. */
const rules: readonly Rule[] = [
  {
    pattern: statement(String.raw`create table \S+ partition of ${name("table")}`),
    lock: "ACCESS EXCLUSIVE",
  },
  {
    pattern: statement(String.raw`create (?:unique )?index concurrently .*? on (?:only )?${name("table")}`),
    lock: "SHARE UPDATE EXCLUSIVE",
    scans: true,
  },
  {
    pattern: statement(String.raw`create (?:unique )?index .*? on (?:only )?${name("table")}`),
    lock: "SHARE",
    scans: true,
  },
  {
    pattern: statement(String.raw`create (?:or replace )?(?:constraint )?trigger .*? on ${name("table")}`),
    lock: "SHARE ROW EXCLUSIVE",
  },
  {
    pattern: statement(
      String.raw`alter table (?:only )?${name("table")} add constraint \S+ foreign key .*? references ${name("other")}.* not valid`,
    ),
    lock: "SHARE ROW EXCLUSIVE",
  },
  {
    pattern: statement(
      String.raw`alter table (?:only )?${name("table")} add constraint \S+ foreign key .*? references ${name("other")}`,
    ),
    lock: "SHARE ROW EXCLUSIVE",
    scans: true,
  },
  {
    pattern: statement(String.raw`alter table (?:only )?${name("table")} validate constraint`),
    lock: "SHARE UPDATE EXCLUSIVE",
    scans: true,
  },
  {
    pattern: statement(
      String.raw`alter table (?:only )?${name("table")} (?:enable|disable) (?:always |replica )?trigger`,
    ),
    lock: "SHARE ROW EXCLUSIVE",
  },
  {
    pattern: statement(
      String.raw`alter table (?:only )?${name("table")} (?:add column .*(?:generated|default [^,;]*\w\()|alter column \S+ (?:set data )?type)`,
    ),
    lock: "ACCESS EXCLUSIVE",
    rewrites: true,
    scans: true,
  },
  {
    pattern: statement(
      String.raw`alter table (?:only )?${name("table")} (?:add constraint .* not valid|add column|drop|rename|alter column \S+ (?:set default|drop))`,
    ),
    lock: "ACCESS EXCLUSIVE",
  },
  {
    pattern: statement(String.raw`alter table (?:only )?${name("table")}`),
    lock: "ACCESS EXCLUSIVE",
    scans: true,
  },
  {
    pattern: statement(String.raw`alter sequence \S+ owned by ${name("table")}\.`),
    lock: "ACCESS SHARE",
  },
  {
    pattern: statement(String.raw`drop (?:table|view) (?:if exists )?${name("table")}`),
    lock: "ACCESS EXCLUSIVE",
  },
  {
    pattern: statement(String.raw`truncate (?:table )?${name("table")}`),
    lock: "ACCESS EXCLUSIVE",
    rewrites: true,
  },
  {
    pattern: statement(String.raw`select mpi_audit_protect\('${name("table")}'\)`),
    lock: "SHARE ROW EXCLUSIVE",
  },
  {
    pattern: statement(String.raw`select mpi_audit_ensure_partitions\((?<months>\d+)\)`),
    lock: "ACCESS EXCLUSIVE",
  },
  {
    pattern: statement(String.raw`(?:insert into|delete from|update) ${name("table")}`),
    lock: "ROW EXCLUSIVE",
  },
];

/** Statements whose tables their text does not name. */
const unnamedTables: readonly (readonly [RegExp, string])[] = [
  [statement("select mpi_audit_ensure_partitions"), "audit_log"],
];

/**
 * What a statement will lock, by its wording. A test runs every migration and compares this with the locks that
 * the server really took.
 */
export function describeEffect(sql: string): StatementEffect {
  const text = sql.replaceAll(/^\s*--.*$/gm, "").trim();
  for (const { pattern, lock, rewrites = false, scans = false } of rules) {
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) continue;
    const named = [groups["table"], groups["other"]].filter((table) => table !== undefined);
    const unnamed = unnamedTables
      .filter(([unnamedPattern]) => unnamedPattern.test(text))
      .map(([, table]) => table);
    return { tables: [...new Set([...named, ...unnamed])], lock, rewrites, scans };
  }
  return { tables: [], lock: "none", rewrites: false, scans: false };
}

/** The table that a statement makes. */
export function createdTable(sql: string): string | undefined {
  const text = sql.replaceAll(/^\s*--.*$/gm, "").trim();
  return statement(String.raw`create table ${name("table")}`).exec(text)?.groups?.["table"];
}
