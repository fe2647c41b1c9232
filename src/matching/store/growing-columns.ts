/** A typed array that grows: columns whose length is not known beforehand. */
export class GrowingInt32 {
  #values: Int32Array;
  #length = 0;

  constructor(capacity = 64) {
    this.#values = new Int32Array(Math.max(1, capacity));
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Int32Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  at(index: number): number {
    return this.#values[index]!;
  }

  /** The content; valid until the next push. */
  view(): Int32Array {
    return this.#values.subarray(0, this.#length);
  }

  /** A copy of the content. */
  toArray(): Int32Array {
    return this.#values.slice(0, this.#length);
  }
}

/** The same for small numbers, 0 to 255. */
export class GrowingUint8 {
  #values: Uint8Array;
  #length = 0;

  constructor(capacity = 64) {
    this.#values = new Uint8Array(Math.max(1, capacity));
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Uint8Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    return this.#values[index]!;
  }

  view(): Uint8Array {
    return this.#values.subarray(0, this.#length);
  }

  toArray(): Uint8Array {
    return this.#values.slice(0, this.#length);
  }
}
