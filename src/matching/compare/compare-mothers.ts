import { jaroWinkler } from "../comparators/jaro-winkler.ts";
import { comparisonIndex, levelIndex } from "../model/comparison-kinds.ts";
import type { CompiledComparison, CompiledModel } from "../model/compile-model.ts";
import { readValue, type DictionaryColumns } from "../store/byte-dictionary.ts";
import type { RecordStore } from "../store/record-store.ts";
import { BestLevel } from "./best-level.ts";

const level = {
  exact: levelIndex("mother", "exact"),
  close: levelIndex("mother", "close"),
  differs: levelIndex("mother", "differs"),
} as const;

/** Compares the mothers of two records: her identifier where both have one and it agrees, else her name. */
export class MotherComparer {
  readonly best = new BestLevel();
  readonly #names: Int32Array;
  readonly #identifiers: Int32Array;
  readonly #dictionary: DictionaryColumns;
  readonly #comparison: CompiledComparison;

  constructor(store: RecordStore, compiled: CompiledModel) {
    this.#names = store.motherNames;
    this.#identifiers = store.motherIdentifiers;
    this.#dictionary = store.dictionaries.mothers;
    this.#comparison = compiled.comparisons[comparisonIndex.mother]!;
  }

  compare(a: number, b: number): void {
    this.best.clear();
    const identifierA = this.#identifiers[a]!;
    const identifierB = this.#identifiers[b]!;
    if (identifierA >= 0 && identifierA === identifierB) {
      this.best.offer(this.#comparison, level.exact, 0, true, 0, 0);
      return;
    }
    const nameA = this.#names[a]!;
    const nameB = this.#names[b]!;
    if (nameA >= 0 && nameB >= 0) {
      const found = nameA === nameB ? level.exact : this.#compareNames(nameA, nameB);
      this.best.offer(this.#comparison, found, 0, true, 0, 0);
    } else if (identifierA >= 0 && identifierB >= 0) {
      this.best.offer(this.#comparison, level.differs, 0, true, 0, 0);
    }
  }

  #compareNames(a: number, b: number): number {
    const textA = readValue(this.#dictionary, a);
    const textB = readValue(this.#dictionary, b);
    if (jaroWinkler(textA, textB) >= 0.92) return level.close;
    const wordsA = textA.split(" ");
    const wordsB = textB.split(" ");
    // "Maria" against "Maria Lopez": married or abbreviated, but no stranger by what is known.
    const [fewer, more] = wordsA.length <= wordsB.length ? [wordsA, wordsB] : [wordsB, wordsA];
    return fewer.every((word) => more.includes(word)) ? level.close : level.differs;
  }
}
