import type { ByteDictionary, DictionaryColumns } from "./byte-dictionary.ts";
import type { GrowingInt32, GrowingUint8 } from "./growing-columns.ts";

export const sharedInt32 = (length: number) => new Int32Array(new SharedArrayBuffer(length * 4));
export const sharedUint8 = (length: number) => new Uint8Array(new SharedArrayBuffer(length));

export function shareUint32(values: Uint32Array): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(values.length * 4));
  shared.set(values);
  return shared;
}

/** Place i of the result is place order[i] of the column. */
export function gatherInt32(column: GrowingInt32, order: Uint32Array): Int32Array {
  const values = column.view();
  const gathered = sharedInt32(order.length);
  for (let i = 0; i < order.length; i++) gathered[i] = values[order[i]!]!;
  return gathered;
}

export function gatherUint8(column: GrowingUint8, order: Uint32Array): Uint8Array {
  const values = column.view();
  const gathered = sharedUint8(order.length);
  for (let i = 0; i < order.length; i++) gathered[i] = values[order[i]!]!;
  return gathered;
}

export function shareDictionary(dictionary: ByteDictionary): DictionaryColumns {
  const { size, bytes, offsets, hashes } = dictionary.columns();
  const shared = {
    size,
    bytes: sharedUint8(bytes.length),
    offsets: shareUint32(offsets),
    hashes: sharedInt32(hashes.length),
  };
  shared.bytes.set(bytes);
  shared.hashes.set(hashes);
  return shared;
}
