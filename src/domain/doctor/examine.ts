import type { ConnectionTarget, Database } from "../../db/client.ts";
import { databaseErrorFacts } from "../../db/errors.ts";
import { verifySchema } from "../../db/migrate/verify.ts";
import { selectMissingMonths } from "../../db/queries/audit-partitions.ts";
import {
  countStrayAuditRows,
  findOldestTransactionHours,
  readWraparound,
  selectInvalidIndexes,
  selectSealState,
  selectUnanalysedTables,
} from "../../db/queries/health.ts";
import { MpiError } from "../../lib/errors.ts";
import { isFirstLoadOpen } from "../import/first-load.ts";

/** One thing that was looked at. */
export interface Finding {
  readonly check: string;
  /** `problem` has to be mended; `advice` should be looked at; `unknown` was not permitted. */
  readonly state: "ok" | "problem" | "advice" | "unknown";
  readonly what: string;
  /** The command that helps. */
  readonly remedy: string | null;
}

interface Check {
  readonly name: string;
  readonly look: (db: Database, target: ConnectionTarget) => Promise<Omit<Finding, "check">>;
}

const ok = (what: string): Omit<Finding, "check"> => ({ state: "ok", what, remedy: null });
const count = (n: number, one: string, many: string) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** Hours after which a site that seals has probably stopped to. */
const staleSealHours = 24;
const longTransactionHours = 1;
/** Autovacuum begins at a tenth; from here on it is losing. */
const wraparoundPart = 0.5;

const checks: readonly Check[] = [
  {
    name: "schema",
    look: async (_db, target) => {
      const drift = await verifySchema(target);
      return drift.length === 0
        ? ok("as the migrations make it")
        : {
            state: "problem",
            what: `${count(drift.length, "difference", "differences")} from what the migrations make`,
            remedy: "mpi migrate verify",
          };
    },
  },
  {
    name: "first load",
    look: async (db) =>
      (await isFirstLoadOpen(db))
        ? {
            state: "problem",
            what: "one was stopped; indexes and references are missing",
            remedy: "the same mpi import csv … --first-load",
          }
        : ok("none unfinished"),
  },
  {
    name: "indexes",
    look: async (db) => {
      const invalid = await selectInvalidIndexes(db);
      return invalid.length === 0
        ? ok("all valid")
        : {
            state: "problem",
            what: `not valid: ${invalid.join(", ")}`,
            remedy: `reindex index ${invalid[0]!}`,
          };
    },
  },
  {
    name: "audit months",
    look: async (db) => {
      // This month and the next: a missing one sends rows into the default partition.
      const { missing } = await selectMissingMonths(db, 1);
      return missing.length === 0
        ? ok("there for this month and the next")
        : {
            state: "problem",
            what: `no partition for ${missing.join(", ")}`,
            remedy: "mpi audit partitions --ensure",
          };
    },
  },
  {
    name: "audit default partition",
    look: async (db) => {
      const rows = await countStrayAuditRows(db);
      return rows === 0
        ? ok("empty")
        : {
            state: "problem",
            what: `holds ${count(rows, "row", "rows")} whose month had no partition`,
            remedy: "mpi audit partitions --ensure",
          };
    },
  },
  {
    name: "audit seal",
    look: async (db) => {
      const { sealedAt, hoursAgo, rowsSince } = await selectSealState(db);
      if (rowsSince === 0) return ok("everything is sealed");
      const since = `${count(rowsSince, "row", "rows")} since ${sealedAt ?? "the beginning"}`;
      return hoursAgo !== null && hoursAgo < staleSealHours
        ? ok(since)
        : { state: "advice", what: `not sealed: ${since}`, remedy: "mpi audit seal --head FILE" };
    },
  },
  {
    name: "statistics",
    look: async (db) => {
      const tables = await selectUnanalysedTables(db);
      return tables.length === 0
        ? ok("there for every large table")
        : {
            state: "advice",
            what: `never made for ${tables.join(", ")}: queries are planned blindly`,
            remedy: `analyze ${tables.join(", ")}`,
          };
    },
  },
  {
    name: "long transactions",
    look: async (db) => {
      const hours = await findOldestTransactionHours(db);
      return hours < longTransactionHours
        ? ok("none")
        : {
            state: "advice",
            what: `one is open for ${hours.toFixed(1)} hours: runs, seals and vacuum wait behind it`,
            remedy: "select * from pg_stat_activity order by xact_start",
          };
    },
  },
  {
    name: "transaction ids",
    look: async (db) => {
      const part = await readWraparound(db);
      const what = `${(100 * part).toFixed(0)} % of the way to wraparound`;
      return part < wraparoundPart ? ok(what) : { state: "problem", what, remedy: "vacuum freeze" };
    },
  },
];

/** Looks at everything that can go wrong unnoticed. Changes nothing. */
export async function examine(db: Database, target: ConnectionTarget): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { name, look } of checks) {
    const found = await look(db, target).catch((error: unknown): Omit<Finding, "check"> => {
      if (!isRefusal(error)) throw error;
      return { state: "unknown", what: "this database role may not look", remedy: null };
    });
    findings.push({ check: name, ...found });
  }
  return findings;
}

const insufficientPrivilege = "42501";

/** Some queries translate their errors already; a lost connection fails the next check. */
const isRefusal = (error: unknown): boolean =>
  databaseErrorFacts(error)?.sqlState === insufficientPrivilege ||
  (error instanceof MpiError && error.code === "unavailable");
