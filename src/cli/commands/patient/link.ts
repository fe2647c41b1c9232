import { Option, type Command } from "commander";
import type { LinkRequest } from "../../../domain/link/link-patients.ts";
import type { DecisionResult } from "../../../domain/decision/write-decision.ts";
import { parseRecordReference } from "../../../domain/patient/resolve-record.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { cancelled, requireReason } from "../../prompt.ts";
import { linkReport } from "./link-view.ts";
import { short } from "./merge-view.ts";
import { compareRecords, renderLines, sideColumns } from "./side-by-side.ts";

interface LinkFlags {
  readonly type: "seealso" | "refer";
  readonly reason?: string;
  readonly override?: true;
  readonly ifNeeded?: true;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** Registers `mpi patient link`. */
export function registerLink(patient: Command, act: Act): void {
  defineCommand(patient, "link <record> <other>", {
    summary: "say that two records are of one person; both stay in use",
    description:
      "Links two records of the same person. Nothing of either changes and neither is retired: to retire one in favour of " +
      "the other, merge them. A person may always be taken apart again with mpi patient unlink. What a person linked, no " +
      "matching run undoes.",
    examples: [
      {
        command: "mpi patient link 3f2a9c01 77b01d2e --reason 'same passport'",
        does: "two records, one person",
      },
      {
        command: "mpi patient link 3f2a9c01 77b01d2e --type refer",
        does: "the second holds the main information",
      },
      {
        command: "mpi patient link MRN:12345 MRN:99810 --dry-run",
        does: "shows both beside each other, and changes nothing",
      },
    ],
  })
    .addOption(
      new Option("--type <type>", "seealso: both count alike; refer: the other holds the main information")
        .choices(["seealso", "refer"])
        .default("seealso"),
    )
    .option("--reason <text>", "why; needed with --override")
    .option("--override", "link although it was decided that they are different, and close that decision")
    .option("--if-needed", "linked already is success")
    .option("--dry-run", "show what would change, and change nothing")
    .option("--yes", "link without asking")
    .action(act<LinkFlags, [string, string]>(link));
}

async function link(context: CommandContext, flags: LinkFlags, record: string, other: string): Promise<void> {
  const { resolveRecords } = await import("../../../domain/merge/run-merge.ts");
  const { runLink } = await import("../../../domain/link/run-link.ts");
  const reason =
    flags.override === true ? await requireReason(context.prompt, flags.reason) : (flags.reason ?? null);
  const db = await context.database();
  const audit = context.audit("LINK", reason ?? undefined);
  const [a, b] = (await resolveRecords(db, audit, [record, other].map(parseRecordReference))) as [
    string,
    string,
  ];
  const request: LinkRequest = {
    a,
    b,
    reason,
    linkType: flags.type,
    override: flags.override === true,
    ifNeeded: flags.ifNeeded === true,
  };
  const isAsked = flags.yes !== true && flags.dryRun !== true && context.prompt.isAvailable;
  if (flags.dryRun === true || isAsked) {
    const preview = await runLink(db, audit, request, { dryRun: true });
    if (flags.dryRun === true) return show(context, request, preview, true);
    await showBoth(context, a, b);
    const question = `Link ${short(a)} and ${short(b)} as one person? Both stay in use; unlink takes it back.`;
    if (!(await context.prompt.confirm(question, { flag: "--yes", default: true }))) throw cancelled();
  }
  await show(context, request, await runLink(db, audit, request), false);
}

async function show(
  context: CommandContext,
  request: LinkRequest,
  result: DecisionResult | undefined,
  dryRun: boolean,
): Promise<void> {
  const said =
    result === undefined
      ? `${request.a} and ${request.b} are linked already.`
      : `${dryRun ? "Would link" : "Linked"} ${request.a} and ${request.b} (${request.linkType ?? "seealso"}).`;
  await context.output.report(
    linkReport(said, result, {
      dryRun,
      records: [request.a, request.b],
      alreadyLinked: result === undefined,
    }),
  );
}

/** Both records beside each other, before somebody answers. */
export async function showBoth(context: CommandContext, a: string, b: string): Promise<void> {
  const { readRecords } = await import("../../../domain/merge/run-merge.ts");
  const records = await readRecords(await context.database(), context.audit("PATIENT_SHOW"), [a, b]);
  const { stderr } = context.streams;
  const columns = sideColumns({ a: `A ${short(a)}`, b: `B ${short(b)}` }, "comparison");
  const text = await renderLines(columns, compareRecords(records.get(a)!, records.get(b)!, "beside"), {
    isTerminal: true,
    width: stderr.columns ?? 80,
    style: context.style,
  });
  stderr.write(`${text}\n`);
}
