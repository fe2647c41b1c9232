import { ByteDictionary } from "./byte-dictionary.ts";
import { GrowingInt32 } from "./growing-columns.ts";
import { OwnedEntries } from "./owned-entries.ts";
import { valueFlags, type RecordStore } from "./record-store.ts";
import type { RowBytes } from "./row-bytes.ts";
import { gatherInt32, gatherUint8, shareUint32 } from "./shared-columns.ts";

/** Lists of single values, of all records. */
export abstract class ValueEntries {
  readonly dictionary = new ByteDictionary();
  readonly #entries: OwnedEntries;
  readonly #values: GrowingInt32;

  /** @param expected about how many there will be. */
  constructor(expected?: number) {
    this.#entries = new OwnedEntries(expected);
    this.#values = new GrowingInt32(expected);
  }

  /** The code of the normalised value in a column; negative for none. */
  protected abstract encode(row: RowBytes, column: number): number;

  /** @param id column of the value's own id. */
  add(owner: number, row: RowBytes, id: number, column: number, isCurrent: boolean): void {
    const value = this.encode(row, column);
    if (value < 0) return;
    this.#entries.add(owner, row.bytes, row.starts[id]!, isCurrent ? valueFlags.current : 0);
    this.#values.push(value);
  }

  finish(size: number): RecordStore["phones"] {
    const values = this.#values.view();
    const { starts, order } = this.#entries.arrange(size, (x, y) => values[x] === values[y]);
    return {
      starts: shareUint32(starts),
      value: gatherInt32(this.#values, order),
      flags: gatherUint8(this.#entries.flags, order),
    };
  }
}
