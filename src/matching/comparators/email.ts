import { jaroWinkler } from "./jaro-winkler.ts";
import { indexLevels, unavailable } from "./levels.ts";
import { isWithinOneEdit } from "./osa.ts";

/**
 * exact: the same address; veryClose: one edit apart;
 * sameLocalPart: another domain; close: Jaro-Winkler of at least 0.92 over the whole address;
 * closeLocalPart: at least 0.88 over the local part; else.
 */
export const emailLevels = [
  "exact",
  "veryClose",
  "sameLocalPart",
  "close",
  "closeLocalPart",
  "else",
] as const;

const level = indexLevels(emailLevels);

export const emailLevel = level;

/** Local parts that name an office, not a person: sharing one says nothing. */
const sharedLocalParts: ReadonlySet<string> = new Set([
  "info",
  "office",
  "admin",
  "mail",
  "contact",
  "reception",
  "home",
]);

/**
 * Compares two e-mail addresses: the `mailbox` that normaliseEmail gives, or its `address` where tags are to
 * count. Symmetric; unavailable where either is missing.
 */
export function compareEmails(a: string | null, b: string | null): number {
  if (a === null || b === null || a === "" || b === "") return unavailable;
  if (a === b) return level.exact;
  if (isWithinOneEdit(a, b)) return level.veryClose;
  const atA = a.lastIndexOf("@");
  const atB = b.lastIndexOf("@");
  const localA = a.slice(0, atA);
  const localB = b.slice(0, atB);
  if (localA === localB && !sharedLocalParts.has(localA)) return level.sameLocalPart;
  if (localA === localB) return level.else;
  if (jaroWinkler(a, b) >= 0.92) return level.close;
  return jaroWinkler(localA, localB) >= 0.88 ? level.closeLocalPart : level.else;
}
