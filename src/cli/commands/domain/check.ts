import type { Command } from "commander";
import { checkDomainValues } from "../../../domain/identifier/check-domain-values.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";

/** Registers `mpi domain check`. */
export function registerCheck(domain: Command, act: Act): void {
  defineCommand(domain, "check <code>", {
    summary: "find identifiers that are none of their domain's",
    description:
      "Holds every current value of a domain against its check digit and pattern. Lists the records, never the values; " +
      "ends with 7 where it found any.",
    examples: [{ command: "mpi domain check NHS --output csv", does: "which records to look at" }],
  }).action(act<object, [string]>(check));
}

async function check(context: CommandContext, _flags: object, code: string): Promise<void> {
  const audit = context.audit("DOMAIN_CHECK");
  const found = await checkDomainValues(await context.database(), audit, code, context.signal);
  await context.output.list({
    columns: [
      { key: "patientId", header: "Record", value: (each) => each.patientId },
      { key: "reason", header: "The value", value: (each) => each.reason },
    ],
    rows: found.examples,
    meta: () => ({ checked: found.checked, wrong: found.wrong }),
    empty: `All ${String(found.checked)} values of ${found.domain.code} are well formed.`,
    footer: (count) =>
      count < found.wrong ? `The first ${String(count)} of ${String(found.wrong)}.` : undefined,
  });
  if (found.wrong > 0) {
    throw new MpiError(
      "check-failed",
      `${String(found.wrong)} of ${String(found.checked)} values of ${found.domain.code} are none of its own.`,
      { details: { checked: found.checked, wrong: found.wrong } },
    );
  }
}
