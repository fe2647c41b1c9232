/**
 * How fast `mpi patient find` is: node --import tsx bench/find.ts --patients 1000000
 *
 * Two figures, each beside what was asked for: the search in the database over a mix of names that is printed (the whole
 * use case in the client's clock, audit row and commit included, caches warm), and the whole process beside the
 * time that `node -e 0` takes. Uses the database of bench/benchmark-database.ts, and the program as it was built.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openDatabase, type Database } from "../src/db/client.ts";
import { findPatients } from "../src/domain/patient/find/find-patients.ts";
import { recordSearch } from "../src/domain/patient/find/record-search.ts";
import { prepareBenchmarkDatabase } from "./benchmark-database.ts";
import { formatMeasured, measure } from "./measure.ts";
import { drawNames } from "./name-mix.ts";

const { values } = parseArgs({
  options: {
    patients: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    questions: { type: "string", default: "400" },
    runs: { type: "string", default: "21" },
  },
});
const patients = Number(values.patients);

const target = await prepareBenchmarkDatabase({ patients, seed: Number(values.seed) });
const names = await drawNames(target, Number(values.questions));
console.log(`${patients.toLocaleString("en")} patients; names: ${names.description}\n`);
const handle = await openDatabase(target);
try {
  console.log(formatMeasured(await measureSearches(handle.db)));
} finally {
  await handle.close();
}
console.log(`\n${compareProcesses()}`);

async function measureSearches(db: Database) {
  const reader = { user: "bench", operation: "BENCH" };
  const find = (words: readonly string[]) =>
    findPatients(
      db,
      reader,
      { words },
      { exact: false, prefix: false, includeDeleted: false, limit: 20, offset: 0, countAll: false },
      recordSearch(reader, { words }, false),
    );
  const all = await measure("find by name", 10, names.all, find);
  const kinds = [];
  for (const [kind, words] of Object.entries(names.byKind))
    kinds.push(await measure(`  of it ${kind}`, undefined, words, find));
  return [all, ...kinds];
}

/** Both in turn, so that what else the machine does meets both; medians. */
function compareProcesses(): string {
  const program = fileURLToPath(new URL("../bin/mpi.js", import.meta.url));
  const env = {
    ...process.env,
    PGHOST: target.host,
    PGPORT: String(target.port),
    PGUSER: target.user,
    PGDATABASE: target.database,
    ...(target.password === undefined ? {} : { PGPASSWORD: target.password }),
  };
  const time = (argv: readonly string[]) => {
    const started = performance.now();
    const { status } = spawnSync(process.execPath, argv, { env, stdio: "ignore" });
    if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${String(status)}`);
    return performance.now() - started;
  };
  const runs = Array.from({ length: Number(values.runs) }, (_, run) => ({
    bare: time(["-e", "0"]),
    find: time([program, "patient", "find", ...names.all[(run * 17) % names.all.length]!]),
  }));
  const median = (times: readonly number[]) =>
    [...times].sort((one, other) => one - other)[Math.floor(times.length / 2)]!;
  const [bare, find] = [median(runs.map((run) => run.bare)), median(runs.map((run) => run.find))];
  return `mpi patient find ${find.toFixed(0)} ms, node -e 0 ${bare.toFixed(0)} ms: ${(find / bare).toFixed(2)} times (asked for: 3); medians of ${String(runs.length)}`;
}
