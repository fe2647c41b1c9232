import type { Command } from "commander";
import { getMigrationStatus, type MigrationState } from "../../../domain/migrate/migration-status.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { findMigrationTarget } from "./migration-target.ts";

interface StatusFlags {
  readonly check?: true;
}

const meanings: Readonly<Record<MigrationState["state"], string>> = {
  applied: "applied",
  pending: "pending",
  edited: "applied, but its file was edited since",
  missing: "applied, but unknown to this program",
  gap: "not applied, although a later one is",
};

const columns: readonly Column<MigrationState>[] = [
  { key: "migration", header: "Migration", value: (row) => row.tag },
  { key: "state", header: "State", value: (row) => row.state, text: (row) => meanings[row.state] },
  { key: "appliedAt", header: "Applied", value: (row) => row.applied?.appliedAt },
  { key: "appliedBy", header: "By", value: (row) => row.applied?.appliedBy },
  { key: "version", header: "Version", value: (row) => row.applied?.version },
  { key: "duration", header: "Milliseconds", align: "right", value: (row) => row.applied?.duration },
];

/** Registers `mpi migrate status`. */
export function registerStatus(migrate: Command, act: Act): void {
  defineCommand(migrate, "status", {
    summary: "which migrations are applied",
    description:
      "Lists every migration that this program or the database knows, and what became of it. Changes nothing.",
    examples: [
      { command: "mpi migrate status", does: "who applied what, when" },
      { command: "mpi migrate status --check", does: "exit code 7 unless the database is up to date" },
    ],
  })
    .option("--check", "end with exit code 7 where anything is pending or wrong")
    .action(act<StatusFlags>(status));
}

async function status(context: CommandContext, flags: StatusFlags): Promise<void> {
  const { migrations, isCurrent } = await getMigrationStatus(await findMigrationTarget(context));
  await context.output.list({ columns, rows: migrations, meta: () => ({ isCurrent }) });
  if (flags.check !== true || isCurrent) return;
  const count = migrations.filter(({ state }) => state !== "applied").length;
  throw new MpiError(
    "check-failed",
    `${String(count)} of ${String(migrations.length)} migrations are not as they should be.`,
    {
      hint: 'Run "mpi migrate plan", then "mpi migrate".',
    },
  );
}
