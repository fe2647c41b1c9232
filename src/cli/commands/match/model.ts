import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { builtInModel } from "../../../domain/match/read-model.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { section } from "../../output/output.ts";
import { addModelOption, loadModel, readModelNamed, type ModelFlag } from "./model-option.ts";

type Model = Awaited<ReturnType<typeof loadModel>>;

/** Registers `mpi match model …`. */
export function registerModel(match: Command, act: Act): void {
  const model = match
    .command("model")
    .summary("the matching model: show, check, compare, begin one")
    .helpCommand(false);
  model.description(
    "How records are matched, as a file: comparisons with their levels, relations, blocking rules, rules, thresholds, limits.",
  );
  addModelOption(
    defineCommand(model, "show", {
      summary: "what the model says",
      description: "Shows the model in use, or that of a file. With --output json it is the file itself.",
      examples: [
        { command: "mpi match model show", does: "the model that mpi match run uses here" },
        {
          command: "mpi match model show --model site.json --output csv",
          does: "levels and weights of a file",
        },
      ],
    }),
  ).action(act<ModelFlag>(show));
  defineCommand(model, "validate <file>", {
    summary: "check a model file",
    description:
      "Checks a model file and says, for every mistake, the line, the column, the path and the reason (exit 2). What passes " +
      "here is what mpi match run takes.",
    examples: [{ command: "mpi match model validate site.json", does: "before it is put in use" }],
  }).action(act<object, [string]>(validate));
  defineCommand(model, "diff <before> <after>", {
    summary: "what differs between two models",
    description: `Lists what differs between two model files; ${builtInModel} stands for the model that comes along.`,
    examples: [{ command: `mpi match model diff ${builtInModel} site.json`, does: "what the site changed" }],
  }).action(act<object, [string, string]>(diff));
  defineCommand(model, "init [file]", {
    summary: "write the built-in model, to begin one's own",
    description:
      "Writes the built-in model to a new file, or to stdout. A file that is there already is left alone (exit 4).",
    examples: [
      { command: "mpi match model init site.json", does: "then edit it, raise its version, and validate it" },
    ],
  }).action(act<object, [string | undefined]>(init));
  defineCommand(model, "schema", {
    summary: "the JSON Schema of model files",
    description:
      "Prints the JSON Schema (2020-12) that editors check and complete model files with; $schema in a file may name it.",
    examples: [{ command: "mpi match model schema > match-model.schema.json", does: "for an editor" }],
  }).action(act<object>(schema));
}

interface LevelRow {
  readonly comparison: string;
  readonly level: string;
  readonly m: number;
  readonly u: number;
  readonly termFrequency: number;
}

async function show(context: CommandContext, flags: ModelFlag): Promise<void> {
  const model = await loadModel(context, flags);
  const { thresholds, limits } = model;
  const rows: readonly LevelRow[] = model.comparisons.flatMap((comparison) =>
    comparison.levels.map((level) => ({
      comparison: comparison.name,
      level: level.name,
      m: level.m,
      u: level.u,
      termFrequency: level.termFrequency ?? 0,
    })),
  );
  const levels = section<LevelRow>(
    "Comparisons",
    [
      { key: "comparison", header: "Comparison", value: (row) => row.comparison },
      { key: "level", header: "Level", value: (row) => row.level },
      { key: "m", header: "m", value: (row) => row.m, align: "right" },
      { key: "u", header: "u", value: (row) => row.u, align: "right" },
      {
        key: "weight",
        header: "Weight (bits)",
        value: (row) => Math.log2(row.m / row.u),
        text: (row) => Math.log2(row.m / row.u).toFixed(2),
        align: "right",
      },
      { key: "termFrequency", header: "Frequency counts", value: (row) => row.termFrequency, align: "right" },
    ],
    rows,
  );
  if (context.output.format === "csv") {
    await context.output.report({ text: "", json: model, csv: levels });
    return;
  }
  await context.output.record({
    fields: [
      { key: "name", label: "Name", value: model.name },
      { key: "version", label: "Version", value: model.version },
      { key: "description", label: "Description", value: model.description },
      {
        key: "thresholds",
        label: "Lines",
        value: `possible ${thresholds.possible}, review ${thresholds.review}, automatic ${thresholds.automatic}`,
      },
      {
        key: "margins",
        label: "Bits to spare",
        value: `${thresholds.sameSourceMargin} inside one source, ${thresholds.runnerUpMargin} over the runner-up`,
      },
      {
        key: "limits",
        label: "Limits",
        value: `${limits.personSize} records a person, ${limits.linksPerRun} links a run, ${limits.linksPerRecord} a record`,
      },
      {
        key: "nationalIdentifierTypes",
        label: "National identifiers",
        value: model.nationalIdentifierTypes.join(", "),
      },
    ],
    sections: [levels, relationsOf(model), blockingOf(model), rulesOf(model)],
    json: model,
  });
}

const relationsOf = (model: Model) =>
  section<Model["relations"][number]>(
    "Relations",
    [
      { key: "name", header: "Name", value: (row) => row.name },
      { key: "label", header: "Meaning", value: (row) => row.label },
      {
        key: "pairsPerRecord",
        header: "Records of such a record",
        value: (row) => row.pairsPerRecord,
        align: "right",
      },
    ],
    model.relations,
  );

const blockingOf = (model: Model) =>
  section<Model["blocking"][number]>(
    "Blocking rules, in order",
    [
      { key: "name", header: "Name", value: (row) => row.name },
      { key: "on", header: "Equal in", value: (row) => row.on.join(", ") },
      { key: "largestBlock", header: "Largest block", value: (row) => row.largestBlock, align: "right" },
      { key: "refine", header: "Split by", value: (row) => (row.refine ?? []).join(", ") },
    ],
    model.blocking,
  );

const rulesOf = (model: Model) =>
  section<Model["rules"][number]>(
    "Rules",
    [
      { key: "name", header: "Name", value: (row) => row.name },
      { key: "action", header: "Does", value: (row) => row.action },
      { key: "separates", header: "Keeps apart", value: (row) => (row.separates === true ? "yes" : "") },
      { key: "label", header: "Meaning", value: (row) => row.label },
    ],
    model.rules,
  );

async function validate(context: CommandContext, _flags: object, file: string): Promise<void> {
  const model = await readModelNamed(context, file);
  const { hashOf } = await import("../../../domain/match/calibration-store.ts");
  await context.output.record({
    fields: [
      { key: "valid", label: "Valid", value: true, text: "yes" },
      { key: "name", label: "Name", value: model.name },
      { key: "version", label: "Version", value: model.version },
      { key: "hash", label: "Hash", value: hashOf(model) },
    ],
  });
}

async function diff(context: CommandContext, _flags: object, before: string, after: string): Promise<void> {
  const { compareModels } = await import("../../../domain/match/model-file/compare-models.ts");
  const differences = compareModels(
    await readModelNamed(context, before),
    await readModelNamed(context, after),
  );
  await context.output.list({
    columns: [
      { key: "path", header: "What", value: (row) => row.path },
      { key: "before", header: "Before", value: (row) => row.before },
      { key: "after", header: "After", value: (row) => row.after },
    ],
    rows: differences,
    empty: "The two models say the same.",
    footer: (count) => (count === 0 ? undefined : `${count} ${count === 1 ? "difference" : "differences"}.`),
  });
}

async function init(context: CommandContext, _flags: object, file: string | undefined): Promise<void> {
  const text = `${JSON.stringify(await readModelNamed(context, builtInModel), undefined, 2)}\n`;
  if (file === undefined) {
    await context.output.raw(text);
    return;
  }
  try {
    await writeFile(path.resolve(context.cwd, file), text, { flag: "wx" });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    if (code === "EEXIST") {
      throw new MpiError("conflict", `${file} is there already; nothing was written.`, {
        hint: "Name another file, or move that one away.",
      });
    }
    throw new MpiError("usage", `Cannot write ${file} (${code}).`);
  }
  context.info(`Wrote ${file}. Edit it, raise its version, then: mpi match model validate ${file}`);
}

async function schema(context: CommandContext): Promise<void> {
  const { modelJsonSchema } = await import("../../../domain/match/model-file/model-schema.ts");
  await context.output.raw(`${JSON.stringify(modelJsonSchema(), undefined, 2)}\n`);
}
