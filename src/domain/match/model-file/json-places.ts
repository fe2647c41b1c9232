/** Keys and indexes from the top of a document to a value in it. */
export type JsonPath = readonly (string | number)[];

export interface Place {
  /** Both count from 1; the column counts UTF-16 units. */
  readonly line: number;
  readonly column: number;
}

export interface LocatedJson {
  readonly value: unknown;
  /** Where a value begins; of a path that is not there, where the nearest one above it begins. */
  readonly placeOf: (path: JsonPath) => Place;
  /** Names that an object gives twice: JSON.parse would take the last and say nothing. */
  readonly repeated: readonly JsonPath[];
}

/** A text is no JSON, and from where on it is none. */
export class JsonSyntaxError extends Error {
  readonly place: Place;

  constructor(reason: string, place: Place) {
    super(reason);
    this.place = place;
  }
}

/** Deeper than any document of ours; what nests further would exhaust the stack. */
const deepest = 100;

/**
 * Reads JSON (RFC 8259) and remembers where each value stands.
 *
 * @throws {JsonSyntaxError}
 */
export function parseLocatedJson(text: string): LocatedJson {
  const reader = new JsonReader(text);
  const value = reader.readDocument();
  return {
    value,
    placeOf: (path) => {
      for (let length = path.length; ; length -= 1) {
        const offset = reader.offsets.get(keyOf(path.slice(0, length)));
        if (offset !== undefined) return findPlace(text, offset);
        if (length === 0) return { line: 1, column: 1 };
      }
    },
    repeated: reader.repeated,
  };
}

const keyOf = (path: JsonPath): string => JSON.stringify(path);

function findPlace(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// eslint-disable-next-line no-control-regex
const stringPattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const words = [
  ["true", true],
  ["false", false],
  ["null", null],
] as const;

class JsonReader {
  readonly offsets = new Map<string, number>();
  readonly repeated: JsonPath[] = [];
  readonly #text: string;
  #at: number;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.startsWith("\ufeff") ? 1 : 0;
  }

  readDocument(): unknown {
    const value = this.#readValue([]);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#error("nothing may follow the end of the document");
    return value;
  }

  #readValue(path: JsonPath): unknown {
    this.#skipSpace();
    this.offsets.set(keyOf(path), this.#at);
    if (path.length > deepest) throw this.#error("nests too deep");
    switch (this.#text[this.#at]) {
      case "{":
        return this.#readObject(path);
      case "[":
        return this.#readArray(path);
      case '"':
        return this.#readString();
      default:
        return this.#readWordOrNumber();
    }
  }

  #readObject(path: JsonPath): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    this.#readList("{", "}", () => {
      this.#skipSpace();
      const start = this.#at;
      if (this.#text[this.#at] !== '"')
        throw this.#error("the name of a member is expected, in double quotes");
      const name = this.#readString();
      this.#skipSpace();
      this.#expect(":");
      const memberPath = [...path, name];
      if (entries.has(name)) this.repeated.push(memberPath);
      entries.set(name, this.#readValue(memberPath));
      // The name rather than the value: a name that is not known is what has to be found.
      this.offsets.set(keyOf(memberPath), start);
    });
    return Object.fromEntries(entries);
  }

  #readArray(path: JsonPath): unknown[] {
    const items: unknown[] = [];
    this.#readList("[", "]", () => items.push(this.#readValue([...path, items.length])));
    return items;
  }

  #readList(open: string, close: string, readItem: () => void): void {
    this.#expect(open);
    this.#skipSpace();
    if (this.#text[this.#at] === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      readItem();
      this.#skipSpace();
      if (this.#text[this.#at] === close) {
        this.#at += 1;
        return;
      }
      if (this.#text[this.#at] !== ",") throw this.#error(`a comma or ${close} is expected`);
      this.#at += 1;
    }
  }

  #readString(): string {
    stringPattern.lastIndex = this.#at;
    const found = stringPattern.exec(this.#text)?.[0];
    if (found === undefined)
      throw this.#error("this text does not end on its line, or has an escape that JSON does not know");
    this.#at += found.length;
    return JSON.parse(found) as string;
  }

  #readWordOrNumber(): unknown {
    const word = words.find(([each]) => this.#text.startsWith(each, this.#at));
    if (word !== undefined) {
      this.#at += word[0].length;
      return word[1];
    }
    numberPattern.lastIndex = this.#at;
    const found = numberPattern.exec(this.#text)?.[0];
    if (found === undefined) {
      throw this.#error(
        this.#at >= this.#text.length ? "the document ends too early" : "no JSON value begins like this",
      );
    }
    this.#at += found.length;
    return Number(found);
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) throw this.#error(`${character} is expected`);
    this.#at += 1;
  }

  #skipSpace(): void {
    while (" \t\r\n".includes(this.#text[this.#at] ?? "x")) this.#at += 1;
  }

  #error(reason: string): JsonSyntaxError {
    return new JsonSyntaxError(reason, findPlace(this.#text, this.#at));
  }
}
