// `mpi audit archive` as a process of its own, to be killed by test/domain/audit/archive-audit.test.ts.
import { openDatabase } from "../../../src/db/client.ts";
import { archiveAudit } from "../../../src/domain/audit/archive-audit.ts";
import { parseServerUrl } from "../postgres-server.ts";

const [url, directory] = process.argv.slice(2);
if (url === undefined || directory === undefined) throw new Error("url directory");
const target = parseServerUrl(url);
const handle = await openDatabase(target);
process.stdout.write("ready\n");
const archived = await archiveAudit(
  handle.db,
  target,
  { user: "worker", operation: "AUDIT_ARCHIVE" },
  { before: "2001-12-01", directory, signal: new AbortController().signal },
);
process.stdout.write(`archived ${archived.map(({ month }) => month).join(" ")}\n`);
await handle.close();
