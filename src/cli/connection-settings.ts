import { readFileSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import path from "node:path";
import type { ConnectionTarget } from "../db/client.ts";
import { MpiError } from "../lib/errors.ts";
import { findPassword } from "./pgpass.ts";
import type { Environment } from "./streams.ts";

/** What one source says about a connection, in libpq's words. Absent means that the source is silent. */
interface Parameters {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly dbname?: string | undefined;
  readonly sslmode?: string | undefined;
  readonly passfile?: string | undefined;
  readonly service?: string | undefined;
}

/** The external server that flags, environment or configuration name, and who named it. */
export interface ExternalConnection {
  readonly target: ConnectionTarget;
  /** `--database-url`, `DATABASE_URL`, `PGHOST`, … for messages. */
  readonly source: string;
  readonly warnings: readonly string[];
}

const knownKeys = ["host", "port", "user", "password", "dbname", "sslmode", "passfile"] as const;
// Parameters of libpq that say nothing that we would do differently.
const ignoredKeys = new Set([
  "application_name",
  "connect_timeout",
  "hostaddr",
  "options",
  "client_encoding",
]);
const sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;

/**
 * The external server, if any is named by a URL, PGHOST, PGSERVICE or PGDATABASE. As in libpq, the URL counts
 * first, then the service file, then the PG* variables, then defaults, then the password file.
 *
 * @param url from `--database-url`, DATABASE_URL or the configuration file, in this order.
 * @throws {MpiError} `usage` where what is given cannot be understood; it repeats no part of a URL.
 */
export function resolveExternalConnection(
  url: { readonly value: string; readonly source: string } | undefined,
  env: Environment,
): ExternalConnection | undefined {
  const trigger = ["PGHOST", "PGSERVICE", "PGDATABASE"].find((name) => (env[name] ?? "") !== "");
  if (url === undefined && trigger === undefined) return undefined;
  const source = url?.source ?? trigger!;
  const fromUrl = url === undefined ? {} : parseDatabaseUrl(url.value, url.source);
  const service = fromUrl.service ?? nonEmpty(env["PGSERVICE"]);
  const fromService = service === undefined ? {} : readService(service, env);
  const fromEnvironment: Parameters = {
    host: nonEmpty(env["PGHOSTADDR"]) ?? nonEmpty(env["PGHOST"]),
    port: nonEmpty(env["PGPORT"]),
    user: nonEmpty(env["PGUSER"]),
    password: nonEmpty(env["PGPASSWORD"]),
    dbname: nonEmpty(env["PGDATABASE"]),
    sslmode: nonEmpty(env["PGSSLMODE"]),
  };
  const pick = (key: keyof Parameters) => fromUrl[key] ?? fromService[key] ?? fromEnvironment[key];
  const port = parsePort(pick("port") ?? "5432", source);
  const user = pick("user") ?? userInfo().username;
  const host = pick("host") ?? defaultHost(port);
  const database = pick("dbname") ?? user;
  const sslMode = parseSslMode(pick("sslmode"), source);
  const passwordFile = pick("passfile");
  const passwordEnvironment = passwordFile === undefined ? env : { ...env, PGPASSFILE: passwordFile };
  const stored = pick("password") ?? findPassword({ host, port, database, user }, passwordEnvironment);
  const password = typeof stored === "string" ? stored : stored?.password;
  const warnings = typeof stored === "object" && stored.warning !== undefined ? [stored.warning] : [];
  return {
    target: {
      host,
      port,
      user,
      database,
      ...(password === undefined ? {} : { password }),
      ...(sslMode === undefined ? {} : { sslMode }),
    },
    source,
    warnings,
  };
}

/** Understands `postgres://user:password@host:port/database?sslmode=…`; host may be a socket's directory. */
function parseDatabaseUrl(text: string, source: string): Parameters {
  const wrong = (what: string) =>
    new MpiError("usage", `${source}: ${what}.`, {
      hint: "It looks like postgres://user@host:5432/database; a password is better kept in ~/.pgpass.",
    });
  let url: URL;
  try {
    // URL wants a host; libpq allows none: postgres:///database?host=/run/postgresql
    url = new URL(
      text.replace(/^postgres(?:ql)?:\/\/([^/?@]*@)?(?=[/?]|$)/, "postgres://$1localhost.invalid"),
    );
  } catch {
    throw wrong(
      text.includes(",") ? "several hosts in one URL are not supported" : "this is no PostgreSQL URL",
    );
  }
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:")
    throw wrong("this is no PostgreSQL URL");
  const decode = (part: string) => {
    try {
      return nonEmpty(decodeURIComponent(part));
    } catch {
      throw wrong("it has a % that is not followed by two hexadecimal digits");
    }
  };
  const query: Record<string, string> = {};
  for (const [key, value] of url.searchParams) {
    if (key === "service" || knownKeys.some((known) => known === key)) query[key] = value;
    else if (!ignoredKeys.has(key) && !key.startsWith("ssl"))
      throw wrong(`the parameter "${key}" is not known`);
  }
  const host = url.hostname === "localhost.invalid" ? undefined : decode(url.hostname);
  return {
    host: host?.replace(/^\[(.*)\]$/, "$1"),
    port: nonEmpty(url.port),
    user: decode(url.username),
    password: decode(url.password),
    dbname: decode(url.pathname.slice(1)),
    ...query,
  };
}

/** A section of the connection service file: PGSERVICEFILE, ~/.pg_service.conf, then PGSYSCONFDIR's. */
function readService(name: string, env: Environment): Parameters {
  const files = [
    nonEmpty(env["PGSERVICEFILE"]) ?? path.join(nonEmpty(env["HOME"]) ?? homedir(), ".pg_service.conf"),
    path.join(nonEmpty(env["PGSYSCONFDIR"]) ?? "/etc/postgresql-common", "pg_service.conf"),
  ];
  for (const file of files) {
    const found = readServiceSection(file, name);
    if (found !== undefined) return found;
  }
  throw new MpiError("usage", `The connection service "${name}" is in no service file.`, {
    hint: `Looked in ${files.join(" and ")}.`,
  });
}

function readServiceSection(file: string, name: string): Parameters | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  let section: Record<string, string> | undefined;
  let current: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const heading = /^\[(.*)\]$/.exec(trimmed);
    if (heading !== null) {
      current = heading[1];
      if (current === name) section ??= {};
      continue;
    }
    const separator = trimmed.indexOf("=");
    if (current === name && section !== undefined && separator > 0) {
      section[trimmed.slice(0, separator).trim()] = trimmed.slice(separator + 1).trim();
    }
  }
  return section;
}

/** libpq's default: the socket where the server is likely to have put it, else the loopback. */
function defaultHost(port: number): string {
  const directories = ["/var/run/postgresql", "/tmp"];
  const found = directories.find(
    (directory) =>
      statSync(path.join(directory, `.s.PGSQL.${String(port)}`), { throwIfNoEntry: false }) !== undefined,
  );
  return found ?? "localhost";
}

function parsePort(text: string, source: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new MpiError("usage", `${source}: the port must be a number from 1 to 65535.`);
}

function parseSslMode(text: string | undefined, source: string): ConnectionTarget["sslMode"] {
  if (text === undefined) return undefined;
  const mode = sslModes.find((known) => known === text);
  if (mode === undefined)
    throw new MpiError("usage", `${source}: sslmode must be one of ${sslModes.join(", ")}.`);
  return mode === "allow" ? "prefer" : mode;
}

const nonEmpty = (text: string | undefined) => (text === undefined || text === "" ? undefined : text);
