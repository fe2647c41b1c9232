/** A typed array that grows: columns whose length is not known beforehand. */
export class GrowingInt32 {
  #values = new Int32Array(0);
  #length = 0;
  readonly #capacity: number;

  /** @param capacity how many values it makes room for when the first one comes. */
  constructor(capacity = 64) {
    this.#capacity = Math.max(1, capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Int32Array(Math.max(this.#capacity, this.#values.length * 2));
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
  #values = new Uint8Array(0);
  #length = 0;
  readonly #capacity: number;

  /** @param capacity how many values it makes room for when the first one comes. */
  constructor(capacity = 64) {
    this.#capacity = Math.max(1, capacity);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Uint8Array(Math.max(this.#capacity, this.#values.length * 2));
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
