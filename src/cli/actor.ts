import { isIP } from "node:net";
import { userInfo } from "node:os";
import { MpiError } from "../lib/errors.ts";
import type { Config } from "./config.ts";
import { safeText } from "./output/safe-text.ts";
import type { Environment } from "./streams.ts";
import { getVersion } from "./version.ts";

/** Who acts, as the audit trail records it. */
export interface Actor {
  readonly user: string;
  readonly ipAddress: string | undefined;
  /** `mpi/0.1.0 patient merge` */
  readonly userAgent: string;
}

/**
 * @param command the command's words, without `mpi`.
 * @throws {MpiError} `usage` for a user that cannot be written down.
 */
export function resolveActor(config: Config, env: Environment, command: string): Actor {
  return {
    user: config.user === undefined ? operatingSystemUser(env) : checkUser(config.user),
    ipAddress: sshClientAddress(env),
    userAgent: `mpi/${getVersion()} ${command}`,
  };
}

/** The audit trail has room for 255 characters, and its readers should see all of them. */
function checkUser(user: string): string {
  if (user.trim() !== "" && user.length <= 255 && safeText(user) === user) return user;
  throw new MpiError("usage", "The acting user must be 1 to 255 visible characters.", {
    hint: "It comes from --user, MPI_USER or the configuration file.",
  });
}

/** Fails for a user number without a name, as in some containers; then the variable, then the number. */
function operatingSystemUser(env: Environment): string {
  try {
    return userInfo().username;
  } catch {
    return env["USER"] ?? `uid-${String(process.getuid?.() ?? "unknown")}`;
  }
}

/** sshd puts the client's address first in both variables; the database takes nothing that is no address. */
function sshClientAddress(env: Environment): string | undefined {
  // A link-local address names its interface, which means nothing elsewhere.
  const address = (env["SSH_CONNECTION"] ?? env["SSH_CLIENT"] ?? "").split(" ")[0]?.replace(/%.*$/, "") ?? "";
  return address === "" || isIP(address) === 0 ? undefined : address;
}
