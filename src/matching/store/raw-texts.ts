import { absent } from "./record-store.ts";
import { ByteDictionary } from "./byte-dictionary.ts";
import { GrowingInt32 } from "./growing-columns.ts";
import type { RowBytes } from "./row-bytes.ts";

/**
 * Texts as received, each with one number that follows from it alone: it is worked out by the function for strings
 * when the text is new, and never again, so that the result cannot differ from that function's.
 */
export class RawTexts {
  readonly #texts = new ByteDictionary();
  readonly #results = new GrowingInt32();
  readonly #read: (text: string) => number;

  /** @param read asked once for each text. */
  constructor(read: (text: string) => number) {
    this.#read = read;
  }

  /** The number of the text in bytes[start, end). */
  read(bytes: Uint8Array, start: number, end: number): number {
    const code = this.#texts.addBytes(bytes, start, end);
    if (code === this.#results.length) this.#results.push(this.#read(this.#texts.get(code)));
    return this.#results.at(code);
  }

  /** The same for a column of a row; absent where that has none. */
  readColumn({ bytes, starts, ends }: RowBytes, column: number): number {
    const end = ends[column]!;
    return end < 0 ? absent : this.read(bytes, starts[column]!, end);
  }
}

/** The code of a value that may be absent. */
export const codeIn = (dictionary: ByteDictionary, value: string | null): number =>
  value === null ? absent : dictionary.add(value);
