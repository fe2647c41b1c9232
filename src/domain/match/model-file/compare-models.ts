import type { MatchModel } from "../../../matching/model/match-model.ts";

/** One difference between two models. Null stands for "not there". */
export interface ModelDifference {
  /** Names, not places, tell members of lists apart: `comparisons.street.levels.exact.m`. */
  readonly path: string;
  readonly before: string | number | boolean | null;
  readonly after: string | number | boolean | null;
}

/** What differs between two models, in the order of the first. */
export function compareModels(before: MatchModel, after: MatchModel): readonly ModelDifference[] {
  const old = flatten(before);
  const changed = flatten(after);
  const differences: ModelDifference[] = [];
  for (const [path, value] of old) {
    const other = changed.get(path) ?? null;
    if (other !== value) differences.push({ path, before: value, after: other });
  }
  for (const [path, value] of changed) {
    if (!old.has(path)) differences.push({ path, before: null, after: value });
  }
  return differences;
}

type Leaf = string | number | boolean;

function flatten(value: unknown, path = "", leaves = new Map<string, Leaf>()): ReadonlyMap<string, Leaf> {
  const join = (key: string) => (path === "" ? key : `${path}.${key}`);
  if (Array.isArray(value)) {
    if (value.every(hasName)) {
      // The order counts too: rules of blocking find pairs first to last.
      leaves.set(join("(order)"), value.map((each) => each.name).join(", "));
      for (const each of value) flatten({ ...each, name: undefined }, join(each.name), leaves);
    } else if (value.every((each) => typeof each === "string")) leaves.set(path, value.join(", "));
    else value.forEach((each, at) => flatten(each, join(String(at + 1)), leaves));
  } else if (typeof value === "object" && value !== null) {
    for (const [key, each] of Object.entries(value)) flatten(each, join(key), leaves);
  } else if (value !== undefined) leaves.set(path, value as Leaf);
  return leaves;
}

interface Named {
  readonly name: string;
}

const hasName = (value: unknown): value is Named =>
  typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
