import { resolveEmbeddedPaths, type EmbeddedPaths } from "../../../db/embedded/paths.ts";
import { embeddedEnvironment } from "../../connect.ts";
import { resolveExternalConnection } from "../../connection-settings.ts";
import type { CommandContext } from "../../context.ts";

/** The embedded server that this context's home means. */
export const findEmbeddedPaths = (context: CommandContext): EmbeddedPaths =>
  resolveEmbeddedPaths(embeddedEnvironment(context.config, context.env));

/** Says so where the other commands would work on another server than the one that `mpi db` manages. */
export function warnOfExternalServer(context: CommandContext): void {
  const { databaseUrl, sources } = context.config;
  const url =
    databaseUrl === undefined
      ? undefined
      : { value: databaseUrl, source: sources["databaseUrl"] ?? "the database URL" };
  const external = resolveExternalConnection(url, context.env);
  if (external === undefined) return;
  context.warn(`${external.source} names another server; other commands use that one, not the embedded one.`);
}
