import { statfsSync } from "node:fs";
import { totalmem } from "node:os";
import type { EmbeddedPaths } from "./paths.ts";

/** One line of the server's configuration and why it is there. */
export interface ServerSetting {
  readonly name: string;
  readonly value: string;
  readonly reason: string;
}

const mebibyte = 1024 * 1024;

/** Bytes that this process may count on: the machine's, or the container's where that is less. */
const availableMemory = (): number => {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
};

/** What the settings follow. */
export interface MachineSize {
  readonly memoryBytes: number;
  /** Free where the data lie. */
  readonly freeDiskBytes: number;
}

/** @param directory where the data lie, or will. */
export const measureMachine = (directory: string): MachineSize => {
  const { bavail, bsize } = statfsSync(directory);
  return { memoryBytes: availableMemory(), freeDiskBytes: bavail * bsize };
};

const share = (bytes: number, part: number, least: number, most: number) => {
  const mebibytes = Math.round((bytes * part) / mebibyte);
  return `${String(Math.min(Math.max(mebibytes, least), most))}MB`;
};

/**
 * The settings for a machine that the server shares with the matching itself. `alter system set` overrides all
 * of them; a start rewrites them, so that they follow the machine's memory.
 */
export const serverSettings = (machine: MachineSize): readonly ServerSetting[] => [
  {
    name: "shared_buffers",
    value: share(machine.memoryBytes, 1 / 8, 64, 4096),
    reason: "an eighth of the memory, at most 4 GB",
  },
  {
    name: "effective_cache_size",
    value: share(machine.memoryBytes, 1 / 2, 128, 1024 * 1024),
    reason: "what the system is likely to cache; no memory is taken",
  },
  {
    name: "work_mem",
    value: share(machine.memoryBytes, 1 / 256, 8, 64),
    reason: "blocking sorts and hashes many rows in few sessions",
  },
  {
    name: "maintenance_work_mem",
    value: share(machine.memoryBytes, 1 / 16, 64, 512),
    reason: "building trigram indexes and vacuum after an import",
  },
  {
    name: "max_wal_size",
    value: share(machine.freeDiskBytes, 1 / 4, 1024, 16384),
    reason:
      "a quarter of the free disk: after each checkpoint an import logs every index page it touches whole",
  },
  { name: "min_wal_size", value: "256MB", reason: "so that most runs reuse WAL files" },
  { name: "checkpoint_timeout", value: "30min", reason: "as max_wal_size" },
  {
    name: "wal_compression",
    value: "off",
    reason:
      "this build has pglz only: after a checkpoint it took an import a third of its time, for a fifth less log",
  },
  {
    name: "wal_init_zero",
    value: "off",
    reason:
      "a new WAL file is written once, not twice: a tenth of a first load; files are reused from then on",
  },
  { name: "random_page_cost", value: "1.1", reason: "solid-state disks" },
  { name: "jit", value: "off", reason: "costs more than it saves on queries this short" },
  {
    name: "client_connection_check_interval",
    value: "1s",
    reason: "the query of an mpi that was killed ends, and with it its locks",
  },
  { name: "fsync", value: "on", reason: "nothing committed is lost when the power fails" },
  { name: "dynamic_shared_memory_type", value: "posix", reason: "as initdb chooses" },
  { name: "timezone", value: "UTC", reason: "the same answers on every machine" },
  { name: "datestyle", value: "ISO, YMD", reason: "as timezone" },
  { name: "lc_messages", value: "C", reason: "mpi reads the server's messages when a start fails" },
  { name: "default_text_search_config", value: "pg_catalog.simple", reason: "names are not English prose" },
  { name: "log_timezone", value: "UTC", reason: "as timezone" },
  {
    name: "log_min_messages",
    value: "log",
    reason: "above ERROR: the messages of failed statements carry patients' data",
  },
  { name: "log_min_error_statement", value: "panic", reason: "as log_min_messages" },
  { name: "log_error_verbosity", value: "terse", reason: "a message's detail carries the key's value" },
  {
    name: "log_parameter_max_length",
    value: "0",
    reason: "should somebody log statements: without their values",
  },
  { name: "log_parameter_max_length_on_error", value: "0", reason: "as log_parameter_max_length" },
  { name: "log_checkpoints", value: "off", reason: "the log grows by starts, stops and failures only" },
];

/** PostgreSQL's quoting in configuration files. */
const quote = (value: string) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** The whole configuration file; `overrides` come last and so win. */
export function formatServerConfig(
  paths: EmbeddedPaths,
  machine: MachineSize,
  overrides: Readonly<Record<string, string>>,
): string {
  const settings = serverSettings(machine).map(
    ({ name, value, reason }) => `${name} = ${quote(value)}  # ${reason}`,
  );
  return [
    "# Written anew by every start of the embedded server: changes here are lost.",
    '# To change a setting for good: "alter system set NAME = VALUE", then restart.',
    `hba_file = ${quote(paths.accessFile)}`,
    ...settings,
    ...Object.entries(overrides).map(([name, value]) => `${name} = ${quote(value)}`),
    "",
  ].join("\n");
}

/** Who may log in, from where, how: everybody with a password, through the Unix socket, and nobody otherwise. */
export const accessRules = [
  "# Written anew by every start of the embedded server: changes here are lost.",
  "local  all  all  scram-sha-256",
  "",
].join("\n");

/**
 * What must not depend on a file that somebody may edit: no network address, and a socket that only the
 * server's user (and root) can open.
 */
export const fixedSettings = (socketDirectory: string): readonly string[] => [
  "-c",
  "listen_addresses=",
  "-c",
  `unix_socket_directories="${socketDirectory}"`,
  "-c",
  "unix_socket_permissions=0700",
];
