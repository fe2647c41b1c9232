import { parentPort, workerData } from "node:worker_threads";
import { packKeyPages, type KeyPages } from "../../matching/blocking/key-pages.ts";
import { scoreRules, type PartialScores } from "../../matching/bulk/score-store.ts";
import type { StoreTraits } from "../../matching/compare/store-traits.ts";
import type { Calibration } from "../../matching/model/calibration.ts";
import { compileModel } from "../../matching/model/compile-model.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import type { RecordStore } from "../../matching/store/record-store.ts";

/** What a thread is given; the store and the traits are memory that all of them share. */
export interface ScoreTask {
  readonly store: RecordStore;
  readonly traits: StoreTraits;
  readonly model: MatchModel;
  readonly calibration: Calibration;
  readonly keepFrom: number;
  /** How many rules have been taken. */
  readonly taken: Int32Array;
  /** Beginnings of the ids, and how many bits number the pages; null where no keys are wanted. */
  readonly keys: { readonly prefixes: Int32Array; readonly pageBits: number } | null;
}

export type ScoreMessage =
  | { readonly kind: "pages"; readonly pages: KeyPages }
  | { readonly kind: "scores"; readonly scores: PartialScores };

// workerData is what scoreRecords passed.
const { store, traits, model, calibration, keepFrom, taken, keys } = workerData as ScoreTask;

const scores = scoreRules(
  { store, traits, compiled: compileModel(model, calibration), keepFrom },
  () => Atomics.add(taken, 0, 1),
  keys === null
    ? undefined
    : (rule, keysOfRule, rows, count) => {
        const pages = packKeyPages(rule, keysOfRule, rows, count, keys.pageBits, keys.prefixes);
        const message: ScoreMessage = { kind: "pages", pages };
        parentPort?.postMessage(message, [pages.entries.buffer as ArrayBuffer]);
      },
);
const message: ScoreMessage = { kind: "scores", scores };
parentPort?.postMessage(message, [
  scores.pairs.levels.buffer as ArrayBuffer,
  scores.pairs.components.buffer as ArrayBuffer,
]);
