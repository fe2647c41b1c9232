import { undecided, writeIdentifier } from "../normalise/ascii-bytes.ts";
import { normaliseIdentifier } from "../normalise/identifier.ts";
import type { PlaceholderList } from "../reference/placeholders.ts";
import { ByteDictionary } from "./byte-dictionary.ts";
import { OwnedEntries } from "./owned-entries.ts";
import { RawTexts } from "./raw-texts.ts";
import { absent, valueFlags, type RecordStore } from "./record-store.ts";
import { decodeColumn, type RowBytes } from "./row-bytes.ts";
import { shareUint32 } from "./shared-columns.ts";

export interface IdentifierColumnPlaces {
  readonly id: number;
  readonly type: number;
  readonly system: number;
  readonly value: number;
}

export interface IdentifierOptions {
  readonly nationalTypes: ReadonlySet<string>;
  /** What is known of an identifier's system: see MatchIdentifier. */
  readonly domainOf: (system: string) => {
    readonly isAuthoritative: boolean;
    readonly isSingleValued: boolean;
  };
}

/** What a type says, in bits; above them the code of the domain, where the type is national. */
const typeBits = { national: 1, socialSecurity: 2, domainShift: 2 } as const;

const systemDomainShift = 4;

/** Stands for a code that will be told, in place of one. */
const later = -2;

/** What an entry holds. */
const number = { value: 0, domain: 1 } as const;

/** Longer values go by way of strings. */
const scratch = new Uint8Array(256);

const zero = 48;
const nine = 57;
const six = 54;
const letterX = 88;

/** Identifiers: see normaliseIdentifier, and normaliseRecord for their domains. */
export class IdentifierEntries {
  readonly dictionary: ByteDictionary;
  readonly domains = new ByteDictionary();
  readonly #entries: OwnedEntries;
  readonly #onCode = (entry: number, code: number) => this.#entries.set(entry, number.value, code);
  readonly #placeholders: PlaceholderList;
  readonly #listed: ByteDictionary;
  readonly #types: RawTexts;
  /** What a system says: bits of valueFlags, and above them the code of the domain. */
  readonly #systems: RawTexts;

  /** @param expected about how many there will be. */
  constructor({ nationalTypes, domainOf }: IdentifierOptions, placeholders: PlaceholderList, expected = 0) {
    this.dictionary = new ByteDictionary([], expected);
    this.#placeholders = placeholders;
    this.#entries = new OwnedEntries(Object.keys(number).length, expected);
    this.#listed = new ByteDictionary([...placeholders.identifiers, ...placeholders.socialSecurityNumbers]);
    this.#types = new RawTexts((text) => {
      const type = text.toUpperCase();
      const isNational = nationalTypes.has(type);
      return (
        (isNational ? typeBits.national | (this.domains.add(type) << typeBits.domainShift) : 0) |
        (type === "SSN" ? typeBits.socialSecurity : 0)
      );
    });
    this.#systems = new RawTexts((system) => {
      const { isAuthoritative, isSingleValued } = domainOf(system);
      return (
        (isAuthoritative ? valueFlags.authoritative : 0) |
        (isSingleValued ? valueFlags.unique : 0) |
        (this.domains.add(system) << systemDomainShift)
      );
    });
  }

  add(owner: number, row: RowBytes, columns: IdentifierColumnPlaces, isCurrent: boolean): void {
    const type = this.#types.readColumn(row, columns.type);
    const value = this.#encode(row, columns, (type & typeBits.socialSecurity) !== 0);
    if (value === absent) return;
    const isNational = (type & typeBits.national) !== 0;
    const system = this.#systems.readColumn(row, columns.system);
    const flags =
      (isCurrent ? valueFlags.current : 0) |
      (isNational ? valueFlags.national : 0) |
      (system & (valueFlags.authoritative | valueFlags.unique));
    const entry = this.#entries.add(owner, row.bytes, row.starts[columns.id]!, flags);
    if (value !== later) this.#entries.set(entry, number.value, value);
    const domain = isNational ? type >> typeBits.domainShift : system >> systemDomainShift;
    this.#entries.set(entry, number.domain, domain);
  }

  finish(size: number): RecordStore["identifiers"] {
    this.dictionary.flush(this.#onCode);
    const entries = this.#entries;
    const { starts, order } = entries.arrange(
      size,
      (x, y) =>
        entries.at(x, number.value) === entries.at(y, number.value) &&
        entries.at(x, number.domain) === entries.at(y, number.domain),
    );
    return { starts: shareUint32(starts), ...entries.gather(order, number, {}) };
  }

  #encode(row: RowBytes, columns: IdentifierColumnPlaces, isSocialSecurity: boolean): number {
    const start = row.starts[columns.value]!;
    const end = row.ends[columns.value]!;
    const length = end - start > scratch.length ? undecided : writeIdentifier(row.bytes, start, end, scratch);
    if (length === 0) return absent;
    if (length !== undecided && this.#isOrdinary(length, isSocialSecurity)) {
      this.dictionary.addLater(scratch, 0, length, this.#entries.size, this.#onCode);
      return later;
    }
    const type = isSocialSecurity ? "SSN" : "";
    const value = normaliseIdentifier(decodeColumn(row, columns.value) ?? "", type, this.#placeholders);
    return value === null ? absent : this.dictionary.add(value);
  }

  /** Neither listed, nor one character repeated, nor a run of digits, nor an SSN that needs a closer look. */
  #isOrdinary(length: number, isSocialSecurity: boolean): boolean {
    if (isEvenlySpaced(length) || this.#listed.findBytes(scratch, 0, length) >= 0) return false;
    if (!isSocialSecurity) return true;
    if (scratch[0] === letterX) return false;
    return length !== 9 || hasOrdinaryStructure();
  }
}

/** Each character as far from the one before as the next one, 9 and 0 being neighbours. */
function isEvenlySpaced(length: number): boolean {
  const step = (scratch[1]! - scratch[0]! + 10) % 10;
  for (let i = 2; i < length; i++) if ((scratch[i]! - scratch[i - 1]! + 10) % 10 !== step) return false;
  return true;
}

/** Nine characters that hasSocialSecurityStructure has nothing against, if they are digits. */
function hasOrdinaryStructure(): boolean {
  if (scratch[0] === nine) return false;
  const isArea000 = scratch[0] === zero && scratch[1] === zero && scratch[2] === zero;
  const isArea666 = scratch[0] === six && scratch[1] === six && scratch[2] === six;
  const isGroup00 = scratch[3] === zero && scratch[4] === zero;
  const isSerial0000 =
    scratch[5] === zero && scratch[6] === zero && scratch[7] === zero && scratch[8] === zero;
  return !isArea000 && !isArea666 && !isGroup00 && !isSerial0000;
}
