import { CommanderError } from "commander";
import { DatabaseError, translateDatabaseError } from "../db/errors.ts";
import { MpiError } from "../lib/errors.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { OutputClosed } from "./output/writer.ts";
import { safeJson, safeText } from "./output/safe-text.ts";

/** What the process says and how it ends. `text` is for stderr and may be empty. */
export interface ErrorReport {
  readonly exitCode: ExitCode;
  readonly text: string;
}

export interface ReportOptions {
  /** Adds where in our code it happened; never what a driver said. */
  readonly debug: boolean;
  /** One JSON object in place of sentences, for `--output json` and `ndjson`. */
  readonly json: boolean;
}

/**
 * Turns anything that was thrown into a text that is safe to print and an exit code.
 *
 * Only errors of ours carry messages made for printing. Of every other error the message is withheld, because
 * drivers, the ORM and even JSON.parse quote the data they failed on; its name, its code and, with `--debug`,
 * the places in the code are all that is told.
 */
export function reportError(error: unknown, options: ReportOptions): ErrorReport {
  if (error instanceof OutputClosed) return { exitCode: exitCodes.done, text: "" };
  if (error instanceof CommanderError) return reportUsage(error);
  const known = isAbort(error)
    ? new MpiError("cancelled", "Stopped.")
    : // Of a query outside of any transaction: where one runs in one, it was translated there.
      isDriverError(error)
      ? translateDatabaseError(error)
      : error;
  const facts = known instanceof MpiError ? expectedFailure(known) : unexpectedFailure(known, options.debug);
  const text = options.json ? jsonText(facts) : plainText(facts);
  return { exitCode: facts.exitCode, text: options.debug ? text + places(error) : text };
}

/** An error of the server, or of a connection to it, however deep. */
const isDriverError = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === "PostgresError" ||
    /^CONNECT/.test(String((error as NodeJS.ErrnoException).code)) ||
    isDriverError(error.cause));

interface Facts {
  readonly code: keyof typeof exitCodes;
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
}

const expectedFailure = (error: MpiError): Facts => ({
  code: error.code,
  exitCode: exitCodes[error.code],
  message: error.message,
  hint: error.hint,
  details: error.details,
});

const unexpectedFailure = (error: unknown, debug: boolean): Facts => ({
  code: "bug",
  exitCode: exitCodes.bug,
  message: `Unexpected failure: ${whatHappened(error)}. This is a bug in mpi.`,
  hint: debug
    ? undefined
    : "Run the command again with --debug and report what it prints; no patient data is in it.",
  details: undefined,
});

const whatHappened = (error: unknown): string => {
  if (error instanceof DatabaseError) return error.message;
  if (!(error instanceof Error)) return "something that is not an error was thrown";
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  // Errors of the operating system name files, which never carry patient data.
  if (typeof code === "string" && typeof syscall === "string") {
    return path === undefined ? `${code} from ${syscall}` : `${code} from ${syscall} of ${safeText(path)}`;
  }
  const name = /^\w{1,60}$/.test(error.name) ? error.name : "Error";
  return typeof code === "string" && /^[A-Z0-9_]{2,60}$/.test(code) ? `${name} ${code}` : name;
};

/** commander has already written its own sentence; help and version are no failures. */
const reportUsage = (error: CommanderError): ErrorReport => ({
  exitCode: error.exitCode === 0 ? exitCodes.done : exitCodes.usage,
  text: "",
});

// inquirer throws ExitPromptError on Ctrl-C and AbortPromptError on a signal; the rest is Node's AbortError.
const isAbort = (error: unknown): boolean =>
  error instanceof Error && ["AbortError", "ExitPromptError", "AbortPromptError"].includes(error.name);

const plainText = (facts: Facts): string => {
  const lines = [`mpi: ${safeLines(facts.message)}`];
  if (facts.hint !== undefined) lines.push(safeLines(facts.hint));
  return `${lines.join("\n")}\n`;
};

const safeLines = (text: string): string => text.split("\n").map(safeText).join("\n");

const jsonText = ({ code, exitCode, message, hint, details }: Facts): string =>
  `${safeJson({ error: { code, exitCode, message, hint, details } })}\n`;

// A place in a file; a line of a message can hardly look like it.
const frame = /^ {4}at .*(?:file:|node:|\/)\S+:\d+:\d+\)?$/;

/** The frames of a stack without what comes before them, which repeats the message. */
const places = (error: unknown): string => {
  const lines: string[] = [];
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth += 1) {
    const stack = current.stack ?? "";
    const { message } = current;
    const frames = stack.slice(stack.indexOf(message) + message.length).split("\n");
    lines.push(
      `${depth === 0 ? "" : "caused by "}${/^\w{1,60}$/.test(current.name) ? current.name : "Error"}`,
    );
    lines.push(...frames.filter((line) => frame.test(line)).map(safeText));
    current = current.cause;
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
};
