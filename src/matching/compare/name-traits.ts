import { phoneticCodes } from "../comparators/phonetic.ts";
import { findNicknameEntry } from "../normalise/nickname.ts";
import { ByteDictionary, hashText, readValue, type DictionaryColumns } from "../store/byte-dictionary.ts";
import { GrowingInt32 } from "../store/growing-columns.ts";
import type { RecordStore } from "../store/record-store.ts";
import { sharedInt32 } from "../store/shared-columns.ts";
import {
  describeAll,
  firstAt,
  lastAt,
  lengthAt,
  lineOfSimilarity,
  mayBeSimilar,
  mayBeOneEditApart,
  mostMatches,
} from "./text-traits.ts";

/** Places in a name's description, after those of its text. */
const place = {
  /** Hashes of the two ways a name may be said; 0 for none. */
  primarySound: 4,
  alternateSound: 5,
  /** Of several words: their number, and where the list of their descriptions begins. */
  words: 6,
  /** One bit for each name of the nickname table that it is, or is short for; several names may share a bit. */
  nicknames: 7,
  width: 8,
} as const;

/** Low bits of `words`: 0 for a name of one word. Of names of more words than can be listed nothing is told. */
const countBits = 3;
const tooMany = 2 ** countBits - 1;

/**
 * What can be told of the names of a store at a glance: eight numbers by code, one cache line for two names; after them
 * the same of the words of which other names consist, and the lists of those words. Made once, and shared by all
 * threads.
 */
export function describeNames(store: RecordStore): Int32Array {
  const { names } = store.dictionaries;
  const { dictionary, owners, starts, words } = listWords(names);
  const parts = dictionary.columns();
  const startOfLists = (names.size + parts.size) * place.width;
  const described = sharedInt32(startOfLists + words.length);
  describeWhole(names, described, 0);
  describeWhole(parts, described, names.size);
  for (let i = 0; i < words.length; i++) {
    described[startOfLists + i] = (names.size + words.at(i)) * place.width;
  }
  for (let list = 0; list < owners.length; list++) {
    const start = starts.at(list);
    const count = (list + 1 < owners.length ? starts.at(list + 1) : words.length) - start;
    described[owners.at(list) * place.width + place.words] =
      Math.min(count, tooMany) | ((startOfLists + start) << countBits);
  }
  return described;
}

/** Describes texts as if they were one word each. */
function describeWhole(texts: DictionaryColumns, described: Int32Array, from: number): void {
  describeAll(texts, described, from * place.width, place.width);
  for (let code = 0; code < texts.size; code++) {
    const name = readValue(texts, code);
    const [primary, alternate] = phoneticCodes(name);
    const at = (from + code) * place.width;
    described[at + place.primarySound] = hashOfSound(primary);
    described[at + place.alternateSound] = hashOfSound(alternate);
    described[at + place.nicknames] = nicknameBits(name);
  }
}

/** Of the names of several words: which they are, where the list of each begins, and the codes of their words. */
function listWords(names: DictionaryColumns) {
  const dictionary = new ByteDictionary();
  const [owners, starts, words] = [new GrowingInt32(), new GrowingInt32(), new GrowingInt32()];
  const { bytes, offsets } = names;
  const last = offsets[names.size]!;
  // The next space of any name: most have none, and are passed over.
  const findSpace = (from: number): number => {
    const found = bytes.indexOf(blank, from);
    return found < 0 ? last : found;
  };
  let space = findSpace(0);
  for (let code = 0; code < names.size; code++) {
    let start = offsets[code]!;
    const end = offsets[code + 1]!;
    if (space >= end) continue;
    owners.push(code);
    starts.push(words.length);
    for (; space < end; space = findSpace(start)) {
      words.push(dictionary.addBytes(bytes, start, space));
      start = space + 1;
    }
    words.push(dictionary.addBytes(bytes, start, end));
  }
  return { dictionary, owners, starts, words };
}

const blank = 32;

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
  return names[code * place.width + place.words] !== 0;
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
  if ((names[atA + place.words]! | names[atB + place.words]!) === 0) {
    return likenessOfParts(names, atA, atB);
  }
  return mayHaveLikeParts(names, atA, atB) ? likeness.any : likeness.none;
}

/** Of family names of one part each, or of parts of family names. */
function likenessOfParts(names: Int32Array, atA: number, atB: number): Likeness {
  if (lastAt(names, atA) === lastAt(names, atB) && lengthAt(names, atA) !== lengthAt(names, atB)) {
    // A particle in front.
    return likeness.close;
  }
  return likenessOfWords(names, atA, atB);
}

/** Of two family names, at least one of several parts: false only where no two parts, nor all together, can be alike. */
function mayHaveLikeParts(names: Int32Array, atA: number, atB: number): boolean {
  const countA = countParts(names, atA);
  const countB = countParts(names, atB);
  if (countA === tooMany || countB === tooMany || mayBeJoined(names, atA, countA, atB, countB)) return true;
  for (let i = 0; i < countA; i++) {
    const partA = partAt(names, atA, i);
    for (let j = 0; j < countB; j++) {
      if (likenessOfParts(names, partA, partAt(names, atB, j)) !== likeness.none) return true;
    }
  }
  return false;
}

function countParts(names: Int32Array, at: number): number {
  return names[at + place.words]! & tooMany || 1;
}

/** Where the description of a part of a name begins. */
function partAt(names: Int32Array, at: number, part: number): number {
  const words = names[at + place.words]!;
  return words === 0 ? at : names[(words >>> countBits) + part]!;
}

/** False only where one of two names is certain not to be the parts of the other, joined. */
function mayBeJoined(names: Int32Array, atA: number, countA: number, atB: number, countB: number): boolean {
  if (countA !== 1 && countB !== 1) return false;
  const lengthA = lengthAt(names, atA);
  const lengthB = lengthAt(names, atB);
  if (lengthA === 0 || lengthB === 0) return true;
  const letters = lengthA - countA + 1;
  return letters === lengthB - countB + 1 && mostMatches(names, atA, atB) >= letters;
}

/** How alike two different given names can be, by their descriptions. Symmetric. */
export function likenessOfGivenNames(names: Int32Array, a: number, b: number): Likeness {
  const atA = a * place.width;
  const atB = b * place.width;
  if ((names[atA + place.words]! | names[atB + place.words]!) !== 0) return likeness.any;
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
  const countA = countParts(names, atA);
  const countB = countParts(names, atB);
  if (countA === 1 && countB === 1) return mayBeVeryCloseParts(names, atA, atB);
  if (countA === tooMany || countB === tooMany || mayBeJoined(names, atA, countA, atB, countB)) return true;
  // Of names with unlike numbers of parts one contains the other at best.
  return countA === countB && mayHaveVeryCloseParts(names, atA, atB, countA);
}

function mayBeVeryCloseParts(names: Int32Array, atA: number, atB: number): boolean {
  return mayBeSimilar(names, atA, atB, veryCloseNames) || mayBeOneEditApart(names, atA, atB);
}

/** Of two names with so many parts each: false only where the first part of one is certain to have no counterpart. */
function mayHaveVeryCloseParts(names: Int32Array, atA: number, atB: number, count: number): boolean {
  const part = partAt(names, atA, 0);
  for (let j = 0; j < count; j++) {
    if (mayBeVeryCloseParts(names, part, partAt(names, atB, j))) return true;
  }
  return false;
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
