import { writeFileSync } from "node:fs";
import path from "node:path";
import { Option, type Command } from "commander";
import type { ChildTable } from "../../../domain/merge/plan-rows.ts";
import type { MergeRequest } from "../../../domain/merge/merge-one.ts";
import type { MergePreview } from "../../../domain/merge/run-merge.ts";
import { isOpenQuestion, scalarFields, type ScalarField } from "../../../domain/merge/survivorship.ts";
import { parseRecordReference } from "../../../domain/patient/resolve-record.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, repeatable, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { requireReason, requireYes } from "../../prompt.ts";
import { mergeReport, short } from "./merge-view.ts";
import { fieldLabels, formatField } from "./side-by-side.ts";

interface MergeFlags {
  readonly into?: string;
  readonly keep: readonly string[];
  readonly keepUse: readonly ChildTable[];
  readonly reason?: string;
  readonly override?: true;
  readonly ifNeeded?: true;
  readonly plan?: string;
  readonly dryRun?: true;
  readonly yes?: true;
}

const fieldNames: ReadonlyMap<string, ScalarField> = new Map(
  scalarFields.map((field) => [field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), field]),
);

/** Registers `mpi patient merge`. */
export function registerMerge(patient: Command, act: Act): void {
  defineCommand(patient, "merge <records...>", {
    summary: "retire a record in favour of another of the same person",
    description:
      "Merges record A into record B: A is retired and leads to B from then on, B gets what A has and B lacks, and " +
      "nothing is lost. For two records that are both to stay in use, link them instead. A preview shows both records " +
      "beside each other, and what wins and why; on a terminal you are asked, elsewhere --yes is needed. A merge can be " +
      "taken back at any time with mpi patient unmerge.",
    examples: [
      {
        command: "mpi patient merge 3f2a9c01 77b01d2e --reason 'same passport'",
        does: "retires the first, keeps the second",
      },
      {
        command: "mpi patient merge 3f2a9c01 77b01d2e --dry-run",
        does: "shows what would change, and changes nothing",
      },
      {
        command:
          "mpi patient merge 3f2a9c01 77b01d2e --keep gender=a --keep birth-date=b --reason 'card seen' --yes",
        does: "settles two conflicts, without questions",
      },
      {
        command: "mpi patient merge 3f2a9c01 5c9e0f7a --into 77b01d2e --reason 'triplicate'",
        does: "many into one, all or none",
      },
      {
        command: "mpi patient merge 3f2a9c01 77b01d2e --reason 'same passport' --plan merge.json",
        does: "writes a plan for somebody else to look at; mpi apply merge.json carries it out",
      },
    ],
  })
    .option("--into <record>", "the record that stays, where several are merged")
    .option(
      "--keep <field=which>",
      `whose value stays: a, b, or a record's id; repeatable (${[...fieldNames.keys()].join(", ")})`,
      repeatable,
      [],
    )
    .addOption(
      new Option("--keep-use <kinds...>", "rows of these kinds keep their use instead of becoming old")
        .choices(["names", "identifiers", "addresses", "contacts"])
        .default([]),
    )
    .option("--reason <text>", "why; needed, except with --dry-run")
    .option("--override", "merge although it was decided that they are different, and close that decision")
    .option("--if-needed", "merged already is success")
    .option("--plan <file>", "write a plan to this new file instead of merging")
    .option("--dry-run", "show what would change, and change nothing")
    .option("--yes", "merge without asking")
    .action(act<MergeFlags, [readonly string[]]>(merge));
}

async function merge(context: CommandContext, flags: MergeFlags, words: readonly string[]): Promise<void> {
  const { resolveRecords, runMerge } = await import("../../../domain/merge/run-merge.ts");
  const names = readNames(words, flags.into);
  const isOnlyShown = flags.dryRun === true && flags.plan === undefined;
  const reason = isOnlyShown ? (flags.reason ?? null) : await requireReason(context.prompt, flags.reason);
  const db = await context.database();
  const audit = context.audit("MERGE", reason ?? undefined);
  const ids = await resolveRecords(db, audit, names.map(parseRecordReference));
  const asked: MergeRequest = {
    sources: ids.slice(0, -1),
    survivor: ids.at(-1)!,
    reason,
    keep: readKeep(flags.keep, ids),
    keepUses: flags.keepUse,
    override: flags.override === true,
    ifNeeded: flags.ifNeeded === true,
  };
  const { request, preview } = await settle(context, flags, asked);
  const isToDo = preview.result.merges.length > 0;
  if (flags.plan !== undefined) return writePlan(context, flags.plan, request, preview);
  if (isToDo && flags.dryRun !== true) {
    const result = await runMerge(
      db,
      audit,
      { ...request, versions: preview.result.versions },
      (await import("../../../domain/merge/merge-diff.ts")).listMergeDiffs(preview.result),
    );
    return context.output.report(await report(context, { ...preview, result }, false));
  }
  await context.output.report(await report(context, preview, flags.dryRun === true));
}

/** Sources, then the survivor, as they were named. */
function readNames(words: readonly string[], into: string | undefined): readonly string[] {
  if (into !== undefined) return [...words, into];
  if (words.length === 2) return words;
  throw new MpiError(
    "usage",
    words.length < 2
      ? "Name the record to retire and the record that stays."
      : "Which of these stays? Say so with --into.",
  );
}

/** `gender=a` and the like. `a` needs exactly one source. */
function readKeep(
  texts: readonly string[],
  ids: readonly string[],
): Readonly<Partial<Record<ScalarField, string>>> {
  const survivor = ids.at(-1)!;
  return Object.fromEntries(
    texts.map((text) => {
      const [name = "", which = ""] = text.split("=").map((part) => part.trim());
      const field = fieldNames.get(name);
      if (field === undefined) {
        throw new MpiError("usage", `--keep knows these fields: ${[...fieldNames.keys()].join(", ")}.`);
      }
      if (which === "b") return [field, survivor];
      if (which === "a" && ids.length === 2) return [field, ids[0]!];
      const named = which.length < 4 ? [] : ids.filter((id) => id.startsWith(which.toLowerCase()));
      if (named.length !== 1) {
        throw new MpiError(
          "usage",
          ids.length === 2
            ? `--keep ${name}= takes a or b.`
            : `--keep ${name}= takes b, or the id of one of the records.`,
        );
      }
      return [field, named[0]!];
    }),
  );
}

/** Previews; on a terminal asks about conflicts, shows both records, and asks whether to go on. */
async function settle(
  context: CommandContext,
  flags: MergeFlags,
  asked: MergeRequest,
): Promise<{ readonly request: MergeRequest; readonly preview: MergePreview }> {
  const { previewMerge } = await import("../../../domain/merge/run-merge.ts");
  const db = await context.database();
  const look = (request: MergeRequest) =>
    previewMerge(db, context.audit("MERGE_PREVIEW", request.reason ?? undefined), request);
  let request = asked;
  let preview = await look(request);
  const isSilent = flags.yes === true || flags.dryRun === true || flags.plan !== undefined;
  if (isSilent || preview.result.merges.length === 0) return { request, preview };

  if (context.prompt.isAvailable) {
    const keep = await askConflicts(context, asked, preview);
    if (Object.keys(keep).length > 0) {
      request = { ...asked, keep: { ...asked.keep, ...keep } };
      preview = await look(request);
    }
    await showPreview(context, preview);
  }
  const what = request.sources.map(short).join(", ");
  await requireYes(
    context.prompt,
    flags.yes,
    `Merge ${what} into ${short(request.survivor)}? ${request.sources.length === 1 ? "It is" : "They are"} retired; unmerge takes it back.`,
  );
  return { request, preview };
}

/** The values in conflict that nothing settles, one question each. */
async function askConflicts(
  context: CommandContext,
  asked: MergeRequest,
  preview: MergePreview,
): Promise<Readonly<Partial<Record<ScalarField, string>>>> {
  const keep: Partial<Record<ScalarField, string>> = {};
  for (const step of preview.result.merges) {
    for (const outcome of step.fields.filter(isOpenQuestion)) {
      const { field } = outcome;
      if (asked.keep?.[field] !== undefined) continue;
      keep[field] = await context.prompt.select(
        `Which ${fieldLabels[field]} is right?`,
        [
          {
            name: `${formatField(field, outcome.b) || "none"} (B ${short(step.survivor)}, stays)`,
            value: step.survivor,
          },
          {
            name: `${formatField(field, outcome.a) || "none"} (A ${short(step.source)})`,
            value: step.source,
          },
        ],
        { flag: "--keep" },
      );
    }
  }
  return keep;
}

const report = (context: CommandContext, { result, records }: MergePreview, dryRun: boolean) =>
  mergeReport(result, records, {
    dryRun,
    isTerminal: context.output.isTerminal,
    width: context.output.width,
    style: context.output.style,
  });

async function showPreview(context: CommandContext, { result, records }: MergePreview): Promise<void> {
  const { stderr } = context.streams;
  const { text } = await mergeReport(result, records, {
    dryRun: true,
    isTerminal: true,
    width: stderr.columns ?? 80,
    style: context.style,
  });
  stderr.write(`${text}\n`);
}

async function writePlan(
  context: CommandContext,
  file: string,
  request: MergeRequest,
  preview: MergePreview,
): Promise<void> {
  if (preview.result.merges.length === 0) {
    throw new MpiError("conflict", "There is nothing to plan: it is merged already.", {
      details: { reason: "already-merged" },
    });
  }
  const { makeMergePlan } = await import("../../../domain/merge/merge-plan.ts");
  const plan = makeMergePlan(request, preview.result, {
    at: context.now().toISOString(),
    by: context.actor().user,
  });
  writeNewFile(path.resolve(context.cwd, file), `${JSON.stringify(plan, undefined, 2)}\n`);
  await context.output.report(await report(context, preview, true));
  context.info(
    `Nothing was changed. The plan is in ${file}; it holds patient data. Carry it out: mpi apply ${file}`,
  );
}

/** A plan shows patients' values: nobody but its owner may read it, and it replaces nothing. */
function writeNewFile(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new MpiError("conflict", `${file} exists already; a plan replaces nothing.`);
    throw new MpiError("unavailable", `${file} cannot be written (${code ?? "unknown reason"}).`);
  }
}
