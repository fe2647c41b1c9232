import { phoneticCodes } from "../comparators/phonetic.ts";
import { findNicknameEntry } from "../normalise/nickname.ts";
import { hashText, readValue } from "../store/byte-dictionary.ts";
import type { RecordStore } from "../store/record-store.ts";
import {
  describeTexts,
  firstAt,
  lastAt,
  lengthAt,
  lineOfSimilarity,
  mayBeSimilar,
  mayBeOneEditApart,
} from "./text-traits.ts";

/** Places in a name's description, after those of its text. */
const place = {
  /** Hashes of the two ways a name may be said; 0 for none. */
  primarySound: 4,
  alternateSound: 5,
  flags: 6,
  /** One bit for each name of the nickname table that it is, or is short for; several names may share a bit. */
  nicknames: 7,
  width: 8,
} as const;

const flag = { hasSpace: 1 } as const;

/**
 * What can be told of the names of a store at a glance: eight numbers by code, one cache line for two names. Made
 * once, and shared by all threads.
 */
export function describeNames(store: RecordStore): Int32Array {
  const { names } = store.dictionaries;
  const described = describeTexts(names, place.width);
  for (let code = 0; code < names.size; code++) {
    const name = readValue(names, code);
    const [primary, alternate] = phoneticCodes(name);
    const at = code * place.width;
    described[at + place.primarySound] = hashOfSound(primary);
    described[at + place.alternateSound] = hashOfSound(alternate);
    described[at + place.flags] = name.includes(" ") ? flag.hasSpace : 0;
    described[at + place.nicknames] = nicknameBits(name);
  }
  return described;
}

/** What the blocking keys take for the sound of each name: its hash, or that of the name where it has none. */
export function listNameSounds(store: RecordStore, described: Int32Array): Int32Array {
  const { hashes, size } = store.dictionaries.names;
  const sounds = new Int32Array(size);
  for (let code = 0; code < size; code++) {
    sounds[code] = described[code * place.width + place.primarySound]! || hashes[code]!;
  }
  return sounds;
}

/** Whether a name has a space in it. */
export function hasSeveralWords(names: Int32Array, code: number): boolean {
  return (names[code * place.width + place.flags]! & flag.hasSpace) !== 0;
}

/**
 * A cheap test that hardly any pair of names with family and given name swapped fails: one begins as its counterpart does.
 * By the descriptions of the names; -1 stands for a missing one.
 */
export function haveCrossedInitials(
  names: Int32Array,
  familyA: number,
  givenA: number,
  familyB: number,
  givenB: number,
): boolean {
  return (
    (familyA >= 0 && givenB >= 0 && haveSameFirst(names, familyA, givenB)) ||
    (familyB >= 0 && givenA >= 0 && haveSameFirst(names, familyB, givenA))
  );
}

const haveSameFirst = (names: Int32Array, a: number, b: number): boolean =>
  firstAt(names, a * place.width) === firstAt(names, b * place.width);

/** How alike two different names can be, at most. */
export const likeness = {
  /** The comparator is certain to say "else". */
  none: 0,
  /** At best it says "similar". */
  similar: 1,
  /** At best it says that they are spelt or said alike: which established names may be, and differ all the same. */
  alike: 2,
  /** Anything but "exact". */
  close: 3,
  any: 4,
} as const;

export type Likeness = (typeof likeness)[keyof typeof likeness];

/** How alike two different family names can be, by their descriptions. Symmetric. */
export function likenessOfFamilyNames(names: Int32Array, a: number, b: number): Likeness {
  const atA = a * place.width;
  const atB = b * place.width;
  // The same words may be joined in one of the two.
  if (((names[atA + place.flags]! | names[atB + place.flags]!) & flag.hasSpace) !== 0) return likeness.any;
  if (lastAt(names, atA) === lastAt(names, atB) && lengthAt(names, atA) !== lengthAt(names, atB)) {
    // A particle in front.
    return likeness.close;
  }
  return likenessOfWords(names, atA, atB);
}

/** How alike two different given names can be, by their descriptions. Symmetric. */
export function likenessOfGivenNames(names: Int32Array, a: number, b: number): Likeness {
  const atA = a * place.width;
  const atB = b * place.width;
  if (((names[atA + place.flags]! | names[atB + place.flags]!) & flag.hasSpace) !== 0) return likeness.any;
  if ((names[atA + place.nicknames]! & names[atB + place.nicknames]!) !== 0) return likeness.close;
  if (lengthAt(names, atA) === 1 || lengthAt(names, atB) === 1) {
    return firstAt(names, atA) === firstAt(names, atB) ? likeness.close : likeness.none;
  }
  return likenessOfWords(names, atA, atB);
}

/** False only where the comparator of family names is certain to call two different names less than very close. */
export function mayBeVeryClose(names: Int32Array, a: number, b: number): boolean {
  const atA = a * place.width;
  const atB = b * place.width;
  if (((names[atA + place.flags]! | names[atB + place.flags]!) & flag.hasSpace) !== 0) return true;
  return mayBeSimilar(names, atA, atB, veryCloseNames) || mayBeOneEditApart(names, atA, atB);
}

/** Similarities from which the comparators call names very close, close, and similar; one edit leaves 0.69 at least. */
const veryCloseNames = lineOfSimilarity(0.92);
const closeNames = lineOfSimilarity(0.88);
const leastSimilarity = lineOfSimilarity(0.69);

function likenessOfWords(names: Int32Array, atA: number, atB: number): Likeness {
  if (lengthAt(names, atA) === 0 || lengthAt(names, atB) === 0) return likeness.close;
  const primaryA = names[atA + place.primarySound]!;
  const alternateA = names[atA + place.alternateSound]!;
  const primaryB = names[atB + place.primarySound]!;
  const alternateB = names[atB + place.alternateSound]!;
  const soundAlike =
    (primaryA !== 0 && (primaryA === primaryB || primaryA === alternateB)) ||
    (alternateA !== 0 && (alternateA === primaryB || alternateA === alternateB));
  if (soundAlike) return likeness.alike;
  if (!mayBeSimilar(names, atA, atB, leastSimilarity)) return likeness.none;
  const mayBeAlike = mayBeSimilar(names, atA, atB, closeNames) || mayBeOneEditApart(names, atA, atB);
  return mayBeAlike ? likeness.alike : likeness.similar;
}

/** Two names that the table relates share a bit; those that share one are nearly always related. */
function nicknameBits(name: string): number {
  const entry = findNicknameEntry(name);
  if (entry === undefined) return 0;
  const bitOf = (id: number): number => 1 << (Math.imul(id, 0x9e3779b1) >>> 27);
  return entry.formalNames.reduce((bits, id) => bits | bitOf(id), bitOf(entry.id));
}

const hashOfSound = (code: string): number => (code === "" ? 0 : hashText(code));
