import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifySchema } from "../../../../src/db/migrate/verify.ts";
import { generatePopulation } from "../../../../src/domain/population/generate-population.ts";
import { runCli } from "../../../support/cli.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mpi-match-"));
  await generatePopulation({ patients: 400, seed: 11 }, { directory: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const filled = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase();
  const { exitCode } = await runCli(["import", "csv", "patients.csv", "--map", "population"], {
    database: database.url,
    cwd: folder,
  });
  expect(exitCode).toBe(0);
  return database;
};

const run = async (database: TestDatabase, ...flags: string[]) => {
  const result = await runCli(["match", "run", "--output", "json", ...flags], { database: database.url });
  return {
    ...result,
    json: (result.stdout === "" ? {} : JSON.parse(result.stdout)) as Record<string, never>,
  };
};

/** The built program, which has threads: from the sources everything is done in one. */
const runBuilt = async (database: TestDatabase, ...flags: string[]) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["bin/mpi.js", "match", "run", "--output", "json", ...flags],
    { env: { PATH: process.env["PATH"], DATABASE_URL: database.url, HOME: folder } },
  );
  return JSON.parse(stdout) as Record<string, unknown>;
};

/** Runs until one finds nothing changed: a transaction of another database on this server may hold the horizon back. */
const runUntilIdle = async (database: TestDatabase, ...flags: string[]) => {
  for (let attempt = 0; ; attempt += 1) {
    const result = await run(database, ...flags);
    if ((result.json["records"] as unknown) === 0 || attempt === 40) return result;
    await sleep(250);
  }
};

const livePairs = (database: TestDatabase) => database.sql`
  select patient_id, candidate_id, state, levels, round(match_weight::numeric, 9) as weight
  from patient_match_scores where state <> 'superseded' order by 1, 2`;
const persons = (database: TestDatabase) => database.sql`
  select array_agg(id order by id) as members from patients group by enterprise_id order by 1`;

describe("mpi match run", () => {
  it("stores each pair once, links what is certain, and says what it did", async () => {
    const database = await filled();
    const { exitCode, json } = await run(database, "--full", "--auto-link");
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ mode: "full", records: 400, calibrated: true });
    const [counts] = await database.sql`
      select count(*)::int as pairs, count(*) filter (where state = 'auto_linked')::int as linked from patient_match_scores`;
    expect(counts!["pairs"]).toBe(json["reviewPairs"]);
    expect(counts!["linked"]).toBeGreaterThan(0);
    const links = await database.sql`select distinct link_type, origin, run_id from patient_links`;
    expect(links.map((each) => ({ ...each }))).toEqual([
      { link_type: "seealso", origin: "run", run_id: json["runId"] },
    ]);
    // Whoever is linked is one person: the enterprise id says so.
    const apart = await database.sql`
      select 1 from patient_links l join patients a on a.id = l.patient_id join patients b on b.id = l.other_patient_id
      where a.enterprise_id <> b.enterprise_id`;
    expect(apart).toHaveLength(0);
    const [row] =
      await database.sql`select state, mode, model_version, calibration_id is not null as calibrated, finished_at is not null as finished from match_runs`;
    expect(row).toMatchObject({ state: "succeeded", mode: "full", calibrated: true, finished: true });
  });

  it("gives the same pairs and persons again, and changes nothing the second time", async () => {
    const database = await filled();
    await run(database, "--full", "--auto-link");
    const [pairs, grouped] = [await livePairs(database), await persons(database)];
    const audit = async () =>
      (await database.sql`select count(*)::int as n from audit_log where entity_type = 'patient'`)[0]![
        "n"
      ] as number;
    const before = await audit();
    const { json } = await run(database, "--full", "--auto-link");
    expect(json).toMatchObject({
      calibrated: false,
      pairs: { added: 0, changed: 0, superseded: 0 },
      links: { made: 0, withdrawn: 0 },
    });
    expect(await livePairs(database)).toEqual(pairs);
    expect(await persons(database)).toEqual(grouped);
    expect(await audit()).toBe(before);
  });

  it(
    "looks at nothing where nothing has changed, and at what has where a record or a decision has",
    { timeout: 120_000 },
    async () => {
      const database = await filled();
      await run(database, "--auto-link");
      const idle = await runUntilIdle(database, "--auto-link");
      expect(idle.json).toMatchObject({ mode: "incremental", records: 0 });
      expect(idle.stderr).toContain("Nothing has changed");
      await database.sql`update patients set birth_date = birth_date + 1 where id = (select min(id::text)::uuid from patients)`;
      const changed = (await run(database, "--auto-link")).json;
      expect(changed).toMatchObject({ mode: "incremental", changedRecords: 1 });
      expect(changed["records"]).toBeLessThan(50);
      expect((await runUntilIdle(database, "--auto-link")).json).toMatchObject({ records: 0 });
      await database.sql`
      update patient_match_scores set state = 'rejected', decided_by = 'steward', decided_at = now()
      where id = (select id from patient_match_scores order by id limit 1)`;
      const decided = (await run(database, "--auto-link")).json;
      expect(decided).toMatchObject({ mode: "incremental", changedRecords: 0 });
      expect(decided["records"]).toBeGreaterThan(1);
      // The run before linked; this one is not to.
      expect((await run(database)).json).toMatchObject({ records: 400 });
    },
  );

  it(
    "sees a change whose transaction was open while the run before was at work",
    { timeout: 120_000 },
    async () => {
      const database = await filled();
      await database.sql.begin(async (late) => {
        await late`update patients set gender = 'other' where id = (select max(id::text)::uuid from patients)`;
        await run(database);
      });
      expect((await run(database)).json).toMatchObject({ changedRecords: 1 });
      expect((await runUntilIdle(database)).json).toMatchObject({ records: 0 });
    },
  );

  it("section 5: never changes what a person decided", async () => {
    const database = await filled();
    await run(database, "--full");
    await database.sql`
      update patient_match_scores set state = 'rejected', decided_by = 'steward', decided_at = now(), reason = 'known to be two'
      where id = (select id from patient_match_scores order by total_score desc, match_weight desc, id limit 1)`;
    const decided =
      await database.sql`select patient_id, candidate_id from patient_match_scores where state = 'rejected'`;
    // Scored by another model, so that the run has something to say about the pair.
    await database.sql`update patient_match_scores set model_version = 'another', match_weight = 0 where state = 'rejected'`;
    await run(database, "--full", "--auto-link");
    const [pair] =
      await database.sql`select state, decided_by, match_weight > 0 as is_scored from patient_match_scores where patient_id = ${decided[0]!["patient_id"] as string} and candidate_id = ${decided[0]!["candidate_id"] as string}`;
    expect(pair).toMatchObject({ state: "rejected", decided_by: "steward", is_scored: true });
    const together = await database.sql`
      select 1 from patients a join patients b on a.enterprise_id = b.enterprise_id
      where a.id = ${decided[0]!["patient_id"] as string} and b.id = ${decided[0]!["candidate_id"] as string}`;
    expect(together).toHaveLength(0);
  });

  it("finds the same with several threads as with one", async () => {
    const database = await filled();
    const pairs = () => database.sql`
      select patient_id, candidate_id, match_weight, levels, rules_fired from patient_match_scores order by 1, 2`;
    const keys = () =>
      database.sql`select p.page, p.entries from match_key_pages p join match_key_index i using (build) order by 1`;
    const one = await runBuilt(database, "--full", "--auto-link", "--threads", "1");
    const keysOfOne = await keys();
    const pairsOfOne = await pairs();
    await database.sql`delete from patient_match_scores`;
    const two = await runBuilt(database, "--full", "--auto-link", "--threads", "2");
    expect(keysOfOne.length).toBeGreaterThan(0);
    expect(await keys()).toEqual(keysOfOne);
    expect(pairsOfOne.length).toBeGreaterThan(0);
    expect(await pairs()).toEqual(pairsOfOne);
    expect(two).toMatchObject({
      pairsByRule: one["pairsByRule"],
      reviewPairs: one["reviewPairs"],
      links: { made: 0, withdrawn: 0 },
    });
  });

  it("writes metrics, whole or not at all, also of a run that failed", async () => {
    const database = await filled();
    const metrics = await mkdtemp(path.join(folder, "metrics-"));
    const file = path.join(metrics, "mpi.prom");
    const { json } = await run(database, "--full", "--metrics", file);
    const text = await readFile(file, "utf8");
    expect(text).toContain("\nmpi_match_run_success 1\n");
    expect(text).toContain("\nmpi_match_run_records 400\n");
    expect(text).toContain(`\nmpi_match_run_waiting_pairs ${String(json["reviewPairs"])}\n`);
    expect(text).toMatch(/\nmpi_match_run_phase_seconds\{phase="load"\} [\d.e-]+\n/);
    const stopped = await run(database, "--full", "--metrics", file, "--max-runtime", "0.001s");
    expect(stopped.exitCode).toBe(9);
    expect(await readFile(file, "utf8")).toContain("\nmpi_match_run_success 0\n");
    expect(await readdir(metrics)).toEqual(["mpi.prom"]);
  });

  it("says when the registry has outgrown its calibration", async () => {
    const database = await filled();
    const first = await run(database, "--full");
    expect(first.stderr).not.toContain("mpi match train");
    expect(first.json).toMatchObject({ growthSinceCalibration: 1 });
    await database.sql`update patients set deleted_at = now() where right(id::text, 1) < 'a'`;
    const later = await run(database, "--full");
    expect(later.json["growthSinceCalibration"]).toBeLessThan(0.5);
    expect(later.stderr).toContain('"mpi match train" learns anew');
  });

  it("changes nothing where it would take longer than it may", async () => {
    const database = await filled();
    const { exitCode, stdout, stderr } = await run(database, "--full", "--max-runtime", "0.001s");
    expect(exitCode).toBe(9);
    expect(stdout).toBe("");
    expect(stderr).toContain("longer than --max-runtime");
    expect(await livePairs(database)).toEqual([]);
    expect(await database.sql`select state, error from match_runs`).toMatchObject([
      { state: "stopped", error: "limit" },
    ]);
  });

  it.each(["5 minutes", "-1s", "soon"])("does not take %j for a time", async (text) => {
    const { exitCode, stderr } = await runCli(["match", "run", "--max-runtime", text]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("90s, 15m or 2h");
  });

  it("changes nothing in a dry run", async () => {
    const database = await filled();
    const { exitCode, json, stderr } = await run(database, "--full", "--auto-link", "--dry-run");
    expect(exitCode).toBe(0);
    expect(json["reviewPairs"]).toBeGreaterThan(0);
    expect(stderr).toContain("nothing was changed");
    for (const table of ["patient_match_scores", "patient_links", "match_runs", "match_calibrations"]) {
      expect(await database.sql.unsafe(`select 1 from ${table}`)).toHaveLength(0);
    }
  });

  it("ends at once with exit code 8 while another run is at work", async () => {
    const database = await filled();
    await database.sql.begin(async (other) => {
      await other`select pg_advisory_xact_lock(7172201, 2)`;
      const { exitCode, stderr } = await run(database, "--full");
      expect(exitCode).toBe(8);
      expect(stderr).toContain("Another matching run");
    });
  });

  it("ends with exit code 7 under --fail-on-review when pairs wait", async () => {
    const database = await filled();
    expect((await run(database, "--full", "--fail-on-review")).exitCode).toBe(7);
  });

  it("closes the row of a run that was killed", async () => {
    const database = await filled();
    await database.sql`insert into match_runs (mode, model_version, model_hash, epoch) values ('full', '1', 'x', 'y')`;
    await run(database, "--full");
    const states = await database.sql`select state from match_runs order by started_at`;
    expect(states.map((each) => each["state"] as string)).toEqual(["failed", "succeeded"]);
  });
});

/** By the records' own numbers: ids differ from one database to the next. */
const storedPairs = (database: TestDatabase) => database.sql`
  select a.source_id as one, b.source_id as other, state, kind, levels, rules_fired, total_score
  from patient_match_scores s join patients a on a.id = s.patient_id join patients b on b.id = s.candidate_id
  order by least(a.source_id, b.source_id), greatest(a.source_id, b.source_id)`;

describe("mpi match run --first-run", () => {
  it("stores what any run stores, and leaves the schema as it was", async () => {
    const [alone, beside] = [await filled(), await filled()];
    const first = await run(alone, "--first-run", "--auto-link");
    expect(first).toMatchObject({ exitCode: 0, json: { mode: "full", storedAlone: true } });
    const usual = await run(beside, "--auto-link");
    expect(usual).toMatchObject({ exitCode: 0, json: { storedAlone: false } });
    const counts = ({ json }: typeof first) => [
      json["candidatePairs"] as unknown,
      json["pairs"] as unknown,
      json["links"] as unknown,
    ];
    expect(counts(first)).toEqual(counts(usual));
    const sorted = (pairs: Awaited<ReturnType<typeof storedPairs>>) =>
      pairs.map(({ one, other, ...rest }) => ({ ...rest, pair: [one, other].sort() }));
    expect(sorted(await storedPairs(alone))).toEqual(sorted(await storedPairs(beside)));
    expect(await verifySchema(alone.target)).toEqual([]);
  });

  it("is refused where pairs are stored already, and changes nothing in a dry run", async () => {
    const database = await filled();
    const dry = await run(database, "--first-run", "--dry-run");
    expect(dry).toMatchObject({ exitCode: 0, json: { storedAlone: false } });
    expect(dry.stderr).not.toContain("could not be had alone");
    expect(await storedPairs(database)).toHaveLength(0);
    await run(database);
    const before = await storedPairs(database);
    const again = await run(database, "--first-run");
    expect(again.exitCode).toBe(4);
    expect(again.stderr).toContain("Leave out --first-run");
    expect(await storedPairs(database)).toEqual(before);
  });
});

describe("mpi match evaluate", () => {
  it("prints precision, recall and F1 over all true pairs and stores nothing", async () => {
    const database = await filled();
    const result = await runCli(["match", "evaluate", "--truth", "truth.csv", "--output", "json"], {
      database: database.url,
      cwd: folder,
    });
    expect(result.exitCode).toBe(0);
    const { items, truePairs } = JSON.parse(result.stdout) as {
      items: {
        name: string;
        precision: number;
        recall: number;
        f1: number;
        truePositives: number;
        falseNegatives: number;
      }[];
      truePairs: number;
    };
    expect(items.map((row) => row.name)).toEqual(["pairs", "persons", "automatic"]);
    for (const row of items) expect(row.truePositives + row.falseNegatives).toBe(truePairs);
    // Far below what is reached; a scorer that does not work falls below it.
    expect(items[0]!.f1).toBeGreaterThan(0.85);
    expect(items[2]!.precision).toBeGreaterThan(0.95);
    expect(await database.sql`select 1 from match_runs`).toHaveLength(0);
  });

  it.each([
    ["a file without the columns", "patients.csv", 2],
    ["a file that is not there", "none.csv", 3],
  ])("refuses %s", async (_, file, code) => {
    const database = await createTestDatabase();
    const result = await runCli(["match", "evaluate", "--truth", file], {
      database: database.url,
      cwd: folder,
    });
    expect(result.exitCode).toBe(code);
    expect(result.stdout).toBe("");
  });
});
