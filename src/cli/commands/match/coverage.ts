import type { Command } from "commander";
import type { MatchCoverage } from "../../../domain/match/measure-coverage.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { addModelOption, loadModel, type ModelFlag } from "./model-option.ts";

/** Registers `mpi match coverage`. */
export function registerCoverage(match: Command, act: Act): void {
  const command = defineCommand(match, "coverage", {
    summary: "what is compared, and what blocking leaves out",
    description:
      "Shows, for each blocking rule, the pairs of which it is the first to find them, and what it leaves out because a value " +
      "is shared by too many records: blocks that were split, blocks that were left out, and the pairs in those. A pair that one " +
      "rule leaves out may be found by another; mpi match explain says so for two records. Nothing is stored.",
    examples: [
      { command: "mpi match coverage", does: "with the limits that runs use here" },
      {
        command: "mpi match coverage --model site.json --output csv",
        does: "of another model, for a spreadsheet",
      },
    ],
  });
  addModelOption(command).action(act<ModelFlag>(coverage));
}

type Rule = MatchCoverage["rules"][number];

const number = (key: Exclude<keyof Rule, "name" | "on">, header: string): Column<Rule> => ({
  key,
  header,
  value: (row) => row[key],
  align: "right",
});

const columns: readonly Column<Rule>[] = [
  { key: "name", header: "Blocking rule", value: (row) => row.name },
  { key: "on", header: "Equal in", value: (row) => row.on.join(", "), machineOnly: true },
  number("pairs", "Pairs"),
  number("blocks", "Blocks"),
  number("largestKept", "Largest"),
  number("refinedBlocks", "Split"),
  number("excludedBlocks", "Left out"),
  number("excludedRecords", "Records in them"),
  number("excludedPairs", "Pairs in them"),
];

async function coverage(context: CommandContext, flags: ModelFlag): Promise<void> {
  const model = await loadModel(context, flags);
  const { measureMatchCoverage } = await import("../../../domain/match/measure-coverage.ts");
  const { rules, ...totals } = await measureMatchCoverage(
    await context.database(),
    await context.target(),
    model,
    context.signal,
  );
  await context.output.list({
    columns,
    rows: rules,
    json: (row) => row,
    meta: () => totals,
    footer: () =>
      `${totals.records} records, ${totals.candidatePairs} of ${totals.allPairs} pairs are compared.` +
      (totals.calibrationId === null
        ? " Nothing was learned yet: the limits are those that learning now would set."
        : ""),
  });
}
