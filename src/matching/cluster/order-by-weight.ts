/**
 * The places of weights, the heaviest first, equals in the order they are in. Numbers sort many times faster than places
 * by a comparison of their numbers: millions of weights are sorted as they are, and each is then looked up.
 */
export function orderByWeight(weights: Float64Array): Uint32Array {
  const sorted = weights.slice().sort();
  const order = new Uint32Array(weights.length);
  /** By first place of a weight in ascending order: how many of its equals have been placed. */
  const placed = new Uint32Array(weights.length);
  for (let place = weights.length - 1; place >= 0; place--) {
    const first = firstNotBelow(sorted, weights[place]!);
    // From the last backwards in descending order too, so that the first of its equals comes first.
    order[weights.length - 1 - first - placed[first]!++] = place;
  }
  return order;
}

function firstNotBelow(sorted: Float64Array, weight: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < weight) low = middle + 1;
    else high = middle;
  }
  return low;
}
