import { MpiError } from "../../lib/errors.ts";
import { childTables, type ChildTable } from "../../db/queries/child-rows.ts";
import type { MergeDiff } from "./merge-diff.ts";
import { toMergeDiff } from "./merge-diff.ts";
import type { MergeRequest } from "./merge-one.ts";
import type { MergeResult } from "./merge-patients.ts";
import { scalarFields, type ScalarField } from "./survivorship.ts";

/** A merge to be made later, with what it was made from and what it will do. Plain JSON. */
export interface MergePlan {
  readonly format: "mpi-plan/1";
  readonly command: "patient merge";
  readonly madeAt: string;
  readonly madeBy: string;
  readonly request: {
    readonly sources: readonly string[];
    readonly survivor: string;
    readonly reason: string | null;
    readonly keep: Readonly<Partial<Record<ScalarField, string>>>;
    readonly keepUses: readonly ChildTable[];
    readonly override: boolean;
  };
  /** Version of each record that the plan was made from. */
  readonly versions: Readonly<Record<string, number>>;
  /** What the merge will do, and nothing else. */
  readonly merges: readonly MergeDiff[];
}

export function makeMergePlan(
  request: MergeRequest,
  result: MergeResult,
  made: { readonly at: string; readonly by: string },
): MergePlan {
  return {
    format: "mpi-plan/1",
    command: "patient merge",
    madeAt: made.at,
    madeBy: made.by,
    request: {
      sources: request.sources,
      survivor: request.survivor,
      reason: request.reason,
      keep: request.keep ?? {},
      keepUses: request.keepUses ?? [],
      override: request.override === true,
    },
    versions: Object.fromEntries(result.versions),
    merges: result.merges.map(toMergeDiff),
  };
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const isId = (value: unknown): value is string => typeof value === "string" && uuid.test(value);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads a plan that somebody may have edited. What it will do is compared with what it says when it is applied, so
 * only the request and the versions have to be looked at here.
 *
 * @throws {MpiError} `usage`
 */
export function parseMergePlan(text: string): MergePlan {
  let plan: unknown;
  try {
    plan = JSON.parse(text);
  } catch {
    throw notAPlan("it is not JSON");
  }
  if (!isObject(plan) || plan["format"] !== "mpi-plan/1" || plan["command"] !== "patient merge") {
    throw notAPlan('it does not say "mpi-plan/1" and "patient merge"');
  }
  const { request, versions, merges } = plan;
  const isWhole =
    isObject(request) &&
    Array.isArray(request["sources"]) &&
    request["sources"].length > 0 &&
    request["sources"].every(isId) &&
    isId(request["survivor"]) &&
    (request["reason"] === null || typeof request["reason"] === "string") &&
    isKeep(request["keep"]) &&
    Array.isArray(request["keepUses"]) &&
    request["keepUses"].every((table) => childTables.includes(table as ChildTable)) &&
    typeof request["override"] === "boolean" &&
    isObject(versions) &&
    [...request["sources"], request["survivor"]].every((id) => typeof versions[id] === "number") &&
    Array.isArray(merges);
  if (!isWhole) throw notAPlan("parts of it are missing or not what they should be");
  // Checked above, as far as anything is done with it.
  return plan as unknown as MergePlan;
}

const isKeep = (value: unknown): boolean =>
  isObject(value) &&
  Object.entries(value).every(([field, id]) => scalarFields.includes(field as ScalarField) && isId(id));

const notAPlan = (why: string) =>
  new MpiError("usage", `That file is no plan of mpi: ${why}.`, {
    hint: "mpi patient merge --plan FILE writes one.",
  });
