import type postgres from "postgres";
import { connectionOptions, type ConnectionTarget } from "../client.ts";
import { openClient } from "../driver.ts";
import { MpiError } from "../../lib/errors.ts";
import { translateDatabaseError } from "../errors.ts";

/** One server session: a single connection that is never replaced behind our back. */
export type Session = postgres.Sql;

/**
 * Opens one connection for `work` and closes it afterwards. Statements go out unprepared.
 *
 * @param signal cuts the connection, and with it whatever statement runs.
 * @throws {MpiError} `cancelled` once the signal was given.
 */
export async function withSession<T>(
  target: ConnectionTarget,
  work: (session: Session) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const session = openClient({
    ...connectionOptions(target, { applicationName: "mpi migrate", maxConnections: 1 }),
    prepare: false,
  });
  const cut = () => void session.end({ timeout: 0 });
  signal?.addEventListener("abort", cut);
  try {
    signal?.throwIfAborted();
    await session.unsafe("select 1");
    await setWherePossible(session, "client_connection_check_interval", "2s");
    await session.unsafe(
      "set search_path = public; set statement_timeout = 0; set idle_in_transaction_session_timeout = 0",
    );
    return await work(session);
  } catch (error) {
    if (signal?.aborted === true) {
      throw new MpiError("cancelled", "Stopped; nothing of the migration in hand was kept.");
    }
    throw translateDatabaseError(error, target);
  } finally {
    signal?.removeEventListener("abort", cut);
    await session.end({ timeout: 5 }).catch(() => undefined);
  }
}

/**
 * Without it the server notices that a killed client is gone only when its statement ends, and keeps its locks
 * until then. Not every platform has it.
 */
async function setWherePossible(session: Session, name: string, value: string): Promise<void> {
  await session.unsafe(`set ${name} = '${value}'`).catch(() => undefined);
}
