import { userInfo } from "node:os";
import type { Config } from "./config.ts";
import type { Environment } from "./streams.ts";
import { getVersion } from "./version.ts";

/** Who acts, as the audit trail records it. */
export interface Actor {
  readonly user: string;
  readonly ipAddress: string | undefined;
  /** `mpi/0.1.0 patient merge` */
  readonly userAgent: string;
}

/** @param command the command's words, without `mpi`. */
export function resolveActor(config: Config, env: Environment, command: string): Actor {
  return {
    user: config.user ?? operatingSystemUser(env),
    ipAddress: sshClientAddress(env),
    userAgent: `mpi/${getVersion()} ${command}`,
  };
}

/** Fails for a user number without a name, as in some containers; then the variable, then the number. */
function operatingSystemUser(env: Environment): string {
  try {
    return userInfo().username;
  } catch {
    return env["USER"] ?? `uid-${String(process.getuid?.() ?? "unknown")}`;
  }
}

/** sshd puts the client's address first in both variables. */
function sshClientAddress(env: Environment): string | undefined {
  const address = (env["SSH_CONNECTION"] ?? env["SSH_CLIENT"] ?? "").split(" ")[0];
  return address === undefined || address === "" ? undefined : address;
}
