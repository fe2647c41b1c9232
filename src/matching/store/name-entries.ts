import { readBirthOrder } from "../normal-record.ts";
import { createNameReader, normaliseName, type NameReading } from "../normalise/name.ts";
import { findGeneration } from "../normalise/name-parts.ts";
import { mayBeginLabel } from "../normalise/placeholders.ts";
import type { PlaceholderList } from "../reference/placeholders.ts";
import { ByteDictionary } from "./byte-dictionary.ts";
import { OwnedEntries, type EntryOrder } from "./owned-entries.ts";
import { codeIn, RawTexts } from "./raw-texts.ts";
import { absent, valueFlags, type RecordStore } from "./record-store.ts";
import { decodeColumn, decodeSpans, type RowBytes, type TextSpans } from "./row-bytes.ts";
import { shareUint32 } from "./shared-columns.ts";

export interface NameColumnPlaces {
  readonly id: number;
  readonly family: number;
}

/** What a name says of its record besides, in bits. */
export const nameFacts = { placeholderGivenName: 1, birthOrderShift: 1 } as const;

/**
 * A field whose reading, in bits, is all that it says in whatever company: its code in the dictionary of names, and
 * the generation. Everything else is `complex`, and the whole name is read as normaliseName reads strings.
 */
const complex = -2;
const generationBits = 4;
const generationMask = (1 << generationBits) - 1;

/** What an entry holds: codes in the dictionary, and the generation. */
const codes = { family: 0, given: 1, middle: 2 } as const;
const number = { ...codes, generation: 3 } as const;

const ascii = /^[\0-\x7f]*$/u;

/**
 * Names: see normaliseName. Without placeholders, and without names that are nobody's together, each field says the
 * same in every record; so it is read when its text is new, and the fields are put together by code.
 */
export class NameEntries {
  readonly entries: OwnedEntries;
  readonly dictionary = new ByteDictionary();
  readonly #placeholders: PlaceholderList;
  readonly #families: RawTexts;
  readonly #onlyGivens: RawTexts;
  readonly #firstGivens: RawTexts;
  readonly #furtherGivens: RawTexts;
  readonly #suffixes = new RawTexts((suffix) => findGeneration([suffix]) ?? 0);

  /** @param expected about how many there will be. */
  constructor(placeholders: PlaceholderList, expected?: number) {
    const read = createNameReader(placeholders);
    this.#placeholders = placeholders;
    this.entries = new OwnedEntries(Object.keys(number).length, expected);
    this.#families = new RawTexts((raw) => this.#encodeReading(read.family(raw)));
    this.#onlyGivens = new RawTexts((raw) =>
      readBirthOrder([raw]) === null ? this.#encodeReading(read.firstGiven(raw)) : complex,
    );
    this.#firstGivens = new RawTexts((raw) => {
      const reading = read.firstGiven(raw);
      return !ascii.test(raw) || reading.folded === "" || mayBeginLabel(reading.folded, placeholders)
        ? complex
        : this.#encodeReading(reading);
    });
    this.#furtherGivens = new RawTexts((raw) =>
      ascii.test(raw) ? this.#encodeReading(read.furtherGiven(raw)) : complex,
    );
  }

  /** @returns nameFacts of the name. */
  add(
    owner: number,
    row: RowBytes,
    columns: NameColumnPlaces,
    given: TextSpans,
    suffix: TextSpans,
    isCurrent: boolean,
  ): number {
    const flags = isCurrent ? valueFlags.current : 0;
    const entry = this.entries.add(owner, row.bytes, row.starts[columns.id]!, flags);
    const family = this.#families.readColumn(row, columns.family);
    const first =
      given.size === 0
        ? absent
        : readSpan(given.size === 1 ? this.#onlyGivens : this.#firstGivens, row, given, 0);
    const middle = given.size < 2 ? absent : readSpan(this.#furtherGivens, row, given, 1);
    const isSimple = family !== complex && first !== complex && middle !== complex;
    if (!isSimple || given.size > 2 || suffix.size > 1) {
      return this.#putByText(entry, row, columns, given, suffix);
    }
    this.#put(
      entry,
      codeOf(family),
      codeOf(first),
      codeOf(middle),
      (suffix.size === 0 ? 0 : readSpan(this.#suffixes, row, suffix, 0)) ||
        generationOf(family) ||
        generationOf(first) ||
        generationOf(middle),
    );
    return 0;
  }

  finish(size: number): { readonly columns: RecordStore["names"]; readonly order: EntryOrder } {
    const arranged = this.entries.arrange(size);
    const { order } = arranged;
    const columns = {
      starts: shareUint32(arranged.starts),
      ...this.entries.gather(order, codes, { generation: number.generation }),
    };
    return { columns, order: arranged };
  }

  #putByText(
    entry: number,
    row: RowBytes,
    columns: NameColumnPlaces,
    given: TextSpans,
    suffix: TextSpans,
  ): number {
    const texts = decodeSpans(row, given);
    const name = {
      family: decodeColumn(row, columns.family),
      given: texts,
      prefix: [],
      suffix: decodeSpans(row, suffix),
      current: true,
    };
    const normal = normaliseName(name, this.#placeholders);
    this.#put(
      entry,
      codeIn(this.dictionary, normal.family),
      codeIn(this.dictionary, normal.given),
      codeIn(this.dictionary, normal.middle),
      normal.generation ?? 0,
    );
    return (
      (normal.givenIsPlaceholder ? nameFacts.placeholderGivenName : 0) |
      ((readBirthOrder(texts) ?? 0) << nameFacts.birthOrderShift)
    );
  }

  #put(entry: number, family: number, given: number, middle: number, generation: number): void {
    this.entries.set(entry, number.family, family);
    this.entries.set(entry, number.given, given);
    this.entries.set(entry, number.middle, middle);
    this.entries.set(entry, number.generation, generation);
  }

  #encodeReading({ name, generation, isPlaceholder, mayBeNobodys }: NameReading): number {
    if (name === "" || isPlaceholder || mayBeNobodys) return complex;
    return (this.dictionary.add(name) << generationBits) | (generation ?? 0);
  }
}

const readSpan = (texts: RawTexts, { bytes }: RowBytes, { starts, ends }: TextSpans, place: number) =>
  texts.read(bytes, starts[place]!, ends[place]!);

const codeOf = (reading: number) => (reading < 0 ? absent : reading >> generationBits);
const generationOf = (reading: number) => (reading < 0 ? 0 : reading & generationMask);
