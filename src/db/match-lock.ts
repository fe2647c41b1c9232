import { MpiError } from "../lib/errors.ts";
import type { ConnectionTarget } from "./client.ts";
import { advisoryLockClass } from "./migrate/lock.ts";
import { withSession } from "./migrate/session.ts";

/** Second half of the advisory lock key: one matching run of a database at a time. */
const matchLock = 2;

/**
 * Runs `work` while this process is the only one that matches the database. The lock belongs to a session that does
 * nothing else, so it ends with this process, whatever statement another connection is still at.
 *
 * @throws {MpiError} `locked`, at once, while another run holds it.
 */
export async function withMatchLock<T>(target: ConnectionTarget, work: () => Promise<T>): Promise<T> {
  return withSession(target, async (session) => {
    const [row] = await session.unsafe<{ locked: boolean }[]>(
      `select pg_try_advisory_lock(${advisoryLockClass}, ${matchLock}) as locked`,
    );
    if (!row!.locked) {
      throw new MpiError("locked", "Another matching run is at work on this database.", {
        hint: "It ends by itself; the next run takes what it leaves.",
      });
    }
    return work();
  });
}
