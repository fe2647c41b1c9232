// npm start: from a fresh clone to the first matches.
import path from "node:path";
import { ensureBuilt, ensureInstalled, requireNode, root, runProgram } from "./prepare.js";

requireNode();
await ensureInstalled();
await ensureBuilt();
process.exitCode = await runProgram(process.execPath, [
  path.join(root, "bin/mpi.js"),
  "demo",
  ...process.argv.slice(2),
]);
