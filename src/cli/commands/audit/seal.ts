import type { Command } from "commander";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { formatCount } from "../../progress.ts";

interface SealFlags {
  readonly head?: string;
  readonly dryRun?: true;
}

/** Registers `mpi audit seal`. */
export function registerSeal(audit: Command, act: Act): void {
  defineCommand(audit, "seal", {
    summary: "chain hashes over everything new",
    description:
      "Adds a link to the hash chain that covers every audit row of a transaction that is over and was not sealed yet. A " +
      "transaction that is open now is covered by the next seal. With --head the chain's head is appended to a file: keep " +
      "it where the database's administrator cannot write, because only with it can somebody be caught who computes the " +
      "whole chain again.",
    examples: [
      { command: "mpi audit seal --head /mnt/worm/mpi-heads", does: "seal, and keep the head elsewhere" },
      { command: "mpi audit seal --head - | mail -s seal auditor@example.org", does: "or send it away" },
    ],
  })
    .option("--head <file>", "append the head to this file, or - for standard output")
    .option("--dry-run", "say what would be sealed, and change nothing")
    .action(act<SealFlags>(seal));
}

async function seal(context: CommandContext, flags: SealFlags): Promise<void> {
  const { sealAudit } = await import("../../../domain/audit/seal-audit.ts");
  const db = await context.database();
  const isDryRun = flags.dryRun === true;
  const { made, last } = await sealAudit(db, context.audit("AUDIT_SEAL"), { dryRun: isDryRun });
  context.info(
    made.length === 0
      ? last === undefined
        ? "The audit trail is empty; there is nothing to seal."
        : `Nothing is new since seal ${String(last.id)}.`
      : `${isDryRun ? "Would seal" : "Sealed"} ${formatCount(made.reduce((sum, { rowCount }) => sum + Number(rowCount), 0))} rows.`,
  );
  if (flags.head === "-" && !isDryRun) {
    const { formatHead } = await import("../../../domain/audit/head-file.ts");
    if (last !== undefined) await context.output.raw(`${formatHead(last)}\n`);
    return;
  }
  if (flags.head !== undefined && !isDryRun) {
    const { keepHeads } = await import("../../../domain/audit/keep-heads.ts");
    const kept = await keepHeads(db, flags.head, context.cwd);
    context.info(`${String(kept)} heads added to ${flags.head}.`);
  }
  await context.output.record({
    fields: [
      { key: "seal", label: "Seal", value: last?.id },
      { key: "sealedAt", label: "Sealed at", value: last?.sealedAt },
      { key: "rows", label: "Rows", value: last === undefined ? null : Number(last.rowCount) },
      { key: "made", label: isDryRun ? "Links it would add" : "Links added", value: made.length },
      { key: "dryRun", label: "Dry run", value: isDryRun, text: isDryRun ? "yes" : "" },
      { key: "head", label: "Head", value: last?.head },
    ],
  });
}
