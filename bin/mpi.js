#!/usr/bin/env node
try {
  await import("../dist/cli/main.js");
} catch (error) {
  if (error?.code !== "ERR_MODULE_NOT_FOUND" || !String(error.message).includes("dist/cli/main.js"))
    throw error;
  process.stderr.write('mpi: not built yet. Run "npm run build" in its directory.\n');
  process.exitCode = 1;
}
