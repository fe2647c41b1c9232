import type { Command } from "commander";
import { commandWords, readGlobalFlags, type Act, type Action } from "./command.ts";
import { readEnvironment, resolveConfig } from "./config.ts";
import { createContext, type OpenContext } from "./context.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { createProgram, findNoun, findVerb, type Noun } from "./program.ts";
import { MpiError } from "../lib/errors.ts";
import { reportError } from "./report-error.ts";
import type { Environment, Streams } from "./streams.ts";

/** The world around a command; tests hand in their own. */
export interface RunOptions {
  /** The words after `mpi`. */
  readonly argv: readonly string[];
  readonly streams: Streams;
  readonly env: Environment;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly cwd: string;
  readonly now?: () => Date;
  /** Milliseconds of a clock that never goes back, for progress. */
  readonly monotonic?: () => number;
  /** How long work may go on after an abort before its database is closed under it; default 10 seconds. */
  readonly graceMilliseconds?: number;
  /** The commands there are; tests bring some of their own. */
  readonly nouns?: readonly Noun[];
}

/** Runs one command line and says how it ended. The only catch-all: nothing is thrown. */
export async function run(options: RunOptions): Promise<ExitCode> {
  const { argv, streams, signal } = options;
  let context: OpenContext | undefined;
  try {
    requireText(argv);
    const env = readEnvironment(options.env, options.cwd);
    const act: Act =
      (action) =>
      async (...args) => {
        // commander appends the options and the command to the positional arguments.
        const command = args.at(-1) as Command;
        const config = resolveConfig(readGlobalFlags(command), env, options.cwd);
        context = createContext(
          {
            streams,
            env,
            cwd: options.cwd,
            signal,
            now: options.now ?? (() => new Date()),
            monotonic: options.monotonic ?? (() => performance.now()),
          },
          config,
          commandWords(command),
        );
        // Their types are what the command declared to commander.
        await (action as unknown as Action<unknown, unknown[]>)(
          context.context,
          command.opts(),
          ...args.slice(0, -2),
        );
      };
    const program = await createProgram(
      streams,
      act,
      { noun: findNoun(argv), verb: findVerb(argv) },
      options.nouns,
    );
    await unlessAborted(program.parseAsync(argv, { from: "user" }), signal, {
      graceMilliseconds: options.graceMilliseconds ?? 10_000,
      onWaiting: () => streams.stderr.write("Stopping after the current step; again stops at once.\n"),
    });
    return exitCodes.done;
  } catch (error) {
    const report = reportError(error, {
      debug: context?.context.config.debug ?? argv.includes("--debug"),
      json: ["json", "ndjson"].includes(context?.context.output.format ?? ""),
    });
    if (report.text !== "") streams.stderr.write(report.text);
    return report.exitCode;
  } finally {
    await context?.close().catch(() => undefined);
  }
}

/** What no database stores and no file is called, refused before anybody has to think of it. */
function requireText(argv: readonly string[]): void {
  if (!argv.some((argument) => argument.includes("\0") || /\p{Surrogate}/u.test(argument))) return;
  throw new MpiError("usage", "An argument holds a NUL character or half of a surrogate pair.", {
    hint: "It may come from a file in another encoding.",
  });
}

/**
 * Waits for work. After an abort it has a while to stop by itself, which keeps what it has committed in good order;
 * then it is given up.
 */
async function unlessAborted(
  work: Promise<unknown>,
  signal: AbortSignal,
  patience: { readonly graceMilliseconds: number; readonly onWaiting: () => void },
): Promise<void> {
  const timers: NodeJS.Timeout[] = [];
  const givenUp = new Promise<never>((_, reject) => {
    const startTimers = () => {
      timers.push(setTimeout(patience.onWaiting, Math.min(1000, patience.graceMilliseconds / 2)));
      timers.push(
        setTimeout(() => reject(new MpiError("cancelled", "Stopped.")), patience.graceMilliseconds),
      );
    };
    if (signal.aborted) startTimers();
    else signal.addEventListener("abort", startTimers, { once: true });
  });
  try {
    await Promise.race([work, givenUp]);
  } finally {
    timers.forEach(clearTimeout);
  }
}
