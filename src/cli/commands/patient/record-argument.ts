import type { Command } from "commander";
import { parseRecordReference, type RecordReference } from "../../../domain/patient/resolve-record.ts";
import { MpiError } from "../../../lib/errors.ts";

export interface ReferenceFlags {
  /** System and value. */
  readonly identifier?: readonly string[];
}

/** Adds `--identifier SYSTEM VALUE`, the long way to name a record. */
export const withReference = (command: Command): Command =>
  command.option("--identifier <system-value...>", "name the record by SYSTEM VALUE instead");

/** The record that an argument or `--identifier` names. @throws {MpiError} `usage` */
export function readReference(argument: string | undefined, flags: ReferenceFlags): RecordReference {
  if (flags.identifier !== undefined) {
    const [system, value, ...rest] = flags.identifier;
    if (argument !== undefined || system === undefined || value === undefined || rest.length > 0) {
      throw new MpiError(
        "usage",
        "--identifier takes a system and a value, and stands instead of the record.",
      );
    }
    return { kind: "identifier", system, value };
  }
  if (argument === undefined) {
    throw new MpiError("usage", "Which record? Give its id, a prefix of it, CODE:value, or --identifier.");
  }
  return parseRecordReference(argument);
}
