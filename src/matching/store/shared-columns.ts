import type { ByteDictionary, DictionaryColumns } from "./byte-dictionary.ts";

export const sharedInt32 = (length: number) => new Int32Array(new SharedArrayBuffer(length * 4));
export const sharedUint8 = (length: number) => new Uint8Array(new SharedArrayBuffer(length));

export function shareUint32(values: Uint32Array): Uint32Array {
  if (isShared(values)) return values;
  const shared = new Uint32Array(new SharedArrayBuffer(values.length * 4));
  shared.set(values);
  return shared;
}

export function shareDictionary(dictionary: ByteDictionary): DictionaryColumns {
  const { size, bytes, offsets, hashes } = dictionary.columns();
  return {
    size,
    bytes: isShared(bytes) ? bytes : copyTo(sharedUint8(bytes.length), bytes),
    offsets: shareUint32(offsets),
    hashes: isShared(hashes) ? hashes : copyTo(sharedInt32(hashes.length), hashes),
  };
}

const isShared = ({ buffer }: ArrayBufferView) => buffer instanceof SharedArrayBuffer;

function copyTo<T extends Uint8Array | Int32Array>(target: T, values: T): T {
  target.set(values);
  return target;
}
