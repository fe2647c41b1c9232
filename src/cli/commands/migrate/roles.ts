import type { Command } from "commander";
import { describeRoles, makeRoles } from "../../../domain/migrate/roles.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { findMigrationTarget } from "./migration-target.ts";

interface RolesFlags {
  readonly prefix: string;
  readonly apply?: true;
}

interface StatementRow {
  readonly sql: string;
}

const columns: readonly Column<StatementRow>[] = [{ key: "sql", header: "SQL", value: (row) => row.sql }];

/** Registers `mpi migrate roles`. */
export function registerRoles(migrate: Command, act: Act): void {
  defineCommand(migrate, "roles", {
    summary: "least-privilege roles, as SQL or applied",
    description:
      "Prints the SQL that makes the roles mpi_owner, mpi_steward, mpi_matcher, mpi_auditor and mpi_reader and grants each " +
      "exactly what it needs; --apply runs it. Give logins by membership: grant mpi_steward to nurse_joy. Can be run " +
      "again at any time, and should be after a migration.",
    examples: [
      { command: "mpi migrate roles > roles.sql", does: "to be read, or run by an administrator" },
      { command: "mpi migrate roles --apply", does: "as a superuser, or as the owner with createrole" },
      { command: "mpi migrate roles --prefix test --apply", does: "where several indexes share a server" },
    ],
  })
    .option("--prefix <name>", "what the roles' names begin with", "mpi")
    .option("--apply", "run the statements instead of printing them")
    .action(act<RolesFlags>(roles));
}

async function roles(context: CommandContext, flags: RolesFlags): Promise<void> {
  const target = await findMigrationTarget(context);
  const isApplied = flags.apply === true;
  const statements = isApplied
    ? await makeRoles(target, {
        prefix: flags.prefix,
        user: context.actor().user,
        signal: context.signal,
      })
    : await describeRoles(target, flags.prefix);
  if (context.output.format === "table") {
    if (isApplied) context.info(`Applied ${String(statements.length)} statements.`);
    else await context.output.raw(statements.map((statement) => `${statement};\n`).join(""));
    return;
  }
  await context.output.list({
    columns,
    rows: statements.map((sql) => ({ sql })),
    meta: () => ({ applied: isApplied }),
  });
}
