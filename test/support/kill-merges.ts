import { setTimeout as sleep } from "node:timers/promises";
import { inspectMerge, startMergeWorker, type MergeWorker } from "./merge-workers.ts";
import type { TestIndex } from "./test-index.ts";

export interface KillReport {
  /** Kills that found the victim's transaction open. */
  readonly insideTransaction: number;
  /** Kills before it began, and after it had ended. */
  readonly outsideTransaction: number;
  readonly whole: number;
  readonly absent: number;
  /** Whatever is neither. */
  readonly broken: readonly string[];
}

/** Numbers from 0 to 1, the same ones each time (mulberry32). */
export function seededNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Has `count` merges begun by processes of their own and kills each process with SIGKILL at a random moment. The
 * process is stopped first, so that one can see whether its transaction is open when the blow falls.
 */
export async function killMerges(index: TestIndex, count: number, seed: number): Promise<KillReport> {
  const random = seededNumbers(seed);
  const spare: Promise<MergeWorker>[] = [];
  let started = 0;
  const refill = () => {
    while (spare.length < 2 && started < count + 2) {
      spare.push(startMergeWorker(index.database.url, `victim ${String(started)}`));
      started += 1;
    }
  };
  refill();

  const newPair = async () =>
    [
      await index.add({ contacts: [{ value: "202-555-0101" }] }),
      await index.add({ contacts: [{ value: "202-555-0102" }] }),
    ] as const;
  const survivorOfAll = await spare.shift()!;
  const duration = await timeMerges(survivorOfAll, newPair);
  await survivorOfAll.stop();

  let insideTransaction = 0;
  const tally = { whole: 0, absent: 0 };
  const broken: string[] = [];
  for (let round = 0; round < count; round += 1) {
    refill();
    const victim = await spare.shift()!;
    const [a, b] = await newPair();
    victim.send(a, b);
    await sleep(random() * duration * 1.15);
    process.kill(victim.pid, "SIGSTOP");
    // Nothing is answered once the stop has reached the process, so what is open now stays open.
    await sleep(2);
    if (await isInTransaction(index, victim.name)) insideTransaction += 1;
    process.kill(victim.pid, "SIGKILL");
    await waitForBackend(index, victim.name);
    const state = await inspectMerge(index.sql, a, b);
    if (state === "whole" || state === "absent") tally[state] += 1;
    else broken.push(state);
  }
  for (const worker of await Promise.all(spare)) await worker.stop();
  return { insideTransaction, outsideTransaction: count - insideTransaction, ...tally, broken };
}

/** Milliseconds that a merge takes there and back, the median of nine. */
async function timeMerges(
  worker: MergeWorker,
  newPair: () => Promise<readonly [string, string]>,
): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    const [a, b] = await newPair();
    const start = performance.now();
    worker.send(a, b);
    await worker.answer();
    times.push(performance.now() - start);
  }
  return times.sort((one, other) => one - other)[4]!;
}

const isInTransaction = async ({ sql }: TestIndex, name: string) =>
  (
    await sql`select from pg_stat_activity
      where datname = current_database() and application_name = ${name} and xact_start is not null`
  ).length > 0;

async function waitForBackend({ sql }: TestIndex, name: string): Promise<void> {
  for (;;) {
    const backends = await sql`select from pg_stat_activity
      where datname = current_database() and application_name = ${name}`;
    if (backends.length === 0) return;
    await sleep(5);
  }
}
