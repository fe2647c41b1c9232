import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import {
  demoRecords,
  runDemo,
  type DemoPair,
  type DemoResult,
  type DemoStep,
} from "../../../domain/demo/run-demo.ts";
import { migrateDatabase } from "../../../domain/migrate/migrate-database.ts";
import type { PatientRecord } from "../../../domain/patient/patient-record.ts";
import { describeCommand, type Act, type RegisterNoun } from "../../command.ts";
import { ensureEmbedded } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { safeText } from "../../output/safe-text.ts";
import { padText, textWidth } from "../../output/width.ts";
import { loadModel } from "../match/model-option.ts";
import {
  formatAddress,
  formatBirthDate,
  formatName,
  maskIdentifier,
  primaryName,
} from "../patient/patient-text.ts";

/** Registers `mpi demo`, which `npm start` runs. */
export const registerDemo: RegisterNoun = (demo: Command, act: Act) => {
  describeCommand(demo, {
    summary: "try everything out on invented records",
    description:
      `Starts the embedded database, brings in ${demoRecords} invented records with known duplicates, finds them, and measures ` +
      "how well. A second time it says what is there. It refuses a database that holds anything else.",
    examples: [{ command: "mpi demo", does: "what npm start does" }],
  }).action(act(demonstrate));
};

const steps: Readonly<Record<DemoStep, string>> = {
  generate: `Inventing ${demoRecords} records of which some are of the same person …`,
  import: "Bringing them in …",
  match: "Comparing them …",
  measure: "Measuring against the known truth …",
};

async function demonstrate(context: CommandContext): Promise<void> {
  const model = await loadModel(context, {});
  await ensureEmbedded(context);
  const target = await context.target();
  context.info("Preparing the schema …");
  await migrateDatabase(target, { mayCreateDatabase: () => Promise.resolve(false), dryRun: false });
  const result = await runDemo(await context.database(), target, {
    model,
    mapFile: fileURLToPath(new URL("../../../../data/maps/population.json", import.meta.url)),
    signal: context.signal,
    onStep: (step) => context.info(steps[step]),
    monotonic: () => performance.now() / 1000,
    audit: (operation) => context.audit(operation),
  });
  await context.output.report({ text: summarise(result), json: toJson(result) });
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function summarise(result: DemoResult): string {
  const { evaluation } = result;
  const [pairs, , automatic] = evaluation.rows;
  return [
    "",
    result.imported
      ? `${result.records} records were brought in.`
      : `${result.records} records were there already; nothing was brought in or matched again.`,
    `${evaluation.candidatePairs} pairs were compared, out of ${(evaluation.records * (evaluation.records - 1)) / 2} possible ones.`,
    `${result.linkedPairs} pairs are certain and were linked: the records now belong to ${result.persons} persons.`,
    `${result.waitingPairs} pairs wait for a person to decide.`,
    "",
    `The truth is known here: ${evaluation.truePairs} pairs of records are of one person.`,
    `  found (probability 0.5 and above)  precision ${percent(pairs!.precision)}, recall ${percent(pairs!.recall)}`,
    `  linked without asking              precision ${percent(automatic!.precision)}, recall ${percent(automatic!.recall)}`,
    "  Precision: how many of them are right. Recall: how many of the true pairs they are.",
    "",
    "The three surest pairs:",
    ...result.bestPairs.flatMap((pair, place) => ["", ...sideBySide(pair, place + 1)]),
    "",
    "Try next:",
    `  node bin/mpi.js patient find ${exampleWords(result)}`,
    `  node bin/mpi.js match explain ${result.bestPairs[0]?.records.map((record) => record.id.slice(0, 8)).join(" ") ?? "A B"}`,
    `  node bin/mpi.js audit show --patient ${result.bestPairs[0]?.records[0].id.slice(0, 8) ?? "ID"}`,
  ].join("\n");
}

const narrowest = 24;

function sideBySide(pair: DemoPair, place: number): string[] {
  const rows: readonly (readonly [string, (record: PatientRecord) => string])[] = [
    ["Record", (record) => record.id.slice(0, 8)],
    ["Source", (record) => record.sourceSystem ?? ""],
    ["Name", (record) => formatName(primaryName(record))],
    ["Born", formatBirthDate],
    ["Gender", (record) => record.gender ?? ""],
    ["Address", (record) => formatAddress(record.addresses[0])],
    ["Phone", (record) => record.contacts.find((each) => each.system === "phone")?.value ?? ""],
    [
      "SSN",
      (record) =>
        record.identifiers
          .filter((each) => each.type === "SSN")
          .map((each) => maskIdentifier(each.value))
          .join(" "),
    ],
  ];
  const values = rows.map(([label, value]) => {
    const [left, right] = pair.records.map((record) => safeText(value(record)));
    // That two records have two ids is no news.
    const mark = left === right || label === "Record" || label === "Source" ? " " : "≠";
    return { label, left: left!, right: right!, mark };
  });
  const width = Math.max(narrowest, ...values.map(({ left }) => textWidth(left)));
  return [
    `${place}. probability ${pair.probability.toFixed(5)}, ${pair.state === "auto_linked" ? "linked" : "to be reviewed"}`,
    ...values.map(({ label, left, right, mark }) =>
      `   ${label.padEnd(8)} ${padText(left, width)} ${mark} ${right}`.trimEnd(),
    ),
  ];
}

/** The names of the first pair, as a steward would type them. */
function exampleWords(result: DemoResult): string {
  const name = result.bestPairs[0] === undefined ? undefined : primaryName(result.bestPairs[0].records[0]);
  const words = [name?.given[0], name?.family]
    .filter((word) => word != null)
    .join(" ")
    .toLowerCase();
  return safeText(words).replaceAll(/[^\p{L}\p{N} -]/gu, "");
}

const toJson = (result: DemoResult) => ({
  ...result,
  bestPairs: result.bestPairs.map((pair) => ({
    probability: pair.probability,
    state: pair.state,
    recordIds: pair.records.map((record) => record.id),
  })),
});
