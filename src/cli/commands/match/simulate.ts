import type { Command } from "commander";
import type {
  ContradictedDecision,
  LinkChange,
  SimulatedRun,
  SimulatePhase,
  Simulation,
} from "../../../domain/match/simulate-match.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { section } from "../../output/output.ts";
import { loadModel, readModelNamed } from "./model-option.ts";

interface SimulateFlags {
  readonly model: string;
  readonly against?: string;
  readonly list: number;
}

/** Registers `mpi match simulate`. */
export function registerSimulate(match: Command, act: Act): void {
  defineCommand(match, "simulate", {
    summary: "what another model would change",
    description:
      "Runs another model and today's over the same records and decisions, in memory, and shows the difference: links gained and " +
      "lost, how many pairs would wait for a person, and every decision of a person that its scores speak against. Nothing is " +
      "stored. A model of which nothing was learned yet learns from the records as they are.",
    examples: [
      { command: "mpi match simulate --model site.json", does: "before site.json is put in use" },
      {
        command: "mpi match simulate --model built-in --against site.json --output json",
        does: "the other way round, in full",
      },
    ],
  })
    .requiredOption("--model <file>", "the model to try: a file, or built-in")
    .option("--against <file>", "today's model (default: MPI_MODEL, else built-in)")
    .option("--list <n>", "how many links to list in tables; JSON has them all", integer({ min: 0 }), 20)
    .action(act<SimulateFlags>(simulate));
}

const phaseNames: Readonly<Record<SimulatePhase, string>> = {
  load: "Reading records",
  today: "Comparing them with today's model",
  candidate: "Comparing them with the other one",
};

async function simulate(context: CommandContext, flags: SimulateFlags): Promise<void> {
  const candidate = await readModelNamed(context, flags.model);
  const today = await loadModel(context, flags.against === undefined ? {} : { model: flags.against });
  const { simulateMatch } = await import("../../../domain/match/simulate-match.ts");
  const simulation = await simulateMatch(
    await context.database(),
    await context.target(),
    context.audit("MATCH_SIMULATE"),
    {
      today,
      candidate,
      signal: context.signal,
      onPhase: (phase) => context.info(`${phaseNames[phase]} …`),
    },
  );
  await print(context, simulation, flags.list);
  context.info("Nothing was stored.");
}

interface ModelRow extends SimulatedRun {
  readonly which: string;
}

const count = (key: "links" | "queue" | "conflicts" | "contradicted", header: string): Column<ModelRow> => ({
  key,
  header,
  value: (row) => row[key],
  align: "right",
});

const modelColumns: readonly Column<ModelRow>[] = [
  { key: "which", header: "", value: (row) => row.which },
  { key: "model", header: "Model", value: (row) => `${row.name}, version ${row.version}` },
  count("links", "Links"),
  count("queue", "Waiting for a person"),
  count("conflicts", "Conflicts"),
  count("contradicted", "Decisions contradicted"),
];

const linkColumns: readonly Column<LinkChange>[] = [
  { key: "a", header: "Record", value: (row) => row.a },
  { key: "b", header: "Other record", value: (row) => row.b },
];

const bits = (key: "weight" | "weightToday", header: string): Column<ContradictedDecision> => ({
  key,
  header,
  value: (row) => row[key],
  text: (row) => row[key].toFixed(2),
  align: "right",
});

const decisionColumns: readonly Column<ContradictedDecision>[] = [
  { key: "a", header: "Record", value: (row) => row.a },
  { key: "b", header: "Other record", value: (row) => row.b },
  { key: "decision", header: "Decided", value: (row) => row.decision },
  { key: "decidedBy", header: "By", value: (row) => row.decidedBy },
  { key: "decidedAt", header: "At", value: (row) => row.decidedAt },
  bits("weight", "Weight"),
  bits("weightToday", "Weight today"),
  {
    key: "isAlsoToday",
    header: "Today too",
    value: (row) => row.isAlsoToday,
    text: (row) => (row.isAlsoToday ? "yes" : "no"),
  },
];

async function print(context: CommandContext, simulation: Simulation, most: number): Promise<void> {
  const { records, today, candidate, linksGained, linksLost, contradictions } = simulation;
  const models = section<ModelRow>("What a full run would do", modelColumns, [
    { which: "today", ...today },
    { which: "with the other model", ...candidate },
  ]);
  if (context.output.format === "csv") {
    await context.output.report({ text: "", json: simulation, csv: models });
    return;
  }
  const listed = (title: string, links: readonly LinkChange[]) =>
    section(
      links.length > most ? `${title} (the first ${most} of ${links.length})` : title,
      linkColumns,
      links.slice(0, most),
    );
  await context.output.record({
    fields: [
      { key: "records", label: "Records", value: records },
      { key: "linksGained", label: "Links gained", value: linksGained.length },
      { key: "linksLost", label: "Links lost", value: linksLost.length },
      { key: "contradictions", label: "Decisions contradicted", value: contradictions.length },
    ],
    sections: [
      models,
      section("Decisions contradicted", decisionColumns, contradictions),
      listed("Links gained", linksGained),
      listed("Links lost", linksLost),
    ],
    json: simulation,
  });
}
