/**
 * The pair that was compared last. What turns pairs away at a glance compares some of their values in full, and those
 * that pass are compared in full right after: the second time has the result already.
 */
export class LastPair {
  #a = -1;
  #b = -1;

  /** @returns true for the pair that it was called with before. */
  isSame(a: number, b: number): boolean {
    if (a === this.#a && b === this.#b) return true;
    this.#a = a;
    this.#b = b;
    return false;
  }
}
