#!/usr/bin/env node
import module from "node:module";

// Node.js 22 and newer keep compiled code between runs.
module.enableCompileCache?.();
// Only now, because maps make every start slower: stack traces that name our modules instead of the bundle's files.
if (process.argv.includes("--debug")) process.setSourceMapsEnabled(true);

try {
  await import("../dist/bundle/main.js");
} catch (error) {
  if (error?.code !== "ERR_MODULE_NOT_FOUND" || !String(error.message).includes("bundle/main.js"))
    throw error;
  process.stderr.write('mpi: not built yet. Run "node bin/build.js" in its directory.\n');
  process.exitCode = 1;
}
