import { exitCodes } from "./exit-codes.ts";
import type { Noun } from "./program.ts";
import { reportError } from "./report-error.ts";
import { run } from "./run.ts";

/**
 * The process's edge: runs the command line of this process and sets its exit code.
 * @param nouns other commands than the program's, for tests.
 */
export async function main(nouns?: readonly Noun[]): Promise<void> {
  const controller = new AbortController();

  const interrupt = () => {
    // The second time somebody means it: whatever was not committed is rolled back by the server.
    if (controller.signal.aborted) process.exit(exitCodes.cancelled);
    controller.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);

  // Node would print the message, which may quote data, and the source line.
  const stumble = (error: unknown) => {
    const report = reportError(error, { debug: process.argv.includes("--debug"), json: false });
    process.stderr.write(report.text);
    process.exit(report.exitCode);
  };
  process.on("uncaughtException", stumble);
  process.on("unhandledRejection", stumble);

  // A reader that goes away (`| head`) is no failure; the writer notices by itself and ends the command. Without a
  // listener it would be an uncaught exception.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);

  process.exitCode = await run({
    argv: process.argv.slice(2),
    streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
    env: process.env,
    signal: controller.signal,
    cwd: process.cwd(),
    ...(nouns === undefined ? {} : { nouns }),
  });
  // Giving memory back piece by piece takes a tenth of a short command's time; the system does it at once. But what a
  // pipe has not taken yet would be cut off.
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
  // Work that was given up may still hold the process open.
  if (controller.signal.aborted) setTimeout(() => process.exit(), 1000).unref();
}
