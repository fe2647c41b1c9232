import type { ConnectionTarget } from "../../../src/db/client.ts";
import { migrateUp } from "../../../src/db/migrate/up.ts";

/** Migrates in a process of its own, to be killed: `target directory`, the target as JSON. */
const [target, directory] = process.argv.slice(2) as [string, string];
await migrateUp(JSON.parse(target) as ConnectionTarget, { directory });
