import { spawn } from "node:child_process";
import { MpiError } from "../../lib/errors.ts";
import { runAs, type ServerUser } from "./server-user.ts";

export interface ProgramResult {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  /** Both streams, in the order they came. */
  readonly output: string;
}

/**
 * The environment of PostgreSQL's programs: nothing of the caller's but the path, so that neither PG* variables
 * nor a locale nor LD_LIBRARY_PATH change what they do, and English messages.
 */
export const programEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  LC_ALL: "C",
  TZ: "UTC",
});

/** A program that is there and yet cannot be run: no glibc, a disk mounted noexec, the wrong processor. */
export const cannotRun = (program: string, error: Error): MpiError =>
  new MpiError(
    "unavailable",
    `The embedded server's program ${program} does not run on this system (${"code" in error ? String(error.code) : error.name}).`,
    { hint: "It needs glibc and a disk that allows programs; or set DATABASE_URL to a server of your own." },
  );

/** Runs one of PostgreSQL's programs to its end. Stopping `signal` stops the program. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: {
    readonly user: ServerUser | undefined;
    readonly input?: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...runAs(options.user),
      // The working directory may be closed to the server's user.
      cwd: "/",
      env: programEnvironment(),
      stdio: ["pipe", "pipe", "pipe"],
      signal: options.signal,
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", (error) => {
      const cancelled = options.signal?.aborted === true;
      reject(cancelled ? new MpiError("cancelled", "Stopped.") : cannotRun(program, error));
    });
    child.once("close", (exitCode) => {
      resolve({ exitCode, output });
    });
    // A program that fails early closes its input; its exit code tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}
