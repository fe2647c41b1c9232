/**
 * How fast matching is: npm run bench:match -- --patients 1000000
 *
 * Whole processes (`mpi match run`, the program as it was built), from PostgreSQL to stored scores, beside the figures
 * that were asked for; memory is the highest resident set of the process, the server's is not counted. Three runs of each
 * job, of which the median and the spread are printed; full runs are first runs (--first-run). Uses the database of bench/benchmark-database.ts.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openDatabase, type ConnectionTarget } from "../src/db/client.ts";
import { withSession } from "../src/db/migrate/session.ts";
import { withTransaction } from "../src/db/transaction.ts";
import { createLikelyMatchFinder } from "../src/domain/match/find-likely-matches.ts";
import type { PatientContent } from "../src/domain/patient/patient-record.ts";
import { generateRecords } from "../src/domain/population/record-generator.ts";
import { resolvePopulationOptions } from "../src/domain/population/settings.ts";
import { defaultModel } from "../src/matching/model/default-model.ts";
import type { MatchModel } from "../src/matching/model/match-model.ts";
import { prepareBenchmarkDatabase } from "./benchmark-database.ts";
import { formatTable, timeEach } from "./measure.ts";

const { values } = parseArgs({
  options: {
    patients: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "3" },
    jobs: { type: "string", default: "tight,built-in,loose,incremental,one" },
    changed: { type: "string", default: "1000" },
  },
});
const patients = Number(values.patients);
const jobs = new Set(values.jobs.split(","));
const folder = mkdtempSync(join(tmpdir(), "mpi-bench-"));
const program = fileURLToPath(new URL("../bin/mpi.js", import.meta.url));

/** Few rules, each of which finds few pairs: 0.55 million at a million patients. */
const tight: MatchModel = {
  ...defaultModel,
  name: "tight",
  blocking: defaultModel.blocking.filter(({ name }) =>
    ["identifier", "phone", "birth date and family name", "birth date and given name"].includes(name),
  ),
};

/** The built-in rules with wider limits, and some that find millions of pairs: 26.5 million in all. */
const loose: MatchModel = {
  ...defaultModel,
  name: "loose",
  limits: { ...defaultModel.limits, pairsPerRule: 5_000_000 },
  blocking: [
    ...defaultModel.blocking,
    { name: "sound and year", on: ["family-name-sound", "birth-year"], largestBlock: 100 },
    { name: "given name and month", on: ["given-name", "birth-year-and-month"], largestBlock: 100 },
  ],
};

interface Finished {
  readonly seconds: number;
  readonly mebibytes: number;
  readonly result: MatchRunDocument;
}

interface MatchRunDocument {
  readonly candidatePairs: number;
  readonly reviewPairs: number;
  readonly records: number;
  readonly timings: Readonly<Record<string, number>>;
}

const target = await prepareBenchmarkDatabase({ patients, seed: Number(values.seed) });
const rows: string[][] = [];
try {
  for (const [name, model, must, good] of [
    ["tight", tight, "20 s, 1.5 GiB", "10 s"],
    ["built-in", defaultModel, "", ""],
    ["loose", loose, "30 s", "18 s"],
  ] as const) {
    if (jobs.has(name)) await measureFullRuns(name, model, must, good);
  }
  if (jobs.has("incremental")) await measureIncrementalRuns();
  if (jobs.has("one")) await measureOneRecord();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  formatTable(["job", "must", "good", "median s", "spread", "MiB", "pairs", "pairs/s", "phases"], rows),
);

async function measureFullRuns(name: string, model: MatchModel, must: string, good: string): Promise<void> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(model));
  await forgetScores(target);
  const first = await runProgram(["match", "run", "--full", "--model", file, "--first-run"]);
  const training = first.result.timings["train"] ?? 0;
  if (training > 0) rows.push([`training, ${name}`, "5 s", "2 s", training.toFixed(2), "", "", "", "", ""]);
  const runs: Finished[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    await forgetScores(target);
    runs.push(await runProgram(["match", "run", "--full", "--model", file, "--first-run"]));
  }
  report(`full and first, ${name}`, must, good, runs);
}

async function measureIncrementalRuns(): Promise<void> {
  await runProgram(["match", "run", "--full"]);
  const runs: Finished[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    await withSession(target, (session) =>
      session.unsafe(
        `update patients set birth_date = birth_date + 1 where id in (
          select id from patients where birth_date is not null and active
          order by md5(id::text || '${String(run)}') limit ${values.changed})`,
      ),
    );
    runs.push(await runProgram(["match", "run"]));
  }
  report(`incremental, ${values.changed} changed`, "3 s", "1 s", runs);
}

/** What `patient add` asks: who is there already, scored and ranked. */
async function measureOneRecord(): Promise<void> {
  const contents = [...generateRecords(resolvePopulationOptions({ patients: 300, seed: 99 }))].map(
    ({ columns }): PatientContent => ({
      gender: columns.gender === "male" || columns.gender === "female" ? columns.gender : null,
      birthDate: columns.birth_date.length === 10 ? { date: columns.birth_date, precision: "day" } : null,
      deceased: false,
      deceasedAt: null,
      maritalStatus: null,
      multipleBirth: null,
      birthOrder: null,
      motherName: null,
      motherIdentifier: null,
      managingOrganizationId: null,
      names: [
        {
          family: columns.family || "Unknown",
          given: columns.given === "" ? [] : [columns.given],
          prefix: [],
          suffix: [],
          use: "official",
          isPrimary: true,
        },
      ],
      identifiers: [],
      addresses: [],
      contacts:
        columns.phone === "" ? [] : [{ system: "phone", value: columns.phone, use: "home", isPrimary: true }],
    }),
  );
  const handle = await openDatabase(target);
  const audit = { user: "bench", operation: "BENCH" };
  const find = createLikelyMatchFinder(defaultModel);
  try {
    const ask = (content: PatientContent) =>
      withTransaction(handle.db, audit, (tx) => find(tx, content), { parallelism: "none" });
    for (const content of contents.slice(0, 50)) await ask(content);
    const { p50, p95 } = await timeEach("one record", 50, contents.slice(50), ask);
    const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(4);
    rows.push(["one record against all, p50", "0.050 s", "0.015 s", seconds(p50), "", "", "", "", ""]);
    rows.push(["one record against all, p95", "", "", seconds(p95), "", "", "", "", ""]);
  } finally {
    await handle.close();
  }
}

/** As if no run had been: only calibrations stay. */
function forgetScores(database: ConnectionTarget): Promise<void> {
  return withSession(database, async (session) => {
    await session.unsafe(`begin; set local session_replication_role = replica;
      truncate patient_match_scores, match_key_pages, match_key_changes, match_key_index; delete from patient_links;
      delete from match_runs; commit`);
    await session.unsafe("checkpoint");
  });
}

function runProgram(args: readonly string[]): Promise<Finished> {
  const { host, port, user, password = "", database } = target;
  const started = performance.now();
  const child = spawn(process.execPath, [program, ...args, "--output", "json"], {
    env: {
      ...process.env,
      DATABASE_URL: "",
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  let mebibytes = 0;
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const watch = setInterval(() => (mebibytes = Math.max(mebibytes, readPeak(child.pid))), 100);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(watch);
      if (code !== 0) {
        reject(new Error(`mpi ${args.join(" ")} ended with ${String(code)}`));
        return;
      }
      const result = JSON.parse(output) as MatchRunDocument;
      resolve({ seconds: (performance.now() - started) / 1000, mebibytes, result });
    });
  });
}

/** The highest resident set so far, which Linux tells of a process while it runs. */
function readPeak(pid: number | undefined): number {
  try {
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, "utf8"))?.[1];
    return Number(peak ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function report(job: string, must: string, good: string, runs: readonly Finished[]): void {
  const bySpeed = [...runs].sort((a, b) => a.seconds - b.seconds);
  const median = bySpeed[Math.floor(bySpeed.length / 2)]!;
  const pairs = median.result.candidatePairs;
  rows.push([
    job,
    must,
    good,
    median.seconds.toFixed(2),
    `${bySpeed[0]!.seconds.toFixed(2)}-${bySpeed.at(-1)!.seconds.toFixed(2)}`,
    Math.max(...runs.map(({ mebibytes }) => mebibytes)).toFixed(0),
    pairs.toLocaleString("en"),
    Math.round(pairs / median.seconds).toLocaleString("en"),
    Object.entries(median.result.timings)
      .map(([phase, seconds]) => `${phase} ${seconds.toFixed(1)}`)
      .join(", "),
  ]);
}
