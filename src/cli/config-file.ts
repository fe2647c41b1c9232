import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { checkChoice, settings, type SettingValue } from "./settings.ts";
import type { Environment } from "./streams.ts";

/** What a configuration file says. */
export interface FileValues {
  readonly path: string | undefined;
  readonly values: Readonly<Record<string, SettingValue>>;
}

/**
 * Reads the configuration file: the one that is named, which must be there, or the default one, which may be absent.
 * Adds to `problems` and `warnings`.
 */
export function readConfigFile(
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

function readSettings(file: string, content: object, problems: string[]): Record<string, SettingValue> {
  const values: Record<string, SettingValue> = {};
  const visit = (node: object, prefix: string) => {
    for (const [name, value] of Object.entries(node) as [string, unknown][]) {
      const key = prefix + name;
      const setting = settings.find((candidate) => candidate.key === key);
      if (setting === undefined) {
        if (isSection(key) && typeof value === "object" && value !== null) visit(value, `${key}.`);
        else problems.push(`${file}: "${key}" is no setting`);
      } else if (typeof value === "string" && setting.type === "text") {
        if (checkChoice(setting, value, `${file}: "${key}"`, problems)) values[key] = value;
      } else if (typeof value === setting.type) values[key] = value as SettingValue;
      else problems.push(`${file}: "${key}" must be a ${setting.type}`);
    }
  };
  visit(content, "");
  return values;
}

const isSection = (key: string) => settings.some((setting) => setting.key.startsWith(`${key}.`));

/** Where the configuration file is looked for when nobody names one. */
export function defaultConfigPath(env: Environment): string {
  const home = env["HOME"] ?? "";
  const configHome = env["XDG_CONFIG_HOME"] ?? "";
  const base = configHome === "" ? path.join(home === "" ? homedir() : home, ".config") : configHome;
  return path.join(base, "mpi", "config.json");
}

function isReadableByOthers(file: string): boolean {
  return process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0;
}
