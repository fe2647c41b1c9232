import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import type { Environment } from "./streams.ts";

/** Which entry of the password file is wanted. */
export interface PasswordQuery {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** What the password file has to say: a password, or why the file was not used. */
export interface StoredPassword {
  readonly password?: string;
  readonly warning?: string;
}

const defaultSocketDirectories = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

/**
 * The password of PGPASSFILE or `~/.pgpass`: the first line `host:port:database:user:password` that fits, where `*`
 * fits anything and a backslash takes the meaning from `:` and `\`. As in libpq, a file that others can read is
 * not used.
 */
export function findPassword(query: PasswordQuery, env: Environment): StoredPassword | undefined {
  const file = passwordFile(env);
  let text: string;
  try {
    const status = statSync(file);
    if (!status.isFile()) return { warning: `${file} is not a plain file and was not used.` };
    if (process.platform !== "win32" && (status.mode & 0o077) !== 0) {
      return { warning: `${file} can be read by others and was not used: chmod 600 ${file}` };
    }
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const host =
    query.host.startsWith("/") && defaultSocketDirectories.includes(query.host) ? "localhost" : query.host;
  const wanted = [host, String(query.port), query.database, query.user];
  for (const line of text.split(/\r?\n/)) {
    if (line === "" || line.startsWith("#")) continue;
    const fields = splitEntry(line);
    if (fields.length < 5) continue;
    if (wanted.every((value, index) => fields[index] === "*" || unescape(fields[index] ?? "") === value)) {
      return { password: unescape(fields.slice(4).join(":")) };
    }
  }
  return undefined;
}

function passwordFile(env: Environment): string {
  const named = env["PGPASSFILE"] ?? "";
  if (named !== "") return named;
  const home = env["HOME"] ?? "";
  return process.platform === "win32"
    ? path.join(env["APPDATA"] ?? "", "postgresql", "pgpass.conf")
    : path.join(home === "" ? homedir() : home, ".pgpass");
}

const splitEntry = (line: string): readonly string[] => {
  const fields = [""];
  for (const part of line.match(/\\.|[^\\]|\\$/g) ?? []) {
    if (part === ":") fields.push("");
    else fields[fields.length - 1]! += part;
  }
  return fields;
};

const unescape = (field: string): string => field.replace(/\\(.)/g, "$1");
