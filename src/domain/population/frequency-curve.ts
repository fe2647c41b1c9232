/**
 * The share that a value of the given rank has, between anchors [rank, share] with rising ranks: one over
 * the share is linear in the rank, which between anchors a power of ten apart stays close to published
 * name lists and needs no logarithm, whose last bit differs between platforms.
 */
export function shareOfRank(anchors: readonly (readonly [number, number])[], rank: number): number {
  let before = anchors[0]!;
  for (const anchor of anchors) {
    if (rank <= anchor[0]) {
      if (anchor[0] === before[0]) return anchor[1];
      const part = (rank - before[0]) / (anchor[0] - before[0]);
      return 1 / ((1 - part) / before[1] + part / anchor[1]);
    }
    before = anchor;
  }
  return before[1];
}
