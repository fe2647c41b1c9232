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
