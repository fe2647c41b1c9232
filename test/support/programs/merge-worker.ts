// Merges what it is told to, one pair of ids a line: "source survivor". Answers each line with one of its own: "ready"
// first, then "merged" or the code of the refusal.
import { createInterface } from "node:readline";
import { openDatabase } from "../../../src/db/client.ts";
import { withTransaction } from "../../../src/db/transaction.ts";
import { mergePatients } from "../../../src/domain/merge/merge-patients.ts";
import { MpiError } from "../../../src/lib/errors.ts";
import { parseServerUrl } from "../postgres-server.ts";

const [url, name] = process.argv.slice(2);
if (url === undefined || name === undefined) throw new Error("url name");
const handle = await openDatabase(parseServerUrl(url), { maxConnections: 1, applicationName: name });
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const [source, survivor] = line.split(" ");
  try {
    await withTransaction(handle.db, { user: name, operation: "MERGE" }, (tx) =>
      mergePatients(tx, { sources: [source!], survivor: survivor!, reason: null }),
    );
    process.stdout.write("merged\n");
  } catch (error) {
    process.stdout.write(`${error instanceof MpiError ? error.code : String(error)}\n`);
  }
}
await handle.close();
