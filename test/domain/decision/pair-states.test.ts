import { beforeEach, describe, expect, it } from "vitest";
import { ChangeJournal } from "../../../src/domain/decision/change-journal.ts";
import { clearDecision } from "../../../src/domain/decision/clear-decision.ts";
import { decideDifferent } from "../../../src/domain/decision/decide-different.ts";
import { decideSame } from "../../../src/domain/decision/decide-same.ts";
import { deferDecision } from "../../../src/domain/decision/defer-decision.ts";
import type { PairScore } from "../../../src/domain/decision/pair-scorer.ts";
import { rescoreAround } from "../../../src/domain/decision/rescore-around.ts";
import { mergePatients } from "../../../src/domain/merge/merge-patients.ts";
import { unmergePatient } from "../../../src/domain/merge/unmerge-patient.ts";
import { scorePairs } from "../../support/scored-pairs.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";

let index: TestIndex;
let a: string;
let b: string;
let pair: string;
beforeEach(async () => {
  index = await openTestIndex();
  [a, b] = [await index.add({ name: "Hale, Nora" }), await index.add({ name: "Hale, Nora" })];
  [pair] = (await scorePairs(index, [a, b, 0.8])) as [string];
});

const state = async () =>
  (await index.sql<{ state: string }[]>`select state from patient_match_scores where id = ${pair}`)[0]!.state;

const score = (isAboveReviewLine: boolean): PairScore => ({
  totalScore: isAboveReviewLine ? 0.8 : 0.2,
  matchWeight: isAboveReviewLine ? 2 : -2,
  nameScore: null,
  birthDateScore: null,
  genderScore: null,
  addressScore: null,
  identifierScore: null,
  levels: [],
  rulesFired: [],
  modelVersion: "test/2",
  calibrationId: null,
  isAboveReviewLine,
});

const rescore = (isAboveReviewLine: boolean) =>
  index.act((tx) =>
    rescoreAround(tx, new ChangeJournal(tx), [a, b], () => Promise.resolve(score(isAboveReviewLine))),
  );

describe("section 6: states of a scored pair", () => {
  it("are these seven, and no other is stored", async () => {
    const known = [
      "pending",
      "auto_linked",
      "confirmed",
      "rejected",
      "deferred",
      "merged",
      "superseded",
    ] as const;
    const [check] = await index.sql<{ definition: string }[]>`
      select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'patient_match_scores_state_check'`;
    expect([...check!.definition.matchAll(/'(\w+)'/g)].map((match) => match[1]).sort()).toEqual(
      [...known].sort(),
    );
  });

  it("follow what a person says: confirmed, rejected, deferred, and pending again once it is cleared", async () => {
    expect(await state()).toBe("pending");
    await index.act((tx) => deferDecision(tx, { a, b, reason: null }));
    expect(await state()).toBe("deferred");
    await index.act((tx) => decideSame(tx, { a, b, reason: null, origin: "review" }));
    expect(await state()).toBe("confirmed");
    await index.act((tx) => clearDecision(tx, a, b));
    expect(await state()).toBe("pending");
    await index.act((tx) => decideDifferent(tx, { a, b, reason: null, origin: "review", thirds: "release" }));
    expect(await state()).toBe("rejected");
  });

  it("follow a merge and its way back", async () => {
    const { merges } = await index.act((tx) =>
      mergePatients(tx, { sources: [a], survivor: b, reason: null }),
    );
    expect(await state()).toBe("merged");
    await index.act((tx) =>
      unmergePatient(tx, { mergeId: merges[0]!.mergeId, reason: null, allowRematch: true }),
    );
    expect(await state()).toBe("pending");
    const again = await index.act((tx) => mergePatients(tx, { sources: [a], survivor: b, reason: null }));
    await index.act((tx) => unmergePatient(tx, { mergeId: again.merges[0]!.mergeId, reason: null }));
    expect(await state()).toBe("rejected");
  });

  it("follow a newer score below the line and above it again, where nobody has decided", async () => {
    await rescore(false);
    expect(await state()).toBe("superseded");
    await rescore(true);
    expect(await state()).toBe("pending");
    for (const decide of [
      () => index.act((tx) => decideSame(tx, { a, b, reason: null, origin: "review" })),
      () =>
        index.act((tx) => decideDifferent(tx, { a, b, reason: null, origin: "review", thirds: "release" })),
    ]) {
      await decide();
      const said = await state();
      await rescore(false);
      expect(await state()).toBe(said);
    }
  });
});
