import { createHash } from "node:crypto";
import type { PatientMatchScoreRow } from "../../db/rows.ts";

/**
 * A token for the facts that somebody decides on: both records' versions, the score, and what was said of the pair so
 * far. Where any of them changes, so does the token. It tells nothing about the values.
 */
export function evidenceOf(
  pair: Pick<
    PatientMatchScoreRow,
    "id" | "state" | "kind" | "matchWeight" | "levels" | "modelVersion" | "decidedBy" | "decidedAt"
  >,
  a: { readonly version: number },
  b: { readonly version: number },
): string {
  const facts = [
    pair.id,
    pair.state,
    pair.kind,
    pair.matchWeight,
    pair.levels,
    pair.modelVersion,
    pair.decidedBy,
    pair.decidedAt,
    a.version,
    b.version,
  ];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16);
}
