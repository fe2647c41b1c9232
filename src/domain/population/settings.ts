import { MpiError } from "../../lib/errors.ts";
import type { Day } from "../../lib/calendar.ts";
import { findDay } from "./calendar.ts";

/** What may be asked of the generator. Rates are shares from 0 to 1. */
export interface PopulationOptions {
  /** Number of records, not of persons. */
  readonly patients: number;
  /** A whole number from 0 to 2^53 - 1. The same seed and options give the same bytes. */
  readonly seed: number;
  /** The last day of the population, `YYYY-MM-DD`. */
  readonly asOf?: string;
  /** How many of the source systems take part. */
  readonly sources?: number;
  /** Share of the records that are a further record of somebody registered already. */
  readonly duplicateRate?: number;
  /** Weights of 2, 3, 4, … records for a person who has more than one. */
  readonly clusterSizes?: readonly number[];
  /** Weights of 1, 2, 3 and 4 errors in a duplicate. */
  readonly errorsPerDuplicate?: readonly number[];
  /** Factors on the weights of the error model, by the error's name (`typing`, `ocr`, …). */
  readonly errorWeights?: Readonly<Record<string, number>>;
  /** Upper limits of the share of records with the field; at most 0.6, 0.8 and 0.5. */
  readonly ssnRate?: number;
  readonly phoneRate?: number;
  readonly emailRate?: number;
  /** Share of the persons who are twins; at least 0.01. */
  readonly twinRate?: number;
  /** Pairs of father and son of one name for each person; at least 0.01. */
  readonly generationRate?: number;
  /** Share of the persons who are registered at birth, beside the mother. */
  readonly newbornRate?: number;
  /** Share of the persons who live in a nursing home, a shelter, a prison, a dormitory. */
  readonly institutionRate?: number;
  /** Couples of whom one uses the other's number, for each person. */
  readonly sharedSsnRate?: number;
  /** Records that mix two persons, for each person. */
  readonly overlayRate?: number;
  /** Pairs of strangers with the same name and birth date, for each person. */
  readonly namesakeRate?: number;
  /** Share of the persons of whom nothing is known: John Doe, born 1900-01-01. */
  readonly unidentifiedRate?: number;
}

export interface PopulationSettings extends Required<PopulationOptions> {
  readonly asOfDay: Day;
}

export const SOURCE_COUNT = 6;
export const LARGEST_POPULATION = 90_000_000;

/** Where they come from: docs/population.md. */
export const POPULATION_DEFAULTS = {
  asOf: "2024-12-31",
  sources: SOURCE_COUNT,
  duplicateRate: 0.18,
  clusterSizes: [80, 14, 4, 1.5, 0.5],
  errorsPerDuplicate: [46, 30, 16, 8],
  errorWeights: {},
  ssnRate: 0.6,
  phoneRate: 0.8,
  emailRate: 0.5,
  twinRate: 0.025,
  generationRate: 0.015,
  newbornRate: 0.012,
  institutionRate: 0.015,
  sharedSsnRate: 0.002,
  overlayRate: 0.0005,
  namesakeRate: 0.0002,
  unidentifiedRate: 0.001,
} as const;

/** The difficulty is fixed: these limits keep a population from being made easy to match. */
const LIMITS = {
  duplicateRate: [0, 0.6],
  ssnRate: [0, 0.6],
  phoneRate: [0, 0.8],
  emailRate: [0, 0.5],
  twinRate: [0.01, 0.3],
  generationRate: [0.01, 0.2],
  newbornRate: [0, 0.3],
  institutionRate: [0, 0.3],
  sharedSsnRate: [0, 0.1],
  overlayRate: [0, 0.1],
  namesakeRate: [0, 0.1],
  unidentifiedRate: [0, 0.1],
} as const;

/** Fills in the defaults. Throws a `usage` error that names every option out of range. */
export function resolvePopulationOptions(options: PopulationOptions): PopulationSettings {
  const settings: Required<PopulationOptions> = { ...POPULATION_DEFAULTS, ...pickOptions(options) };
  const problems: string[] = [];
  const whole = (name: string, value: number, low: number, high: number) => {
    if (!Number.isSafeInteger(value) || value < low || value > high) {
      problems.push(`${name} must be a whole number from ${low} to ${high}`);
    }
  };
  whole("patients", settings.patients, 1, LARGEST_POPULATION);
  whole("seed", settings.seed, 0, Number.MAX_SAFE_INTEGER);
  whole("sources", settings.sources, 1, SOURCE_COUNT);
  for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
    const [low, high] = LIMITS[name];
    const value = settings[name];
    if (!(value >= low && value <= high)) problems.push(`${name} must be from ${low} to ${high}`);
  }
  const asOfDay = findDay(settings.asOf);
  if (asOfDay === undefined) problems.push("asOf must be a date as YYYY-MM-DD");
  if (!areWeights(settings.clusterSizes) || settings.clusterSizes.length > 20) {
    problems.push("clusterSizes must be 1 to 20 weights, one of them positive");
  }
  if (!areWeights(settings.errorsPerDuplicate) || settings.errorsPerDuplicate.length > 4) {
    problems.push("errorsPerDuplicate must be 1 to 4 weights, one of them positive");
  }
  if (Object.values(settings.errorWeights).some((weight) => !(weight >= 0))) {
    problems.push("errorWeights must not be negative");
  }
  if (problems.length > 0) throw new MpiError("usage", `${problems.join("; ")}.`, { details: { problems } });
  return { ...settings, asOfDay: asOfDay! };
}

/** The options that are given; what else the object holds is left out, so that no summary shows it. */
function pickOptions(options: PopulationOptions): PopulationOptions {
  const known = new Set(["patients", "seed", ...Object.keys(POPULATION_DEFAULTS)]);
  const given = Object.entries(options).filter(([name, value]) => known.has(name) && value !== undefined);
  return { patients: options.patients, seed: options.seed, ...Object.fromEntries(given) };
}

function areWeights(weights: readonly number[]): boolean {
  return weights.every((weight) => weight >= 0) && weights.some((weight) => weight > 0);
}
