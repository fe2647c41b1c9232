import { setTimeout as sleep } from "node:timers/promises";
import { MpiError } from "../../lib/errors.ts";
import { describeTarget } from "../errors.ts";
import type { ConnectionTarget } from "../client.ts";
import { withSession, type Session } from "./session.ts";

/** First half of every advisory lock key of this program: "mpi" in ASCII. */
export const advisoryLockClass = 7_172_201;
/** Second half: one migration of this database at a time. */
const migrationLock = 1;

const pollMilliseconds = 250;

/** The lock that is held while `work` runs, on a connection of its own. */
export interface MigrationLock {
  /** @throws {MpiError} `unavailable` when the connection, and with it the lock, was lost. */
  ensureHeld(): Promise<void>;
}

/**
 * Runs `work` while this process is the only one that migrates the database.
 *
 * The lock belongs to a session that does nothing else, so it ends when this process does, whatever happens to
 * the migration's own connection. Waiting polls: a session that waits inside the server would hold a snapshot.
 *
 * @param waitSeconds how long to wait for another migration; 0 tries once.
 * @param signal cuts the work's connection.
 * @throws {MpiError} `locked` when another migration still runs after that; `unavailable` behind a pooler
 *   that does not keep sessions; `cancelled` once the signal was given.
 */
export async function withMigrationLock<T>(
  target: ConnectionTarget,
  waitSeconds: number,
  work: (lock: MigrationLock, session: Session) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return withSession(target, (lockSession) =>
    withSession(
      target,
      async (workSession) => {
        await refuseTransactionPooler(lockSession, workSession);
        const attempts = Math.ceil((waitSeconds * 1000) / pollMilliseconds) + 1;
        for (let attempt = 1; !(await tryLock(lockSession)); attempt += 1) {
          if (attempt >= attempts) {
            throw new MpiError("locked", `Another migration of ${describeTarget(target)} is running.`, {
              hint: 'Wait for it to end; "mpi migrate status" shows how far it is.',
            });
          }
          await sleep(pollMilliseconds, undefined, { signal });
        }
        return work({ ensureHeld: () => ensureHeld(lockSession) }, workSession);
      },
      signal,
    ),
  );
}

async function tryLock(session: Session): Promise<boolean> {
  const [row] = await session.unsafe<{ locked: boolean }[]>(
    `select pg_try_advisory_lock(${advisoryLockClass}, ${migrationLock}) as locked`,
  );
  return row!.locked;
}

async function ensureHeld(session: Session): Promise<void> {
  const [row] = await session.unsafe<{ held: boolean }[]>(
    `select exists (
       select from pg_locks
       where locktype = 'advisory' and pid = pg_backend_pid() and granted
         and classid = ${advisoryLockClass} and objid = ${migrationLock} and objsubid = 2) as held`,
  );
  if (row!.held) return;
  throw new MpiError("unavailable", "The connection that held the migration lock was lost.", {
    hint: "Nothing of the migration in hand was kept. Run the command again.",
  });
}

/**
 * A pooler in transaction mode hands each transaction to whichever server session is free, so a session lock
 * would be somebody else's. Two sessions of ours must be two of the server's, and each must stay what it is
 * while the other holds a transaction.
 */
async function refuseTransactionPooler(lock: Session, work: Session): Promise<void> {
  if (await areOwnSessions(lock, work)) return;
  throw new MpiError(
    "unavailable",
    "A connection pooler in transaction mode stands between here and the server.",
    {
      hint: "Migrations need a session of their own: connect to the server directly, or to a pool in session mode.",
    },
  );
}

async function areOwnSessions(lock: Session, work: Session): Promise<boolean> {
  await lock.unsafe("set mpi.session_probe = 'lock'");
  await work.unsafe("set mpi.session_probe = 'work'");
  const [lockBackend, workBackend] = [await probe(lock), await probe(work)];
  // With one server session for both, the next step would wait for itself.
  if (lockBackend.pid === workBackend.pid) return false;
  if (lockBackend.probe !== "lock" || workBackend.probe !== "work") return false;
  return (await staysDuring(work, lock, lockBackend)) && (await staysDuring(lock, work, workBackend));
}

async function staysDuring(busy: Session, idle: Session, before: Probe): Promise<boolean> {
  await busy.unsafe("begin");
  try {
    const now = await probe(idle);
    return now.pid === before.pid && now.probe === before.probe;
  } finally {
    await busy.unsafe("rollback");
  }
}

interface Probe {
  readonly pid: number;
  readonly probe: string | null;
}

async function probe(session: Session): Promise<Probe> {
  const [row] = await session.unsafe<Probe[]>(
    "select pg_backend_pid() as pid, current_setting('mpi.session_probe', true) as probe",
  );
  return row!;
}
