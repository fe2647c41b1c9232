import type { CommittedStretch } from "../../db/queries/imports.ts";
import { importOutcomes, type ImportOutcome } from "./import-record.ts";

/** What became of one entry, as far as it matters: which of a stretch was added and which updated is not kept. */
export type CommittedEntry = { readonly outcome: ImportOutcome } | { readonly refused: string };

/** What an import that was killed had committed beyond its last checkpoint. */
export class CommittedAhead {
  readonly #stretches: readonly {
    readonly from: number;
    readonly entries: number;
    readonly refused: ReadonlyMap<number, string>;
    readonly outcomes: Iterator<ImportOutcome>;
  }[];

  constructor(stretches: readonly CommittedStretch[]) {
    this.#stretches = stretches.map(({ from, entries, refused, counts }) => ({
      from,
      entries,
      refused: new Map(refused),
      outcomes: outcomesOf(counts),
    }));
  }

  /**
   * What became of the entry at a place of the input; undefined where it is not committed. Ask once for each place, in
   * order. A place that two stretches hold was told of again after a second kill: the first one counts.
   */
  find(place: number): CommittedEntry | undefined {
    const stretch = this.#stretches.find(({ from, entries }) => from <= place && place < from + entries);
    if (stretch === undefined) return undefined;
    const refused = stretch.refused.get(place - stretch.from);
    if (refused !== undefined) return { refused };
    const next = stretch.outcomes.next();
    return next.done === true ? undefined : { outcome: next.value };
  }
}

function* outcomesOf(counts: CommittedStretch["counts"]): Generator<ImportOutcome> {
  for (const outcome of importOutcomes)
    for (let left = counts[outcome] ?? 0; left > 0; left -= 1) yield outcome;
}
