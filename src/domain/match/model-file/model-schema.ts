import { z } from "zod";
import {
  comparisonKinds,
  comparisonNames,
  frequencyFields,
} from "../../../matching/model/comparison-kinds.ts";
import { keyParts } from "../../../matching/model/key-parts.ts";
import { pairFacts, type MatchModel, type RuleCondition } from "../../../matching/model/match-model.ts";
import { mostRules } from "../../../matching/score/rules.ts";

// Names appear in explanations, in stored rows and in metrics.
const name = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\p{L}\p{N}][^"\\\p{Cc}]*$/u, "begins with a letter or a digit and has no quotation marks in it");
const label = z.string().min(1).max(200);
const probability = z.number().gt(0).max(1);
const share = z.number().min(0).max(1);
const count = z.int().min(1);
const comparisonName = z.enum(comparisonNames as readonly [string, ...string[]]);

const levelNames = [...new Set(comparisonKinds.flatMap((kind) => kind.levels.map((level) => level.name)))];
const levelName = z.enum(levelNames as [string, ...string[]]);

const level = z.strictObject({
  name: levelName.describe("A level of this comparison; docs/comparators.md has them all."),
  m: probability.describe("P(level | same person)"),
  u: probability.describe("P(level | two persons picked at random)"),
  termFrequency: share
    .optional()
    .describe("How far the frequency of the value adjusts the weight; 0 where left out."),
});

const condition: z.ZodType<RuleCondition> = z
  .lazy(() =>
    z.union([
      z.strictObject({ all: z.array(condition).min(1) }),
      z.strictObject({ any: z.array(condition).min(1) }),
      z.strictObject({ not: condition }),
      z.strictObject({
        comparison: comparisonName,
        levels: z.array(z.enum(["unavailable", ...levelNames])).min(1),
      }) as z.ZodType<Extract<RuleCondition, { comparison: unknown }>>,
      z.strictObject({ fact: z.enum(pairFacts) }),
    ]),
  )
  .meta({ id: "condition" });

const relationComparison = z.union([share, z.partialRecord(levelName, probability)]);

const parts = z.array(z.enum(keyParts)).min(1);

const modelSchema = z
  .strictObject({
    $schema: z.string().optional().describe("For editors; not part of the model."),
    format: z.literal("mpi-match-model/1"),
    name,
    version: z.string().min(1).max(100).describe("Raised by whoever changes the model; a run stores it."),
    description: z.string().max(1000),
    duplicatesPerRecord: z
      .number()
      .gt(0)
      .max(1000)
      .describe("Where nothing has been learned: true duplicates that a record has on average."),
    comparisons: z.array(z.strictObject({ name: comparisonName, levels: z.array(level).min(1) })).min(1),
    relations: z.array(
      z.strictObject({
        name,
        label,
        pairsPerRecord: z.number().gt(0).max(1000),
        comparisons: z
          .partialRecord(comparisonName, relationComparison)
          .describe("The share that agrees as one person's records do, or P(level | relation) by level."),
      }),
    ),
    blocking: z
      .array(
        z.strictObject({
          name,
          on: parts.describe("Two records become a candidate pair where all of these are known and equal."),
          largestBlock: z
            .int()
            .min(2)
            .describe("Blocks with more records are split by refine, or left out and counted."),
          refine: parts.optional(),
        }),
      )
      .min(1),
    rules: z
      .array(
        z.strictObject({
          name,
          label,
          action: z.enum(["link", "veto", "review"]),
          separates: z
            .boolean()
            .optional()
            .describe("The two must not become one person by way of a third either."),
          when: condition,
        }),
      )
      .max(mostRules),
    thresholds: z.strictObject({
      possible: z.number().gt(0).lt(1),
      review: z.number().gt(0).lt(1),
      automatic: z.number().gt(0).lt(1),
      sameSourceMargin: z.number().min(0).max(100).describe("Bits"),
      runnerUpMargin: z.number().min(0).max(100).describe("Bits"),
    }),
    limits: z.strictObject({
      personSize: z.int().min(2),
      directSupport: share,
      pairsPerRule: count,
      linksPerRun: count,
      linksPerRecord: z.number().gt(0),
    }),
    nationalIdentifierTypes: z.array(
      z.string().regex(/^[A-Z0-9]+$/, "is written in capital letters and digits"),
    ),
    strangersPerValue: z.strictObject(
      Object.fromEntries(frequencyFields.map((field) => [field, z.number().gt(0).max(1_000_000)])),
    ),
  })
  .meta({ id: "match-model", title: "Matching model of mpi", description: "See docs/matching.md." });

/** What is wrong with a value, and where. */
export interface ModelMistake {
  readonly path: readonly (string | number)[];
  readonly reason: string;
}

/** The shape of a model file; what the shape alone cannot say is checkModel's. */
export function readModelShape(
  value: unknown,
): { readonly model: MatchModel } | { readonly mistakes: readonly ModelMistake[] } {
  const parsed = modelSchema.safeParse(value);
  if (!parsed.success) {
    return { mistakes: parsed.error.issues.flatMap((issue) => describeIssue(issue, value)) };
  }
  const model = Object.fromEntries(Object.entries(parsed.data).filter(([key]) => key !== "$schema"));
  // The schema is made of the same lists as the type; zod widens names made of lists to string.
  return { model: model as unknown as MatchModel };
}

/** The schema as JSON Schema 2020-12, for editors and other programs. */
export const modelJsonSchema = () => z.toJSONSchema(modelSchema, { io: "input" });

/** Of the alternatives of a union, what is wrong with the one that was meant. */
function describeIssue(issue: z.core.$ZodIssue, value: unknown): readonly ModelMistake[] {
  const path = issue.path as (string | number)[];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], reason: "is not known" }));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const meant = issue.errors
      .map((errors) => errors.map((each) => ({ ...each, path: [...path, ...each.path] })))
      .filter(
        (errors) => !errors.some((each) => each.code === "unrecognized_keys" || isOtherType(each, path)),
      );
    const closest = meant[0];
    if (closest !== undefined) return closest.flatMap((each) => describeIssue(each, value));
    return [
      { path, reason: isCondition(path) ? conditionForms : "is neither a number nor an object of levels" },
    ];
  }
  if (isMissing(path, value)) return [{ path, reason: "is missing" }];
  if (issue.code === "invalid_value") return [{ path, reason: describeChoice(issue.values, path, value) }];
  if (issue.code === "too_small") {
    const { minimum, inclusive, origin } = issue;
    return [
      {
        path,
        reason: isList(origin)
          ? `needs at least ${minimum}`
          : `must be ${inclusive === false ? "greater than" : "at least"} ${minimum}`,
      },
    ];
  }
  if (issue.code === "too_big") {
    const { maximum, inclusive, origin } = issue;
    return [
      {
        path,
        reason: isList(origin)
          ? `may have at most ${maximum}`
          : `must be ${inclusive === false ? "less than" : "at most"} ${maximum}`,
      },
    ];
  }
  if (issue.code === "invalid_type") return [{ path, reason: `must be of type ${issue.expected}` }];
  return [{ path, reason: lowerFirst(issue.message) }];
}

const isList = (origin: string) => origin === "array" || origin === "string";
const isMissing = (path: readonly (string | number)[], value: unknown) =>
  valueAt(path, value) === undefined && path.length > 0;

const valueAt = (path: readonly (string | number)[], value: unknown): unknown =>
  path.reduce<unknown>(
    (inner, key) => (inner as Readonly<Record<string | number, unknown>> | null | undefined)?.[key],
    value,
  );

const conditionForms =
  'is no condition: one of {"all": […]}, {"any": […]}, {"not": …}, {"comparison": …, "levels": […]}, {"fact": …}';
const isCondition = (path: readonly (string | number)[]) => path[0] === "rules";
const isOtherType = (issue: z.core.$ZodIssue, path: readonly (string | number)[]) =>
  issue.code === "invalid_type" && issue.path.length <= path.length + 1;

function describeChoice(
  choices: readonly unknown[],
  path: readonly (string | number)[],
  value: unknown,
): string {
  const found = valueAt(path, value);
  const shown = typeof found === "string" ? `"${found}" is not known` : "is not known";
  return choices.length > 25 ? shown : `${shown}; one of ${choices.map(String).join(", ")}`;
}

const lowerFirst = (text: string) => text.slice(0, 1).toLowerCase() + text.slice(1);
