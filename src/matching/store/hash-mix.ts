/** Mixes two 32-bit hashes to one; the order counts. */
export function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ (a >>> 16), 0x7feb352d) ^ Math.imul(b, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}

const highBits = 2 ** 20 - 1;

/** Two 32-bit hashes as one positive integer of 52 bits: exact in a number, and rarely the same by chance. */
export function toNumber(low: number, high: number): number {
  return (high & highBits) * 2 ** 32 + (low >>> 0) + 1;
}
