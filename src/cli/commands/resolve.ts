import type { Command } from "commander";
import { describeCommand, type Act, type RegisterNoun } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { section } from "../output/output.ts";
import { readContext } from "../read-context.ts";
import { readReference, withReference, type ReferenceFlags } from "./patient/record-argument.ts";

interface ResolveFlags extends ReferenceFlags {
  readonly asOf?: string;
  /** False with --no-follow. */
  readonly follow: boolean;
}

/** Registers `mpi resolve`. */
export const registerResolve: RegisterNoun = (resolve: Command, act: Act) => {
  withReference(
    describeCommand(resolve.argument("[record]", "an id, a prefix of one, or CODE:value"), {
      summary: "the record in charge of another, now or then",
      description:
        "Follows merges from a retired record to the one that is in charge of it, and shows the way: who did each step, " +
        "when and why. With --as-of it answers for a moment in the past, merges that were taken back since included.",
      examples: [
        { command: "mpi resolve 3f2a9c01", does: "who is in charge of it" },
        {
          command: "mpi resolve MRN:12345 --as-of 2026-03-31",
          does: "and who was, at the end of that day (UTC)",
        },
        {
          command: "mpi resolve MRN:12345 --no-follow --output json",
          does: "the record that carries the number, retired or not",
        },
      ],
    })
      .option("--as-of <date>", "a date, or a time with its zone")
      .option("--no-follow", "answer with the record itself, retired or not"),
  ).action(act<ResolveFlags, [string | undefined]>(showInCharge));
};

async function showInCharge(
  context: CommandContext,
  flags: ResolveFlags,
  argument: string | undefined,
): Promise<void> {
  const { findInChargeOf } = await import("../../domain/merge/run-resolve.ts");
  const answer = await findInChargeOf(await context.database(), await readContext(context, "RESOLVE"), {
    reference: readReference(argument, flags),
    asOf: flags.asOf,
    follow: flags.follow,
  });
  await context.output.record({
    fields: [
      { key: "record", label: "Record", value: answer.record },
      { key: "isRetired", label: "Retired", value: answer.record !== answer.inCharge },
      { key: "inCharge", label: "In charge", value: flags.follow ? answer.inCharge : null },
      { key: "enterpriseId", label: "Person", value: answer.enterpriseId },
      { key: "asOf", label: "As of", value: answer.asOf },
    ],
    sections: [
      section(
        "The way there",
        [
          { key: "from", header: "From", value: (step) => step.from },
          { key: "to", header: "To", value: (step) => step.to },
          { key: "by", header: "By", value: (step) => step.by },
          { key: "at", header: "When", value: (step) => step.at },
          { key: "reason", header: "Reason", value: (step) => step.reason },
        ],
        answer.path,
      ),
    ],
    json: {
      record: answer.record,
      isRetired: answer.record !== answer.inCharge,
      inCharge: flags.follow ? answer.inCharge : null,
      enterpriseId: answer.enterpriseId,
      asOf: answer.asOf,
      path: answer.path,
    },
  });
}
