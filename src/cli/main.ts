import { exitCodes } from "./exit-codes.ts";
import { run } from "./run.ts";

const controller = new AbortController();
let interruptions = 0;

const interrupt = () => {
  interruptions += 1;
  // The second time somebody means it: whatever was not committed is rolled back by the server.
  if (interruptions > 1) process.exit(exitCodes.cancelled);
  controller.abort();
};
process.on("SIGINT", interrupt);
process.on("SIGTERM", interrupt);

// A reader that goes away (`| head`) is no failure; the writer notices by itself and ends the command. Without a
// listener the process would die of an uncaught exception.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

// Not process.exit: it would cut off what a pipe has not taken yet.
process.exitCode = await run({
  argv: process.argv.slice(2),
  streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  env: process.env,
  signal: controller.signal,
  cwd: process.cwd(),
});
process.removeListener("SIGINT", interrupt);
process.removeListener("SIGTERM", interrupt);
// Work that was given up may still hold the process open.
if (controller.signal.aborted) setTimeout(() => process.exit(), 1000).unref();
