import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectionOptions } from "../../../src/db/client.ts";
import { roleNames } from "../../../src/db/migrate/role-grants.ts";
import { applyRoles } from "../../../src/db/migrate/roles.ts";
import {
  changeTenancy,
  disableRowSecurity,
  enableRowSecurity,
  readRowSecurity,
} from "../../../src/db/migrate/row-security.ts";
import { verifySchema } from "../../../src/db/migrate/verify.ts";
import { runCli } from "../../support/cli.ts";
import { shareTestDatabase } from "../../support/database.ts";

/** Two hospitals; the clinic is part of the first. Names are unlike each other. */
const hospitals = {
  east: "00000000-0000-4000-9000-00000000000e",
  clinic: "00000000-0000-4000-9000-0000000000ec",
  west: "00000000-0000-4000-9000-0000000000f0",
};
const records = {
  east: "00000000-0000-4000-8000-00000000000e",
  clinic: "00000000-0000-4000-8000-0000000000ec",
  west: "00000000-0000-4000-8000-0000000000f0",
  nobody: "00000000-0000-4000-8000-0000000000ff",
};

describe("row-level security", () => {
  const shared = shareTestDatabase();
  const password = randomBytes(8).toString("hex");
  let prefix = "";
  const clients = new Map<string, postgres.Sql>();
  const client = (login: string) => clients.get(login)!;
  const names = () =>
    ["east", "west", "none", "matcher", "auditor", "dba"].map((login) => `${prefix}_${login}_login`);

  const addLogin = async (login: string, role: string) => {
    const user = `${prefix}_${login}_login`;
    await shared().sql.unsafe(`create role ${user} login password '${password}' in role ${prefix}_${role}`);
    clients.set(login, postgres({ ...connectionOptions({ ...shared().target, user, password }), max: 1 }));
  };
  const urlOf = (login: string) => {
    const url = new URL(
      shared()
        .url.replace(/^postgresql:/, "http:")
        .replace("///", "//x/"),
    );
    url.searchParams.set("user", `${prefix}_${login}_login`);
    url.searchParams.set("password", password);
    return `postgresql:///${shared().name}${url.search}`;
  };

  beforeAll(async () => {
    const { sql, target } = shared();
    prefix = `t${shared().name.slice(-20)}`;
    await sql.unsafe(`
      insert into organizations (id, name, part_of) values
        ('${hospitals.east}', 'East', null), ('${hospitals.clinic}', 'East Clinic', '${hospitals.east}'), ('${hospitals.west}', 'West', null);
      insert into identifier_domains (code, system, name) values ('MRN', 'urn:mrn', 'Numbers');
      insert into patients (id, gender, birth_date, managing_organization_id) values
        ('${records.east}', 'female', '1980-01-15', '${hospitals.east}'), ('${records.clinic}', 'female', '1980-01-15', '${hospitals.clinic}'),
        ('${records.west}', 'female', '1980-01-15', '${hospitals.west}'), ('${records.nobody}', 'female', '1980-01-15', null);
      insert into patient_names (patient_id, family, given, is_primary) values
        ('${records.east}', 'Abernathy', array['Ann'], true), ('${records.clinic}', 'Castellano', array['Ann'], true),
        ('${records.west}', 'Westwood', array['Ann', 'Wilhelmina'], true), ('${records.nobody}', 'Noone', array['Ann'], true);
      insert into patient_identifiers (patient_id, type, system, value) select id, 'MR', 'urn:mrn', 'M' || right(id::text, 2) from patients;
      insert into patient_addresses (patient_id, city) select id, 'Springfield' from patients;
      insert into patient_contacts (patient_id, system, value) select id, 'phone', '217-555-0100' from patients;
      insert into patient_links (patient_id, other_patient_id, link_type) values
        ('${records.east}', '${records.clinic}', 'seealso'), ('${records.east}', '${records.west}', 'seealso');
      insert into patient_match_scores (patient_id, candidate_id, total_score) values
        ('${records.east}', '${records.clinic}', 0.9), ('${records.east}', '${records.west}', 0.8), ('${records.west}', '${records.nobody}', 0.7);
      insert into patient_merges (group_id, patient_id, survivor_id, inverse) values (gen_random_uuid(), '${records.west}', '${records.east}', '{}');
      insert into patient_quarantine (patient_id, kind, payload, origin) select id, 'overlay', '{}', 'csv' from patients;
      insert into match_calibrations (model_version, model_hash, model, content, content_hash, record_count, origin) values ('1', 'h', '{}', '', 'h', 0, 'run');`);
    await applyRoles(target, { prefix });
    await addLogin("east", "steward");
    await addLogin("west", "steward");
    await addLogin("none", "steward");
    await addLogin("matcher", "matcher");
    await addLogin("auditor", "auditor");
    await addLogin("dba", "owner");
    const options = { user: "dba" };
    await changeTenancy(target, options, "allow", `${prefix}_east_login`, hospitals.east);
    await changeTenancy(target, options, "allow", `${prefix}_west_login`, hospitals.west);
    await enableRowSecurity(target, { prefix, user: "dba" });
  });
  afterAll(async () => {
    for (const each of clients.values()) await each.end({ timeout: 1 });
    for (const name of [...names(), ...roleNames.map((role) => `${prefix}_${role}`)]) {
      await shared().sql.unsafe(
        `reassign owned by ${name} to current_user; drop owned by ${name}; drop role ${name}`,
      );
    }
  });

  const tables: readonly (readonly [table: string, column: string])[] = [
    ["patients", "id"],
    ["patient_names", "patient_id"],
    ["patient_identifiers", "patient_id"],
    ["patient_addresses", "patient_id"],
    ["patient_contacts", "patient_id"],
    ["patient_quarantine", "patient_id"],
  ];
  const idsIn = async (login: string, [table, column]: readonly [string, string]) =>
    (
      await client(login).unsafe<{ id: string }[]>(`select distinct ${column} as id from ${table} order by 1`)
    ).map(({ id }) => id);

  it.each(tables)(
    "shows of %s what belongs to the role's organizations and their parts",
    async (...table) => {
      expect(await idsIn("east", table)).toEqual([records.east, records.clinic]);
      expect(await idsIn("west", table)).toEqual([records.west]);
      expect(await idsIn("none", table)).toEqual([]);
    },
  );

  it("shows everything to the matcher, the owner and a superuser", async () => {
    expect(await idsIn("matcher", ["patients", "id"])).toHaveLength(4);
    expect(await idsIn("matcher", ["patient_names", "patient_id"])).toHaveLength(4);
    expect(await idsIn("dba", ["patients", "id"])).toHaveLength(4);
    const [row] = await shared().sql`select count(*)::int as patients from patients`;
    expect(row).toEqual({ patients: 4 });
  });

  it.each([
    ["patient_links", 1, 0, 2],
    ["patient_match_scores", 1, 0, 3],
    ["patient_merges", 0, 0, 1],
  ] as const)("shows a row of %s to whoever may see both its records", async (table, east, west, all) => {
    const count = async (login: string) =>
      (await client(login).unsafe<{ rows: number }[]>(`select count(*)::int as rows from ${table}`))[0]!.rows;
    expect([await count("east"), await count("west"), await count("matcher")]).toEqual([east, west, all]);
  });

  it("lets a client's setting, or SET ROLE, change nothing", async () => {
    const seen = await client("west").begin(async (transaction) => {
      await transaction.unsafe(
        `set local mpi.user_id = '${prefix}_east_login'; set local role ${prefix}_steward`,
      );
      return transaction`select id from patients`;
    });
    expect(seen).toEqual([{ id: records.west }]);
  });

  it("shows no name through the dictionary that no record of one's own bears", async () => {
    expect(await client("east")`select value from name_dictionary`).toEqual([]);
    const candidates = (login: string, word: string, prefixed: boolean) =>
      client(login)<{ value: string }[]>`
        select distinct value from mpi_name_candidates(${word}, 'near', ${prefixed}, 50) order by 1`;
    const values = async (login: string, word: string, prefixed = false) =>
      (await candidates(login, word, prefixed)).map(({ value }) => value);
    expect(await values("east", "abernathy")).toContain("abernathy");
    expect(await values("east", "westwood")).not.toContain("westwood");
    expect(await values("west", "westwood")).toContain("westwood");
    expect(await values("east", "w", true)).toEqual([]);
    expect(await values("west", "wilhelmina")).toEqual(["wilhelmina"]);
    expect(await values("east", "wilhelmina")).toEqual([]);
    expect(await values("matcher", "wilhelmina")).toEqual(["wilhelmina"]);
    expect(await client("east")`select mpi_patients_with_given(array['ann']) as id order by 1`).toEqual([
      { id: records.east },
      { id: records.clinic },
    ]);
  });

  it("shows no frequent values of everybody through a calibration", async () => {
    expect(await client("east")`select id from match_calibrations`).toEqual([]);
    expect(await client("matcher")`select model_hash from match_calibrations`).toEqual([{ model_hash: "h" }]);
  });

  it("shows of the audit trail what is about one's own records and organizations", async () => {
    const seen = await client("west")`
      select distinct entity_type, entity_id from audit_log where entity_id is not null order by 1, 2`;
    expect(seen).toEqual([
      { entity_type: "organization", entity_id: hospitals.west },
      { entity_type: "patient", entity_id: records.west },
    ]);
    const [row] = await client("auditor")`select count(distinct entity_id) > 4 as all from audit_log`;
    expect(row).toEqual({ all: true });
  });

  const forbidden = { code: "42501" };

  it("lets nobody write what he could not see", async () => {
    const east = client("east");
    await expect(
      east`insert into patients (gender, managing_organization_id) values ('male', ${hospitals.west})`,
    ).rejects.toMatchObject(forbidden);
    await expect(east`insert into patients (gender) values ('male')`).rejects.toMatchObject(forbidden);
    await expect(
      east`insert into patient_names (patient_id, family) values (${records.west}, 'X')`,
    ).rejects.toMatchObject(forbidden);
    await expect(
      east`insert into patient_links (patient_id, other_patient_id, link_type) values (${records.clinic}, ${records.west}, 'seealso')`,
    ).rejects.toMatchObject(forbidden);
    await expect(
      east`update patients set managing_organization_id = ${hospitals.west} where id = ${records.clinic}`,
    ).rejects.toMatchObject(forbidden);
    expect((await east`update patients set gender = 'other' where id = ${records.west}`).count).toBe(0);
    expect((await east`delete from patient_names where patient_id = ${records.west}`).count).toBe(0);
  });

  it("lets the triggers do their work for what one may write", async () => {
    const id = "00000000-0000-4000-8000-0000000000a7";
    await client("east").begin(async (transaction) => {
      await transaction`insert into patients (id, gender, managing_organization_id) values (${id}, 'male', ${hospitals.clinic})`;
      await transaction`insert into patient_names (patient_id, family) values (${id}, 'Thistle')`;
      await transaction`insert into patient_identifiers (patient_id, type, system, value) values (${id}, 'MR', 'urn:mrn', 'M99')`;
    });
    await client("east")`update patient_names set family = 'Thistles' where patient_id = ${id}`;
    const [row] = await shared().sql`
      select p.version, (select count(*)::int from audit_log where entity_id = ${id}) as trail,
        (select count(*)::int from name_dictionary where value like 'thistle%') as words from patients p where id = ${id}`;
    expect(row).toEqual({ version: 2, trail: 4, words: 2 });
    await shared().sql`delete from patients where id = ${id}`;
  });

  describe("in the program", () => {
    const find = async (login: string, ...words: string[]) => {
      const result = await runCli(["patient", "find", ...words, "--output", "json"], {
        database: urlOf(login),
      });
      expect(result.stderr).not.toContain("bug");
      expect(result.exitCode, result.stderr).toBe(0);
      return (JSON.parse(result.stdout) as { items: { id: string }[] }).items.map(({ id }) => id).sort();
    };

    it.each([
      [["abernathy"], [records.east], []],
      [["abernaty"], [records.east], []],
      [["westwood"], [], [records.west]],
      [["westwod", "ann"], [], [records.west]],
      [["--given", "wilhelmina"], [], [records.west]],
      [["--family", "west", "--prefix"], [], [records.west]],
      [["--identifier", "Mf0"], [], [records.west]],
      [["--identifier", "M", "--prefix"], [records.east, records.clinic].sort(), [records.west]],
      [["--phone", "217-555-0100"], [records.east, records.clinic].sort(), [records.west]],
      [["--birth-date", "1980-01-15"], [records.east, records.clinic].sort(), [records.west]],
    ] as const)("finds with %j what the role may see", async (words, east, west) => {
      expect(await find("east", ...words)).toEqual(east);
      expect(await find("west", ...words)).toEqual(west);
      expect(await find("none", ...words)).toEqual([]);
    });

    it("shows a record that is another's as one that is not there", async () => {
      const mine = await runCli(["patient", "show", records.west], { database: urlOf("west") });
      expect(mine.exitCode, mine.stderr).toBe(0);
      const theirs = await runCli(["patient", "show", records.west], { database: urlOf("east") });
      const unknown = await runCli(["patient", "show", "00000000-0000-4000-8000-123456789abc"], {
        database: urlOf("east"),
      });
      expect(theirs.exitCode).toBe(3);
      expect(theirs.stdout).toBe(unknown.stdout);
    });

    /** Everything that a command prints, and how it ends. */
    const run = async (login: string, ...words: string[]) => {
      const result = await runCli(words, { database: urlOf(login) });
      expect(result.stderr).not.toContain("bug");
      return { exitCode: result.exitCode, text: result.stdout + result.stderr };
    };
    const foreign = [records.west, "Westwood", "WESTWOOD"];

    it("offers no record of others as a likely match of somebody new", async () => {
      const person = ["--family", "Westwod", "--given", "Ann", "--birth-date", "1980-01-15"];
      const contact = ["--phone", "217-555-0100", "--gender", "female", "--dry-run"];
      const theirs = await run("east", "patient", "add", ...person, ...contact);
      expect(theirs.text).toContain("Abernathy");
      expect(theirs.text).not.toContain("Westwood");
      const own = await run("west", "patient", "add", ...person, ...contact);
      expect(own.text).toContain("Westwood");
      expect(own.text).not.toContain("Abernathy");
    });

    it("scores and explains no pair with a record of others", async () => {
      for (const verb of ["score", "explain"]) {
        expect((await run("east", "match", verb, records.east, records.clinic)).exitCode).toBe(0);
        const theirs = await run("east", "match", verb, records.east, records.west);
        expect(theirs.exitCode).toBe(3);
        const unknown = "00000000-0000-4000-8000-123456789abc";
        const none = await run("east", "match", verb, records.east, unknown);
        expect(theirs.text).toBe(none.text.replaceAll(unknown, records.west));
      }
    });

    it("queues no pair with a record of others for review", async () => {
      const queue = await run("east", "review", "list", "--output", "json");
      expect(queue.exitCode, queue.text).toBe(0);
      expect(queue.text).toContain(records.clinic);
      for (const word of foreign) expect(queue.text).not.toContain(word);
    });

    it.each([["csv"], ["fhir"]])("exports as %s no record of others, and no link to one", async (format) => {
      const exported = await run("east", "export", format);
      expect(exported.exitCode, exported.text).toBe(0);
      expect(exported.text).toContain(records.clinic);
      for (const word of foreign) expect(exported.text).not.toContain(word);
    });

    it("does not tell the other record of a link that leads out of sight", async () => {
      const shown = await runCli(["patient", "show", records.east, "--output", "json"], {
        database: urlOf("east"),
      });
      expect(shown.exitCode, shown.stderr).toBe(0);
      expect(shown.stdout).toContain(records.clinic);
      expect(shown.stdout).not.toContain(records.west);
    });
  });

  it("is no drift, and says who sees what", async () => {
    expect(await verifySchema(shared().target)).toEqual([]);
    expect(await readRowSecurity(shared().target)).toEqual({
      isEnabled: true,
      tenancies: [
        { role: `${prefix}_east_login`, organizationId: hospitals.east, organization: "East" },
        { role: `${prefix}_west_login`, organizationId: hospitals.west, organization: "West" },
      ],
    });
  });

  it("leaves its traces in the audit trail: who allowed whom, and who switched it on", async () => {
    const rows = await shared().sql`
      select user_id, operation from audit_log where operation like 'RLS%' order by id`;
    expect(rows).toEqual([
      { user_id: "dba", operation: "RLS_ALLOW" },
      { user_id: "dba", operation: "RLS_ALLOW" },
      { user_id: "dba", operation: "RLS_ENABLE" },
    ]);
  });

  it("leaves out no table with patients in it", async () => {
    const rows = await shared().sql<{ name: string }[]>`
      select distinct table_name as name from information_schema.columns c
      where table_schema = 'public' and column_name in ('patient_id', 'candidate_id', 'survivor_id', 'entity_id')
        and not (select relispartition or relrowsecurity from pg_class where oid = to_regclass(table_name))`;
    expect(rows).toEqual([]);
  });

  it("follows a change of tenancy at once, and shows all again when it is switched off", async () => {
    const { target } = shared();
    await changeTenancy(target, {}, "allow", `${prefix}_none_login`, hospitals.clinic);
    expect(await idsIn("none", ["patients", "id"])).toEqual([records.clinic]);
    await changeTenancy(target, {}, "deny", `${prefix}_none_login`, hospitals.clinic);
    expect(await idsIn("none", ["patients", "id"])).toEqual([]);
    await expect(
      changeTenancy(target, {}, "deny", `${prefix}_none_login`, hospitals.clinic),
    ).rejects.toMatchObject({ code: "not-found" });
    await expect(changeTenancy(target, {}, "allow", "no_such_role", hospitals.clinic)).rejects.toMatchObject({
      code: "not-found",
    });
    await expect(
      changeTenancy(target, {}, "allow", `${prefix}_none_login`, records.east),
    ).rejects.toMatchObject({ code: "not-found" });
    await disableRowSecurity(target, { prefix });
    expect(await idsIn("none", ["patients", "id"])).toHaveLength(4);
    expect((await client("none")`select count(*)::int as words from name_dictionary`)[0]).not.toEqual({
      words: 0,
    });
    await enableRowSecurity(target, { prefix });
    expect(await idsIn("none", ["patients", "id"])).toEqual([]);
  });
});
