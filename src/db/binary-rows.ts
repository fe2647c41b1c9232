/** `PGCOPY\n\xff\r\n\0`, no flags, no extension. */
export const copyHeader = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");
export const copyTrailer = Buffer.from("ffff", "hex");

const smallintOid = 21;
const textOid = 25;
/** Sign of a numeric. */
const notANumber = 0xc000;

/**
 * A one-dimensional `text[]` as a binary COPY sends it.
 *
 * @see array_send in PostgreSQL's src/backend/utils/adt/arrayfuncs.c
 */
export function encodeTexts(values: readonly string[]): Buffer {
  const header = Buffer.alloc(arrayHeaderBytes(values.length));
  writeArrayHeader(header, 0, textOid, values.length);
  const elements = values.flatMap((value) => {
    const text = Buffer.from(value, "utf8");
    const length = Buffer.alloc(4);
    length.writeInt32BE(text.length);
    return [length, text];
  });
  return Buffer.concat([header, ...elements]);
}

const arrayHeaderBytes = (elements: number) => (elements === 0 ? 12 : 20);

/** Dimensions, no nulls, the type, and of the one dimension its length and first place. */
function writeArrayHeader(bytes: Buffer, from: number, oid: number, elements: number): number {
  let at = bytes.writeInt32BE(elements === 0 ? 0 : 1, from);
  at = bytes.writeInt32BE(0, at);
  at = bytes.writeInt32BE(oid, at);
  if (elements === 0) return at;
  at = bytes.writeInt32BE(elements, at);
  return bytes.writeInt32BE(1, at);
}

const uuidBytes = 16;
const powersOfTen = Float64Array.from({ length: 13 }, (_, power) => 10 ** power);

/** Ids of records by row, which write their sixteen bytes where they are told to. */
export interface WritableIds {
  write(row: number, bytes: Uint8Array, at: number): void;
}

/** Rows of a binary COPY, written one after the other into chunks for the server. */
export class BinaryRows {
  #bytes: Buffer;
  #at = 0;

  constructor(capacity = 65_536) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  beginRow(columns: number): void {
    this.#reserve(2);
    this.#at = this.#bytes.writeInt16BE(columns, this.#at);
  }

  null(): void {
    this.#begin(0, -1);
  }

  /** A value that is encoded already. */
  bytes(value: Uint8Array): void {
    this.#begin(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** @param id as PostgreSQL writes it: thirty-two hexadecimal digits and four hyphens. */
  uuid(id: string): void {
    this.#begin(uuidBytes);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let digit = 0; digit < id.length; digit += 2) {
      if (id.charCodeAt(digit) === hyphen) digit++;
      bytes[at++] = (valueOfDigit[id.charCodeAt(digit)]! << 4) | valueOfDigit[id.charCodeAt(digit + 1)]!;
    }
    this.#at = at;
  }

  /** The id of a record: its sixteen bytes are copied without a text in between. */
  uuidOf(ids: WritableIds, row: number): void {
    this.#begin(uuidBytes);
    ids.write(row, this.#bytes, this.#at);
    this.#at += uuidBytes;
  }

  float8(value: number): void {
    this.#begin(8);
    this.#at = this.#bytes.writeDoubleBE(value, this.#at);
  }

  /** A one-dimensional `smallint[]`. */
  smallints(values: Int8Array): void {
    this.#begin(arrayHeaderBytes(values.length) + values.length * 6);
    const bytes = this.#bytes;
    let at = writeArrayHeader(bytes, this.#at, smallintOid, values.length);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      bytes[at] = 0;
      bytes[at + 1] = 0;
      bytes[at + 2] = 0;
      bytes[at + 3] = 2;
      bytes[at + 4] = value >> 8;
      bytes[at + 5] = value;
      at += 6;
    }
    this.#at = at;
  }

  /**
   * A `numeric` below 10,000 with eight decimals at most.
   *
   * @param value times 10 to the power of `decimals`, rounded. What is negative or no number goes out as NaN, for the
   *   table to refuse.
   * @see numeric_send in PostgreSQL's src/backend/utils/adt/numeric.c: digits to the base of 10,000.
   */
  numeric(value: number, decimals: number): void {
    this.#begin(8 + 3 * 2);
    const isNumber = value >= 0 && value < powersOfTen[decimals + 4]!;
    const scaled = isNumber ? value * powersOfTen[8 - decimals]! : 0;
    const bytes = this.#bytes;
    let at = bytes.writeInt16BE(3, this.#at);
    at = bytes.writeInt16BE(0, at);
    at = bytes.writeUInt16BE(isNumber ? 0 : notANumber, at);
    at = bytes.writeInt16BE(decimals, at);
    at = bytes.writeInt16BE(Math.floor(scaled / 1e8), at);
    at = bytes.writeInt16BE(Math.floor(scaled / 1e4) % 1e4, at);
    this.#at = bytes.writeInt16BE(scaled % 1e4, at);
  }

  /** What has been written since the last time. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#at);
    this.#bytes = Buffer.allocUnsafe(this.#bytes.length);
    this.#at = 0;
    return taken;
  }

  #begin(size: number, written = size): void {
    this.#reserve(4 + size);
    this.#at = this.#bytes.writeInt32BE(written, this.#at);
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + size));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}

const hyphen = 45;
const valueOfDigit = new Uint8Array(128);
for (let value = 0; value < 16; value++) valueOfDigit[value.toString(16).charCodeAt(0)] = value;
