import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "../../src/cli/run.ts";
import { CapturedStream, type CliResult } from "./cli.ts";

/** One step of a conversation: waits until the program has said this, then types; or does something before it types. */
export type Step = readonly [question: RegExp, keys: string | (() => Promise<string>)];

export const keys = { enter: "\r", down: "\u001b[B", ctrlC: "\u0003" } as const;

/** Pauses of 5 ms. */
const patience = 3000;

/** A question ends the stream it was asked on, which the process's own streams take no notice of. */
class OpenStream extends CapturedStream {
  override end(): this {
    return this;
  }
}

/** Runs one command line on a terminal, typing each answer once its question is there. */
export async function converse(
  argv: readonly string[],
  steps: readonly Step[],
  options: { readonly database: string; readonly env?: Readonly<Record<string, string>> },
): Promise<CliResult> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stdout = new CapturedStream({ tty: true, columns: 200 });
  const stderr = new OpenStream({ tty: true, columns: 200 });
  const state = { hasEnded: false };
  const ended = run({
    argv,
    streams: { stdin, stdout, stderr },
    env: {
      MPI_USER: "tester",
      HOME: "/nonexistent",
      XDG_CONFIG_HOME: "/nonexistent",
      MPI_HOME: "/nonexistent/mpi",
      NO_COLOR: "1",
      DATABASE_URL: options.database,
      ...options.env,
    },
    signal: new AbortController().signal,
    cwd: "/",
  }).finally(() => {
    state.hasEnded = true;
  });
  let from = 0;
  for (const [question, typed] of steps) {
    let waited = 0;
    while (!question.test(stderr.text.slice(from))) {
      if (state.hasEnded)
        throw new Error(`The program ended before it asked ${String(question)}: ${stderr.text}`);
      await pause(5);
      waited += 1;
      if (waited > patience)
        throw new Error(`It never asked ${String(question)}: ${stderr.text.slice(from)}`);
    }
    from = stderr.text.length;
    stdin.write(typeof typed === "string" ? typed : await typed());
  }
  return { exitCode: await ended, stdout: stdout.text, stderr: stderr.text };
}
