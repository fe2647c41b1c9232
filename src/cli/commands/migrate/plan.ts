import type { Command } from "commander";
import { formatPlan, planMigrations, type PlannedStatement } from "../../../domain/migrate/migration-plan.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { findMigrationTarget } from "./migration-target.ts";

const columns: readonly Column<PlannedStatement>[] = [
  { key: "migration", header: "Migration", value: (row) => row.migration },
  { key: "statement", header: "Statement", align: "right", value: (row) => row.number },
  { key: "lock", header: "Lock", value: (row) => row.lock },
  { key: "tables", header: "Tables", value: (row) => row.tables.map(({ name }) => name) },
  { key: "rewrites", header: "Rewrites", value: (row) => row.rewrites },
  { key: "scans", header: "Reads all", value: (row) => row.scans },
  { key: "sql", header: "SQL", value: (row) => row.sql },
];

/** Registers `mpi migrate plan`. */
export function registerPlan(migrate: Command, act: Act): void {
  defineCommand(migrate, "plan", {
    summary: "the SQL of what is pending, with the locks it takes",
    description:
      "Prints the SQL that mpi migrate would run. Before each statement stands the lock it takes, the tables with their " +
      "size, and whether it reads or rewrites them whole. Changes nothing.",
    examples: [
      { command: "mpi migrate plan", does: "to read before a maintenance window" },
      { command: "mpi migrate plan --output json", does: "the same for a program" },
    ],
  }).action(act(plan));
}

async function plan(context: CommandContext): Promise<void> {
  const statements = await planMigrations(await findMigrationTarget(context));
  if (context.output.format === "table") {
    if (statements.length === 0) context.info("Nothing is pending.");
    else await context.output.raw(formatPlan(statements));
    return;
  }
  await context.output.list({
    columns,
    rows: statements,
    json: ({ number, ...row }) => ({ ...row, statement: number }),
  });
}
