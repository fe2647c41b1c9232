import type { ConnectionTarget } from "../../../db/client.ts";
import { describeTarget } from "../../../db/errors.ts";
import { resolveTarget } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";

/**
 * The server to migrate. Unlike `context.target()` it opens nothing, because the database may not be there yet,
 * and migrating has connections of its own.
 */
export async function findMigrationTarget(context: CommandContext): Promise<ConnectionTarget> {
  const target = await resolveTarget({
    config: context.config,
    env: context.env,
    signal: context.signal,
    isInteractive: context.prompt.isAvailable,
    info: (message) => context.info(message),
    warn: (message) => context.warn(message),
  });
  context.info(`Database: ${describeTarget(target)}`);
  return target;
}
