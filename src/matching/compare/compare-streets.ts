import { isWithinOneEdit } from "../comparators/osa.ts";
import {
  comparePreparedStreets,
  prepareStreet,
  streetLevel,
  type PreparedStreet,
} from "../comparators/street.ts";
import { readValue } from "../store/byte-dictionary.ts";
import type { RecordStore } from "../store/record-store.ts";
import { LevelMemo, notKnown } from "./level-memo.ts";

const poBox = "pobox";

/**
 * compareStreets over codes: names and house numbers apart, so that a name is prepared once and a pair of names
 * compared once. Agrees with compareStreets on the two put together; what is changed there must be changed here.
 */
export class StreetComparer {
  readonly #names: RecordStore["dictionaries"]["streetNames"];
  readonly #numbers: RecordStore["dictionaries"]["houseNumbers"];
  readonly #prepared = new Map<number, PreparedStreet>();
  readonly #memo: LevelMemo;

  constructor(store: RecordStore) {
    this.#names = store.dictionaries.streetNames;
    this.#numbers = store.dictionaries.houseNumbers;
    this.#memo = new LevelMemo(this.#names.size, 16);
  }

  /** Level of compareStreets; -1 stands for what is missing, and of each street one part is there. */
  compare(nameA: number, numberA: number, nameB: number, numberB: number): number {
    if (nameA === nameB && numberA === numberB) return streetLevel.exact;
    if (nameA < 0 || nameB < 0) return this.#compareWhole(nameA, numberA, nameB, numberB);
    const a = this.#prepare(nameA);
    const b = this.#prepare(nameB);
    if (a.name === poBox || b.name === poBox || a.houseNumber !== "" || b.houseNumber !== "") {
      return this.#compareWhole(nameA, numberA, nameB, numberB);
    }
    const names = nameA === nameB ? streetLevel.exact : this.#compareNames(nameA, nameB, a, b);
    const isSameNumber = numberA >= 0 && numberA === numberB;
    if (isSameNumber && names === streetLevel.exact) return streetLevel.exact;
    if (names === streetLevel.sameNumber) return isSameNumber ? streetLevel.sameNumber : streetLevel.else;
    if (isSameNumber || (numberA < 0 && numberB < 0)) return streetLevel.close;
    if (numberA < 0 || numberB < 0) return streetLevel.numberMissing;
    return this.#isOneEdit(numberA, numberB) ? streetLevel.numberOneEdit : streetLevel.sameStreet;
  }

  /** As of two streets with the same house number. */
  #compareNames(nameA: number, nameB: number, a: PreparedStreet, b: PreparedStreet): number {
    const known = this.#memo.get(nameA, nameB);
    if (known !== notKnown) return known;
    const level = comparePreparedStreets({ ...a, houseNumber: "1" }, { ...b, houseNumber: "1" });
    this.#memo.set(nameA, nameB, level);
    return level;
  }

  #isOneEdit(a: number, b: number): boolean {
    const textA = readValue(this.#numbers, a);
    const textB = readValue(this.#numbers, b);
    return (textA.length >= 2 || textB.length >= 2) && isWithinOneEdit(textA, textB);
  }

  #compareWhole(nameA: number, numberA: number, nameB: number, numberB: number): number {
    return comparePreparedStreets(
      prepareStreet(this.#join(nameA, numberA)),
      prepareStreet(this.#join(nameB, numberB)),
    );
  }

  #join(name: number, number: number): string {
    if (number < 0) return readValue(this.#names, name);
    const text = readValue(this.#numbers, number);
    return name < 0 ? text : `${text} ${readValue(this.#names, name)}`;
  }

  #prepare(name: number): PreparedStreet {
    let prepared = this.#prepared.get(name);
    if (prepared === undefined) {
      prepared = prepareStreet(readValue(this.#names, name));
      this.#prepared.set(name, prepared);
    }
    return prepared;
  }
}
