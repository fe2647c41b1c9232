import { randomUUID } from "node:crypto";

/** Hexadecimal digits that the ids of one batch have in common: 4,096 places of an index. */
const sharedDigits = 3;

/**
 * A source of random (version 4) ids for records that are written together. Their first three digits are drawn once:
 * so a batch touches a few pages of each index on ids, not all of it, and an id needs hardly more digits to be told
 * from every other than one that is drawn alone (docs/decisions/0003-ids.md).
 */
export function clusteredIds(): () => string {
  const shared = randomUUID().slice(0, sharedDigits);
  return () => shared + randomUUID().slice(sharedDigits);
}

const firstDigits = 8;
const placesOfFirstDigits = 16 ** firstDigits;

/**
 * A source of as many random (version 4) ids, in ascending order: the first eight digits of each are drawn from its own
 * share of all there are. Rows that are written in that order go to the end of an index on ids, or walk through it
 * once, instead of to one place of it after the other.
 */
export function ascendingIds(count: number): () => string {
  let place = 0;
  return () => {
    const id = randomUUID();
    const within = Number.parseInt(id.slice(0, firstDigits), 16) / placesOfFirstDigits;
    const first = Math.floor(((place++ + within) / count) * placesOfFirstDigits);
    return first.toString(16).padStart(firstDigits, "0") + id.slice(firstDigits);
  };
}
