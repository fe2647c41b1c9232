#!/usr/bin/env node
import { existsSync } from "node:fs";
import module from "node:module";

// Node.js 22 and newer keep compiled code between runs.
module.enableCompileCache?.();
// Only now, because maps make every start slower: stack traces that name our modules instead of the bundle's files.
if (process.argv.includes("--debug")) process.setSourceMapsEnabled(true);

const program = new URL("../dist/bundle/main.js", import.meta.url);
if (existsSync(program)) await (await import(program.href)).main();
else {
  process.stderr.write('mpi: not built yet. Run "node bin/build.js" in its directory.\n');
  process.exitCode = 1;
}
