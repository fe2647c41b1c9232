import type { ConnectionTarget, DatabaseHandle } from "../db/client.ts";
import { resolveEmbeddedPaths } from "../db/embedded/paths.ts";
import { describeTarget } from "../db/errors.ts";
import { MpiError } from "../lib/errors.ts";
import type { Config } from "./config.ts";
import { resolveExternalConnection } from "./connection-settings.ts";
import type { Environment } from "./streams.ts";

/** What choosing a database needs to know of its surroundings. */
export interface ConnectOptions {
  readonly config: Config;
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** A person watches: a new embedded server may be made after saying so. */
  readonly isInteractive: boolean;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

/** The environment with the configured home in it: what the embedded server's paths follow from. */
export function embeddedEnvironment(config: Config, env: Environment): Environment {
  return config.home === undefined ? env : { ...env, MPI_HOME: config.home };
}

/**
 * Decides which database is meant. Whatever names an external server wins; else the embedded one is used and
 * started. A new embedded one is made only on a terminal, after saying so: a cron job with a bare environment
 * must not work on an empty database and report success.
 *
 * @throws {MpiError} `unavailable` when there is no database to use.
 */
export async function resolveTarget(options: ConnectOptions): Promise<ConnectionTarget> {
  const { config, env } = options;
  const source = config.sources["databaseUrl"] ?? "the database URL";
  const url = config.databaseUrl === undefined ? undefined : { value: config.databaseUrl, source };
  const external = resolveExternalConnection(url, env);
  if (external !== undefined) {
    external.warnings.forEach(options.warn);
    if (source === "--database-url" && /:\/\/[^/@]*:[^/@]*@/.test(url?.value ?? "")) {
      options.warn(
        "Other users of this machine can see a password in --database-url; DATABASE_URL or ~/.pgpass hide it.",
      );
    }
    return external.target;
  }
  return await useEmbedded(options);
}

async function useEmbedded({ config, env, signal, ...options }: ConnectOptions): Promise<ConnectionTarget> {
  const paths = resolveEmbeddedPaths(embeddedEnvironment(config, env));
  const { inspectServer } = await import("../db/embedded/inspect.ts");
  const { state } = inspectServer(paths);
  if (state === "running") {
    // What starting needs takes ten milliseconds to load, and most commands find the server up.
    const { assertOwnHome } = await import("../db/embedded/home.ts");
    const { embeddedTarget } = await import("../db/embedded/password-file.ts");
    assertOwnHome(paths);
    return embeddedTarget(paths);
  }
  if (state === "absent" && !options.isInteractive) {
    throw new MpiError("unavailable", "No database is configured, and there is no embedded one.", {
      hint: 'Set DATABASE_URL, or make an embedded database with "mpi db start".',
      details: { reason: "no-database", home: paths.home },
    });
  }
  if (state === "absent") {
    options.warn(`No database is configured; making an embedded one in ${paths.home}.`);
  }
  const { startEmbedded } = await import("../db/embedded/start.ts");
  const { target } = await startEmbedded(paths, {
    create: state === "absent",
    signal,
    onStage: (stage) => {
      if (stage !== "creating") options.info(`Embedded database: ${stage}.`);
    },
  });
  return target;
}

/**
 * Makes and starts the embedded server where no external one is configured: what `npm start` and `mpi db start` do
 * without asking.
 */
export async function ensureEmbedded(
  context: Pick<ConnectOptions, "config" | "env" | "signal" | "info">,
): Promise<void> {
  const { config, env, signal, info } = context;
  const source = config.sources["databaseUrl"] ?? "the database URL";
  const url = config.databaseUrl === undefined ? undefined : { value: config.databaseUrl, source };
  if (resolveExternalConnection(url, env) !== undefined) return;
  const paths = resolveEmbeddedPaths(embeddedEnvironment(config, env));
  const { startEmbedded } = await import("../db/embedded/start.ts");
  await startEmbedded(paths, {
    create: true,
    signal,
    onStage: (stage) =>
      info(
        stage === "creating"
          ? `Making an embedded database in ${paths.home} …`
          : `Embedded database: ${stage} …`,
      ),
  });
}

/** Opens the database that is meant, and says on stderr which one it is. */
export async function connect(options: ConnectOptions, applicationName: string): Promise<DatabaseHandle> {
  const target = await resolveTarget(options);
  options.info(`Database: ${describeTarget(target)}`);
  // Drizzle and the driver take most of the start-up time: only who needs them pays.
  const { openDatabase } = await import("../db/client.ts");
  return await openDatabase(target, { applicationName });
}
