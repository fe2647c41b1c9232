import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { parseEnv } from "node:util";
import { MpiError } from "../lib/errors.ts";
import { outputFormats, type OutputFormat } from "./output/output.ts";
import type { Environment } from "./streams.ts";

/** What a command runs with, from flags, environment, configuration file and defaults, in this order. */
export interface Config {
  readonly output: OutputFormat;
  readonly user: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly home: string | undefined;
  readonly color: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
  /** The file that was read, if any. */
  readonly file: string | undefined;
  /** Settings of single commands, by their path in the file: `audit.allowUnloggedReads`. */
  readonly values: Readonly<Record<string, string | number | boolean>>;
  /** Who set them: a flag, a variable or a file; nothing for defaults. */
  readonly sources: Readonly<Record<string, string>>;
  /** Remarks that are no errors, such as a file that others can read. */
  readonly warnings: readonly string[];
}

/** What the global flags said; absent means not given. */
export interface ConfigFlags {
  readonly output?: string | undefined;
  readonly user?: string | undefined;
  readonly databaseUrl?: string | undefined;
  readonly config?: string | undefined;
  readonly color?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly debug?: boolean | undefined;
}

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

type Value = string | number | boolean;

/** The process's environment, completed by a `.env` file of the working directory. Set variables win. */
export function readEnvironment(env: Environment, cwd: string): Environment {
  const text = readOptional(path.join(cwd, ".env"));
  if (text === undefined) return env;
  const relevant = Object.entries(parseEnv(text)).filter(([name]) =>
    /^(?:MPI_|PG|DATABASE_URL$|NO_COLOR$)/.test(name),
  );
  return { ...Object.fromEntries(relevant), ...env };
}

/**
 * Reads the configuration; every mistake in it is reported at once.
 * @throws {MpiError} `usage`
 */
export function resolveConfig(flags: ConfigFlags, env: Environment, cwd: string): Config {
  const problems: string[] = [];
  const warnings: string[] = [];
  const file = readFile(flags.config ?? nonEmpty(env["MPI_CONFIG"]), env, cwd, problems, warnings);
  const values: Record<string, Value> = {};
  const sources: Record<string, string> = {};
  for (const setting of settings) {
    const take = (value: Value | undefined, source: string | undefined) => {
      if (value === undefined || source === undefined || values[setting.key] !== undefined) return;
      values[setting.key] = value;
      sources[setting.key] = source;
    };
    const variable = nonEmpty(env[setting.environment]);
    take(flags[setting.key as keyof ConfigFlags], setting.flag);
    if (variable !== undefined) {
      take(parseText(setting, variable, `${setting.environment}:`, problems), setting.environment);
    }
    take(file.values[setting.key], file.path);
  }
  if (problems.length > 0) {
    throw new MpiError(
      "usage",
      ["The configuration is not right:", ...problems.map((line) => `  ${line}`)].join("\n"),
      {
        hint: 'See "mpi help configuration".',
        details: { problems },
      },
    );
  }
  const text = (key: string) => values[key] as string | undefined;
  return {
    output: (text("output") as OutputFormat | undefined) ?? "table",
    user: text("user"),
    databaseUrl: text("databaseUrl"),
    home: text("home"),
    color: values["color"] !== false,
    quiet: values["quiet"] === true,
    debug: values["debug"] === true,
    file: file.path,
    values,
    sources,
    warnings,
  };
}

/** Where the configuration file is looked for when nobody names one. */
export function defaultConfigPath(env: Environment): string {
  const base = nonEmpty(env["XDG_CONFIG_HOME"]) ?? path.join(nonEmpty(env["HOME"]) ?? homedir(), ".config");
  return path.join(base, "mpi", "config.json");
}

const nonEmpty = (text: string | undefined) => (text === undefined || text === "" ? undefined : text);

function readOptional(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

interface FileValues {
  readonly path: string | undefined;
  readonly values: Readonly<Record<string, Value>>;
}

function readFile(
  named: string | undefined,
  env: Environment,
  cwd: string,
  problems: string[],
  warnings: string[],
): FileValues {
  const file = named === undefined ? defaultConfigPath(env) : path.resolve(cwd, named);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    if (named !== undefined || code !== "ENOENT") problems.push(`${file}: cannot be read (${code})`);
    return { path: undefined, values: {} };
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    problems.push(`${file}: is not valid JSON`);
    return { path: file, values: {} };
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    problems.push(`${file}: must hold one JSON object`);
    return { path: file, values: {} };
  }
  const values = readSettings(file, content, problems);
  if (/:[^/@\s]+@/.test(String(values["databaseUrl"] ?? "")) && isReadableByOthers(file)) {
    warnings.push(`${file} holds a password and others can read it: chmod 600 ${file}`);
  }
  return { path: file, values };
}

function readSettings(file: string, content: object, problems: string[]): Record<string, Value> {
  const values: Record<string, Value> = {};
  const visit = (node: object, prefix: string) => {
    for (const [name, value] of Object.entries(node) as [string, unknown][]) {
      const key = prefix + name;
      const setting = settings.find((candidate) => candidate.key === key);
      if (setting === undefined) {
        if (isSection(key) && typeof value === "object" && value !== null) visit(value, `${key}.`);
        else problems.push(`${file}: "${key}" is no setting`);
      } else if (typeof value === "string" && setting.type === "text") {
        if (checkChoice(setting, value, `${file}: "${key}"`, problems)) values[key] = value;
      } else if (typeof value === setting.type) values[key] = value as Value;
      else problems.push(`${file}: "${key}" must be a ${setting.type}`);
    }
  };
  visit(content, "");
  return values;
}

const isSection = (key: string) => settings.some((setting) => setting.key.startsWith(`${key}.`));

function parseText(setting: Setting, text: string, where: string, problems: string[]): Value | undefined {
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

function checkChoice(setting: Setting, value: string, where: string, problems: string[]): boolean {
  if (setting.choices === undefined || setting.choices.includes(value)) return true;
  problems.push(`${where} must be one of ${setting.choices.join(", ")}`);
  return false;
}

function isReadableByOthers(file: string): boolean {
  return process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0;
}
