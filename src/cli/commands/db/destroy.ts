import type { Command } from "commander";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { requireYes } from "../../prompt.ts";
import { findEmbeddedPaths } from "./embedded-paths.ts";

interface DestroyFlags {
  readonly yes?: true;
  readonly dryRun?: true;
}

const inMegabytes = (bytes: number) => `${Math.ceil(bytes / 1_000_000)} MB`;

/** Registers `mpi db destroy`. */
export function registerDestroy(db: Command, act: Act): void {
  defineCommand(db, "destroy", {
    summary: "remove the embedded server with all its data",
    description:
      "Stops the embedded server and removes its data, password and logs, for good: there is no undo and no backup. What " +
      "else lies in MPI_HOME stays. An external server is never touched.",
    examples: [
      { command: "mpi db destroy --dry-run", does: "what would go" },
      { command: "mpi db destroy --yes", does: "without asking, for scripts" },
    ],
  })
    .option("--yes", "do not ask")
    .option("--dry-run", "say what would be removed, and change nothing")
    .action(act<DestroyFlags>(destroy));
}

async function destroy(context: CommandContext, flags: DestroyFlags): Promise<void> {
  const { destroyEmbedded, planDestruction } = await import("../../../db/embedded/destroy.ts");
  const paths = findEmbeddedPaths(context);
  const plan = planDestruction(paths);
  const isDryRun = flags.dryRun === true;
  if (!isDryRun && plan.state !== "absent") {
    const question = `Remove the embedded database in ${plan.directory} (${inMegabytes(plan.bytes)}) for good?`;
    await requireYes(context.prompt, flags.yes, question, { typed: "destroy" });
  }
  const { outcome } = isDryRun
    ? { outcome: plan.state === "absent" ? "absent" : "would-destroy" }
    : await destroyEmbedded(paths, { signal: context.signal });
  const done = outcome === "absent" ? "there is none" : isDryRun ? "would be removed" : "removed";
  await context.output.record({
    fields: [
      { key: "outcome", label: "Server", value: outcome, text: done },
      { key: "directory", label: "Directory", value: plan.directory },
      { key: "bytes", label: "Size", value: plan.bytes, text: inMegabytes(plan.bytes) },
    ],
    json: { dryRun: isDryRun, outcome, directory: plan.directory, bytes: plan.bytes, state: plan.state },
  });
}
