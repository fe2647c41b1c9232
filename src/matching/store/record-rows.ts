import { normaliseMotherName } from "../normal-record.ts";
import { isPlaceholderDate } from "../normalise/date.ts";
import { normaliseIdentifier } from "../normalise/identifier.ts";
import type { PlaceholderList } from "../reference/placeholders.ts";
import { ByteDictionary } from "./byte-dictionary.ts";
import { GrowingRows } from "./growing-rows.ts";
import { codeIn, RawTexts } from "./raw-texts.ts";
import { genderCodes, recordFlags, type RecordStore } from "./record-store.ts";
import type { RowBytes } from "./row-bytes.ts";

export interface RecordColumnPlaces {
  readonly sourceSystem: number;
  readonly gender: number;
  readonly motherName: number;
  readonly motherIdentifier: number;
}

/** What is not text of a record. */
export interface RecordFacts {
  /** Packed yyyymmdd with 00 for unknown parts; 0 where there is none. */
  readonly birthDate: number;
  /** Packed; 0 where not known. */
  readonly receivedOn: number;
  readonly multipleBirth: boolean | null;
  readonly birthOrder: number | null;
}

/** Places in the row of a record. */
const wide = { birthDates: 0, sources: 1, motherNames: 2, motherIdentifiers: 3 } as const;
const narrow = { genders: 4, flags: 5, birthOrders: 6 } as const;

/** What records themselves say, in the order they come: see normaliseRecord. */
export class RecordRows {
  readonly mothers = new ByteDictionary();
  readonly sources = new ByteDictionary();
  readonly #rows: GrowingRows;
  readonly #placeholders: PlaceholderList;
  readonly #rawSources = new RawTexts((text) => this.sources.add(text));
  readonly #rawGenders = new RawTexts(codeOfGender);
  readonly #rawMothers = new RawTexts((text) => codeIn(this.mothers, normaliseMotherName(text)));
  readonly #rawMotherIdentifiers = new RawTexts((text) => {
    const identifier = normaliseIdentifier(text, "");
    return codeIn(this.mothers, identifier === null ? null : `#${identifier}`);
  });

  /** @param expected about how many there will be. */
  constructor(placeholders: PlaceholderList, expected = 0) {
    this.#rows = new GrowingRows(Object.keys({ ...wide, ...narrow }).length, Math.max(64, expected));
    this.#placeholders = placeholders;
  }

  add(row: RowBytes, columns: RecordColumnPlaces, facts: RecordFacts): void {
    const { birthDate, receivedOn, birthOrder } = facts;
    const isKnown = birthDate !== 0 && !isPlaceholderDate(birthDate, receivedOn, this.#placeholders);
    const isMultiple = birthOrder === null ? facts.multipleBirth : true;
    const flags = isMultiple === null ? 0 : isMultiple ? recordFlags.multipleBirth : recordFlags.singleBirth;
    const rows = this.#rows;
    const at = rows.add();
    rows.set(at, wide.birthDates, isKnown ? birthDate : 0);
    rows.set(
      at,
      narrow.genders,
      Math.max(genderCodes.none, this.#rawGenders.readColumn(row, columns.gender)),
    );
    rows.set(at, narrow.birthOrders, birthOrder ?? 0);
    rows.set(at, narrow.flags, flags);
    rows.set(at, wide.sources, this.#rawSources.readColumn(row, columns.sourceSystem));
    rows.set(at, wide.motherNames, this.#rawMothers.readColumn(row, columns.motherName));
    rows.set(
      at,
      wide.motherIdentifiers,
      this.#rawMotherIdentifiers.readColumn(row, columns.motherIdentifier),
    );
  }

  /** @param order which one becomes each row. */
  finish(
    order: Uint32Array,
  ): Pick<
    RecordStore,
    "birthDates" | "genders" | "flags" | "birthOrders" | "sources" | "motherNames" | "motherIdentifiers"
  > {
    return this.#rows.gather(order, wide, narrow);
  }
}

function codeOfGender(gender: string): number {
  if (gender === "male") return genderCodes.male;
  if (gender === "female") return genderCodes.female;
  return gender === "other" ? genderCodes.other : genderCodes.none;
}
