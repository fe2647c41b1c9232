import { resolve } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { runMatch, type MatchRunOptions, type MatchRunResult } from "../../../domain/match/run-match.ts";
import type { MatchPhase } from "../../../domain/match/run-phases.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { formatRunMetrics, writeRunMetrics } from "./run-metrics.ts";
import { addModelOption, loadModel, type ModelFlag } from "./model-option.ts";

interface RunFlags extends ModelFlag {
  readonly full?: true;
  readonly firstRun?: true;
  readonly autoLink?: true;
  readonly dryRun?: true;
  readonly failOnReview?: true;
  readonly maxRuntime?: number;
  readonly metrics?: string;
  readonly threads?: number;
}

/** Registers `mpi match run`. */
export function registerRun(match: Command, act: Act): void {
  const command = defineCommand(match, "run", {
    summary: "find the records that belong to one person",
    description:
      "Compares records that may belong together, stores the pairs that a person should look at, and with --auto-link links " +
      "those that are certain. Everything is stored in one transaction; a run that is killed changes nothing.",
    examples: [
      { command: "mpi match run", does: "what changed since the last run, against everything" },
      { command: "mpi match run --full --auto-link", does: "all records; certain pairs are linked" },
      {
        command: "mpi match run --output json --fail-on-review",
        does: "for cron: one document, exit 7 when pairs wait",
      },
    ],
  });
  addModelOption(command)
    .option("--full", "all records, not only what changed since the last run")
    .option(
      "--first-run",
      "for an index that nobody uses yet: others wait while pairs are stored, in half the time",
    )
    .option("--auto-link", "link pairs above the automatic line that pass every guard")
    .option("--dry-run", "say what would change, and change nothing")
    .option("--fail-on-review", "exit 7 when pairs wait for a decision")
    .option(
      "--max-runtime <duration>",
      "stop and change nothing when it would take longer: 90s, 15m, 2h",
      parseDuration,
    )
    .option("--metrics <file>", "write counts and times for Prometheus, at once and whole")
    .option("--threads <number>", "threads that compare pairs; as many as are worth it", parseThreads)
    .action(act<RunFlags>(run));
}

/** Frequencies that were counted on half the records, or twice as many, are still good enough. */
const driftAbove = 2;

const phaseNames: Readonly<Record<MatchPhase, string>> = {
  load: "Reading records",
  train: "Learning from the records",
  score: "Comparing pairs",
  link: "Deciding links",
  store: "Storing",
};

async function run(context: CommandContext, flags: RunFlags): Promise<void> {
  // Before anything is touched: a model file with mistakes ends here.
  const model = await loadModel(context, flags);
  const result = await runWithinLimits(context, flags, model);
  if (flags.dryRun === true) context.info("Dry run: nothing was changed.");
  if (result.records === 0 && result.mode === "incremental")
    context.info("Nothing has changed since the last run.");
  const growth = result.growthSinceCalibration ?? 1;
  if (growth > driftAbove || growth < 1 / driftAbove) {
    context.warn(
      `There are ${growth.toFixed(1)} times the records that the calibration was learned from: "mpi match train" learns anew.`,
    );
  }
  if (flags.firstRun === true && flags.dryRun !== true && !result.storedAlone) {
    context.warn(
      "The tables could not be had alone (others are at work on patients, or this role does not own the tables): storing took longer.",
    );
  }
  await printResult(context, result);
  if (flags.failOnReview === true && result.waitingPairs > 0) {
    throw new MpiError("check-failed", "Pairs wait for a decision.", { hint: '"mpi review" shows them.' });
  }
}

async function runWithinLimits(
  context: CommandContext,
  flags: RunFlags,
  model: MatchRunOptions["model"],
): Promise<MatchRunResult> {
  const db = await context.database();
  const tooLong = new AbortController();
  const timer =
    flags.maxRuntime === undefined
      ? undefined
      : setTimeout(
          () =>
            tooLong.abort(
              new MpiError("limit", "The run took longer than --max-runtime; it changed nothing."),
            ),
          flags.maxRuntime * 1000,
        );
  let current: MatchPhase | undefined;
  let result: MatchRunResult | undefined;
  try {
    result = await runMatch(db, await context.target(), context.audit("MATCH_RUN"), {
      model,
      full: flags.full === true,
      first: flags.firstRun === true,
      autoLink: flags.autoLink === true,
      dryRun: flags.dryRun === true,
      ...(flags.threads === undefined ? {} : { threads: flags.threads }),
      signal: AbortSignal.any([context.signal, tooLong.signal]),
      onPhase: (phase) => {
        if (phase === current) return;
        current = phase;
        context.info(`${phaseNames[phase]} …`);
      },
      monotonic: () => performance.now() / 1000,
    });
    return result;
  } finally {
    clearTimeout(timer);
    if (flags.metrics !== undefined) {
      const path = resolve(context.cwd, flags.metrics);
      await writeRunMetrics(path, formatRunMetrics(result, context.now().getTime() / 1000));
    }
  }
}

/** Seconds of "90s", "15m", "2h", or of a plain number. */
function parseDuration(text: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)([smh])?$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError("Write 90s, 15m or 2h.");
  return Number(number) * (unit === "h" ? 3600 : unit === "m" ? 60 : 1);
}

function parseThreads(text: string): number {
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw new InvalidArgumentError("Write a number from 1 to 64.");
  }
  return threads;
}

async function printResult(context: CommandContext, result: MatchRunResult): Promise<void> {
  const seconds = Object.values(result.timings).reduce((sum, each) => sum + each, 0);
  await context.output.record({
    fields: [
      { key: "runId", label: "Run", value: result.runId },
      { key: "mode", label: "Mode", value: result.mode },
      { key: "records", label: "Records", value: result.records },
      { key: "candidatePairs", label: "Pairs compared", value: result.candidatePairs },
      { key: "reviewPairs", label: "At or above the review line", value: result.reviewPairs },
      { key: "possiblePairs", label: "Possible, below it", value: result.possiblePairs },
      { key: "added", label: "New pairs", value: result.pairs.added },
      { key: "changed", label: "Changed pairs", value: result.pairs.changed },
      { key: "superseded", label: "Superseded pairs", value: result.pairs.superseded },
      { key: "linksMade", label: "Links made", value: result.links.made },
      { key: "linksWithdrawn", label: "Links withdrawn", value: result.links.withdrawn },
      { key: "waitingPairs", label: "Pairs that wait for a person", value: result.waitingPairs },
      { key: "conflicts", label: "Conflicts", value: result.conflicts },
      {
        key: "calibrated",
        label: "Calibration",
        value: result.calibrated,
        text: result.calibrated ? "learned in this run" : "kept",
      },
      { key: "seconds", label: "Seconds", value: Math.round(seconds * 1000) / 1000 },
    ],
    json: result,
  });
}
