import type { Command } from "commander";
import { planRollBack, rollBack, type DoomedTable } from "../../../domain/migrate/roll-back.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { section } from "../../output/output.ts";
import type { Column } from "../../output/column.ts";
import { requireReason, requireYes } from "../../prompt.ts";
import { findMigrationTarget } from "./migration-target.ts";

interface DownFlags {
  readonly to?: string;
  readonly yes?: true;
  readonly reason?: string;
  readonly dryRun?: true;
}

const tableColumns: readonly Column<DoomedTable>[] = [
  { key: "table", header: "Table", value: (row) => row.table },
  { key: "rows", header: "Rows", align: "right", value: (row) => row.rows },
];

/** Registers `mpi migrate down`. */
export function registerDown(migrate: Command, act: Act): void {
  defineCommand(migrate, "down", {
    summary: "take migrations back",
    description:
      "Takes migrations back, newest first, each in a transaction of its own. Tables that hold rows are dropped only with " +
      "--yes and --reason. Who did it and why stays in the table mpi_migration_events.",
    examples: [
      { command: "mpi migrate down --dry-run", does: "what taking back the newest would drop" },
      { command: "mpi migrate down --to 0003 --yes", does: "until 0003 is the last one applied" },
      {
        command: 'mpi migrate down --to none --yes --reason "test system, to be built anew"',
        does: "everything, with all rows",
      },
    ],
  })
    .option("--to <version>", "the migration that is to be the last one: its number, its name, or none")
    .option("--dry-run", "say what would be taken back and dropped, and change nothing")
    .option("--yes", "do not ask")
    .option("--reason <text>", "why; needed where rows are lost")
    .action(act<DownFlags>(down));
}

async function down(context: CommandContext, flags: DownFlags): Promise<void> {
  const target = await findMigrationTarget(context);
  const plan = await planRollBack(target, flags.to);
  const isDryRun = flags.dryRun === true;
  if (!isDryRun && plan.migrations.length > 0) {
    const what = `${String(plan.migrations.length)} migrations of ${target.database}`;
    const question =
      plan.rows === 0
        ? `Take back ${what}?`
        : `Take back ${what} and drop ${String(plan.rows)} rows of ${plan.filled.map(({ table }) => table).join(", ")}?`;
    await requireYes(context.prompt, flags.yes, question, plan.rows === 0 ? {} : { typed: target.database });
  }
  const reason =
    plan.rows > 0 && !isDryRun ? await requireReason(context.prompt, flags.reason) : flags.reason;
  const result = isDryRun
    ? { takenBack: plan.migrations, rowsDropped: plan.rows }
    : await rollBack(target, {
        user: context.actor().user,
        signal: context.signal,
        ...(flags.to === undefined ? {} : { to: flags.to }),
        ...(reason === undefined ? {} : { reason }),
        onMigration: (tag) => context.info(`Taking back ${tag} …`),
      });
  if (result.takenBack.length === 0) context.info("Nothing to take back.");
  await context.output.record({
    fields: [
      { key: "takenBack", label: isDryRun ? "Would take back" : "Taken back", value: result.takenBack },
      {
        key: "rowsDropped",
        label: isDryRun ? "Rows it would drop" : "Rows dropped",
        value: result.rowsDropped,
      },
    ],
    sections: [section("Tables with rows", tableColumns, plan.filled)],
    json: { dryRun: isDryRun, ...result, tables: plan.filled },
  });
}
