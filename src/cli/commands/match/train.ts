import type { Command } from "commander";
import type { Training } from "../../../domain/match/train-match.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { section } from "../../output/output.ts";
import { addModelOption, loadModel, type ModelFlag } from "./model-option.ts";

interface TrainFlags extends ModelFlag {
  readonly fromDecisions?: true;
  readonly seed: number;
  readonly randomPairs: number;
  readonly dryRun?: true;
}

/** Registers `mpi match train`. */
export function registerTrain(match: Command, act: Act): void {
  const command = defineCommand(match, "train", {
    summary: "learn from the records how much each agreement weighs",
    description:
      "Learns a calibration from all records: how frequent values are, u (how often strangers agree), m (how often one " +
      "person's records agree), how many pairs are true, and how relatives agree. No labels are needed; with --from-decisions m " +
      "comes from the pairs that people decided to be the same. The calibration is kept, and the next mpi match run scores all " +
      "pairs anew with it. The same records, model and seed give the same calibration.",
    examples: [
      { command: "mpi match train --dry-run", does: "see what the records teach, keep nothing" },
      { command: "mpi match train", does: "learn anew, after the data has changed much" },
      {
        command: "mpi match train --from-decisions --output json",
        does: "from what stewards decided, for a program",
      },
    ],
  });
  addModelOption(command)
    .option("--from-decisions", "take m from the pairs that people decided")
    .option(
      "--seed <n>",
      "of the random numbers that pick pairs for u",
      integer({ min: 0, max: 2 ** 31 - 1 }),
      1,
    )
    .option(
      "--random-pairs <n>",
      "how many pairs are picked for u",
      integer({ min: 1000, max: 50_000_000 }),
      500_000,
    )
    .option("--dry-run", "show what was learned, keep nothing")
    .action(act<TrainFlags>(train));
}

const phaseNames = { load: "Reading records", train: "Learning from the records" } as const;

async function train(context: CommandContext, flags: TrainFlags): Promise<void> {
  const model = await loadModel(context, flags);
  const { trainMatch } = await import("../../../domain/match/train-match.ts");
  const training = await trainMatch(
    await context.database(),
    await context.target(),
    context.audit("MATCH_TRAIN"),
    {
      model,
      seed: flags.seed,
      randomPairs: flags.randomPairs,
      fromDecisions: flags.fromDecisions === true,
      dryRun: flags.dryRun === true,
      signal: context.signal,
      onPhase: (phase) => context.info(`${phaseNames[phase]} …`),
    },
  );
  await print(context, training);
  warn(context, training);
  if (flags.dryRun === true) context.info("Dry run: nothing was kept.");
  else context.info("Kept. The next mpi match run scores all pairs with it.");
}

interface LevelRow {
  readonly comparison: string;
  readonly level: string;
  readonly m: number;
  readonly u: number;
  readonly weight: number;
  readonly learned: boolean;
}

/** Six digits that count, never in powers of ten where a person can read it otherwise. */
const figure = (value: number) => (value >= 0.001 ? value.toFixed(5) : value.toExponential(2));

async function print(context: CommandContext, training: Training): Promise<void> {
  const { decisions } = training;
  const rows: readonly LevelRow[] = training.comparisons.flatMap(({ label, learned, levels }) =>
    levels.map((level) => ({
      comparison: label,
      level: level.label,
      m: level.m,
      u: level.u,
      weight: level.weight,
      learned,
    })),
  );
  const levels = section<LevelRow>(
    "Levels",
    [
      { key: "comparison", header: "Comparison", value: (row) => row.comparison },
      { key: "level", header: "Level", value: (row) => row.level },
      { key: "m", header: "m", value: (row) => row.m, text: (row) => figure(row.m), align: "right" },
      { key: "u", header: "u", value: (row) => row.u, text: (row) => figure(row.u), align: "right" },
      {
        key: "weight",
        header: "Weight (bits)",
        value: (row) => row.weight,
        text: (row) => row.weight.toFixed(2),
        align: "right",
      },
      {
        key: "learned",
        header: "m learned",
        value: (row) => row.learned,
        text: (row) => (row.learned ? "yes" : "no"),
      },
    ],
    rows,
  );
  const relations = section<Training["relations"][number]>(
    "Relations",
    [
      { key: "label", header: "Relation", value: (row) => row.label },
      {
        key: "pairsPerRecord",
        header: "Records of such a record",
        value: (row) => row.pairsPerRecord,
        text: (row) => figure(row.pairsPerRecord),
        align: "right",
      },
    ],
    training.relations,
  );
  if (context.output.format === "csv") {
    await context.output.report({ text: "", json: training, csv: levels });
    return;
  }
  await context.output.record({
    fields: [
      {
        key: "calibrationId",
        label: "Calibration",
        value: training.calibrationId,
        text: training.calibrationId ?? "not kept",
      },
      { key: "records", label: "Records", value: training.records },
      { key: "candidatePairs", label: "Pairs compared", value: training.candidatePairs },
      { key: "patterns", label: "Patterns of agreement", value: training.patterns },
      { key: "seed", label: "Seed", value: training.seed },
      {
        key: "rounds",
        label: "Rounds",
        value: training.rounds,
        text: `${training.rounds}, ${training.converged ? "converged" : "not converged"}`,
      },
      {
        key: "priorWeight",
        label: "Prior",
        value: training.priorWeight,
        text: `${training.priorWeight.toFixed(2)} bits: one in ${Math.round(1 / training.probabilityTwoRandomRecordsMatch)} pairs picked at random is one person's`,
      },
      {
        key: "expectedMatches",
        label: "True pairs expected",
        value: training.expectedMatches,
        text: training.expectedMatches.toFixed(0),
      },
      ...(decisions === null
        ? []
        : [
            {
              key: "decisions",
              label: "Decisions",
              value: decisions.same + decisions.different,
              text: `${decisions.same} same, ${decisions.different} different, ${decisions.gone} of records that are gone`,
            },
          ]),
    ],
    sections: [levels, relations],
    json: training,
  });
}

function warn(context: CommandContext, { comparisons, converged, rounds, decisions }: Training): void {
  const unknown = comparisons.filter((each) => !each.learned).map((each) => each.label);
  if (unknown.length > 0) {
    context.warn(`Too little was seen of ${unknown.join(", ")}: m is the model's own there.`);
  }
  if (!converged) context.warn(`The figures were still moving after ${rounds} rounds.`);
  if (decisions === null) return;
  const { sameBelowReview, differentAutomatic } = decisions;
  if (sameBelowReview > 0) {
    context.warn(`${sameBelowReview} pairs decided to be the same fall below the review line.`);
  }
  if (differentAutomatic > 0) {
    context.warn(`${differentAutomatic} pairs decided to be different would be linked, had nobody decided.`);
  }
}
