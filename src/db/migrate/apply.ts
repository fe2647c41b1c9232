import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { MpiError } from "../../lib/errors.ts";
import { databaseErrorFacts } from "../errors.ts";
import type { MigrationFile, MigrationStatement } from "./files.ts";
import type { Session } from "./session.ts";

/** How hard to try for a table lock that somebody else holds. */
export interface LockPatience {
  /** Milliseconds a statement waits for a lock before it lets everyone behind it go on; default 3,000. */
  readonly lockTimeout?: number;
  /** How often the whole migration is tried again after that; default 10. */
  readonly lockRetries?: number;
  /** Milliseconds before the first new try; doubled each time up to 30 s; default 500. */
  readonly lockBackoff?: number;
  /** Stops the migration in hand and those behind it. */
  readonly signal?: AbortSignal;
}

const longestBackoff = 30_000;
const lockStates = ["55P03", "40P01"];

/** What else belongs to the transaction of a migration. */
export interface AroundStatements {
  readonly before?: (transaction: postgres.TransactionSql) => Promise<void>;
  readonly after: (transaction: postgres.TransactionSql) => Promise<void>;
}

/**
 * Runs the statements of one migration in one transaction, together with what goes around them. A lock that does not come in time is
 * given up, so that a long transaction elsewhere never has a queue of readers behind us, and the migration is
 * tried again.
 *
 * @throws {MpiError} naming the migration, the statement's number and its first line. Nothing is left behind.
 */
export async function applyStatements(
  session: Session,
  file: MigrationFile,
  patience: LockPatience,
  around: AroundStatements,
): Promise<void> {
  const retries = patience.lockRetries ?? 10;
  let backoff = patience.lockBackoff ?? 500;
  for (let attempt = 0; ; attempt += 1) {
    let current: MigrationStatement | undefined;
    try {
      await session.begin(async (transaction) => {
        await transaction.unsafe(`set local lock_timeout = ${String(patience.lockTimeout ?? 3000)}`);
        await around.before?.(transaction);
        for (current of file.statements) await transaction.unsafe(current.sql);
        current = undefined;
        await around.after(transaction);
      });
      return;
    } catch (error) {
      const state = databaseErrorFacts(error)?.sqlState;
      if (state !== undefined && lockStates.includes(state) && attempt < retries) {
        await sleep(backoff, undefined, { signal: patience.signal });
        backoff = Math.min(backoff * 2, longestBackoff);
        continue;
      }
      if (state !== undefined && lockStates.includes(state)) throw lockFailure(file, current, state, attempt);
      if (current === undefined || state === undefined) throw error;
      throw describeFailure(file, current, state, error);
    }
  }
}

/** Classes of SQLSTATE whose message speaks of schema objects and the server, never of a row's values. */
const safeClasses = ["0A", "2B", "3D", "3F", "42", "53", "54", "55", "57", "58"];

const placeOf = (file: MigrationFile, statement: MigrationStatement | undefined) =>
  statement === undefined
    ? `migration ${file.tag}`
    : `migration ${file.tag}, statement ${String(statement.number)} (${statement.firstLine})`;

const detailsOf = (file: MigrationFile, statement: MigrationStatement | undefined, sqlState: string) => ({
  migration: file.tag,
  ...(statement === undefined ? {} : { statement: statement.number }),
  sqlState,
});

function lockFailure(
  file: MigrationFile,
  statement: MigrationStatement | undefined,
  state: string,
  attempts: number,
): MpiError {
  return new MpiError(
    "locked",
    `A lock was not to be had in ${String(attempts + 1)} attempts: ${placeOf(file, statement)}.`,
    {
      hint: "Look for long transactions in pg_stat_activity, and run the command again; nothing was changed.",
      details: detailsOf(file, statement, state),
    },
  );
}

function describeFailure(
  file: MigrationFile,
  statement: MigrationStatement,
  state: string,
  error: unknown,
): MpiError {
  const where = placeOf(file, statement);
  const details = detailsOf(file, statement, state);
  const said = safeClasses.includes(state.slice(0, 2)) && error instanceof Error ? `: ${error.message}` : "";
  if (state === "42501") {
    return new MpiError("unavailable", `The database role may not do this: ${where}${said}.`, {
      hint: "The role needs create on the database and on schema public, or an administrator makes the extension first.",
      details,
    });
  }
  return new MpiError("unavailable", `SQLSTATE ${state} in ${where}${said}.`, {
    hint: "Nothing of this migration was kept; earlier ones stay applied.",
    details,
  });
}
