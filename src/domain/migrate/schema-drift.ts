import { baselineMigrations, type BaselineOptions } from "../../db/migrate/baseline.ts";
import type { ConnectionTarget } from "../../db/client.ts";
import { dumpSchema } from "../../db/migrate/dump.ts";
import { verifySchema, type Drift } from "../../db/migrate/verify.ts";

export type { Drift };

/** How a database differs from the schema that ships with the program; empty where it does not. */
export const findDrift = (target: ConnectionTarget): Promise<readonly Drift[]> => verifySchema(target);

/**
 * Adopts a database that has the schema already: checks it, then records every migration as applied.
 *
 * @returns the tags recorded.
 * @throws {MpiError} `check-failed` where it differs, `conflict` where a record is there.
 */
export const adoptSchema = (target: ConnectionTarget, options: BaselineOptions): Promise<readonly string[]> =>
  baselineMigrations(target, options);

/** The schema of a database as SQL, in the form of drizzle/schema.sql. */
export const describeSchema = (target: ConnectionTarget): Promise<string> => dumpSchema(target);
