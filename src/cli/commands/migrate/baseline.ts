import type { Command } from "commander";
import { adoptSchema } from "../../../domain/migrate/schema-drift.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { findMigrationTarget } from "./migration-target.ts";

/** Registers `mpi migrate baseline`. */
export function registerBaseline(migrate: Command, act: Act): void {
  defineCommand(migrate, "baseline", {
    summary: "adopt a database that has the schema already",
    description:
      "Checks that the schema is what the migrations make, then records every migration as applied without running it. " +
      "For a database that was built from drizzle/schema.sql or restored without the record of migrations.",
    examples: [{ command: "mpi migrate baseline", does: "after restoring a backup of the schema alone" }],
  }).action(act(baseline));
}

async function baseline(context: CommandContext): Promise<void> {
  const target = await findMigrationTarget(context);
  const tags = await adoptSchema(target, { user: context.actor().user });
  await context.output.list({
    columns: [{ key: "migration", header: "Recorded as applied", value: (tag: string) => tag }],
    rows: tags,
  });
}
