/**
 * Writes drizzle/schema.sql anew: migrates a database made for the purpose and describes it. Takes the server that
 * DATABASE_URL names (its role must be allowed to create databases), else the embedded one.
 */
import { writeFile } from "node:fs/promises";
import { resolveExternalConnection } from "../src/cli/connection-settings.ts";
import { resolveEmbeddedPaths } from "../src/db/embedded/paths.ts";
import { startEmbedded } from "../src/db/embedded/start.ts";
import { createDatabase } from "../src/db/migrate/create-database.ts";
import { dumpSchema } from "../src/db/migrate/dump.ts";
import { withSession } from "../src/db/migrate/session.ts";
import { migrateUp } from "../src/db/migrate/up.ts";

const url = process.env["DATABASE_URL"];
const server =
  resolveExternalConnection(
    url === undefined ? undefined : { value: url, source: "DATABASE_URL" },
    process.env,
  )?.target ?? (await startEmbedded(resolveEmbeddedPaths(process.env), { create: true })).target;
const target = { ...server, database: `mpi_schema_dump_${String(process.pid)}` };

await createDatabase(target);
try {
  await migrateUp(target);
  await writeFile(new URL("../drizzle/schema.sql", import.meta.url), await dumpSchema(target));
} finally {
  await withSession(server, (session) => session.unsafe(`drop database "${target.database}" with (force)`));
}
