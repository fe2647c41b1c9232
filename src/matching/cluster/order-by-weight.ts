const digitBits = 16;
const digits = 2 ** digitBits;

/**
 * The places of weights, the heaviest first, equals in the order they are in: a radix sort of the places by the bits of
 * the numbers, which takes millions of weights in linear time.
 *
 * @param weights none of them NaN.
 */
export function orderByWeight(weights: Float64Array): Uint32Array {
  const size = weights.length;
  const { low, high } = listDescendingKeys(weights);
  let order = Uint32Array.from({ length: size }, (_, place) => place);
  let next = new Uint32Array(size);
  for (const word of [low, high]) {
    for (const shift of [0, digitBits]) {
      const starts = new Uint32Array(digits + 1);
      for (let place = 0; place < size; place++) starts[((word[place]! >>> shift) & (digits - 1)) + 1]!++;
      for (let digit = 0; digit < digits; digit++) starts[digit + 1]! += starts[digit]!;
      for (let i = 0; i < size; i++) {
        const place = order[i]!;
        next[starts[(word[place]! >>> shift) & (digits - 1)]!++] = place;
      }
      [order, next] = [next, order];
    }
  }
  return order;
}

/** Two words for each number, which are in ascending order where the numbers are in descending order. */
function listDescendingKeys(weights: Float64Array): {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
} {
  const low = new Uint32Array(weights.length);
  const high = new Uint32Array(weights.length);
  const number = new DataView(new ArrayBuffer(8));
  for (let place = 0; place < weights.length; place++) {
    // Adding 0 makes one of the two zeros.
    number.setFloat64(0, weights[place]! + 0);
    const isNegative = number.getInt32(0) < 0;
    // Positive numbers have their bits in ascending order, the sign aside; negative ones in descending order.
    high[place] = isNegative ? number.getUint32(0) : number.getUint32(0) ^ 0x7fffffff;
    low[place] = isNegative ? number.getUint32(4) : ~number.getUint32(4);
  }
  return { low, high };
}
