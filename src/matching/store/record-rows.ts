import { normaliseMotherName } from "../normal-record.ts";
import { isPlaceholderDate } from "../normalise/date.ts";
import { normaliseIdentifier } from "../normalise/identifier.ts";
import type { PlaceholderList } from "../reference/placeholders.ts";
import { ByteDictionary } from "./byte-dictionary.ts";
import { GrowingInt32, GrowingUint8 } from "./growing-columns.ts";
import { codeIn, RawTexts } from "./raw-texts.ts";
import { genderCodes, recordFlags, type RecordStore } from "./record-store.ts";
import type { RowBytes } from "./row-bytes.ts";
import { gatherInt32, gatherUint8 } from "./shared-columns.ts";

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

/** What records themselves say, in the order they come: see normaliseRecord. */
export class RecordRows {
  readonly mothers = new ByteDictionary();
  readonly sources = new ByteDictionary();
  readonly #birthDates = new GrowingInt32();
  readonly #genders = new GrowingUint8();
  readonly #flags = new GrowingUint8();
  readonly #birthOrders = new GrowingUint8();
  readonly #sources = new GrowingInt32();
  readonly #motherNames = new GrowingInt32();
  readonly #motherIdentifiers = new GrowingInt32();
  readonly #placeholders: PlaceholderList;
  readonly #rawSources = new RawTexts((text) => this.sources.add(text));
  readonly #rawGenders = new RawTexts(codeOfGender);
  readonly #rawMothers = new RawTexts((text) => codeIn(this.mothers, normaliseMotherName(text)));
  readonly #rawMotherIdentifiers = new RawTexts((text) => {
    const identifier = normaliseIdentifier(text, "");
    return codeIn(this.mothers, identifier === null ? null : `#${identifier}`);
  });

  constructor(placeholders: PlaceholderList) {
    this.#placeholders = placeholders;
  }

  add(row: RowBytes, columns: RecordColumnPlaces, facts: RecordFacts): void {
    const { birthDate, receivedOn, birthOrder } = facts;
    const isKnown = birthDate !== 0 && !isPlaceholderDate(birthDate, receivedOn, this.#placeholders);
    const isMultiple = birthOrder === null ? facts.multipleBirth : true;
    this.#birthDates.push(isKnown ? birthDate : 0);
    this.#genders.push(Math.max(genderCodes.none, this.#rawGenders.readColumn(row, columns.gender)));
    this.#birthOrders.push(birthOrder ?? 0);
    this.#flags.push(
      isMultiple === null ? 0 : isMultiple ? recordFlags.multipleBirth : recordFlags.singleBirth,
    );
    this.#sources.push(this.#rawSources.readColumn(row, columns.sourceSystem));
    this.#motherNames.push(this.#rawMothers.readColumn(row, columns.motherName));
    this.#motherIdentifiers.push(this.#rawMotherIdentifiers.readColumn(row, columns.motherIdentifier));
  }

  /** @param order which one becomes each row. */
  finish(
    order: Uint32Array,
  ): Pick<
    RecordStore,
    "birthDates" | "genders" | "flags" | "birthOrders" | "sources" | "motherNames" | "motherIdentifiers"
  > {
    return {
      birthDates: gatherInt32(this.#birthDates, order),
      genders: gatherUint8(this.#genders, order),
      flags: gatherUint8(this.#flags, order),
      birthOrders: gatherUint8(this.#birthOrders, order),
      sources: gatherInt32(this.#sources, order),
      motherNames: gatherInt32(this.#motherNames, order),
      motherIdentifiers: gatherInt32(this.#motherIdentifiers, order),
    };
  }
}

function codeOfGender(gender: string): number {
  if (gender === "male") return genderCodes.male;
  if (gender === "female") return genderCodes.female;
  return gender === "other" ? genderCodes.other : genderCodes.none;
}
