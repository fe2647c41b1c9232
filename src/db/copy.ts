import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import type { CopiedRow } from "./binary-copy.ts";
import { encryptionOf, type ConnectionTarget } from "./client.ts";
import { CopyRowsQuery, type ByteSource } from "./copy-rows.ts";
import { translateDatabaseError } from "./errors.ts";
import { ReadingSocket } from "./reading-socket.ts";
import type { AuditContext } from "./transaction.ts";

/**
 * One connection for bulk streams. It goes through pg, because the COPY streams of postgres.js hang or
 * swallow errors. Everything else belongs on the pool.
 */
export interface CopyConnection {
  /** Runs one statement; rows as objects, every value as text except numbers of 32 bits and booleans. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs `copy … from stdin` over the chunks. Any error of the server or the source rejects. */
  copyIn(
    statement: string,
    chunks: Iterable<Buffer | string> | AsyncIterable<Buffer | string>,
  ): Promise<void>;
  /** Runs `copy … to stdout`; the chunks do not end where rows end. Read it to the end. */
  copyOut(statement: string): AsyncIterable<Buffer>;
  /**
   * Visits the rows of `copy … to stdout (format binary)`; each is valid only while it is visited.
   *
   * @param columns how many each row has.
   * @returns how many rows there were.
   */
  copyRows(statement: string, columns: number, visit: (row: CopiedRow) => void): Promise<number>;
  /** One transaction with an audit context on this connection. */
  transaction<T>(audit: AuditContext, work: () => Promise<T>): Promise<T>;
}

/** pg declares its ids as an enum; any number will do. */
const builtInParser = pg.types.getTypeParser as (
  oid: number,
  format?: "text" | "binary",
) => (value: string) => unknown;
const asIs = (value: string) => value;
/** date, timestamp, timestamptz: text keeps what a Date would lose. */
const temporalTypes = [1082, 1114, 1184];

/** Opens a connection for bulk streams, hands it to `work`, and closes it. */
export async function withCopyConnection<T>(
  target: ConnectionTarget,
  work: (connection: CopyConnection) => Promise<T>,
): Promise<T> {
  let opened: OpenedConnection | undefined;
  try {
    opened = await connect(target);
    const { client, socket } = opened;
    await client.query("set timezone = 'UTC'; set datestyle = 'ISO'; set client_min_messages = 'warning'");
    return await work(makeConnection(client, socket));
  } catch (error) {
    throw translateDatabaseError(error, target);
  } finally {
    await opened?.client.end().catch(() => undefined);
  }
}

interface OpenedConnection {
  readonly client: pg.Client;
  /** Absent where the connection is encrypted, which reads by ways of its own. */
  readonly socket: ReadingSocket | undefined;
}

/** Encrypted as everything else is: pg itself knows no `prefer`. */
async function connect(target: ConnectionTarget): Promise<OpenedConnection> {
  const encryption = encryptionOf(target);
  if (encryption === false) return open(target);
  try {
    return await open(target, { rejectUnauthorized: encryption === "verify-full" });
  } catch (error) {
    const hasNone = error instanceof Error && error.message === "The server does not support SSL connections";
    if (encryption !== "prefer" || !hasNone) throw error;
    return open(target);
  }
}

async function open(target: ConnectionTarget, ssl?: pg.ClientConfig["ssl"]): Promise<OpenedConnection> {
  const socket = ssl === undefined ? new ReadingSocket() : undefined;
  const client = new pg.Client({
    ...(socket === undefined ? { ssl } : { stream: () => socket.stream }),
    host: target.host,
    port: target.port,
    user: target.user,
    database: target.database,
    ...(target.password === undefined ? {} : { password: target.password }),
    application_name: "mpi copy",
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        temporalTypes.includes(oid) ? asIs : builtInParser(oid, format),
    },
  });
  // An error that arrives between statements has nobody to reject; the next statement will tell.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return { client, socket };
}

function makeConnection(client: pg.Client, source: ByteSource | undefined): CopyConnection {
  const connection: CopyConnection = {
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      const result = await client.query<Row>(text, [...values]);
      return result.rows;
    },
    async copyIn(statement, chunks) {
      await pipeline(Readable.from(chunks, { objectMode: false }), client.query(copyFrom(statement)));
    },
    async *copyOut(statement) {
      for await (const chunk of client.query(copyTo(statement))) yield chunk as Buffer;
    },
    copyRows(statement, columns, visit) {
      return client.query(new CopyRowsQuery(statement, columns, visit, source)).done;
    },
    async transaction(audit, work) {
      await client.query("begin");
      try {
        await client.query(
          `select set_config('mpi.user_id', $1, true), set_config('mpi.ip_address', $2, true),
            set_config('mpi.user_agent', $3, true), set_config('mpi.operation', $4, true), set_config('mpi.reason', $5, true)`,
          [audit.user, audit.ipAddress ?? "", audit.userAgent ?? "", audit.operation, audit.reason ?? ""],
        );
        const value = await work();
        await client.query("commit");
        return value;
      } catch (error) {
        await client.query("rollback").catch(() => undefined);
        throw error;
      }
    },
  };
  return connection;
}
