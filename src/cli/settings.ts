import { outputFormats } from "./output/output.ts";

/** A setting's value, as the environment, the file and the flags give it. */
export type SettingValue = string | number | boolean;

/** One setting, and the names it goes by. `mpi help configuration` prints this table. */
export interface Setting {
  /** Its path in the configuration file. */
  readonly key: string;
  readonly environment: string;
  readonly flag?: string;
  readonly type: "text" | "boolean" | "number";
  readonly choices?: readonly string[];
  readonly description: string;
  readonly fallback?: string;
}

export const settings: readonly Setting[] = [
  {
    key: "databaseUrl",
    environment: "DATABASE_URL",
    flag: "--database-url",
    type: "text",
    description: "external PostgreSQL server, 15 to 18; the PG* variables and ~/.pgpass are read too",
  },
  {
    key: "user",
    environment: "MPI_USER",
    flag: "--user",
    type: "text",
    description: "who acts, as the audit trail records it",
    fallback: "the operating system's user",
  },
  {
    key: "output",
    environment: "MPI_OUTPUT",
    flag: "--output",
    type: "text",
    choices: outputFormats,
    description: "format of the result",
    fallback: "table",
  },
  {
    key: "home",
    environment: "MPI_HOME",
    type: "text",
    description: "directory of the embedded server",
    fallback: "the XDG data directory, or /var/lib/mpi for root",
  },
  {
    key: "quiet",
    environment: "MPI_QUIET",
    flag: "--quiet",
    type: "boolean",
    description: "no progress and no remarks on stderr",
    fallback: "false",
  },
  {
    key: "color",
    environment: "MPI_COLOR",
    flag: "--no-color",
    type: "boolean",
    description: "colours on a terminal; NO_COLOR turns them off as well",
    fallback: "true",
  },
  {
    key: "debug",
    environment: "MPI_DEBUG",
    flag: "--debug",
    type: "boolean",
    description: "with an unexpected failure, say where in the program it happened",
    fallback: "false",
  },
  {
    key: "model",
    environment: "MPI_MODEL",
    flag: "--model",
    type: "text",
    description:
      "file of the matching model, or built-in; for the commands below mpi match, patient add and demo",
    fallback: "built-in",
  },
  {
    key: "audit.allowUnloggedReads",
    environment: "MPI_AUDIT_ALLOW_UNLOGGED_READS",
    type: "boolean",
    description: "allow reads of patient data whose audit row cannot be written (a standby)",
    fallback: "false",
  },
  {
    key: "audit.keyFile",
    environment: "MPI_AUDIT_KEY_FILE",
    type: "text",
    description: "file with the key that search terms are hashed with (MPI_AUDIT_KEY carries the key itself)",
  },
];

/** A variable's text as the setting's value; undefined and one more problem where it is none. */
export function parseSetting(
  setting: Setting,
  text: string,
  where: string,
  problems: string[],
): SettingValue | undefined {
  if (setting.type === "text") return checkChoice(setting, text, where, problems) ? text : undefined;
  if (setting.type === "number") {
    const number = Number(text);
    if (Number.isFinite(number)) return number;
    problems.push(`${where} must be a number`);
    return undefined;
  }
  if (["1", "true", "yes", "on"].includes(text.toLowerCase())) return true;
  if (["0", "false", "no", "off"].includes(text.toLowerCase())) return false;
  problems.push(`${where} must be true or false`);
  return undefined;
}

/** True where the value is among the setting's choices; else one more problem. */
export function checkChoice(setting: Setting, value: string, where: string, problems: string[]): boolean {
  if (setting.choices === undefined || setting.choices.includes(value)) return true;
  problems.push(`${where} must be one of ${setting.choices.join(", ")}`);
  return false;
}
