import { phoneticCodes } from "../comparators/phonetic.ts";
import { findNicknameEntry } from "../normalise/nickname.ts";
import { hashBytes, readValue } from "../store/byte-dictionary.ts";
import type { RecordStore } from "../store/record-store.ts";
import { describeTexts, firstAt, lastAt, lengthAt, mostSimilarity } from "./text-traits.ts";

/** Names below it share no level of likeness: the comparators' lowest, and the bound for one edit. */
const leastSimilarity = 0.69;

/** Places in a name's description, after those of its text. */
const place = {
  /** Hashes of the two ways a name may be said; 0 for none. */
  primarySound: 4,
  alternateSound: 5,
  flags: 6,
  width: 8,
} as const;

const flag = { hasSpace: 1, hasNicknames: 2 } as const;

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
    described[at + place.primarySound] = hashText(primary);
    described[at + place.alternateSound] = hashText(alternate);
    described[at + place.flags] =
      (name.includes(" ") ? flag.hasSpace : 0) |
      (findNicknameEntry(name) === undefined ? 0 : flag.hasNicknames);
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

/** True only where two family names are certain to come out as different. */
export function familyNamesSurelyDiffer(names: Int32Array, a: number, b: number): boolean {
  const atA = a * place.width;
  const atB = b * place.width;
  // Parts in common, and particles in front of a part, are looked at in full.
  if (((names[atA + place.flags]! | names[atB + place.flags]!) & flag.hasSpace) !== 0) return false;
  return lastAt(names, atA) !== lastAt(names, atB) && !mayBeAlike(names, atA, atB);
}

/** True only where two given names are certain to come out as different. */
export function givenNamesSurelyDiffer(names: Int32Array, a: number, b: number): boolean {
  const atA = a * place.width;
  const atB = b * place.width;
  const flagsA = names[atA + place.flags]!;
  const flagsB = names[atB + place.flags]!;
  if (((flagsA | flagsB) & flag.hasSpace) !== 0 || (flagsA & flagsB & flag.hasNicknames) !== 0) return false;
  // An initial.
  if (lengthAt(names, atA) <= 1 || lengthAt(names, atB) <= 1)
    return firstAt(names, atA) !== firstAt(names, atB);
  return !mayBeAlike(names, atA, atB);
}

function mayBeAlike(names: Int32Array, atA: number, atB: number): boolean {
  const primaryA = names[atA + place.primarySound]!;
  const alternateA = names[atA + place.alternateSound]!;
  const primaryB = names[atB + place.primarySound]!;
  const alternateB = names[atB + place.alternateSound]!;
  const soundAlike =
    (primaryA !== 0 && (primaryA === primaryB || primaryA === alternateB)) ||
    (alternateA !== 0 && (alternateA === primaryB || alternateA === alternateB));
  return soundAlike || mostSimilarity(names, atA, atB) >= leastSimilarity;
}

const encoder = new TextEncoder();

function hashText(text: string): number {
  if (text === "") return 0;
  const bytes = encoder.encode(text);
  return hashBytes(bytes, 0, bytes.length);
}
