import { PassThrough, Writable } from "node:stream";
import { run } from "../../src/cli/run.ts";
import type { Noun } from "../../src/cli/program.ts";
import type { Environment } from "../../src/cli/streams.ts";

export interface CliOptions {
  /** Nothing else is in the environment: what a test does not set is not there. */
  readonly env?: Environment;
  /** Sets DATABASE_URL. */
  readonly database?: string;
  /** All three streams are terminals, 100 cells wide; else pipes. */
  readonly tty?: boolean;
  readonly columns?: number;
  /** What is typed or piped in. */
  readonly stdin?: string;
  readonly cwd?: string;
  readonly now?: Date;
  readonly signal?: AbortSignal;
  readonly graceMilliseconds?: number;
  /** Commands in place of the program's, for tests of the frame itself. */
  readonly nouns?: readonly Noun[];
}

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Collects what is written to it, as a terminal or as a pipe. */
export class CapturedStream extends Writable {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly #chunks: Buffer[] = [];

  constructor(options: { readonly tty: boolean; readonly columns?: number }) {
    super();
    this.isTTY = options.tty;
    this.columns = options.tty ? (options.columns ?? 100) : undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

/** Runs one command line in this process, from its words to its exit code, with captured streams. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const tty = options.tty ?? false;
  const columns = options.columns === undefined ? {} : { columns: options.columns };
  const stdin = Object.assign(new PassThrough(), { isTTY: tty });
  if (options.stdin !== undefined || !tty) stdin.end(options.stdin ?? "");
  const stdout = new CapturedStream({ tty, ...columns });
  const stderr = new CapturedStream({ tty, ...columns });
  const { now, nouns, graceMilliseconds } = options;
  const exitCode = await run({
    argv,
    streams: { stdin, stdout, stderr },
    env: {
      MPI_USER: "tester",
      // No test may meet the configuration, the password file or the database of whoever runs it.
      HOME: "/nonexistent",
      XDG_CONFIG_HOME: "/nonexistent",
      MPI_HOME: "/nonexistent/mpi",
      ...(options.database === undefined ? {} : { DATABASE_URL: options.database }),
      ...options.env,
    },
    signal: options.signal ?? new AbortController().signal,
    cwd: options.cwd ?? "/",
    ...(now === undefined ? {} : { now: () => now }),
    ...(nouns === undefined ? {} : { nouns }),
    ...(graceMilliseconds === undefined ? {} : { graceMilliseconds }),
  });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}
