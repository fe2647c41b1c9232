import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { packKeyPages, type KeyPages } from "../../matching/blocking/key-pages.ts";
import {
  buildRules,
  scoreBlocks,
  type PartialScores,
  type RuleBlocks,
} from "../../matching/bulk/score-store.ts";
import type { StoreTraits } from "../../matching/compare/store-traits.ts";
import type { Calibration } from "../../matching/model/calibration.ts";
import { compileModel } from "../../matching/model/compile-model.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import type { RecordStore } from "../../matching/store/record-store.ts";
import { shareArray } from "./share-traits.ts";

/** What a thread is given; the store and the traits are memory that all of them share. */
export interface ScoreTask {
  readonly store: RecordStore;
  readonly traits: StoreTraits;
  readonly model: MatchModel;
  readonly calibration: Calibration;
  readonly keepFrom: number;
  /** Of the blocks of all rules, which the threads write down between them: see numberBlocks. */
  readonly numbers: Int32Array;
  /** How many rules, and how many stretches of their blocks, have been taken. */
  readonly taken: Int32Array;
  /** Beginnings of the ids, and how many bits number the pages; null where no keys are wanted. */
  readonly keys: { readonly prefixes: Int32Array; readonly pageBits: number } | null;
}

/** What a thread tells: what it built, rule by rule, and once it was given the blocks of all rules, what it found. */
export type ScoreMessage =
  | { readonly kind: "blocks"; readonly rule: number; readonly blocks: RuleBlocks }
  | { readonly kind: "pages"; readonly pages: KeyPages }
  | { readonly kind: "scores"; readonly scores: PartialScores };

// workerData is what scoreRecords passed.
const { store, traits, model, calibration, keepFrom, numbers, taken, keys } = workerData as ScoreTask;
const input = { store, traits, compiled: compileModel(model, calibration), keepFrom };

const post = (message: ScoreMessage, owned: readonly Uint8Array[] = []) =>
  parentPort!.postMessage(
    message,
    owned.map(({ buffer }) => buffer as ArrayBuffer),
  );

const blocksAreThere = once(parentPort!, "message") as Promise<[readonly RuleBlocks[]]>;
buildRules(
  input,
  numbers,
  () => Atomics.add(taken, 0, 1),
  (rule, { starts, rows, chains }) => {
    const blocks = { starts: shareArray(starts), rows: shareArray(rows), chains: shareArray(chains) };
    post({ kind: "blocks", rule, blocks });
  },
  keys === null
    ? undefined
    : (rule, keysOfRule, rows, count) => {
        const pages = packKeyPages(rule, keysOfRule, rows, count, keys.pageBits, keys.prefixes);
        post({ kind: "pages", pages }, [pages.entries]);
      },
);
const [blocks] = await blocksAreThere;
const scores = scoreBlocks(input, numbers, blocks, () => Atomics.add(taken, 1, 1));
parentPort!.postMessage({ kind: "scores", scores } satisfies ScoreMessage, [
  scores.pairs.levels.buffer as ArrayBuffer,
  scores.pairs.components.buffer as ArrayBuffer,
]);
