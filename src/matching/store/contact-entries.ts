import { undecided, writeEmail, writePhone } from "../normalise/ascii-bytes.ts";
import { dotlessDomains, normaliseEmail } from "../normalise/email.ts";
import { normalisePhone } from "../normalise/phone.ts";
import type { PlaceholderList } from "../reference/placeholders.ts";
import { ByteDictionary } from "./byte-dictionary.ts";
import { absent } from "./record-store.ts";
import { decodeColumn, type RowBytes } from "./row-bytes.ts";
import { ValueEntries } from "./value-entries.ts";

/** Longer values go by way of strings. */
const scratch = new Uint8Array(256);

const zero = 48;
const at = 64;
const plus = 43;
const dot = 46;

/** Telephone numbers: see normalisePhone. */
export class PhoneEntries extends ValueEntries {
  readonly #placeholders: PlaceholderList;
  readonly #listed: ByteDictionary;

  /** @param expected about how many there will be. */
  constructor(placeholders: PlaceholderList, expected?: number) {
    super(expected);
    this.#placeholders = placeholders;
    this.#listed = new ByteDictionary(placeholders.phones);
  }

  protected override encode(row: RowBytes, column: number): number {
    const length = writePhone(row.bytes, row.starts[column]!, row.ends[column]!, scratch);
    if (length !== undecided && this.#isOrdinary(length)) {
      return this.addLater(scratch, length);
    }
    const value = normalisePhone(decodeColumn(row, column) ?? "", this.#placeholders);
    return value === null ? absent : this.dictionary.add(value);
  }

  /** Not on the list, and something else than zeros in the last seven: one digit throughout needs a closer look. */
  #isOrdinary(length: number): boolean {
    let hasOther = false;
    for (let i = 1; i < length; i++) hasOther ||= scratch[i] !== scratch[0];
    if (!hasOther || this.#listed.findBytes(scratch, 0, length) >= 0) return false;
    for (let i = length - 7; i < length; i++) if (scratch[i] !== zero) return true;
    return false;
  }
}

/** Mailboxes: see normaliseEmail. */
export class EmailEntries extends ValueEntries {
  readonly #placeholders: PlaceholderList;
  readonly #addresses: ByteDictionary;
  readonly #localParts: ByteDictionary;
  readonly #domains: ByteDictionary;
  readonly #dotless = new ByteDictionary(dotlessDomains);

  /** @param expected about how many there will be. */
  constructor(placeholders: PlaceholderList, expected?: number) {
    super(expected);
    this.#placeholders = placeholders;
    this.#addresses = new ByteDictionary(placeholders.emails);
    this.#localParts = new ByteDictionary(placeholders.emailLocalParts);
    this.#domains = new ByteDictionary(placeholders.emailDomains);
  }

  protected override encode(row: RowBytes, column: number): number {
    const start = row.starts[column]!;
    const end = row.ends[column]!;
    const length = end - start > scratch.length ? undecided : writeEmail(row.bytes, start, end, scratch);
    if (length !== undecided) {
      const domain = scratch.indexOf(at) + 1;
      if (!this.#isPlaceholder(domain, length)) {
        return this.addLater(scratch, this.#toMailbox(domain, length));
      }
    }
    const value = normaliseEmail(decodeColumn(row, column) ?? "", this.#placeholders)?.mailbox ?? null;
    return value === null ? absent : this.dictionary.add(value);
  }

  #isPlaceholder(domain: number, length: number): boolean {
    return (
      this.#addresses.findBytes(scratch, 0, length) >= 0 ||
      this.#localParts.findBytes(scratch, 0, domain - 1) >= 0 ||
      this.#domains.findBytes(scratch, domain, length) >= 0
    );
  }

  /** Takes a "+tag" off, unless it is all there is, and dots where they do not count. */
  #toMailbox(domain: number, length: number): number {
    const tag = scratch.indexOf(plus);
    const localEnd = tag > 0 && tag < domain ? tag : domain - 1;
    const isDotless = this.#dotless.findBytes(scratch, domain, length) >= 0;
    if (!isDotless && localEnd === domain - 1) return length;
    let written = 0;
    for (let i = 0; i < localEnd; i++) {
      if (!isDotless || scratch[i] !== dot) scratch[written++] = scratch[i]!;
    }
    scratch.copyWithin(written, domain - 1, length);
    return written + length - domain + 1;
  }
}
