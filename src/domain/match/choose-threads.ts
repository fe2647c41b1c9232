import { availableParallelism } from "node:os";

/** With fewer records, starting a thread takes longer than what it saves. */
const fewestForThreads = 50_000;

/** Threads that are worth it: at most one for each core, and four, beyond which memory is the limit. */
export const chooseThreads = (records: number): number =>
  records < fewestForThreads ? 1 : Math.min(4, availableParallelism());
