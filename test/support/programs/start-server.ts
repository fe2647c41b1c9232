import { resolveEmbeddedPaths } from "../../../src/db/embedded/paths.ts";
import { startEmbedded } from "../../../src/db/embedded/start.ts";

/**
 * Starts the embedded server of MPI_HOME, says on stdout how that went, and ends. With an argument `hasty` it
 * leaves durability out.
 */
const settings = process.argv[2] === "hasty" ? { fsync: "off" } : {};
const { outcome, pid } = await startEmbedded(resolveEmbeddedPaths(process.env), { create: true, settings });
process.stdout.write(`${JSON.stringify({ outcome, pid })}\n`);
