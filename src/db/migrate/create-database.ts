import { MpiError } from "../../lib/errors.ts";
import type { ConnectionTarget } from "../client.ts";
import { databaseErrorFacts } from "../errors.ts";
import { withSession, type Session } from "./session.ts";

/** Where a server can be talked to when the database that is meant is not there. */
const maintenanceDatabases = ["postgres", "template1"];

/** True where the server answers and has no database of that name. */
export async function isDatabaseMissing(target: ConnectionTarget): Promise<boolean> {
  try {
    await withSession(target, () => Promise.resolve());
    return false;
  } catch (error) {
    if (error instanceof MpiError && error.details?.["reason"] === "no-database") return true;
    throw error;
  }
}

/**
 * Creates the database `target` names, encoded in UTF8. What the site keeps in template1 (extensions) comes
 * with it, unless template1 has another encoding. One that came into being meanwhile is taken as it is.
 *
 * @throws {MpiError} `unavailable` where the role may not create databases.
 */
export async function createDatabase(target: ConnectionTarget): Promise<void> {
  await inMaintenanceDatabase(target, async (session) => {
    const [template] = await session.unsafe<{ encoding: string }[]>(
      "select pg_encoding_to_char(encoding) as encoding from pg_database where datname = 'template1'",
    );
    const name = `"${target.database.replaceAll('"', '""')}"`;
    const statement =
      template?.encoding === "UTF8"
        ? `create database ${name}`
        : `create database ${name} encoding 'UTF8' locale 'C' template template0`;
    try {
      await session.unsafe(statement);
    } catch (error) {
      const state = databaseErrorFacts(error)?.sqlState;
      // Somebody else was quicker: duplicate database, or its name in the catalogue while it is being made.
      if (state === "42P04" || state === "23505") return;
      if (state !== "42501") throw error;
      throw new MpiError("unavailable", `The role ${target.user} may not create databases.`, {
        hint: `As an administrator: create database ${name} owner "${target.user}".`,
      });
    }
  });
}

async function inMaintenanceDatabase(
  target: ConnectionTarget,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  for (const database of maintenanceDatabases) {
    if (await isDatabaseMissing({ ...target, database })) continue;
    await withSession({ ...target, database }, work);
    return;
  }
  throw new MpiError(
    "unavailable",
    "The server has neither a database postgres nor template1 to start from.",
    {
      hint: "Create the database by hand.",
    },
  );
}
