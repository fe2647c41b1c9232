import type { Readable, Writable } from "node:stream";

/** Where a command reads: the process's standard input, or a test's. */
export type InputStream = Readable & { readonly isTTY?: boolean | undefined };

/** Where a command writes: a terminal says so by `isTTY` and tells its width. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

/** The three streams of a process. stdout is data, stderr is conversation. */
export interface Streams {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** Environment variables, as a process or a test hands them over. */
export type Environment = Readonly<Record<string, string | undefined>>;
