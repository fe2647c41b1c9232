import type postgres from "postgres";
import { connectionOptions, type ConnectionTarget } from "../../src/db/client.ts";
import { openClient } from "../../src/db/driver.ts";
import { resolveEmbeddedPaths } from "../../src/db/embedded/paths.ts";
import { startEmbedded } from "../../src/db/embedded/start.ts";

/** Where the tests of one run find PostgreSQL. Passed from the global set-up to the workers. */
export type TestServer =
  | { readonly kind: "embedded"; readonly home: string; readonly runId: string }
  | { readonly kind: "external"; readonly url: string; readonly runId: string };

declare module "vitest" {
  interface ProvidedContext {
    testServer: TestServer;
  }
}

/** Databases of failed tests stay where the environment says so, to be looked at. */
export const isKeepingWanted = (): boolean => process.env["MPI_TEST_KEEP"] === "1";

/** What a database that is to stay carries as its comment. */
export const keptComment = "kept for inspection";

/** Speed instead of safety: nobody mourns these data. */
const throwAwaySettings = {
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "off",
  shared_buffers: "128MB",
  max_connections: "200",
  max_wal_size: "1GB",
  wal_level: "minimal",
  max_wal_senders: "0",
} as const;

/** `postgres://user:password@host:port/database`, where `?host=` may name a socket's directory. */
export function parseServerUrl(text: string): ConnectionTarget {
  const url = new URL(
    text
      .replace(/^postgres(?:ql)?:\/\//, "http://")
      .replace(/^(http:\/\/(?:[^/@]*@)?)(?=[/?]|$)/, "$1localhost"),
  );
  const password = url.searchParams.get("password") ?? decodeURIComponent(url.password);
  return {
    host: url.searchParams.get("host") ?? url.hostname,
    port: Number(url.searchParams.get("port") ?? (url.port === "" ? 5432 : url.port)),
    user: url.searchParams.get("user") ?? decodeURIComponent(url.username),
    ...(password === "" ? {} : { password }),
    database: url.pathname === "/" || url.pathname === "" ? "postgres" : url.pathname.slice(1),
  };
}

/** A superuser's way into the test server; starts the embedded one if nobody has. */
export async function connectionTargetOf(server: TestServer): Promise<ConnectionTarget> {
  if (server.kind === "external") return parseServerUrl(server.url);
  const paths = resolveEmbeddedPaths({ MPI_HOME: server.home });
  const { target } = await startEmbedded(paths, { create: true, settings: throwAwaySettings });
  return { ...target, database: "postgres" };
}

/** A raw client, quiet and small; it connects on first use. */
export const connectRaw = (target: ConnectionTarget, maxConnections = 2): postgres.Sql =>
  openClient(connectionOptions(target, { applicationName: "mpi test", maxConnections }));

/** All names of one run begin with this. */
export const runPrefix = (server: TestServer): string => `mpi_test_${server.runId}_`;

const isStale = (name: string, today: string) => {
  const day = /^mpi_test_(?<day>\d{8})_/.exec(name)?.groups?.["day"];
  return day !== undefined && Number(day) < Number(today) - 1;
};

/**
 * Drops the databases of this run that nobody wants to look at, and those that killed runs left there days ago.
 * Returns how many of this run stay.
 */
export async function dropRunDatabases(server: TestServer): Promise<number> {
  const admin = connectRaw(await connectionTargetOf(server), 1);
  try {
    const databases = await admin<{ name: string; kept: boolean; today: string }[]>`
      select datname as name, shobj_description(oid, 'pg_database') is not distinct from ${keptComment} as kept,
        to_char(now() at time zone 'UTC', 'YYYYMMDD') as today
      from pg_database where datname like 'mpi\\_test\\_%'`;
    const own = databases.filter(({ name }) => name.startsWith(runPrefix(server)));
    const stale = databases.filter(
      (database) => !own.includes(database) && isStale(database.name, database.today),
    );
    for (const { name } of [...own.filter(({ kept }) => !kept), ...stale]) {
      await admin.unsafe(`alter database ${name} is_template false`);
      await admin.unsafe(`drop database if exists ${name} with (force)`);
    }
    return own.filter(({ kept }) => kept).length;
  } finally {
    await admin.end({ timeout: 5 });
  }
}
