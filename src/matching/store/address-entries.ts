import { nameOfStreet } from "../normal-record.ts";
import {
  normaliseAddress,
  normaliseCity,
  normalisePostalCode,
  readAddressLine,
} from "../normalise/address.ts";
import { findHouseNumberEnd, undecided, writeFoldedLine } from "../normalise/ascii-bytes.ts";
import { readStreetWords } from "../normalise/street.ts";
import type { PlaceholderList } from "../reference/placeholders.ts";
import { ByteDictionary } from "./byte-dictionary.ts";
import { GrowingInt32 } from "./growing-columns.ts";
import { OwnedEntries } from "./owned-entries.ts";
import { codeIn, RawTexts } from "./raw-texts.ts";
import { absent, valueFlags, type RecordStore } from "./record-store.ts";
import { decodeColumn, type RowBytes } from "./row-bytes.ts";
import { shareUint32 } from "./shared-columns.ts";

export interface AddressColumnPlaces {
  readonly id: number;
  readonly line1: number;
  readonly line2: number;
  readonly city: number;
  readonly postalCode: number;
}

/** Longer lines go by way of strings. */
const scratch = new Uint8Array(256);

/** What an entry holds: codes. */
const number = { streetName: 0, houseNumber: 1, unit: 2, extra: 3, city: 4, postalCode: 5 } as const;

/**
 * Addresses: see normaliseAddress. A first line with its house number in front is the street whatever the second line
 * says; its number is read from the bytes and the rest, which few streets share, once. The same holds for what
 * the second line, the town and the postal code say. All other lines go by way of strings.
 */
export class AddressEntries {
  readonly streetNames = new ByteDictionary();
  readonly houseNumbers = new ByteDictionary();
  readonly cities = new ByteDictionary();
  readonly postalCodes = new ByteDictionary();
  readonly #entries: OwnedEntries;
  readonly #placeholders: PlaceholderList;
  readonly #listed: ByteDictionary;
  readonly #rawCities: RawTexts;
  readonly #rawPostalCodes: RawTexts;
  /** What stands behind a house number, and second lines: place of their codes in the columns below. */
  readonly #streetWords: RawTexts;
  readonly #secondLines: RawTexts;
  readonly #lineNames = new GrowingInt32();
  readonly #lineUnits = new GrowingInt32();

  /** @param expected about how many there will be. */
  constructor(placeholders: PlaceholderList, expected?: number) {
    this.#placeholders = placeholders;
    this.#entries = new OwnedEntries(Object.keys(number).length, expected);
    this.#listed = new ByteDictionary(placeholders.addresses);
    this.#rawCities = new RawTexts((raw) => codeIn(this.cities, normaliseCity(raw, placeholders)));
    this.#rawPostalCodes = new RawTexts((raw) => codeIn(this.postalCodes, normalisePostalCode(raw)));
    this.#streetWords = new RawTexts((folded) => {
      const { words, unit } = readStreetWords(folded);
      return this.#addLine(words, unit);
    });
    this.#secondLines = new RawTexts((raw) => {
      const { street, unit } = readAddressLine(raw, placeholders);
      return this.#addLine(street, unit);
    });
  }

  add(owner: number, row: RowBytes, columns: AddressColumnPlaces, isCurrent: boolean): void {
    const flags = isCurrent ? valueFlags.current : 0;
    const entry = this.#entries.add(owner, row.bytes, row.starts[columns.id]!, flags);
    this.#entries.set(entry, number.city, this.#rawCities.readColumn(row, columns.city));
    this.#entries.set(entry, number.postalCode, this.#rawPostalCodes.readColumn(row, columns.postalCode));
    if (!this.#putNumbered(entry, row, columns)) this.#putByText(entry, row, columns);
  }

  finish(size: number): RecordStore["addresses"] {
    const { starts, order } = this.#entries.arrange(size);
    return { starts: shareUint32(starts), ...this.#entries.gather(order, number, {}) };
  }

  /** @returns false where the first line is none that begins with a house number. */
  #putNumbered(entry: number, row: RowBytes, { line1, line2 }: AddressColumnPlaces): boolean {
    const start = row.starts[line1]!;
    const end = row.ends[line1]!;
    if (end < 0 || end - start > scratch.length) return false;
    const length = writeFoldedLine(row.bytes, start, end, scratch);
    const numberEnd = length === undecided ? undecided : findHouseNumberEnd(scratch, length);
    if (numberEnd === undecided || this.#listed.findBytes(scratch, 0, length) >= 0) return false;
    const houseNumber = this.houseNumbers.addBytes(scratch, 0, numberEnd);
    const line = this.#streetWords.read(scratch, numberEnd + 1, length);
    const second = this.#secondLines.readColumn(row, line2);
    const unit = this.#lineUnits.at(line);
    this.#putStreet(
      entry,
      this.#lineNames.at(line),
      houseNumber,
      unit !== absent || second === absent ? unit : this.#lineUnits.at(second),
      second === absent ? absent : this.#lineNames.at(second),
    );
    return true;
  }

  #putByText(entry: number, row: RowBytes, { line1, line2 }: AddressColumnPlaces): void {
    const normal = normaliseAddress(
      { ...nowhere, line1: decodeColumn(row, line1), line2: decodeColumn(row, line2) },
      this.#placeholders,
    );
    this.#putStreet(
      entry,
      codeIn(this.streetNames, nameOfStreet(normal)),
      codeIn(this.houseNumbers, normal.houseNumber),
      codeIn(this.houseNumbers, normal.unit),
      codeIn(this.streetNames, normal.extra),
    );
  }

  #putStreet(entry: number, streetName: number, houseNumber: number, unit: number, extra: number): void {
    this.#entries.set(entry, number.streetName, streetName);
    this.#entries.set(entry, number.houseNumber, houseNumber);
    this.#entries.set(entry, number.unit, unit);
    this.#entries.set(entry, number.extra, extra);
  }

  #addLine(street: string | null, unit: string | null): number {
    this.#lineNames.push(codeIn(this.streetNames, street));
    this.#lineUnits.push(codeIn(this.houseNumbers, unit));
    return this.#lineNames.length - 1;
  }
}

const nowhere = {
  line1: null,
  line2: null,
  city: null,
  state: null,
  postalCode: null,
  country: null,
  current: true,
} as const;
