import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import { openClient } from "./driver.ts";
import { translateDatabaseError } from "./errors.ts";

/** Where a PostgreSQL server is and how to get in. `host` may be a socket's directory. */
export interface ConnectionTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string | undefined;
  readonly database: string;
  /** libpq's sslmode; absent means `prefer` for network hosts and none for sockets. */
  readonly sslMode?: "disable" | "prefer" | "require" | "verify-ca" | "verify-full" | undefined;
}

/**
 * The database as queries see it: Drizzle over one small pool. It is not given the schema module, which takes time to
 * load and to walk and serves Drizzle's relational queries alone; queries import the tables that they name.
 */
export type Database = PostgresJsDatabase;

/** Inside a transaction. A function that needs atomicity asks for this type, and the compiler sees to it. */
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];

/** Either: for reads that are right with or without a transaction around them. */
export type Queryable = Database | Transaction;

export interface DatabaseHandle {
  readonly db: Database;
  readonly target: ConnectionTarget;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Most connections the pool may hold; default 5: an import's batches, and its notes. */
  readonly maxConnections?: number;
  readonly connectTimeoutSeconds?: number;
  readonly applicationName?: string;
}

/** Encryption as postgres.js takes it: `prefer` does without only where the server has none. */
export const encryptionOf = (target: ConnectionTarget): false | "prefer" | "require" | "verify-full" => {
  if (target.host.startsWith("/") || target.sslMode === "disable") return false;
  if (target.sslMode === "verify-full" || target.sslMode === "verify-ca") return "verify-full";
  return target.sslMode ?? "prefer";
};

/** What every connection of ours is opened with. */
export const connectionOptions = (
  target: ConnectionTarget,
  options: OpenOptions = {},
): postgres.Options<Record<string, never>> => ({
  host: target.host,
  port: target.port,
  user: target.user,
  database: target.database,
  ...(target.password === undefined ? {} : { password: target.password }),
  ssl: encryptionOf(target),
  max: options.maxConnections ?? 5,
  connect_timeout: options.connectTimeoutSeconds ?? 10,
  idle_timeout: 0,
  onnotice: () => undefined,
  connection: {
    application_name: options.applicationName ?? "mpi",
    TimeZone: "UTC",
    DateStyle: "ISO",
    client_min_messages: "warning",
  },
});

/**
 * Connects and makes sure somebody answers.
 *
 * @throws {MpiError} `unavailable` when the server cannot be reached or refuses; the message names host, port
 *   and database, never a password.
 */
export async function openDatabase(
  target: ConnectionTarget,
  options: OpenOptions = {},
): Promise<DatabaseHandle> {
  const client = openClient(connectionOptions(target, options));
  try {
    await client`select 1`;
  } catch (error) {
    await client.end({ timeout: 0 }).catch(() => undefined);
    throw translateDatabaseError(error, target);
  }
  return { db: drizzle(client), target, close: () => client.end({ timeout: 5 }) };
}
