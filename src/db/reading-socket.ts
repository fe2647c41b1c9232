import { Socket, type ConnectOpts, type SocketConstructorOpts } from "node:net";

/** What a read takes at most: about as much as a socket of the system holds. */
const arenaBytes = 262_144;

/**
 * A socket that reads into the same memory over and over. Left to itself, a stream is given new memory for every read, all
 * of which the garbage collector has to find and free: gigabytes, where a whole index is read.
 */
export class ReadingSocket {
  readonly stream: Socket;
  #taker: ((bytes: Buffer) => void) | undefined;

  constructor() {
    const arena = Buffer.allocUnsafeSlow(arenaBytes);
    const callback = (size: number): boolean => {
      const bytes = arena.subarray(0, size);
      if (this.#taker === undefined) return this.#passOn(bytes);
      this.#taker(bytes);
      return true;
    };
    // The types of Node know this option for connecting only; the constructor is where it is read.
    const options: SocketConstructorOpts & ConnectOpts = { onread: { buffer: arena, callback } };
    this.stream = new Socket(options);
  }

  /** Hands what is read to `taker`, who may look at it until he returns, in place of those who read the stream. */
  take(taker: (bytes: Buffer) => void): void {
    this.#taker = taker;
  }

  /** Back to those who read the stream: first of all with what the taker had no use for. */
  release(rest: Buffer): void {
    this.#taker = undefined;
    if (rest.length > 0) this.#passOn(rest);
  }

  /** A copy, which whoever reads the stream may keep. @returns false where reading should wait for him. */
  #passOn(bytes: Buffer): boolean {
    return this.stream.push(Buffer.from(bytes));
  }
}
