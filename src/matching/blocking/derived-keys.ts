import { phoneticCodes } from "../comparators/phonetic.ts";
import { hashBytes, hashText, readValue, type DictionaryColumns } from "../store/byte-dictionary.ts";
import type { RecordStore } from "../store/record-store.ts";

/**
 * Hashes of what blocking keys derive from values, by code; 0 where nothing can be derived. Plain arrays, made once
 * for a store and shared by all threads.
 */
export interface DerivedKeys {
  /** How a name sounds. */
  readonly nameSounds: Int32Array;
  /** First letter of a name. */
  readonly nameInitials: Int32Array;
  /** Words of a name: entries wordStarts[code] to wordStarts[code + 1]. */
  readonly nameWordStarts: Uint32Array;
  readonly nameWords: Int32Array;
  /** What stands before the @. */
  readonly emailNames: Int32Array;
  /** The last four characters of an identifier. */
  readonly identifierEnds: Int32Array;
}

/** @param nameSounds where they are known already. */
export function deriveKeys(
  store: RecordStore,
  nameSounds = deriveHashes(store.dictionaries.names, soundOf),
): DerivedKeys {
  const { names, emails, identifiers } = store.dictionaries;
  return {
    nameSounds,
    nameInitials: hashSlices(names, (start) => start + 1),
    ...deriveWords(names),
    emailNames: hashSlices(emails, (_, end) => emails.bytes.lastIndexOf(64, end - 1)),
    identifierEnds: hashEnds(identifiers, 4),
  };
}

function soundOf(name: string): string {
  const sound = phoneticCodes(name)[0];
  return sound === "" ? name : sound;
}

function deriveHashes(dictionary: DictionaryColumns, derive: (text: string) => string): Int32Array {
  const hashes = new Int32Array(dictionary.size);
  for (let code = 0; code < dictionary.size; code++)
    hashes[code] = hashText(derive(readValue(dictionary, code)));
  return hashes;
}

/** Of the bytes of each value from its start to the end that is found. */
function hashSlices(
  { size, bytes, offsets }: DictionaryColumns,
  findEnd: (start: number, end: number) => number,
): Int32Array {
  const hashes = new Int32Array(size);
  for (let code = 0; code < size; code++) {
    const start = offsets[code]!;
    hashes[code] = hashBytes(bytes, start, findEnd(start, offsets[code + 1]!));
  }
  return hashes;
}

function hashEnds({ size, bytes, offsets }: DictionaryColumns, length: number): Int32Array {
  const hashes = new Int32Array(size);
  for (let code = 0; code < size; code++) {
    const end = offsets[code + 1]!;
    if (end - offsets[code]! >= length) hashes[code] = hashBytes(bytes, end - length, end);
  }
  return hashes;
}

function deriveWords({ size, bytes, offsets }: DictionaryColumns): {
  nameWordStarts: Uint32Array;
  nameWords: Int32Array;
} {
  const nameWordStarts = new Uint32Array(size + 1);
  for (let code = 0; code < size; code++) {
    let words = 1;
    for (let i = offsets[code]!; i < offsets[code + 1]!; i++) if (bytes[i] === 32) words++;
    nameWordStarts[code + 1] = nameWordStarts[code]! + words;
  }
  const nameWords = new Int32Array(nameWordStarts[size]!);
  for (let code = 0, at = 0; code < size; code++) {
    let start = offsets[code]!;
    const end = offsets[code + 1]!;
    for (let i = start; i <= end; i++) {
      if (i < end && bytes[i] !== 32) continue;
      nameWords[at++] = hashBytes(bytes, start, i);
      start = i + 1;
    }
  }
  return { nameWordStarts, nameWords };
}
