import type { Command } from "commander";
import { findDrift, type Drift } from "../../../domain/migrate/schema-drift.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { findMigrationTarget } from "./migration-target.ts";

const columns: readonly Column<Drift>[] = [
  { key: "problem", header: "Problem", value: (row) => row.problem },
  { key: "kind", header: "Kind", value: (row) => row.kind },
  { key: "name", header: "Name", value: (row) => row.name },
  {
    key: "expected",
    header: "Should be",
    value: (row) => row.expected,
    text: (row) => tellApart(row.expected, row.actual),
  },
  {
    key: "actual",
    header: "Is",
    value: (row) => row.actual,
    text: (row) => tellApart(row.actual, row.expected),
  },
];

/** The first line that is not in the other definition: bodies of functions would fill screens; JSON has them whole. */
function tellApart(definition: string | undefined, other: string | undefined): string {
  const lines = definition?.split("\n") ?? [];
  const others = other?.split("\n") ?? [];
  const at = lines.findIndex((line, index) => line !== others[index]);
  const line = (lines[at] ?? lines[0] ?? "").trim();
  const numbered = at > 0 ? `line ${String(at + 1)}: ${line}` : line;
  return numbered.length > 100 ? `${numbered.slice(0, 99)}…` : numbered;
}

/** Registers `mpi migrate verify`. */
export function registerVerify(migrate: Command, act: Act): void {
  defineCommand(migrate, "verify", {
    summary: "compare the database with the schema it should have",
    description:
      "Compares tables, columns, constraints, indexes, functions, triggers and the protection of the audit trail's " +
      "partitions with what the migrations make. Ends with exit code 7 where anything is missing, extra or altered.",
    examples: [
      { command: "mpi migrate verify", does: "after a restore, or every night" },
      { command: "mpi migrate verify --output json", does: "with every definition whole" },
    ],
  }).action(act(verify));
}

async function verify(context: CommandContext): Promise<void> {
  const drift = await findDrift(await findMigrationTarget(context));
  await context.output.list({
    columns,
    rows: drift,
    empty: "The schema is what the migrations make.",
    json: (row) => row,
  });
  if (drift.length === 0) return;
  throw new MpiError("check-failed", `The schema differs in ${String(drift.length)} places.`, {
    hint: "Put the objects right by hand or by a migration; find out who changed them.",
    details: { differences: drift.length },
  });
}
