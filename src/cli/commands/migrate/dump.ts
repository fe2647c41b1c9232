import type { Command } from "commander";
import { describeSchema } from "../../../domain/migrate/schema-drift.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { findMigrationTarget } from "./migration-target.ts";

/** Registers `mpi migrate dump`. */
export function registerDump(migrate: Command, act: Act): void {
  defineCommand(migrate, "dump", {
    summary: "the schema of the database as SQL",
    description:
      "Writes the schema as SQL from the catalogue, without data: the same text for the same schema on every version of " +
      "PostgreSQL. Needs no pg_dump.",
    examples: [{ command: "mpi migrate dump > schema.sql", does: "to be compared with another system's" }],
  }).action(act(dump));
}

async function dump(context: CommandContext): Promise<void> {
  await context.output.raw(await describeSchema(await findMigrationTarget(context)));
}
