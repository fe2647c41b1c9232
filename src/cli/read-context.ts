import path from "node:path";
import type { ReadContext } from "../domain/audit/record-read.ts";
import { loadTermKey, type TermKey } from "../domain/audit/term-key.ts";
import { defaultConfigPath } from "./config-file.ts";
import { resolveExternalConnection } from "./connection-settings.ts";
import type { CommandContext } from "./context.ts";

/**
 * What a command that shows patients reads under: the acting user, the key for search terms, and whether the site
 * allows reads that cannot be recorded.
 *
 * @throws {MpiError} `usage` where the audit key is not right.
 */
export async function readContext(
  context: CommandContext,
  operation: string,
  reason?: string,
): Promise<ReadContext> {
  let isSaid = false;
  const sayOnce = () => {
    if (!isSaid)
      context.warn("This read could not be written to the audit trail; the configuration allows it.");
    isSaid = true;
  };
  const isAllowed = context.config.values["audit.allowUnloggedReads"] === true;
  return {
    ...context.audit(operation, reason),
    termKey: await readTermKey(context),
    ...(isAllowed ? { onUnrecorded: sayOnce } : {}),
  };
}

/**
 * The key for search terms: MPI_AUDIT_KEY, else the configured file, else `audit-key` beside the embedded server
 * (made on first use), else `audit-key` beside the configuration, where an administrator has put one.
 */
export async function readTermKey({ config, env }: CommandContext): Promise<TermKey | undefined> {
  const file = config.values["audit.keyFile"];
  const url =
    config.databaseUrl === undefined ? undefined : { value: config.databaseUrl, source: "the configuration" };
  const isExternal = resolveExternalConnection(url, env) !== undefined;
  const { resolveEmbeddedPaths } = await import("../db/embedded/paths.ts");
  const directory = isExternal
    ? path.dirname(defaultConfigPath(env))
    : resolveEmbeddedPaths(config.home === undefined ? env : { ...env, MPI_HOME: config.home }).home;
  return loadTermKey({
    secret: env["MPI_AUDIT_KEY"],
    file: typeof file === "string" ? file : undefined,
    defaultFile: { path: path.join(directory, "audit-key"), create: !isExternal },
  });
}
