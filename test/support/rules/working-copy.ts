import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { SourceEdit } from "./taken-out.ts";

const root = path.resolve(import.meta.dirname, "../../..");

/** What tests read. */
const copied = [
  ...["bin", "data", "docs", "drizzle", "src", "test"],
  ...["package.json", "tsconfig.json", "vitest.config.ts"],
];

/** Makes a copy of the program and its tests, to be changed at will; it goes with the run's temporary files. */
export function makeWorkingCopy(): string {
  const copy = mkdtempSync(path.join(tmpdir(), "rules-"));
  for (const name of copied) cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  // Package by package, so that caches in node_modules are the copy's own.
  const packages = path.join(root, "node_modules");
  mkdirSync(path.join(copy, "node_modules"));
  for (const name of readdirSync(packages)) {
    if (/^\.(?!bin$)/.test(name)) continue;
    symlinkSync(path.join(packages, name), path.join(copy, "node_modules", name));
  }
  return copy;
}

/** How often each text that is to be taken out stands in its file: one is right. */
export const countPlaces = (edits: readonly SourceEdit[], directory = root): readonly number[] =>
  edits.map(({ file, stands }) => readFileSync(path.join(directory, file), "utf8").split(stands).length - 1);

/** Does some work while the edits are made, and puts the files back. */
export async function withEdits<T>(
  copy: string,
  edits: readonly SourceEdit[],
  work: () => Promise<T>,
): Promise<T> {
  const originals = new Map<string, string>();
  try {
    for (const { file, stands, instead } of edits) {
      const name = path.join(copy, file);
      const text = readFileSync(name, "utf8");
      if (!originals.has(name)) originals.set(name, text);
      writeFileSync(
        name,
        text.replace(stands, () => instead),
      );
    }
    return await work();
  } finally {
    for (const [name, text] of originals) writeFileSync(name, text);
  }
}

export interface TestOutcome {
  /** Relative to the copy. */
  readonly file: string;
  readonly fullName: string;
  readonly hasPassed: boolean;
  /** Of a test that failed: the first line of each error. */
  readonly errors: readonly string[];
}

export interface TestRun {
  /** The tests that ran. */
  readonly tests: readonly TestOutcome[];
  /** Files that could not be loaded, with the reason. */
  readonly unloaded: readonly string[];
}

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

/** What vitest says of an expectation that is not met; those about promises carry no name of their own. */
export const isAssertion = (error: string): boolean =>
  /^AssertionError|^Error: (?:expected|promise (?:resolved|rejected)) /.test(error);

/** A program that no longer runs fails every test and shows nothing. */
export const isWreck = (error: string): boolean =>
  /^(?:Syntax|Reference|Type|Range)Error|^Error: .*timed out/.test(error);

const firstLine = (text: string) => text.split("\n", 1)[0]!;

/**
 * Runs tests of a copy in a process of their own.
 *
 * @param names what the full names of the tests contain, one of these.
 * @param serverUrl of the PostgreSQL server to use.
 */
export async function runTests(
  copy: string,
  files: readonly string[],
  names: readonly string[],
  serverUrl: string,
): Promise<TestRun> {
  const reportFile = path.join(copy, "report.json");
  writeFileSync(reportFile, "");
  const program = path.join(copy, "node_modules/vitest/vitest.mjs");
  const pattern = names.map((name) => name.replace(/[^\w ,:]/gu, "\\$&")).join("|");
  const argv = [program, "run", ...files, "-t", pattern, "--reporter=json", `--outputFile=${reportFile}`];
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:VITEST|MPI_TEST_|TINYPOOL)/.test(name)),
  );
  const said = await promisify(execFile)(process.execPath, argv, {
    cwd: copy,
    env: { ...env, MPI_TEST_DATABASE_URL: serverUrl },
    maxBuffer: 64 * 1024 ** 2,
    timeout: 300_000,
  }).then(
    () => "",
    // That tests fail is what we are here for; what else went wrong is told where there is no report.
    (error: unknown) => String((error as { readonly stderr?: string }).stderr),
  );
  const text = readFileSync(reportFile, "utf8");
  if (text === "") throw new Error(`The tests did not run: ${said}`);
  const { testResults } = JSON.parse(text) as Report;
  return {
    tests: testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === "passed" || status === "failed")
        .map(({ fullName, status, failureMessages }) => ({
          file: path.relative(copy, name),
          fullName,
          hasPassed: status === "passed",
          errors: (failureMessages ?? []).map(firstLine),
        })),
    ),
    unloaded: testResults
      .filter(({ assertionResults }) => assertionResults.length === 0)
      .map(({ name, message }) => `${path.relative(copy, name)}: ${firstLine(message)}`),
  };
}
