import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  createPairStage,
  mergeStagedPairs,
  stagePairs,
  type PairCounts,
  type ScoredPairRow,
} from "../../../src/db/queries/match-stage.ts";
import { ascendingIds } from "../../../src/db/clustered-ids.ts";
import { RecordIds } from "../../../src/matching/store/record-ids.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";

const run = {
  runId: "00000000-0000-4000-8000-000000000001",
  modelVersion: "test",
  calibrationId: "00000000-0000-4000-8000-000000000002",
};

const pairOf = (patients: readonly string[], id: string, matchWeight: number): ScoredPairRow => {
  return {
    id,
    ids: RecordIds.fromTexts([...patients].sort()),
    patient: 0,
    candidate: 1,
    totalScore: 0.9,
    matchWeight,
    nameScore: 1,
    birthDateScore: null,
    genderScore: 0.5,
    addressScore: null,
    identifierScore: 0,
    levels: Int8Array.of(0, -1),
    rulesFired: ['a "rule"', "b"],
    state: "pending",
    kind: "duplicate",
  };
};

async function* inBatches(rows: readonly ScoredPairRow[]) {
  yield rows.slice(0, 1);
  await sleep(0);
  yield rows.slice(1);
}

const store = (index: TestIndex, rows: readonly ScoredPairRow[], runId = run.runId): Promise<PairCounts> =>
  index.act(async (tx) => {
    await createPairStage(tx);
    await stagePairs(tx, { ...run, runId }, inBatches(rows));
    return mergeStagedPairs(tx, runId, "all");
  });

interface StoredPair {
  readonly id: string;
  readonly weight: number;
  readonly state: string;
  readonly rules: readonly string[];
  readonly by: string | null;
}

const readPairs = async ({ sql }: TestIndex): Promise<readonly StoredPair[]> => {
  const rows = await sql<StoredPair[]>`
    select id, match_weight as weight, state, rules_fired as rules, decided_by as by from patient_match_scores
    order by match_weight`;
  return [...rows];
};

describe("storing the pairs of a run", () => {
  it("adds what is new, refreshes what has other figures, and supersedes what is gone", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    const nextId = ascendingIds(4);
    const [first, second, third, fourth] = [nextId(), nextId(), nextId(), nextId()];
    const before = [pairOf([a, b], first, 1), pairOf([a, c], second, 2)];
    expect(await store(index, before)).toEqual({ added: 2, changed: 0, superseded: 0 });
    expect(await store(index, before)).toEqual({ added: 0, changed: 0, superseded: 0 });

    const after = [pairOf([a, c], third, 3), pairOf([b, c], fourth, 4)];
    const later = "00000000-0000-4000-8000-000000000003";
    expect(await store(index, after, later)).toEqual({ added: 1, changed: 1, superseded: 1 });
    const rules = ['a "rule"', "b"];
    expect(await readPairs(index)).toEqual([
      { id: first, weight: 1, state: "superseded", rules, by: null },
      { id: second, weight: 3, state: "pending", rules, by: null },
      { id: fourth, weight: 4, state: "pending", rules, by: null },
    ]);
  });

  it("keeps what a person says of a pair at the very moment that it is stored", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    const nextId = ascendingIds(2);
    const rows = [pairOf([a, b], nextId(), 1), pairOf([a, c], nextId(), 2)];
    const [patientId, candidateId] = [a, b].sort();
    let storing: Promise<PairCounts> | undefined;
    await index.sql.begin(async (steward) => {
      await steward`insert into patient_match_scores (patient_id, candidate_id, total_score, state, decided_by, decided_at)
        values (${patientId!}, ${candidateId!}, 0, 'rejected', 'steward', now())`;
      storing = store(index, rows);
      await waitUntilBlocked(steward);
    });
    expect(await storing).toEqual({ added: 1, changed: 1, superseded: 0 });
    expect((await readPairs(index)).map(({ weight, state, by }) => [weight, state, by])).toEqual([
      [1, "rejected", "steward"],
      [2, "pending", null],
    ]);
  });
});

/** Until another session waits for this one. */
async function waitUntilBlocked(sql: Pick<TestIndex["sql"], "unsafe">): Promise<void> {
  for (let round = 0; round < 1000; round += 1) {
    const rows = await sql.unsafe(
      "select from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid))",
    );
    if (rows.length > 0) return;
    await sleep(10);
  }
  throw new Error("nobody waits");
}
