import type { FieldEntry } from "./merge-inverse.ts";
import { isSameValue, type FieldValue } from "./survivorship.ts";

/** What becomes of one field of one record when values that merges brought leave it again. */
export interface Withdrawal {
  /** The history without the entries that leave. */
  readonly kept: readonly FieldEntry[];
  /** What the field held before the latest value that leaves; null where that is not the latest value of all. */
  readonly before: FieldValue | null;
  /** The oldest of the entries that left together at the end: what was there before it is there again. */
  readonly oldest: FieldEntry | null;
  /** True where the latest value leaves but somebody has edited the field since: the edit is theirs. */
  readonly isEdited: boolean;
}

interface Fallback {
  readonly applied: FieldValue;
  readonly previous: FieldValue;
  readonly oldest: FieldEntry;
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
  let fallback = null as Fallback | null;
  let before: FieldValue | null = null;
  let oldest: FieldEntry | null = null;
  let isEdited = false;
  for (const [index, entry] of history.entries()) {
    const follows: Fallback | null = isFollowing(entry, fallback) ? fallback : null;
    const previous: FieldValue = follows?.previous ?? entry.previous;
    fallback = null;
    if (!leaves(entry)) {
      kept.push(previous === entry.previous ? entry : { ...entry, previous });
      continue;
    }
    fallback = { applied: entry.applied, previous, oldest: follows?.oldest ?? entry };
    if (index === history.length - 1) {
      before = previous;
      oldest = fallback.oldest;
      isEdited = !isSameValue(entry.field, current, entry.applied);
    }
  }
  return { kept, before, oldest, isEdited };
}

const isFollowing = (entry: FieldEntry, fallback: Fallback | null): boolean =>
  fallback !== null && isSameValue(entry.field, entry.previous, fallback.applied);
