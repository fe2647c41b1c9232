import { setTimeout as pause } from "node:timers/promises";
import type { ConnectionTarget, Database, DatabaseHandle } from "../db/client.ts";
import type { AuditContext } from "../db/transaction.ts";
import { resolveActor, type Actor } from "./actor.ts";
import type { Config } from "./config.ts";
import { connect } from "./connect.ts";
import { Output } from "./output/output.ts";
import { safeText } from "./output/safe-text.ts";
import { createStyle, wantsColour, type Style } from "./output/style.ts";
import { createProgress, type Progress, type ProgressOptions } from "./progress.ts";
import { createPrompt, type Prompt } from "./prompt.ts";
import type { Environment, Streams } from "./streams.ts";

/** What an action gets: everything from outside comes in through here. */
export interface CommandContext {
  /** The process's environment and `.env`. */
  readonly env: Environment;
  readonly cwd: string;
  readonly streams: Streams;
  /** Aborted by Ctrl-C and SIGTERM. Long work looks at it and stops cleanly. */
  readonly signal: AbortSignal;
  readonly config: Config;
  /** The command's words, without `mpi`: `patient merge`. */
  readonly command: string;
  readonly output: Output;
  /** Colours for messages on stderr. */
  readonly style: Style;
  readonly prompt: Prompt;
  now(): Date;
  /** Opened on first use, closed when the command ends. */
  database(): Promise<Database>;
  /** The server that `database()` speaks to, for COPY streams, which need a connection of their own. */
  target(): Promise<ConnectionTarget>;
  actor(): Actor;
  /** What the triggers write beside every change: the actor, the operation's name and the reason. */
  audit(operation: string, reason?: string): AuditContext;
  progress(options: ProgressOptions): Promise<Progress>;
  /** A remark on stderr; `--quiet` leaves it out. */
  info(message: string): void;
  /** Something the user should know, also with `--quiet`. */
  warn(message: string): void;
}

export interface ContextParts {
  readonly streams: Streams;
  readonly env: Environment;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly monotonic: () => number;
}

/** A context and the means to end it. */
export interface OpenContext {
  readonly context: CommandContext;
  close(): Promise<void>;
}

export function createContext(parts: ContextParts, config: Config, command: string): OpenContext {
  const { streams, env, signal } = parts;
  const style = createStyle(wantsColour(streams.stderr, env, config.color));
  const say = (message: string) => {
    streams.stderr.write(`${message.split("\n").map(safeText).join("\n")}\n`);
  };
  const info = (message: string) => {
    if (!config.quiet) say(message);
  };
  const warn = (message: string) => say(`Warning: ${message}`);
  const actor = () => resolveActor(config, env, command);
  const isInteractive = streams.stdin.isTTY === true && streams.stderr.isTTY === true;

  // The promise is kept, not the handle: two callers at once must share one pool.
  let opening: Promise<DatabaseHandle> | undefined;
  const open = () =>
    (opening ??= connect({ config, env, signal, isInteractive, info, warn }, `mpi ${command}`));

  config.warnings.forEach(warn);
  return {
    context: {
      env,
      cwd: parts.cwd,
      streams,
      signal,
      config,
      command,
      output: new Output(streams.stdout, { format: config.output, color: config.color, env, say: info }),
      style,
      prompt: createPrompt(streams, signal),
      now: parts.now,
      database: async () => (await open()).db,
      target: async () => (await open()).target,
      actor,
      audit: (operation, reason) => ({ ...actor(), operation, reason }),
      progress: (options) =>
        createProgress(streams.stderr, options, { quiet: config.quiet, monotonic: parts.monotonic }),
      info,
      warn,
    },
    close: async () => {
      if (opening === undefined) return;
      const closed = opening.then(
        (handle) => handle.close(),
        () => undefined,
      );
      // Who pressed Ctrl-C does not wait for a server that does not answer.
      await (signal.aborted ? Promise.race([closed, pause(1000)]) : closed);
    },
  };
}
