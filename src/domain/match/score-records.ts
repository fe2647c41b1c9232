import { roomForBlockNumbers } from "../../matching/blocking/block-numbers.ts";
import { packKeyPages, pageBitsFor, type KeyPages } from "../../matching/blocking/key-pages.ts";
import {
  joinScores,
  scoreInOneThread,
  type PartialScores,
  type RuleBlocks,
  type StoreScores,
} from "../../matching/bulk/score-store.ts";
import type { StoreTraits } from "../../matching/compare/store-traits.ts";
import type { CompiledModel } from "../../matching/model/compile-model.ts";
import type { LoadedRecords } from "./load-store.ts";
import type { ScoreMessage, ScoreTask } from "./score-worker.ts";
import { shareTraits } from "./share-traits.ts";
import { startThread, threadUrl } from "./start-thread.ts";

export interface ScoreOptions {
  /** describeStore of the store. */
  readonly traits: StoreTraits;
  /** Probability from which pairs are kept; those above the review line always are. */
  readonly keepFrom: number;
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Takes the blocking keys of all records, rule by rule; absent: they are not wanted. */
  readonly onKeys?: ((pages: KeyPages) => void) | undefined;
}

/** Scores every candidate pair once. The result does not depend on the number of threads. */
export async function scoreRecords(
  { ids, store }: LoadedRecords,
  compiled: CompiledModel,
  options: ScoreOptions,
): Promise<StoreScores> {
  const { traits, keepFrom, onKeys } = options;
  const pageBits = pageBitsFor(store.size);
  const prefixes = onKeys === undefined ? new Int32Array(0) : ids.copyPrefixes();
  if (options.threads <= 1 || workerUrl === undefined) {
    return scoreInOneThread(
      { store, traits, compiled, keepFrom },
      onKeys === undefined
        ? undefined
        : (rule, keys, rows, count) => onKeys(packKeyPages(rule, keys, rows, count, pageBits, prefixes)),
    );
  }
  const task: ScoreTask = {
    store,
    traits: shareTraits(traits),
    model: compiled.model,
    calibration: compiled.calibration,
    keepFrom,
    numbers: roomForBlockNumbers(store.size, compiled.model.blocking.length),
    taken: new Int32Array(new SharedArrayBuffer(8)),
    keys: onKeys === undefined ? null : { prefixes, pageBits },
  };
  return joinScores(await runThreads(task, options), store.size);
}

const workerUrl = threadUrl("score-worker", import.meta.url);

/** The threads build the blocks of all rules between them; each is then given all blocks, to take stretches of them. */
async function runThreads(
  task: ScoreTask,
  { threads, signal, onKeys }: ScoreOptions,
): Promise<readonly PartialScores[]> {
  const blocks: RuleBlocks[] = [];
  let built = 0;
  const onMessage = (message: ScoreMessage): PartialScores | undefined => {
    if (message.kind === "scores") return message.scores;
    if (message.kind === "pages") onKeys?.(message.pages);
    else {
      blocks[message.rule] = message.blocks;
      if (++built === task.model.blocking.length) for (const { post } of workers) post(blocks);
    }
    return undefined;
  };
  const resourceLimits = { maxOldGenerationSizeMb: 4096 };
  const workers = Array.from({ length: threads }, () =>
    startThread<PartialScores, ScoreMessage>(workerUrl!, task, signal, { onMessage, resourceLimits }),
  );
  try {
    return await Promise.all(workers.map(({ result }) => result));
  } finally {
    // One that failed leaves others waiting for its blocks.
    for (const { stop } of workers) stop();
  }
}
