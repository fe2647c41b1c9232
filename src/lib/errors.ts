/**
 * The kinds of failure the tool knows. Each has one exit code (see cli/report-error.ts); anything
 * else that is thrown is a bug of ours and exits 1.
 */
export type MpiErrorCode =
  /** Wrong flags, arguments, configuration or model file. Exit 2. */
  | "usage"
  /** The record, run, merge or file named does not exist. Exit 3. */
  | "not-found"
  /** Refused by a rule, or changed meanwhile. Exit 4. */
  | "conflict"
  /** Some input data was rejected or quarantined. Exit 5. */
  | "rejected"
  /** Database unreachable, not permitted, or not migrated. Exit 6. */
  | "unavailable"
  /** A check found something. Exit 7. */
  | "check-failed"
  /** Another run holds the lock. Exit 8. */
  | "locked"
  /** A limit of this run was reached. Exit 9. */
  | "limit"
  /** Ctrl-C, SIGTERM, or a prompt answered with no. Exit 130. */
  | "cancelled";

export interface MpiErrorOptions {
  /** What to do next, one sentence. */
  readonly hint?: string;
  /**
   * Machine-readable facts for `--output json`: ids, counts, names of fields. Never a patient's value.
   */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * An expected failure. `message` is printed as it stands, so it carries ids, counts, flags, file names
 * and line numbers, and never a name, a date of birth, an address or an identifier's value.
 */
export class MpiError extends Error {
  override readonly name = "MpiError";
  readonly code: MpiErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: MpiErrorCode, message: string, options: MpiErrorOptions = {}) {
    super(message);
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
  }
}
