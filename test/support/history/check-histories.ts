import { expect } from "vitest";
import type { TestIndex } from "../test-index.ts";
import { History } from "./history.ts";
import { actedStep, everyKind, type Step } from "./history-steps.ts";
import { fc } from "../properties.ts";

export interface HistoryCheck {
  readonly sequences: number;
  readonly steps: number;
  readonly seed: number;
}

/** Steps that can be taken back exactly: data of sources that arrives late is not anybody's to take back. */
const reversibleKinds = new Set([...everyKind].filter((kind) => kind !== "late"));

const count = (totals: Map<Step["kind"], number>, history: History) => {
  for (const [kind, done] of history.done) totals.set(kind, (totals.get(kind) ?? 0) + done);
};

/**
 * Random histories of all kinds of steps; the laws hold after each step.
 * @returns how many steps of each kind did something.
 */
export async function checkLaws(index: TestIndex, { sequences, steps, seed }: HistoryCheck) {
  const totals = new Map<Step["kind"], number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(actedStep(everyKind), { minLength: steps, maxLength: steps }),
      async (history) => {
        const told = new History(index, { isReversible: false });
        await told.begin(6);
        for (const step of history) await told.take(step);
        count(totals, told);
      },
    ),
    { numRuns: sequences, seed, endOnFailure: true },
  );
  return totals;
}

/** Random histories that are then taken back, the last step first: what is left is the start. */
export async function checkUndo(index: TestIndex, { sequences, steps, seed }: HistoryCheck) {
  const totals = new Map<Step["kind"], number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(actedStep(reversibleKinds), { minLength: steps, maxLength: steps }),
      async (history) => {
        const told = new History(index, { isReversible: true });
        await told.begin(6);
        const start = told.state;
        for (const step of history) await told.take(step);
        count(totals, told);
        const end = await told.undoAll();
        // What was merged stays on record, as taken back.
        expect(end.merges.every((merge) => merge.unmerged)).toBe(true);
        expect({ ...end, merges: [] }).toEqual({ ...start, merges: [] });
      },
    ),
    { numRuns: sequences, seed, endOnFailure: true },
  );
  return totals;
}
