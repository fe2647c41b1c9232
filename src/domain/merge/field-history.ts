import type { FieldEntry } from "./merge-inverse.ts";
import { isSameValue, type FieldValue } from "./survivorship.ts";

/** What becomes of one field of one record when values that merges brought leave it again. */
export interface Withdrawal {
  /** The history without the entries that leave. */
  readonly kept: readonly FieldEntry[];
  /** What the field held before the latest value that leaves; null where that is not the latest value of all. */
  readonly before: FieldValue | null;
  /** True where the latest value leaves but somebody has edited the field since: the edit is theirs. */
  readonly isEdited: boolean;
}

/**
 * Takes entries out of the history of one field, wherever in it they stand. The entry after one that leaves falls
 * back on what that one fell back on, so that taking them out one by one, in any order, ends where the field would
 * be had they never come.
 *
 * @param current what the field holds now.
 */
export function withdrawEntries(
  history: readonly FieldEntry[],
  leaves: (entry: FieldEntry) => boolean,
  current: FieldValue,
): Withdrawal {
  const kept: FieldEntry[] = [];
  // What an entry fell back on, by its sequence, once those before it have left.
  let fallback: { readonly applied: FieldValue; readonly previous: FieldValue } | null = null;
  let before: FieldValue | null = null;
  let isEdited = false;
  for (const [index, entry] of history.entries()) {
    const previous: FieldValue =
      fallback !== null && isSameValue(entry.field, entry.previous, fallback.applied)
        ? fallback.previous
        : entry.previous;
    fallback = null;
    if (!leaves(entry)) {
      kept.push(previous === entry.previous ? entry : { ...entry, previous });
      continue;
    }
    fallback = { applied: entry.applied, previous };
    if (index === history.length - 1) {
      before = previous;
      isEdited = !isSameValue(entry.field, current, entry.applied);
    }
  }
  return { kept, before, isEdited };
}
