import type { MpiErrorCode } from "../lib/errors.ts";

/** Exit codes are promises to scripts: the same everywhere, listed by `mpi help exit-codes`, never reused. */
export const exitCodes = {
  done: 0,
  bug: 1,
  usage: 2,
  "not-found": 3,
  conflict: 4,
  rejected: 5,
  unavailable: 6,
  "check-failed": 7,
  locked: 8,
  limit: 9,
  cancelled: 130,
} as const satisfies Record<MpiErrorCode | "done" | "bug", number>;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: "done; an empty list is success",
  bug: "unexpected failure: a bug of ours",
  usage: "wrong usage: flags, arguments, configuration or a file's layout",
  "not-found": "the record, run, merge or file named does not exist",
  conflict: "refused by a rule, or changed meanwhile",
  rejected: "some input data was rejected or quarantined",
  unavailable: "database unreachable, not permitted, or not migrated",
  "check-failed": "a check found something (verify, doctor, migrate status --check, --fail-on-review)",
  locked: "another run holds the lock",
  limit: "stopped by a limit (--max-runtime, --max-rejects, the link breaker)",
  cancelled: "stopped by Ctrl-C, SIGTERM, or a prompt answered with no",
};
