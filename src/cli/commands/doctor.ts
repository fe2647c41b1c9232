import type { Command } from "commander";
import type { Finding } from "../../domain/doctor/examine.ts";
import { MpiError } from "../../lib/errors.ts";
import { describeCommand, type Act, type RegisterNoun } from "../command.ts";
import type { CommandContext } from "../context.ts";
import type { Column } from "../output/column.ts";

/** Registers `mpi doctor`. */
export const registerDoctor: RegisterNoun = (doctor: Command, act: Act) => {
  describeCommand(doctor, {
    summary: "what goes wrong unnoticed, and what helps",
    description:
      "Looks at the schema, the indexes, the audit trail's months and seals, statistics, long transactions and transaction " +
      "ids. It changes nothing. Ends with exit code 7 where there is a problem; advice alone is no problem.",
    examples: [
      { command: "mpi doctor", does: "after an upgrade, or when something is slow" },
      { command: "mpi doctor --quiet --output ndjson", does: "every night from cron" },
    ],
  }).action(act(examineIt));
};

async function examineIt(context: CommandContext): Promise<void> {
  const { examine } = await import("../../domain/doctor/examine.ts");
  const findings = await examine(await context.database(), await context.target());
  await context.output.list({ columns, rows: findings });
  const problems = findings.filter(({ state }) => state === "problem");
  if (problems.length === 0) return;
  throw new MpiError(
    "check-failed",
    `Something is wrong with: ${problems.map(({ check }) => check).join(", ")}.`,
    { details: { problems: problems.map(({ check }) => check) } },
  );
}

const columns: readonly Column<Finding>[] = [
  { key: "check", header: "Check", value: (finding) => finding.check },
  { key: "state", header: "State", value: (finding) => finding.state },
  { key: "what", header: "What", value: (finding) => finding.what },
  { key: "remedy", header: "What helps", value: (finding) => finding.remedy },
];
