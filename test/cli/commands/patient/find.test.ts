import { beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../../../src/db/client.ts";
import { withTransaction } from "../../../../src/db/transaction.ts";
import { insertPatient } from "../../../../src/domain/patient/insert-patient.ts";
import { runCli } from "../../../support/cli.ts";
import { shareTestDatabase } from "../../../support/database.ts";
import { inventContent, type Invented } from "../../../support/test-index.ts";

const people = {
  smith: {
    name: "Smith, Jonathan",
    birthDate: "1980-03-15",
    gender: "male",
    identifiers: [{ value: "AB-123456" }],
    contacts: [{ value: "+1 217 555 0142" }, { system: "email", value: "Jon.Smith@Example.org" }],
    addresses: [{ line1: "4 Elm Street", city: "Springfield", postalCode: "62704" }],
  },
  smyth: { name: "Smyth, Jon", birthDate: "1980-07-02", identifiers: [{ value: "AB-123999" }] },
  jonathanSmithson: { name: "Smithson, Jonathan", birthDate: "1992-01-01" },
  swapped: { name: "Paulsen, Oskar" },
  accented: { name: "Müller, Zoë", birthDate: "1975-12-24" },
  accentless: { name: "Muller, Zoe", birthDate: "1941-02-03" },
  william: { name: "Tarkington, William" },
  double: { name: "García-López, María" },
  married: {
    names: [
      { family: "Ashworth", given: ["Greta"], isPrimary: true },
      { family: "Blumenthal", given: ["Greta"], use: "maiden" },
    ],
  },
  blumenthal: { name: "Blumenthal, Greta" },
  retired: { name: "Vandermolen, Pieter" },
  survivor: { name: "Van der Molen, Pieter", birthDate: "1966-06-06" },
  deleted: { name: "Wexford, Ida" },
  hostile: { name: "\u001b]0;pwned\u0007Evil\u202e, =cmd()\u001b[2J" },
  lostRetired: { name: "Underhill, Brandine" },
  lostSurvivor: { name: "Underhill-Oake, Brandine" },
  leapYear: { name: "Quist, Febe", birthDate: "2000-02-29" },
} satisfies Record<string, Invented>;

const shared = shareTestDatabase();
const ids = {} as Record<keyof typeof people, string>;

beforeAll(async () => {
  const database = shared();
  const handle = await openDatabase(database.target);
  await withTransaction(handle.db, { user: "setup", operation: "TEST" }, async (tx) => {
    for (const [key, person] of Object.entries(people)) {
      ids[key as keyof typeof people] = await insertPatient(tx, inventContent(person), null);
    }
  });
  await handle.close();
  await database.sql`
    insert into patient_links (patient_id, other_patient_id, link_type, origin)
    values (${ids.retired}, ${ids.survivor}, 'replaced_by', 'merge'), (${ids.survivor}, ${ids.retired}, 'replaces', 'merge')`;
  await database.sql`
    insert into patient_links (patient_id, other_patient_id, link_type, origin)
    values (${ids.lostRetired}, ${ids.lostSurvivor}, 'replaced_by', 'merge')`;
  await database.sql`update patients set active = false where id in (${ids.retired}, ${ids.lostRetired})`;
  await database.sql`update patients set deleted_at = now() where id in (${ids.deleted}, ${ids.lostSurvivor})`;
});

interface Hit {
  readonly id: string;
  readonly score: number;
  readonly name: string;
  readonly identifiers: readonly string[];
  readonly why: readonly string[];
  readonly status: string;
  readonly foundAs: string | null;
}

const run = (...argv: string[]) => runCli(["patient", "find", ...argv], { database: shared().url });

async function find(...argv: string[]) {
  const result = await run(...argv, "--output", "json");
  expect(result.stderr).not.toContain("bug");
  expect(result.exitCode).toBe(0);
  return JSON.parse(result.stdout) as { items: Hit[]; total: number; totalIsExact: boolean };
}
const findIds = async (...argv: string[]) => (await find(...argv)).items.map((hit) => hit.id);

describe("mpi patient find: names", () => {
  it("takes free words in either order, with the exact name first and the reason beside it", async () => {
    for (const words of [
      ["smith", "jonathan"],
      ["Jonathan", "SMITH"],
    ]) {
      const { items } = await find(...words);
      expect(items[0]).toMatchObject({ id: ids.smith, score: 1, why: ["family same", "given same"] });
    }
  });

  it("takes several words of one argument as several words", async () => {
    expect((await findIds("smith jonathan"))[0]).toBe(ids.smith);
  });

  it("finds names that sound alike or are spelt alike, below the exact one, and says so", async () => {
    const { items } = await find("smith");
    const smyth = items.find((hit) => hit.id === ids.smyth);
    expect(items[0]!.id).toBe(ids.smith);
    expect(smyth?.why).toEqual(["family sounds alike"]);
    expect(smyth!.score).toBeLessThan(1);
  });

  it("finds a half-remembered name with a year of birth", async () => {
    expect((await findIds("smyth", "jon", "1980")).slice(0, 2)).toEqual([ids.smyth, ids.smith]);
  });

  it("finds by nickname, from either side", async () => {
    expect((await find("bill", "tarkington")).items[0]).toMatchObject({
      id: ids.william,
      why: ["family same", "given nickname"],
    });
  });

  it("finds given and family name in each other's place, below the right way round", async () => {
    const swapped = (await find("--family", "oskar", "--given", "paulsen")).items[0]!;
    const straight = (await find("--family", "paulsen", "--given", "oskar")).items[0]!;
    expect(swapped).toMatchObject({ id: ids.swapped });
    expect(swapped.why).toContain("names swapped");
    expect(swapped.score).toBeLessThan(straight.score);
  });

  it.each(["muller zoe", "MÜLLER ZOË", "mu\u0308ller zoe\u0308"])(
    "compares %s without accents, case and Unicode form",
    async (words) => {
      expect(new Set((await findIds(words)).slice(0, 2))).toEqual(new Set([ids.accented, ids.accentless]));
    },
  );

  it.each(["garcia lopez", "lopez", "maria garcia-lopez", "garcialopez"])(
    "finds the double name García-López by %s",
    async (words) => {
      expect(await findIds(words)).toContain(ids.double);
    },
  );

  it("finds a maiden name, below those who bear the name now", async () => {
    const { items } = await find("blumenthal", "greta");
    expect(items.map((hit) => hit.id)).toEqual([ids.blumenthal, ids.married]);
    expect(items[1]!.why).toContain("former name");
  });

  it("finds only the name as it is spelt with --exact", async () => {
    expect(await findIds("smith", "--exact")).toEqual([ids.smith]);
    expect(await findIds("smit", "--exact")).toEqual([]);
    expect(await findIds("bill", "tarkington", "--exact")).toEqual([]);
  });

  it("finds names that begin as given with --prefix, which need no quoting against the shell", async () => {
    const hits = await findIds("--family", "smi", "--prefix", "--exact");
    expect(new Set(hits)).toEqual(new Set([ids.smith, ids.jonathanSmithson]));
  });

  it.each(["%", "_", "sm%th", "sm_th"])("takes %s for no wildcard", async (word) => {
    const result = await run(word, "--prefix", "--exact", "--output", "json");
    if (result.exitCode === 0) expect((JSON.parse(result.stdout) as { items: Hit[] }).items).toEqual([]);
    else expect(result.exitCode).toBe(2);
  });
});

describe("mpi patient find: fields", () => {
  it.each([
    [["--birth-date", "1980-03-15"], ["smith"]],
    [["--birth-date", "1980-03"], ["smith"]],
    [
      ["--birth-date", "1980"],
      ["smith", "smyth"],
    ],
    [["--birth-date", "2000-02"], ["leapYear"]],
    [["--gender", "male"], ["smith"]],
    [["--identifier", "ab 123456"], ["smith"]],
    [["--identifier", "AB123456", "--system", "urn:test:mrn"], ["smith"]],
    [["--identifier", "AB123456", "--system", "urn:other"], []],
    [
      ["--identifier", "ab-123", "--prefix"],
      ["smith", "smyth"],
    ],
    [["--phone", "(217) 555-0142"], ["smith"]],
    [["--email", "jon.smith@example.ORG"], ["smith"]],
    [["--postal-code", "62704"], ["smith"]],
    [["--city", "springfield"], ["smith"]],
    [["62704", "springfield-no-such"], []],
    [["AB-123456"], ["smith"]],
    [["2175550142"], ["smith"]],
    [["smith", "62704"], ["smith"]],
    [["smith", "jon.smith@example.org"], ["smith"]],
    [["--family", "smith", "--birth-date", "1981"], []],
  ] as const)("%j finds %j and nobody else", async (argv, expected) => {
    expect(new Set(await findIds(...argv))).toEqual(new Set(expected.map((key) => ids[key])));
  });

  it("finds by the beginning of an id, with and without dashes", async () => {
    expect(await findIds("--id", ids.smith.slice(0, 13))).toEqual([ids.smith]);
    expect(await findIds("--id", ids.smith.replaceAll("-", ""))).toEqual([ids.smith]);
  });
});

describe("mpi patient find: retired and deleted records", () => {
  it("leads from a retired record to the one in charge and says which was found", async () => {
    const { items } = await find("vandermolen", "--exact");
    expect(items).toMatchObject([{ id: ids.survivor, foundAs: ids.retired, status: "active" }]);
    expect(items[0]!.why).toContain(`in charge of ${ids.retired.slice(0, 8)}`);
  });

  it("shows and counts a record once where it and its retired record both fit", async () => {
    const { items, total } = await find("pieter");
    expect(items.map((hit) => hit.id)).toEqual([ids.survivor]);
    expect(items[0]!.foundAs).toBeNull();
    expect(total).toBe(1);
  });

  it("leads to no record in charge that is deleted", async () => {
    expect(await findIds("underhill", "--exact")).toEqual([]);
    expect(await findIds("underhill", "--exact", "--include-deleted")).toEqual([ids.lostSurvivor]);
  });

  it("leaves deleted records out unless asked", async () => {
    expect(await findIds("wexford")).toEqual([]);
    const { items } = await find("wexford", "--include-deleted");
    expect(items).toMatchObject([{ id: ids.deleted, status: "deleted" }]);
  });
});

describe("mpi patient find: identifiers and the audit trail", () => {
  const searches = (id: string) =>
    shared().sql`
      select user_id, operation, reason, new_values from audit_log
      where action = 'SEARCH' and entity_id = ${id} order by timestamp desc`;

  it("masks identifiers down to their last four characters in every format", async () => {
    for (const format of ["table", "json", "ndjson", "csv"]) {
      const { stdout } = await run("--identifier", "AB-123456", "--output", format);
      expect(stdout).toContain("MRN ****3456");
      expect(stdout).not.toContain("123456");
    }
  });

  it("shows them in full with --reveal, which needs a reason and is remembered", async () => {
    const refused = await run("--identifier", "AB-123456", "--reveal");
    expect(refused.exitCode).toBe(2);
    expect(refused.stdout).toBe("");
    const { items } = await find("--identifier", "AB-123456", "--reveal", "--reason", "caller gave it");
    expect(items[0]!.identifiers).toEqual(["MRN AB-123456"]);
    expect((await searches(ids.smith))[0]).toMatchObject({
      user_id: "tester",
      operation: "PATIENT_FIND",
      reason: "caller gave it",
      new_values: { fields: ["identifier"], revealed: true },
    });
  });

  it("writes one row for each record shown, with the fields asked for and never the terms", async () => {
    const before = (await searches(ids.accented)).length;
    const shown = await findIds("--family", "müller", "--birth-date", "1975");
    expect(shown).toEqual([ids.accented]);
    const rows = await searches(ids.accented);
    expect(rows.length).toBe(before + 1);
    expect(rows[0]!["new_values"]).toEqual({ fields: ["birthDate", "family"] });
    expect(JSON.stringify(rows[0])).not.toMatch(/müller|1975/i);
  });

  it("writes a row for a search that found nobody too", async () => {
    const count = async () =>
      Number(
        (
          await shared().sql`select count(*) from audit_log where action = 'SEARCH' and entity_id is null`
        )[0]!["count"],
      );
    const before = await count();
    expect(await findIds("nobodywhoexists")).toEqual([]);
    expect(await count()).toBe(before + 1);
  });
});

describe("mpi patient find: bad input", () => {
  it.each([
    [[]],
    [[""]],
    [["   "]],
    [["--family", ""]],
    [["--given", "  "]],
    [["--phone", ""]],
    [["--city", " "]],
    [["--postal-code", ""]],
    [["--email", ""]],
    [["--identifier", ""]],
    [["..."]],
    [["smith", "--family", "smith"]],
    [["2023-02-30"]],
    [["0000-00-00"]],
    [["31/12/1980"]],
    [["31.12.1980"]],
    [["1980-13"]],
    [["smith", "1980", "1981"]],
    [["--birth-date", "yesterday"]],
    [["--gender", "m"]],
    [["--system", "urn:x"]],
    [["--id", "xyz"]],
    [["smith", "--limit", "0"]],
    [["smith", "--page", "1.5"]],
    [["smi\0th"]],
    [["--city", "a\0b"]],
    [["--identifier", "\ud800"]],
  ])("refuses %j as wrong usage and shows nothing", async (argv) => {
    const result = await run(...argv);
    expect(result.stderr).not.toContain("bug");
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toBe("");
    expect(result.stderr).not.toContain("1980-13");
  });

  it.each([
    "Robert'); drop table patients;--",
    "' or '1'='1",
    '$(touch /tmp/x) `id` | & ; < > * ? [a] {b} !c ~d "e" \\f',
    "\u202eelpoep",
    "e\u0301\u0302\u0303\u0304",
    "田中",
    "🙂smith",
    "x".repeat(5000),
    "--",
  ])("takes %s as nothing but a name", async (word) => {
    const result = await run("--family", word, "--output", "json");
    expect(result.stderr).not.toContain("bug");
    expect([0, 2]).toContain(result.exitCode);
    expect(Number((await shared().sql`select count(*) from patients`)[0]!["count"])).toBe(
      Object.keys(people).length,
    );
  });

  it("never lets a terminal obey what a name holds", async () => {
    const result = await runCli(["patient", "find", "--id", ids.hostile.slice(0, 8)], {
      database: shared().url,
      tty: true,
      env: { NO_COLOR: "1" },
    });
    // eslint-disable-next-line no-control-regex
    expect(result.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(result.stdout).toContain("\\x1b");
  });

  it("keeps a spreadsheet from running what a name holds", async () => {
    const { stdout } = await run("--id", ids.hostile.slice(0, 8), "--output", "csv");
    expect(stdout.split("\n")[1]).not.toMatch(/(^|,)"?[=+@]/);
  });
});

describe("mpi patient find: what it looks like", () => {
  it("is a plain table in a pipe, with ids to name records by", async () => {
    const { stdout, stderr } = await run("smith", "jonathan", "--exact");
    expect(stdout.split("\n")[0]).toMatch(/^Score +Record +Name +Born/);
    expect(stdout).toContain(ids.smith.slice(0, 8));
    expect(stdout).toContain("Smith, Jonathan");
    expect(stderr).toContain("1 found.");
  });

  it("pages, and points to the next page only where there is one", async () => {
    const first = await run("--birth-date", "1980", "--limit", "1");
    const second = await run("--birth-date", "1980", "--limit", "1", "--page", "2");
    expect(first.stderr).toContain("1 of 2; the next page with --page 2.");
    expect(second.stderr).not.toContain("next page");
    expect(new Set([first, second].map(({ stdout }) => /[0-9a-f]{8}/.exec(stdout)?.[0]))).toEqual(
      new Set([ids.smith.slice(0, 8), ids.smyth.slice(0, 8)]),
    );
  });

  it("succeeds with an empty list where nobody was found", async () => {
    const result = await run("nobodywhoexists");
    expect(result).toMatchObject({ exitCode: 0, stdout: "" });
    expect(result.stderr).toContain("Nobody was found.");
  });
});

describe("mpi patient find: the total", () => {
  const many = shareTestDatabase();
  /** `count` records of a family, each with a former name of the same family. */
  const fill = async (family: string, count: number) => {
    await many().sql`
      with added as (insert into patients select from generate_series(1, ${count}) returning id)
      insert into patient_names (patient_id, family, given, use_type)
      select id, ${family}, array['Given' || row_number() over ()], use_type
      from added cross join (values ('official'), ('old')) uses (use_type)`;
  };
  beforeAll(async () => {
    await fill("Ravenscroft", 1000);
    await fill("Ellingham", 1003);
  });
  const total = async (...argv: string[]) => {
    const result = await runCli(["patient", "find", ...argv], { database: many().url });
    const json = await runCli(["patient", "find", ...argv, "--output", "json"], { database: many().url });
    const { total: counted, totalIsExact } = JSON.parse(json.stdout) as {
      total: number;
      totalIsExact: boolean;
    };
    return { stderr: result.stderr, counted, totalIsExact };
  };

  it("is exact up to a thousand records, however many names fit", async () => {
    expect(await total("ravenscroft", "--exact")).toMatchObject({ counted: 1000, totalIsExact: true });
  });

  it("is 1,000+ beyond, and says so", async () => {
    const { stderr, ...result } = await total("ellingham", "--exact");
    expect(result).toEqual({ counted: 1000, totalIsExact: false });
    expect(stderr).toContain("20 of 1,000+;");
  });

  it("leaves a common name in one order, from the first given name on, however the records came in", async () => {
    await many().sql`
      with added as (insert into patients (id)
        select gen_random_uuid() from generate_series(1, 1500) returning id)
      insert into patient_names (patient_id, family, given, use_type)
      select id, 'Marchbanks', array['Given' || 9999 - row_number() over ()], 'official' from added`;
    const { stdout } = await runCli(["patient", "find", "marchbanks", "--output", "json"], {
      database: many().url,
    });
    const { items } = JSON.parse(stdout) as { items: readonly { name: string }[] };
    expect(items.map(({ name }) => name)).toEqual(
      Array.from({ length: 20 }, (_, n) => `Marchbanks, Given${String(8499 + n)}`),
    );
  });

  it("is exact however many there are with --count", async () => {
    expect(await total("ellingham", "--exact", "--count")).toMatchObject({
      counted: 1003,
      totalIsExact: true,
    });
  });

  it("counts a retired record and the one in charge of it once, with --count too", async () => {
    await many().sql`
      with pair as (select id, row_number() over (order by id) as place from patients
          where id in (select patient_id from patient_names where family = 'Ellingham') order by id limit 2),
        retired as (update patients set active = false where id = (select id from pair where place = 1))
      insert into patient_links (patient_id, other_patient_id, link_type, origin)
      select a.id, b.id, 'replaced_by', 'merge' from pair a, pair b where a.place = 1 and b.place = 2`;
    expect(await total("ellingham", "--exact", "--count")).toMatchObject({ counted: 1002 });
  });

  it("says where the order ends, instead of that nobody was found", async () => {
    const last = await total("ravenscroft", "--exact", "--page", "50");
    expect(last.stderr).toContain("1000 found.");
    const beyond = await total("ravenscroft", "--exact", "--page", "51");
    expect(beyond.stderr).toContain("There is nothing on page 51: 1000 found");
    const end = await total("ellingham", "--exact", "--page", "51");
    expect(end.stderr).toMatch(/\d of 1,000\+; no more of them are put in order/);
  });
});
