import type { ByteDictionary, DictionaryColumns } from "./byte-dictionary.ts";

export const sharedInt32 = (length: number) => new Int32Array(new SharedArrayBuffer(length * 4));
export const sharedUint8 = (length: number) => new Uint8Array(new SharedArrayBuffer(length));

export function shareUint32(values: Uint32Array): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(values.length * 4));
  shared.set(values);
  return shared;
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
