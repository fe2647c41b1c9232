import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, shareTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;

/** A database for each test, where they would disturb each other. */
const withOwnDatabase = () => {
  beforeEach(async () => {
    database = await createTestDatabase();
  });
};

/** One for all tests of a block that ask after rows of their own. */
const withOneDatabase = () => {
  const shared = shareTestDatabase();
  beforeAll(() => {
    database = shared();
  });
};

const addPatient = async (values: Readonly<Record<string, string | boolean>> = {}) => {
  const { sql } = database;
  const [row] = await sql<
    { id: string }[]
  >`insert into patients ${sql({ gender: "female", ...values })} returning id`;
  return row!.id;
};
const addIdentifier = async (
  patientId: string,
  system: string,
  value: string,
  useType: string | null = null,
) => {
  const [row] = await database.sql<{ id: string; key: string | null }[]>`
    insert into patient_identifiers (patient_id, type, system, value, use_type)
    values (${patientId}, 'MR', ${system}, ${value}, ${useType}) returning id, unique_key as key`;
  return row!;
};
const addDomain = (system: string, isUnique: boolean) => database.sql`
  insert into identifier_domains (code, system, name, is_unique) values (${system}, ${system}, ${system}, ${isUnique})`;
const keysOf = async (patientId: string) =>
  (
    await database.sql<{ key: string | null }[]>`
      select unique_key as key from patient_identifiers where patient_id = ${patientId} order by value`
  ).map(({ key }) => key);
const isTaken = { constraint_name: "patient_identifiers_unique_key" };

describe("the value of an identifier in a unique domain", () => {
  withOwnDatabase();
  beforeEach(async () => {
    await addDomain("mrn", true);
    await addDomain("ssn", false);
  });

  it("is taken by the first active record, however the second one writes it", async () => {
    const [first, second] = [await addPatient(), await addPatient()];
    expect((await addIdentifier(first, "mrn", "12-34 a")).key).toBe("mrn|1234A");
    await expect(addIdentifier(second, "mrn", "1234A")).rejects.toMatchObject(isTaken);
  });

  it("is evidence and free for all in a domain that is not unique, or that nobody knows", async () => {
    const [first, second] = [await addPatient(), await addPatient()];
    for (const system of ["ssn", "unheard-of"]) {
      expect((await addIdentifier(first, system, "1")).key).toBeNull();
      expect((await addIdentifier(second, system, "1")).key).toBeNull();
    }
  });

  it("is taken whatever the system is called", async () => {
    const [first, second] = [await addPatient(), await addPatient()];
    const system = 'urn:a,b {"c"} \\ d\n\'NULL';
    await database.sql`insert into identifier_domains (code, system, name, is_unique) values ('odd', ${system}, 'odd', true)`;
    await addIdentifier(first, system, "1");
    await expect(addIdentifier(second, system, "1")).rejects.toMatchObject(isTaken);
  });

  it("is taken whatever the session says, and by each statement of a transaction anew", async () => {
    const [first, second] = [await addPatient(), await addPatient()];
    const keys = await database.sql.begin(async (tx) => {
      await tx`select set_config('mpi.unique_systems', '{}', false)`;
      const add = (patientId: string, system: string) => tx<{ key: string | null }[]>`
        insert into patient_identifiers (patient_id, type, system, value) values (${patientId}, 'MR', ${system}, '7')
        returning unique_key as key`;
      const known = await add(first, "mrn");
      const unknown = await add(first, "later");
      await tx`insert into identifier_domains (code, system, name, is_unique) values ('later', 'later', 'later', true)`;
      await expect(
        tx.savepoint(
          (inner) => inner`
        insert into patient_identifiers (patient_id, type, system, value) values (${second}, 'MR', 'later', '7')`,
        ),
      ).rejects.toMatchObject(isTaken);
      await tx`update identifier_domains set is_unique = false where system = 'mrn'`;
      return [...known, ...unknown, ...(await add(second, "mrn"))];
    });
    expect(keys.map(({ key }) => key)).toEqual(["mrn|7", null, null]);
    expect(await keysOf(first)).toEqual(expect.arrayContaining([null, "later|7"]));
  });

  it("is free again when the value is retired, and taken when it comes back", async () => {
    const [first, second] = [await addPatient(), await addPatient()];
    const { id } = await addIdentifier(first, "mrn", "1");
    await database.sql`update patient_identifiers set use_type = 'old' where id = ${id}`;
    await addIdentifier(second, "mrn", "1");
    await expect(
      database.sql`update patient_identifiers set use_type = 'official' where id = ${id}`,
    ).rejects.toMatchObject(isTaken);
  });

  it("is never taken by a value that arrives retired", async () => {
    const [first, second] = [await addPatient(), await addPatient()];
    expect((await addIdentifier(first, "mrn", "1", "old")).key).toBeNull();
    expect((await addIdentifier(second, "mrn", "1")).key).toBe("mrn|1");
  });

  it.each([
    ["merged away", "active = false", "active = true"],
    ["deleted", "deleted_at = now()", "deleted_at = null"],
  ])("is free while the record is %s, and taken when it comes back", async (_what, away, back) => {
    const [first, second, third] = [await addPatient(), await addPatient(), await addPatient()];
    await addIdentifier(first, "mrn", "1");
    await database.sql.unsafe(`update patients set ${away} where id = '${first}'`);
    expect(await keysOf(first)).toEqual([null]);
    await addIdentifier(second, "mrn", "1");
    await expect(
      database.sql.unsafe(`update patients set ${back} where id = '${first}'`),
    ).rejects.toMatchObject(isTaken);
    await database.sql`delete from patient_identifiers where patient_id = ${second}`;
    await database.sql.unsafe(`update patients set ${back} where id = '${first}'`);
    expect(await keysOf(first)).toEqual(["mrn|1"]);
    await expect(addIdentifier(third, "mrn", "1")).rejects.toMatchObject(isTaken);
  });

  it("is free for a record that comes back while it is deleted as well", async () => {
    const first = await addPatient();
    await addIdentifier(first, "mrn", "1");
    await database.sql`update patients set active = false, deleted_at = now() where id = ${first}`;
    await database.sql`update patients set active = true where id = ${first}`;
    expect(await keysOf(first)).toEqual([null]);
  });

  it("moves from one record to another within one transaction, under its own id", async () => {
    const [first, second] = [await addPatient(), await addPatient()];
    const { id } = await addIdentifier(first, "mrn", "1");
    await database.sql.begin(async (transaction) => {
      await transaction`delete from patient_identifiers where id = ${id}`;
      await transaction`
        insert into patient_identifiers (id, patient_id, type, system, value) values (${id}, ${second}, 'MR', 'mrn', '1')`;
    });
    expect(await keysOf(second)).toEqual(["mrn|1"]);
  });

  it("is what two processes that add it at once cannot both have", async () => {
    const [first, second] = [await addPatient(), await addPatient()];
    const results = await Promise.allSettled([
      addIdentifier(first, "mrn", "7"),
      addIdentifier(second, "mrn", "7"),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("is not left behind on a record that is merged away while the identifier arrives", async () => {
    const first = await addPatient();
    const merging = database.sql.begin(async (transaction) => {
      await transaction`update patients set active = false where id = ${first}`;
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { key } = await addIdentifier(first, "mrn", "1");
    await merging;
    expect(key).toBeNull();
  });

  it("is not kept for a value of nothing but signs, which names nobody", async () => {
    expect((await addIdentifier(await addPatient(), "mrn", "---")).key).toBeNull();
  });
});

describe("an identifier domain", () => {
  withOwnDatabase();
  it("that becomes unique claims the values in it, and gives them up when it stops to be", async () => {
    await addDomain("mrn", false);
    const [first, second] = [await addPatient(), await addPatient()];
    await addIdentifier(first, "mrn", "1");
    await addIdentifier(second, "mrn", "2");
    await database.sql`update identifier_domains set is_unique = true`;
    expect(await keysOf(first)).toEqual(["mrn|1"]);
    await expect(addIdentifier(second, "mrn", "1")).rejects.toMatchObject(isTaken);
    await database.sql`update identifier_domains set is_unique = false`;
    expect(await keysOf(first)).toEqual([null]);
    await addIdentifier(second, "mrn", "1");
  });

  it("cannot become unique, or be made unique, where two active records share a value", async () => {
    const [first, second] = [await addPatient(), await addPatient()];
    await addIdentifier(first, "mrn", "1");
    await addIdentifier(second, "mrn", "1");
    await expect(addDomain("mrn", true)).rejects.toMatchObject(isTaken);
    await addDomain("mrn", false);
    await expect(database.sql`update identifier_domains set is_unique = true`).rejects.toMatchObject(isTaken);
  });

  it("that is made unique or deleted later is followed by the values that are there", async () => {
    const first = await addPatient();
    await addIdentifier(first, "mrn", "1");
    await addDomain("mrn", true);
    expect(await keysOf(first)).toEqual(["mrn|1"]);
    await database.sql`delete from identifier_domains`;
    expect(await keysOf(first)).toEqual([null]);
  });

  it("that changes its system leaves the old values and takes the new ones", async () => {
    await addDomain("mrn", true);
    const first = await addPatient();
    await addIdentifier(first, "mrn", "1");
    await addIdentifier(first, "urn:mrn", "2");
    await database.sql`update identifier_domains set system = 'urn:mrn'`;
    expect(await keysOf(first)).toEqual([null, "urn:mrn|2"]);
  });

  it("does not let a value slip past that arrives while it becomes unique", async () => {
    await addDomain("mrn", false);
    const [first, second] = [await addPatient(), await addPatient()];
    let flipping: Promise<unknown> | undefined;
    await database.sql.begin(async (transaction) => {
      await transaction`
        insert into patient_identifiers (patient_id, type, system, value) values (${first}, 'MR', 'mrn', '1')`;
      flipping = database.sql`update identifier_domains set is_unique = true`.execute();
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
    await flipping;
    expect(await keysOf(first)).toEqual(["mrn|1"]);
    await expect(addIdentifier(second, "mrn", "1")).rejects.toMatchObject(isTaken);
  });

  it("does not make its records look changed when their keys are kept anew", async () => {
    const first = await addPatient();
    await addIdentifier(first, "mrn", "1");
    const before = await database.sql`select version, change_xid::text from patients`;
    await addDomain("mrn", true);
    await database.sql`update identifier_domains set is_unique = false`;
    expect(await database.sql`select version, change_xid::text from patients`).toEqual(before);
  });
});

describe("the version and the change marker of a record", () => {
  withOneDatabase();
  const state = async (id: string) => {
    const [row] = await database.sql<{ version: number; marker: string }[]>`
      select version, change_xid::text as marker from patients where id = ${id}`;
    return row!;
  };
  const versionAfter = async (id: string, sql: string) => {
    const before = await state(id);
    await database.sql.unsafe(sql);
    const after = await state(id);
    expect(after.marker === before.marker).toBe(after.version === before.version);
    return after.version - before.version;
  };

  it("start at one with the transaction that made it", async () => {
    const id = await addPatient();
    expect((await state(id)).version).toBe(1);
  });

  const content: readonly (readonly [column: string, value: string])[] = [
    ["active", "false"],
    ["gender", "'other'"],
    ["birth_date", "'1980-01-15'"],
    ["birth_date_precision", "'year'"],
    ["deceased", "true"],
    ["deceased_datetime", "now()"],
    ["marital_status", "'M'"],
    ["multiple_birth", "true"],
    ["birth_order", "2"],
    ["mother_name", "'Jane'"],
    ["mother_identifier", "'1'"],
    ["managing_organization_id", "(select id from organizations limit 1)"],
    ["received_at", "'2020-01-01'"],
    ["deleted_at", "now()"],
  ];

  it.each(content)("rise with a change of %s", async (column, value) => {
    await database.sql`insert into organizations (name) values ('General Hospital')`;
    const id = await addPatient();
    expect(await versionAfter(id, `update patients set ${column} = ${value} where id = '${id}'`)).toBe(1);
  });

  it("rise with a change of the source", async () => {
    const id = await addPatient();
    expect(
      await versionAfter(id, `update patients set source_system = 's', source_id = '1' where id = '${id}'`),
    ).toBe(1);
  });

  it("have an eye on every column of content that there is", async () => {
    const columns = await database.sql<{ name: string }[]>`
      select column_name as name from information_schema.columns where table_name = 'patients'`;
    const bookkeeping =
      /^(id|version|change_xid|(initial_)?enterprise_(id|since|at)|(created|updated)_(at|by)|deleted_by)$/;
    expect(
      columns
        .map(({ name }) => name)
        .filter((name) => !bookkeeping.test(name))
        .sort(),
    ).toEqual([...content.map(([column]) => column), "source_system", "source_id"].sort());
  });

  it("stay with an update that changes nothing, and with a new person or stamp", async () => {
    const id = await addPatient();
    expect(await versionAfter(id, "update patients set gender = gender")).toBe(0);
    expect(
      await versionAfter(
        id,
        "update patients set enterprise_id = gen_random_uuid(), enterprise_since = now()",
      ),
    ).toBe(0);
    expect(await versionAfter(id, "update patients set deleted_by = 'x'")).toBe(0);
  });

  it("rise once in a transaction, however much it changes", async () => {
    const id = await addPatient();
    const sql = `update patients set gender = 'other'; insert into patient_names (patient_id, family) values ('${id}', 'A');
      update patient_names set family = 'B' where patient_id = '${id}'; update patients set birth_date = '1980-01-15'`;
    expect(await versionAfter(id, sql)).toBe(1);
  });

  it.each([
    ["names", "family", "'A'", "'B'"],
    ["identifiers", "type, system, value", "'MR', 's', '1'", "value = '2'"],
    ["addresses", "city", "'A'", "'B'"],
    ["contacts", "system, value", "'phone', '1'", "value = '2'"],
  ])(
    "rise when one of its %s comes, changes or goes, and not when it stays the same",
    async (table, columns, values, change) => {
      const [id, other] = [await addPatient(), await addPatient()];
      const assignment = change.includes("=") ? change : `${columns} = ${change}`;
      const insert = `insert into patient_${table} (patient_id, ${columns}) values ('${id}', ${values})`;
      expect(await versionAfter(id, insert)).toBe(1);
      expect(
        await versionAfter(id, `update patient_${table} set ${assignment} where patient_id = '${id}'`),
      ).toBe(1);
      expect(
        await versionAfter(id, `update patient_${table} set ${assignment} where patient_id = '${id}'`),
      ).toBe(0);
      expect(await versionAfter(id, `delete from patient_${table} where patient_id = '${id}'`)).toBe(1);
      expect((await state(other)).version).toBe(1);
    },
  );

  it("rise on both records when a row is moved from one to the other", async () => {
    const [from, to] = [await addPatient(), await addPatient()];
    await database.sql`insert into patient_names (patient_id, family) values (${from}, 'A')`;
    const before = [await state(from), await state(to)];
    await database.sql`update patient_names set patient_id = ${to} where patient_id = ${from}`;
    expect(
      [await state(from), await state(to)].map(({ version }, i) => version - before[i]!.version),
    ).toEqual([1, 1]);
  });

  it("stay when the machine links records or scores them", async () => {
    const ids = [await addPatient(), await addPatient()].sort();
    const before = await state(ids[0]!);
    await database.sql`
      insert into patient_links (patient_id, other_patient_id, link_type, origin) values (${ids[0]!}, ${ids[1]!}, 'seealso', 'run')`;
    await database.sql`
      insert into patient_match_scores (patient_id, candidate_id, total_score) values (${ids[0]!}, ${ids[1]!}, 0.9)`;
    await database.sql`delete from patient_links`;
    expect(await state(ids[0]!)).toEqual(before);
  });

  it("are kept for organizations and domains as well", async () => {
    const { sql } = database;
    await sql`insert into organizations (name) values ('A')`;
    await addDomain("mrn", false);
    await sql`update organizations set name = 'B' where name in ('A', 'B')`;
    await sql`update organizations set name = 'B' where name in ('A', 'B')`;
    await sql`update identifier_domains set name = 'B'`;
    expect(
      await sql`select version from organizations where name = 'B' union all select version from identifier_domains`,
    ).toEqual([{ version: 2 }, { version: 2 }]);
  });
});

describe("a new record", () => {
  withOwnDatabase();
  it("is a person of its own, under the id it gets back whenever it stands alone", async () => {
    await addPatient({
      enterprise_id: "00000000-0000-4000-8000-0000000000e1",
      enterprise_since: "2020-01-01",
    });
    await addPatient();
    expect(
      await database.sql`
        select count(distinct enterprise_id)::int as persons, bool_and(enterprise_id = initial_enterprise_id) as own,
          bool_and(enterprise_since = initial_enterprise_at) as since from patients`,
    ).toEqual([{ persons: 2, own: true, since: true }]);
  });
});

describe("the stamps of a row", () => {
  withOwnDatabase();
  const tables = [
    ["organizations", "name", "'A'"],
    [
      "organization_identifiers",
      "organization_id, type, system, value",
      "(select id from organizations), 't', 's', 'v'",
    ],
    ["organization_addresses", "organization_id", "(select id from organizations)"],
    [
      "organization_contacts",
      "organization_id, system, value",
      "(select id from organizations), 'phone', '1'",
    ],
    ["identifier_domains", "code, system, name", "'c', 's', 'n'"],
    ["patients", "gender", "'male'"],
    ["patient_names", "patient_id, family", "(select min(id::text)::uuid from patients), 'A'"],
    [
      "patient_identifiers",
      "patient_id, type, system, value",
      "(select min(id::text)::uuid from patients), 't', 's', 'v'",
    ],
    ["patient_addresses", "patient_id", "(select min(id::text)::uuid from patients)"],
    [
      "patient_contacts",
      "patient_id, system, value",
      "(select min(id::text)::uuid from patients), 'phone', '1'",
    ],
    [
      "patient_links",
      "patient_id, other_patient_id, link_type",
      "(select min(id::text)::uuid from patients), (select max(id::text)::uuid from patients), 'seealso'",
    ],
  ] as const;

  it("say who made it and who changed it last, by the claimed user, else by the role that logged in", async () => {
    await database.sql`insert into organizations (name) values ('Z')`;
    await database.sql`delete from organizations`;
    await addPatient();
    for (const [table, columns, values] of tables) {
      await database.sql.begin(async (transaction) => {
        await transaction`select set_config('mpi.user_id', 'nurse', true)`;
        await transaction.unsafe(`insert into ${table} (${columns}) values (${values})`);
      });
      const [role] = await database.sql<{ name: string }[]>`select session_user as name`;
      await database.sql.unsafe(`update ${table} set id = id where created_by = 'nurse'`);
      const [row] = await database.sql.unsafe(
        `select created_by, updated_by, updated_at > created_at as later from ${table} where created_by = 'nurse'`,
      );
      expect(row, table).toEqual({ created_by: "nurse", updated_by: role!.name, later: true });
    }
  });

  it("are kept on every table that has updated_at", async () => {
    const found = await database.sql<{ name: string }[]>`
      select table_name as name from information_schema.columns
      where column_name = 'updated_at' and table_schema = 'public' order by 1`;
    expect(found.map(({ name }) => name)).toEqual(tables.map(([table]) => table).sort());
  });
});

describe("the dictionary of names", () => {
  withOwnDatabase();
  const words = async () =>
    (
      await database.sql<{ word: string }[]>`
        select kind || ' ' || value as word from name_dictionary order by kind, value collate "C"`
    ).map(({ word }) => word);

  it("learns every folded family name and every given name, each once", async () => {
    const id = await addPatient();
    await database.sql`
      insert into patient_names (patient_id, family, given) values
        (${id}, 'Müller-Lüdenscheidt', array['Jürgen', 'Karl Heinz']), (${id}, 'MÜLLER LÜDENSCHEIDT', array['karl'])`;
    expect(await words()).toEqual([
      "family muller ludenscheidt",
      "given heinz",
      "given jurgen",
      "given karl",
    ]);
  });

  it("learns the new name when one is changed, and keeps the old", async () => {
    const id = await addPatient();
    await database.sql`insert into patient_names (patient_id, family) values (${id}, 'Smith')`;
    await database.sql`update patient_names set family = 'Smyth'`;
    expect(await words()).toEqual(["family smith", "family smyth"]);
  });

  it("is filled by two loads of the same names at once", async () => {
    const id = await addPatient();
    const load = (order: string) =>
      database.sql.unsafe(`
      insert into patient_names (patient_id, family) select '${id}', 'Name' || i from generate_series(1, 300) i order by i ${order}`);
    await Promise.all([load("asc"), load("desc")]);
    expect(await words()).toHaveLength(300);
  });
});

describe("folding a name", () => {
  withOneDatabase();
  it.each([
    ["Smith", "smith"],
    ["  Mary   ANN ", "mary ann"],
    ["O'Brien", "obrien"],
    ["O’Brien", "obrien"],
    ["O´Brien", "obrien"],
    ["Hawaiʻi", "hawaii"],
    ["Gal·la", "galla"],
    ["J.R.", "jr"],
    ["Ñandú-López", "nandu lopez"],
    ["Müller", "muller"],
    ["Straße", "strasse"],
    ["Łukasz", "lukasz"],
    ["Ærøskøbing", "aeroskobing"],
    ["Þór", "thor"],
    ["İstanbul", "istanbul"],
    ["Nguyễn Văn", "nguyen van"],
    ["Иванов", "иванов"],
    ["مُحَمَّد", "محمد"],
    ["שָׁלוֹם", "שלום"],
    ["हिन्दी", "हिन्दी"],
    ["สมชาย", "สมชาย"],
    ["王小明", "王小明"],
    ["...", null],
    ["", null],
  ])("makes %j %j, in any form of Unicode and in a database of any locale", async (name, folded) => {
    const [row] = await database.sql<{ composed: string; decomposed: string }[]>`
      select mpi_fold_text(normalize(${name}, NFC)) as composed, mpi_fold_text(normalize(${name}, NFD)) as decomposed`;
    expect([row!.composed, row!.decomposed]).toEqual([folded, folded]);
  });

  it("tells か from が, whose mark is part of the letter", async () => {
    const [row] = await database.sql`select mpi_fold_text('か') = mpi_fold_text('が') as same`;
    expect(row).toEqual({ same: false });
  });

  it("is the same whether a word takes the short way or the long one", async () => {
    const [row] = await database.sql`
      select mpi_fold_text('Mary Ann 2') = mpi_fold_text('Mary, Ann 2') as same, mpi_fold_text('MARY ANN 2') as folded`;
    expect(row).toEqual({ same: true, folded: "mary ann 2" });
  });

  it("works without a search path, as a restore and maintenance have it", async () => {
    const id = await addPatient();
    await database.sql.begin(async (transaction) => {
      await transaction`set local search_path = ''`;
      await transaction`
        insert into public.patient_names (patient_id, family, given) values (${id}, 'Müller', array['Ann Mary', ${"x".repeat(300)}])`;
      await transaction`insert into public.patient_identifiers (patient_id, type, system, value) values (${id}, 'MR', 's', '1-2')`;
      await transaction`insert into public.patient_contacts (patient_id, system, value) values (${id}, 'email', 'A@B.C')`;
      await transaction`insert into public.identifier_domains (code, system, name, is_unique) values ('x', 's', 's', true)`;
      await transaction`update public.patients set gender = 'other' where id = ${id}`;
    });
    expect(
      await database.sql`
        select family_folded, given_folded[2] as given, char_length(given_folded[3]) as cut, d.phonetic, i.unique_key
        from patient_names n join name_dictionary d on d.value = n.family_folded join patient_identifiers i using (patient_id) where patient_id = ${id}`,
    ).toEqual([{ family_folded: "muller", given: "mary", cut: 200, phonetic: "MLR", unique_key: "s|12" }]);
  });
});
