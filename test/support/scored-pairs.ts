import type { TestIndex } from "./test-index.ts";

/** Stores scored pairs as a run does, and returns their ids in the same order. */
export async function scorePairs(
  { sql }: TestIndex,
  ...pairs: readonly (readonly [string, string, number])[]
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const [one, other, score] of pairs) {
    const [a, b] = [one, other].sort();
    const [row] = await sql<{ id: string }[]>`
      insert into patient_match_scores (patient_id, candidate_id, total_score, match_weight, model_version)
      values (${a!}, ${b!}, ${score}, ${Math.log2(score / (1 - score))}, 'test/1') returning id`;
    ids.push(row!.id);
  }
  return ids;
}
