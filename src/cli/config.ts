import { readFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { MpiError } from "../lib/errors.ts";
import { readConfigFile } from "./config-file.ts";
import type { OutputFormat } from "./output/output.ts";
import { parseSetting, settings, type SettingValue } from "./settings.ts";
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
  readonly values: Readonly<Record<string, SettingValue>>;
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
  const file = readConfigFile(flags.config ?? nonEmpty(env["MPI_CONFIG"]), env, cwd, problems, warnings);
  const values: Record<string, SettingValue> = {};
  const sources: Record<string, string> = {};
  for (const setting of settings) {
    const take = (value: SettingValue | undefined, source: string | undefined) => {
      if (value === undefined || source === undefined || values[setting.key] !== undefined) return;
      values[setting.key] = value;
      sources[setting.key] = source;
    };
    const variable = nonEmpty(env[setting.environment]);
    take(flags[setting.key as keyof ConfigFlags], setting.flag);
    if (variable !== undefined) {
      take(parseSetting(setting, variable, `${setting.environment}:`, problems), setting.environment);
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

const nonEmpty = (text: string | undefined) => (text === undefined || text === "" ? undefined : text);

function readOptional(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
