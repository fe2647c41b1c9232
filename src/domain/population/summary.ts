import { HARD_CASES, type HardCase } from "./person.ts";
import type { PopulationRecord } from "./record-generator.ts";
import type { PopulationSettings } from "./settings.ts";
import type { WrittenFile } from "./text-file.ts";

export interface KindCount {
  readonly records: number;
  readonly persons: number;
}

/** What was written; nothing in it depends on the machine or the hour. */
export interface PopulationSummary {
  readonly settings: PopulationSettings;
  readonly records: number;
  readonly persons: number;
  /** Pairs of records of one person: what a matcher is to find. */
  readonly truePairs: number;
  readonly duplicateRate: number;
  /** Persons by their number of records. */
  readonly clusterSizes: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<HardCase, KindCount>>;
  readonly sources: Readonly<Record<string, number>>;
  /** Share of the records with a value, placeholders included, by column. */
  readonly filled: Readonly<Record<string, number>>;
  /** Duplicates by their number of errors. */
  readonly errorsPerDuplicate: Readonly<Record<string, number>>;
  /** Errors by `field:error`. */
  readonly errors: Readonly<Record<string, number>>;
  readonly files: readonly WrittenFile[];
}

const COUNTED_COLUMNS = [
  "ssn",
  "phone",
  "email",
  "middle",
  "birth_date",
  "gender",
  "address_line1",
  "postal_code",
] as const;

/** Counts records as they go by. Its memory does not grow with their number. */
export class SummaryCounter {
  readonly #kinds = new Map<HardCase, { records: number; persons: number }>();
  readonly #sources = new Map<string, number>();
  readonly #filled = new Map<string, number>();
  readonly #errorCounts = new Map<number, number>();
  readonly #errors = new Map<string, number>();
  readonly #clusterSizes = new Map<number, number>();
  #cluster = 0;
  #size = 0;
  #records = 0;
  #persons = 0;
  #duplicates = 0;

  constructor() {
    for (const kind of HARD_CASES) this.#kinds.set(kind, { records: 0, persons: 0 });
    for (const column of COUNTED_COLUMNS) this.#filled.set(column, 0);
  }

  /** Records come person by person, as they are generated. */
  add({ columns, truth }: PopulationRecord): void {
    this.#records++;
    const kind = this.#kinds.get(truth.kind)!;
    kind.records++;
    increment(this.#sources, columns.source_system);
    for (const column of COUNTED_COLUMNS) if (columns[column] !== "") increment(this.#filled, column);
    if (truth.role === "original") {
      kind.persons++;
      this.#persons++;
    } else {
      if (truth.role === "duplicate") increment(this.#errorCounts, truth.errors.length);
      this.#duplicates++;
      for (const error of truth.errors) increment(this.#errors, error);
    }
    if (truth.cluster !== this.#cluster) this.#endCluster(truth.cluster);
    this.#size++;
  }

  #endCluster(next: number): void {
    if (this.#size > 0) increment(this.#clusterSizes, this.#size);
    this.#cluster = next;
    this.#size = 0;
  }

  finish(settings: PopulationSettings, files: readonly WrittenFile[]): PopulationSummary {
    this.#endCluster(0);
    let truePairs = 0;
    for (const [size, persons] of this.#clusterSizes) truePairs += (persons * size * (size - 1)) / 2;
    const share = (count: number) => Math.round((count / this.#records) * 1e6) / 1e6;
    return {
      settings,
      records: this.#records,
      persons: this.#persons,
      truePairs,
      duplicateRate: share(this.#duplicates),
      clusterSizes: sortedObject(this.#clusterSizes),
      kinds: Object.fromEntries(this.#kinds) as Record<HardCase, KindCount>,
      sources: sortedObject(this.#sources),
      filled: Object.fromEntries([...this.#filled].map(([column, count]) => [column, share(count)])),
      errorsPerDuplicate: sortedObject(this.#errorCounts),
      errors: sortedObject(this.#errors),
      files,
    };
  }
}

function increment<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** By key, in an order that no locale changes. */
function sortedObject(counts: ReadonlyMap<string | number, number>): Record<string, number> {
  const entries = [...counts].map(([key, count]) => [String(key), count] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
