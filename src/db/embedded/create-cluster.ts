import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { explainServerFailure } from "./failures.ts";
import { withFileErrors } from "./home.ts";
import { embeddedDatabase, embeddedUser, generatePassword, writePasswordFile } from "./password-file.ts";
import type { EmbeddedPaths } from "./paths.ts";
import type { ServerPrograms } from "./programs.ts";
import { runProgram, type ProgramResult } from "./run-program.ts";
import { assertReachable, type ServerUser } from "./server-user.ts";

const stagingPrefix = "new-cluster-";

/** `none` is for throw-away clusters only: a power failure during the creation may leave anything. */
export type Durability = "full" | "none";

/**
 * The locale decides about the letters that pg_trgm knows; order and case mapping come from PostgreSQL itself
 * (the builtin provider), so that they are the same on every system and after every upgrade of it.
 */
const letterLocales = ["C.UTF-8", "en_US.UTF-8"] as const;

const initdbArguments = (
  data: string,
  passwordFile: string,
  letterLocale: string,
  durability: Durability,
): readonly string[] => [
  ...(durability === "none" ? ["--no-sync"] : []),
  `--pgdata=${data}`,
  `--username=${embeddedUser}`,
  `--pwfile=${passwordFile}`,
  // Also for whoever starts the server on these data by hand, without our configuration.
  "--auth-local=scram-sha-256",
  "--auth-host=scram-sha-256",
  "--encoding=UTF8",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--locale=C",
  `--lc-ctype=${letterLocale}`,
  "--data-checksums",
  "--no-instructions",
];

const syncDirectory = (path: string) => {
  const directory = openSync(path, "r");
  fsyncSync(directory);
  closeSync(directory);
};

const giveTo = (user: ServerUser | undefined, path: string) => {
  if (user !== undefined) chownSync(path, user.uid, user.gid);
};

/** Removes what creations that were killed have left; one that an orphaned initdb still writes to goes next time. */
export function removeStagedClusters(paths: EmbeddedPaths): void {
  for (const name of readdirSync(paths.root).filter((entry) => entry.startsWith(stagingPrefix))) {
    try {
      rmSync(join(paths.root, name), { recursive: true, force: true });
    } catch {
      continue;
    }
  }
}

/**
 * Makes a new cluster with an empty database `mpi` in it: UTF-8, checksums, a random password. Everything
 * happens in a directory of its own that is renamed at the end, so a creation that was killed leaves no cluster.
 * To be called under the lock.
 *
 * @throws {MpiError} `unavailable`; `cancelled` when `signal` stops it.
 */
export async function createCluster(
  paths: EmbeddedPaths,
  programs: ServerPrograms,
  user: ServerUser | undefined,
  options: { readonly durability: Durability; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { durability, signal } = options;
  const fsync = durability === "full" ? "on" : "off";
  const staging = withFileErrors(paths.root, () => mkdtempSync(join(paths.root, stagingPrefix)));
  const data = join(staging, "data");
  const initialPassword = join(staging, "initial-password");
  const password = generatePassword();
  const check = (result: ProgramResult) => {
    // In single-user mode an error of SQL leaves the exit code at 0.
    if (result.exitCode !== 0 || /\b(?:ERROR|FATAL):/.test(result.output)) {
      throw explainServerFailure(result.output, paths, "create");
    }
  };
  try {
    withFileErrors(paths.root, () => {
      chmodSync(staging, user === undefined ? 0o700 : 0o711);
      mkdirSync(data, { mode: 0o700 });
      giveTo(user, data);
      writeFileSync(initialPassword, password, { mode: 0o400 });
      giveTo(user, initialPassword);
    });
    assertReachable(user, data);
    check(
      await initialise(
        programs,
        (letterLocale) => initdbArguments(data, initialPassword, letterLocale, durability),
        {
          user,
          signal,
        },
      ),
    );
    check(
      await runProgram(
        programs.postgres,
        ["--single", "-j", "-c", "log_checkpoints=off", "-c", `fsync=${fsync}`, "-D", data, "postgres"],
        {
          user,
          signal,
          input: `create database ${embeddedDatabase};\n`,
        },
      ),
    );
    withFileErrors(paths.root, () => {
      rmSync(initialPassword);
      writePasswordFile(join(staging, "pgpass"), password);
      syncDirectory(staging);
      renameSync(staging, paths.cluster);
      syncDirectory(paths.root);
    });
  } catch (error) {
    rmSync(staging, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

const initialise = async (
  programs: ServerPrograms,
  argumentsFor: (letterLocale: string) => readonly string[],
  options: Parameters<typeof runProgram>[2],
): Promise<ProgramResult> => {
  let result: ProgramResult = { exitCode: 1, output: "" };
  for (const letterLocale of letterLocales) {
    result = await runProgram(programs.initdb, argumentsFor(letterLocale), options);
    if (!result.output.includes("invalid locale name")) return result;
  }
  return result;
};
