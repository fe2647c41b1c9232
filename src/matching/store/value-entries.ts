import { ByteDictionary } from "./byte-dictionary.ts";
import { OwnedEntries } from "./owned-entries.ts";
import { absent, valueFlags, type RecordStore } from "./record-store.ts";
import type { RowBytes } from "./row-bytes.ts";
import { shareUint32 } from "./shared-columns.ts";

/** Households share telephones, and persons have records that repeat theirs. */
const distinctShare = 1 / 3;

/** Stands for a code that will be told. */
const later = -2;

/** What an entry holds. */
const number = { value: 0 } as const;

/** Lists of single values, of all records. */
export abstract class ValueEntries {
  readonly dictionary: ByteDictionary;
  readonly #entries: OwnedEntries;
  readonly #onCode = (entry: number, code: number) => this.#entries.set(entry, number.value, code);

  /** @param expected about how many there will be. */
  constructor(expected = 0) {
    this.#entries = new OwnedEntries(1, expected);
    this.dictionary = new ByteDictionary([], Math.ceil(expected * distinctShare));
  }

  /**
   * Adds the normalised value in a column to the dictionary: at once, or for later, for the entry that comes next.
   *
   * @returns its code, `later`, or `absent`.
   */
  protected abstract encode(row: RowBytes, column: number): number;

  /** Adds bytes[0, length) for the entry that comes next. */
  protected addLater(bytes: Uint8Array, length: number): number {
    this.dictionary.addLater(bytes, 0, length, this.#entries.size, this.#onCode);
    return later;
  }

  /** @param id column of the value's own id. */
  add(owner: number, row: RowBytes, id: number, column: number, isCurrent: boolean): void {
    const value = this.encode(row, column);
    if (value === absent) return;
    const flags = isCurrent ? valueFlags.current : 0;
    const entry = this.#entries.add(owner, row.bytes, row.starts[id]!, flags);
    if (value !== later) this.#entries.set(entry, number.value, value);
  }

  finish(size: number): RecordStore["phones"] {
    this.dictionary.flush(this.#onCode);
    const entries = this.#entries;
    const isSame = (x: number, y: number) => entries.at(x, number.value) === entries.at(y, number.value);
    const { starts, order } = entries.arrange(size, isSame);
    return { starts: shareUint32(starts), ...entries.gather(order, number, {}) };
  }
}
