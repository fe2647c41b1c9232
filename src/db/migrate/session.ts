import postgres from "postgres";
import { connectionOptions, type ConnectionTarget } from "../client.ts";
import { translateDatabaseError } from "../errors.ts";

/** One server session: a single connection that is never replaced behind our back. */
export type Session = postgres.Sql;

/** Opens one connection for `work` and closes it afterwards. Statements go out unprepared. */
export async function withSession<T>(
  target: ConnectionTarget,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = postgres({
    ...connectionOptions(target, { applicationName: "mpi migrate", maxConnections: 1 }),
    prepare: false,
    // The driver would end the connection after half an hour, and with it the session's locks.
    max_lifetime: null,
  });
  try {
    await session.unsafe("select 1");
    await setWherePossible(session, "client_connection_check_interval", "2s");
    await session.unsafe(
      "set search_path = public; set statement_timeout = 0; set idle_in_transaction_session_timeout = 0",
    );
    return await work(session);
  } catch (error) {
    throw translateDatabaseError(error, target);
  } finally {
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
