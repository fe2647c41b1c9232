import path from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { PopulationOptions } from "../../../domain/population/settings.ts";
import { decimal, defineCommand, integer, repeatable, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";

interface GenerateFlags extends Omit<PopulationOptions, "errorWeights"> {
  readonly out: string;
  readonly format: "csv" | "fhir";
  readonly gzip?: true;
  readonly overwrite?: true;
  readonly errorWeight: readonly string[];
}

/** Registers `mpi population generate`. */
export function registerGenerate(population: Command, act: Act): void {
  const command = defineCommand(population, "generate", {
    summary: "write a synthetic population with known truth",
    description:
      "Writes patients.csv (or patients.ndjson), truth.csv, summary.json and summary.txt: invented people, several " +
      "sources with their own habits, duplicates with one to four errors each, and hard cases (twins, Jr and Sr, " +
      "newborns, shared numbers, overlays) that the truth file labels. The same seed and options give the same bytes " +
      "on every machine. No database is used. What is in the files: docs/population.md.",
    examples: [
      {
        command: "mpi population generate --patients 100000 --seed 1 --out population",
        does: "a hundred thousand records, for trying things out",
      },
      {
        command: "mpi import csv population/patients.csv --map population",
        does: "brings them in",
      },
      {
        command: "mpi population generate --patients 1000000 --seed 7 --out big --gzip --duplicate-rate 0.3",
        does: "more of them, with more duplicates, compressed",
      },
    ],
  });
  addOutputOptions(command);
  addRateOptions(command);
  command.action(act<GenerateFlags>(generate));
}

function addOutputOptions(command: Command): void {
  command
    .requiredOption("--patients <n>", "number of records, duplicates included", integer({ min: 1 }))
    .requiredOption("--seed <n>", "where the random numbers begin", integer({ min: 0 }))
    .option("--out <directory>", "where the files go", "population")
    .addOption(new Option("--format <format>", "of the patients").choices(["csv", "fhir"]).default("csv"))
    .option("--gzip", "compress patients and truth (.gz)")
    .option("--overwrite", "replace files of the same names")
    .option("--as-of <date>", "last day of the population (default: 2024-12-31)")
    .option(
      "--sources <n>",
      "how many source systems take part (default: 6, all)",
      integer({ min: 1, max: 6 }),
    );
}

/** Defaults are the domain's: POPULATION_DEFAULTS and docs/population.md. */
function addRateOptions(command: Command): void {
  command
    .option(
      "--duplicate-rate <share>",
      "records that are a person's second or later one (default: 0.18)",
      decimal(),
    )
    .option(
      "--cluster-sizes <weights>",
      "of 2, 3, 4, … records a person (default: 80,14,4,1.5,0.5)",
      parseWeights,
    )
    .option("--errors-per-duplicate <weights>", "of 1, 2, 3 and 4 errors (default: 46,30,16,8)", parseWeights)
    .option(
      "--error-weight <error=factor>",
      "makes one kind of error rarer or commoner; repeatable",
      repeatable,
      [],
    )
    .option("--ssn-rate <share>", "records with an SSN, at most 0.6 (default: 0.6)", decimal())
    .option("--phone-rate <share>", "records with a telephone, at most 0.8 (default: 0.8)", decimal())
    .option("--email-rate <share>", "records with an e-mail address, at most 0.5 (default: 0.5)", decimal())
    .option("--twin-rate <share>", "persons who are twins, at least 0.01 (default: 0.025)", decimal())
    .option(
      "--generation-rate <share>",
      "pairs of Sr and Jr for each person, at least 0.01 (default: 0.015)",
      decimal(),
    )
    .option("--newborn-rate <share>", "persons registered at birth (default: 0.012)", decimal())
    .option("--institution-rate <share>", "persons in homes, shelters, prisons (default: 0.015)", decimal())
    .option("--shared-ssn-rate <share>", "couples with one SSN for each person (default: 0.002)", decimal())
    .option(
      "--overlay-rate <share>",
      "records that mix two persons, for each person (default: 0.0005)",
      decimal(),
    )
    .option("--namesake-rate <share>", "strangers of one name and birth date (default: 0.0002)", decimal())
    .option("--unidentified-rate <share>", "persons without a name (default: 0.001)", decimal());
}

function parseWeights(text: string): readonly number[] {
  const list = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  if (list.some((weight) => !(weight >= 0))) {
    throw new InvalidArgumentError("It must be numbers between commas, such as 60,30,10.");
  }
  return list;
}

async function generate(context: CommandContext, flags: GenerateFlags): Promise<void> {
  const { out, format, gzip, overwrite, errorWeight, ...options } = flags;
  const errorWeights = parseErrorWeights(errorWeight);
  // Reading the name tables takes a tenth of a second that no other command needs to spend.
  const { generatePopulation } = await import("../../../domain/population/generate-population.ts");
  const { formatPopulationSummary } = await import("../../../domain/population/format-summary.ts");
  const directory = path.resolve(context.cwd, out);
  const progress = await context.progress({
    label: "Generating records",
    total: options.patients,
    unit: "records",
  });
  try {
    const summary = await generatePopulation(
      { ...options, errorWeights },
      {
        directory,
        format,
        gzip: gzip === true,
        overwrite: overwrite === true,
        signal: context.signal,
        onProgress: (records) => progress.update(records),
      },
    );
    await context.output.report({ text: formatPopulationSummary(summary), json: summary });
  } finally {
    progress.finish();
  }
  context.info(`Bring them in: mpi import csv ${path.join(out, "patients.csv")} --map population`);
}

/** `typing=2` as commander gave it; the domain says which errors there are. */
function parseErrorWeights(texts: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [error = "", factor = ""] = text.split("=");
      return [error, factor.trim() === "" ? NaN : Number(factor)] as const;
    }),
  );
}
