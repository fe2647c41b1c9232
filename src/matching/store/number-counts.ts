/** Counts positive numbers in an open-addressing table: millions of them cost 12 to 24 bytes each. */
export class NumberCounts {
  #numbers: Float64Array;
  #counts: Uint32Array;
  #size = 0;

  /** @param expected how many different numbers there may be. */
  constructor(expected = 64) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(64, expected) * 1.5));
    this.#numbers = new Float64Array(slots);
    this.#counts = new Uint32Array(slots);
  }

  add(number: number): void {
    const slot = findSlot(this.#numbers, number);
    if (this.#numbers[slot] === 0) {
      this.#numbers[slot] = number;
      this.#size++;
    }
    this.#counts[slot]!++;
    if (this.#size * 4 > this.#numbers.length * 3) this.#grow();
  }

  *entries(): Generator<readonly [number, number]> {
    for (let slot = 0; slot < this.#numbers.length; slot++) {
      if (this.#counts[slot] !== 0) yield [this.#numbers[slot]!, this.#counts[slot]!];
    }
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2);
    const counts = new Uint32Array(numbers.length);
    for (const [number, count] of this.entries()) {
      const slot = findSlot(numbers, number);
      numbers[slot] = number;
      counts[slot] = count;
    }
    this.#numbers = numbers;
    this.#counts = counts;
  }
}

function findSlot(numbers: Float64Array, number: number): number {
  const mask = numbers.length - 1;
  const mixed = Math.imul(number ^ (number / 2 ** 32), 0x9e3779b1);
  let slot = (mixed ^ (mixed >>> 15)) & mask;
  while (numbers[slot] !== 0 && numbers[slot] !== number) slot = (slot + 1) & mask;
  return slot;
}
