import type { InputStream } from "../../streams.ts";

/** What a key press comes to: a printable character, or the name of another key. */
export type Key = string;

export const keyNames = { enter: "enter", escape: "escape", backspace: "backspace", stop: "stop" } as const;

// A terminal's names for arrows and the like; nothing here needs them.
// eslint-disable-next-line no-control-regex
const sequence = /^\u001b(?:\[[0-9;]*[ -/]*[@-~]|O[A-Za-z])/;

/** Splits what a terminal sends into keys; escape sequences of other keys are left out. */
export function parseKeys(text: string): readonly Key[] {
  const keys: Key[] = [];
  for (let rest = text; rest !== "";) {
    const found = sequence.exec(rest);
    if (found !== null) {
      rest = rest.slice(found[0].length);
      continue;
    }
    const character = String.fromCodePoint(rest.codePointAt(0)!);
    rest = rest.slice(character.length);
    if (character === "\r" || character === "\n") keys.push(keyNames.enter);
    else if (character === "\u001b") keys.push(keyNames.escape);
    else if (character === "\u007f" || character === "\b") keys.push(keyNames.backspace);
    else if (character === "\u0003" || character === "\u0004") keys.push(keyNames.stop);
    else if (character >= " ") keys.push(character);
  }
  return keys;
}

interface RawMode {
  setRawMode(isRaw: boolean): unknown;
}

const hasRawMode = (stream: InputStream): stream is InputStream & RawMode => "setRawMode" in stream;

/** Reads keys one by one, without waiting for Enter, until it is closed. */
export class KeyReader {
  readonly #stream: InputStream;
  readonly #waiting: ((key: Key) => void)[] = [];
  readonly #pressed: Key[] = [];
  readonly #take: (chunk: Buffer | string) => void;
  readonly #end: () => void;

  constructor(stream: InputStream, signal: AbortSignal) {
    this.#stream = stream;
    this.#take = (chunk) => {
      for (const key of parseKeys(chunk.toString())) this.#offer(key);
    };
    // A terminal that is gone, and a signal, are as good as Ctrl-C.
    this.#end = () => this.#offer(keyNames.stop);
    if (hasRawMode(stream)) stream.setRawMode(true);
    stream.on("data", this.#take);
    stream.on("end", this.#end);
    signal.addEventListener("abort", this.#end, { once: true });
    stream.resume();
  }

  next(): Promise<Key> {
    const key = this.#pressed.shift();
    if (key !== undefined) return Promise.resolve(key);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#stream.off("data", this.#take);
    this.#stream.off("end", this.#end);
    if (hasRawMode(this.#stream)) this.#stream.setRawMode(false);
    this.#stream.pause();
  }

  #offer(key: Key): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#pressed.push(key);
    else waiting(key);
  }
}
