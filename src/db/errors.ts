import { MpiError } from "../lib/errors.ts";
import type { ConnectionTarget } from "./client.ts";

/**
 * What is safe to know of a failed statement: the state and the names of schema objects. The driver's and the
 * ORM's own messages carry bound values and are never kept, not even as `cause`.
 */
export interface DatabaseErrorFacts {
  readonly sqlState: string;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;
}

/** A statement failed for a reason nobody upstream foresaw: a bug of ours, with nothing of the data in it. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly facts: DatabaseErrorFacts;

  constructor(facts: DatabaseErrorFacts) {
    const where = [facts.table, facts.column, facts.constraint].filter((part) => part !== undefined);
    super(
      `the database refused a statement (SQLSTATE ${facts.sqlState}${where.length > 0 ? `, ${where.join(", ")}` : ""})`,
    );
    this.facts = facts;
  }
}

const sqlStates = {
  uniqueViolation: "23505",
  serializationFailure: "40001",
  deadlock: "40P01",
  lockNotAvailable: "55P03",
  undefinedTable: "42P01",
  undefinedFunction: "42883",
  insufficientPrivilege: "42501",
  readOnlyTransaction: "25006",
  diskFull: "53100",
  programLimitExceeded: "54000",
  invalidPassword: "28P01",
  invalidAuthorization: "28000",
  unknownDatabase: "3D000",
  cannotConnectNow: "57P03",
  adminShutdown: "57P01",
  crashShutdown: "57P02",
  tooManyConnections: "53300",
} as const;

interface DriverError {
  readonly code?: unknown;
  readonly table_name?: unknown;
  readonly table?: unknown;
  readonly column_name?: unknown;
  readonly column?: unknown;
  readonly constraint_name?: unknown;
  readonly constraint?: unknown;
  readonly cause?: unknown;
}

const asText = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** Finds SQLSTATE or the network error code in an error of postgres.js, pg or Drizzle, however deep. */
export function databaseErrorFacts(error: unknown): DatabaseErrorFacts | undefined {
  for (let current = error, depth = 0; current != null && depth < 5; depth += 1) {
    if (current instanceof DatabaseError) return current.facts;
    const candidate = current as DriverError;
    const code = asText(candidate.code);
    if (code !== undefined) {
      return {
        sqlState: code,
        table: asText(candidate.table_name) ?? asText(candidate.table),
        column: asText(candidate.column_name) ?? asText(candidate.column),
        constraint: asText(candidate.constraint_name) ?? asText(candidate.constraint),
      };
    }
    current = candidate.cause;
  }
  return undefined;
}

/** True for the failures that a whole transaction may simply try again. */
export const isRetryable = (error: unknown): boolean => {
  const state = databaseErrorFacts(error)?.sqlState;
  return state === sqlStates.serializationFailure || state === sqlStates.deadlock;
};

/** True where the statement broke this unique constraint or index. */
export const violatesUnique = (error: unknown, constraint: string): boolean => {
  const facts = databaseErrorFacts(error);
  return facts?.sqlState === sqlStates.uniqueViolation && facts.constraint === constraint;
};

const networkCodes = new Set([
  "ECONNREFUSED",
  "ENOENT",
  "EACCES",
  "EPERM",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "EPIPE",
]);

/** `host:port/database`, for messages. */
export const describeTarget = (target: ConnectionTarget): string =>
  target.host.startsWith("/")
    ? `${target.database} (socket in ${target.host})`
    : `${target.database} on ${target.host}:${String(target.port)}`;

/**
 * Turns whatever a driver throws into something that is safe to print: an `MpiError` where we know what it
 * means, a `DatabaseError` otherwise. Errors of ours pass through.
 */
export function translateDatabaseError(error: unknown, target?: ConnectionTarget): Error {
  if (error instanceof MpiError || error instanceof DatabaseError) return error;
  const facts = databaseErrorFacts(error);
  const where = target === undefined ? "the database" : `database ${describeTarget(target)}`;
  if (facts === undefined)
    return error instanceof Error ? error : new Error("a value that is no error was thrown");
  if (networkCodes.has(facts.sqlState)) {
    return new MpiError("unavailable", `Cannot reach ${where} (${facts.sqlState}).`, {
      hint: 'Check that the server runs; "mpi db status" tells for the embedded one.',
    });
  }
  switch (facts.sqlState) {
    case sqlStates.undefinedTable:
    case sqlStates.undefinedFunction:
      return new MpiError("unavailable", `The schema of ${where} is missing or older than this program.`, {
        hint: 'Run "mpi migrate status", then "mpi migrate".',
      });
    case sqlStates.insufficientPrivilege:
      return new MpiError(
        "unavailable",
        `The database role may not do this${facts.table === undefined ? "" : ` on table ${facts.table}`}.`,
        {
          hint: '"mpi migrate roles" prints what each role is granted.',
        },
      );
    case sqlStates.readOnlyTransaction:
      return new MpiError("unavailable", `${where.replace(/^d/, "D")} is read-only (a standby?).`);
    case sqlStates.diskFull:
      return new MpiError("unavailable", "The database server has no disk space left.");
    case sqlStates.programLimitExceeded:
      // Only names of some 900 letters that take three bytes each get here: an index entry has 2,700.
      return new MpiError(
        "rejected",
        `A value is too long to be indexed${facts.table === undefined ? "" : ` in table ${facts.table}`}.`,
        { hint: "Shorten the longest name." },
      );
    case sqlStates.invalidPassword:
    case sqlStates.invalidAuthorization:
      return new MpiError("unavailable", `Login to ${where} was refused.`, {
        hint: "Check the user and password (DATABASE_URL, PGUSER, PGPASSWORD or ~/.pgpass).",
      });
    case sqlStates.unknownDatabase:
      return new MpiError("unavailable", `There is no ${where}.`, {
        hint: 'Create it, or let "mpi migrate --create-database" do so.',
        details: { reason: "no-database" },
      });
    case sqlStates.cannotConnectNow:
    case sqlStates.adminShutdown:
    case sqlStates.crashShutdown:
    case sqlStates.tooManyConnections:
      return new MpiError(
        "unavailable",
        `The server of ${where} takes no connections now (SQLSTATE ${facts.sqlState}).`,
        {
          hint: "Try again in a moment.",
        },
      );
    case sqlStates.lockNotAvailable:
      return new MpiError("locked", "Another transaction holds a lock that is needed here.", {
        hint: "Try again in a moment.",
      });
    default:
      return new DatabaseError(facts);
  }
}
