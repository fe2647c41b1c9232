/**
 * How fast records come in: npm run bench:import -- --patients 1000000
 *
 * Runs the built program, on an embedded server of its own with its ordinary settings (audit and fsync on), in a
 * directory that is removed afterwards: a first load of so many patients, then as many again into the filled index, or
 * the number that --more says. Every record has a name, an address, a telephone number, an e-mail address and two
 * identifiers. With --again the first file holds all its rows so many times more, which find their records unchanged: ten
 * million rows need no ten million patients. Beside the rate stands the most memory that mpi itself took (Linux alone
 * tells it): it must not grow with the file, and stay below 500 MiB. Run it on a machine that does nothing else.
 */
import { spawn } from "node:child_process";
import { chmodSync, createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { POPULATION_COLUMNS, type PatientColumns } from "../src/domain/population/columns.ts";
import { generateRecords } from "../src/domain/population/record-generator.ts";
import { resolvePopulationOptions } from "../src/domain/population/settings.ts";
import { formatTable } from "./measure.ts";

const { values } = parseArgs({
  options: {
    patients: { type: "string", default: "1000000" },
    more: { type: "string" },
    again: { type: "string", default: "0" },
  },
});
const patients = Number(values.patients);
const more = Number(values.more ?? patients);
const rounds = 1 + Number(values.again);
const home = mkdtempSync(path.join(tmpdir(), "mpi-bench-import-"));
// Run by root, the server is another user and passes through.
chmodSync(home, 0o711);
const program = fileURLToPath(new URL("../bin/mpi.js", import.meta.url));

interface Run {
  readonly seconds: number;
  /** The most memory the process took, in MiB; undefined where the system does not tell. */
  readonly peak: number | undefined;
}

/** The most memory that a process has had so far, in MiB. */
function readPeak(pid: number): number | undefined {
  const file = `/proc/${String(pid)}/status`;
  const found = existsSync(file) ? /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(file, "utf8")) : null;
  return found === null ? undefined : Math.round(Number(found[1]) / 1024);
}

/** Runs `mpi …` on the benchmark's own server; its remarks go on to stderr. */
function mpi(...words: readonly string[]): Promise<Run> {
  const started = performance.now();
  let peak: number | undefined;
  const child = spawn(process.execPath, [program, ...words], {
    env: { PATH: process.env["PATH"], HOME: home, MPI_HOME: home, MPI_USER: "bench" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const watch = setInterval(() => (peak = readPeak(child.pid ?? 0) ?? peak), 250);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      clearInterval(watch);
      if (code === 0) resolve({ seconds: (performance.now() - started) / 1000, peak });
      else reject(new Error(`mpi ${words[0] ?? ""} ${words[1] ?? ""} ended with ${String(code)}`));
    });
  });
}

/** Every field is filled: the population leaves some out, as real sources do. */
function complete(columns: PatientColumns, number: number): PatientColumns {
  const digits = String(number).padStart(7, "0");
  return {
    ...columns,
    ssn:
      columns.ssn === "" ? `6${digits.slice(0, 2)}-${digits.slice(2, 4)}-${digits.slice(4)}1` : columns.ssn,
    phone: columns.phone === "" ? `217${digits}` : columns.phone,
    email: columns.email === "" ? `person${digits}@mail.example` : columns.email,
    address_line1: columns.address_line1 === "" ? `${String(number)} Elm Street` : columns.address_line1,
  };
}

async function writeFile(name: string, count: number, seed: number, times = 1): Promise<string> {
  const file = path.join(home, name);
  const field = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  function* lines() {
    yield `${POPULATION_COLUMNS.join(",")}\n`;
    for (let round = 0; round < times; round++) {
      let number = 0;
      for (const { columns } of generateRecords(resolvePopulationOptions({ patients: count, seed }))) {
        number += 1;
        const full = complete({ ...columns, source_id: `${String(seed)}-${columns.source_id}` }, number);
        yield `${POPULATION_COLUMNS.map((column) => field(full[column])).join(",")}\n`;
      }
    }
  }
  await pipeline(lines, createWriteStream(file));
  return file;
}

const rate = (count: number, seconds: number) => Math.round(count / seconds).toLocaleString("en");

try {
  const load = loadavg()[0]!.toFixed(1);
  await mpi("db", "start");
  await mpi("migrate", "up", "--quiet");
  const first = await mpi(
    "import",
    "csv",
    await writeFile("first.csv", patients, 1, rounds),
    "--map",
    "population",
    "--first-load",
  );
  const second = await mpi("import", "csv", await writeFile("second.csv", more, 2), "--map", "population");
  console.log(
    `${String(cpus().length)} processors (${cpus()[0]!.model}), load before ${load}, audit on, fsync on\n`,
  );
  console.log(
    formatTable(
      ["import", "rows", "seconds", "rows/s", "must", "good", "peak MiB"],
      [
        [
          rounds === 1
            ? "first load, indexes built afterwards"
            : `first load, and the same ${String(rounds - 1)} times`,
          (patients * rounds).toLocaleString("en"),
          first.seconds.toFixed(0),
          rate(patients * rounds, first.seconds),
          "5,000",
          "8,000",
          String(first.peak ?? "?"),
        ],
        [
          `into an index of ${patients.toLocaleString("en")}`,
          more.toLocaleString("en"),
          second.seconds.toFixed(0),
          rate(more, second.seconds),
          "3,000",
          "6,000",
          String(second.peak ?? "?"),
        ],
      ],
    ),
  );
} finally {
  await mpi("db", "stop").catch(() => undefined);
  rmSync(home, { recursive: true, force: true });
}
