import { formatDay } from "./calendar.ts";
import { Collector, type CollectorState } from "./collector.ts";
import type { PatientColumns } from "./columns.ts";
import type { Draft } from "./draft.ts";
import { ErrorModel } from "./error-model.ts";
import { makeSingle } from "./family-templates.ts";
import { drawPhone } from "./numbers.ts";
import type { HardCase, Person } from "./person.ts";
import { PersonMaker } from "./person-maker.ts";
import { Random } from "./random.ts";
import type { ErrorContext } from "./record-error.ts";
import { writeRecord } from "./record-writer.ts";
import { Sampler } from "./sampler.ts";
import type { PopulationSettings } from "./settings.ts";
import { getPopulationTables, type PopulationTables } from "./tables.ts";
import { UnitSchedule } from "./unit-schedule.ts";

export interface PopulationRecord {
  readonly columns: PatientColumns;
  readonly truth: RecordTruth;
}

export interface RecordTruth {
  /** Records of one person have one cluster. */
  readonly cluster: number;
  readonly kind: HardCase;
  readonly group: string;
  readonly household: string;
  /** `original` is the person's first record, which has no errors; `overlay` one that holds another's data too. */
  readonly role: "original" | "duplicate" | "overlay";
  /** `field:error` for each error of a duplicate. */
  readonly errors: readonly string[];
}

/** Streams of the seed beyond those of units and institutions. */
const FRONT_DESK_STREAM = 0xe000_0000;

/** More records than the persons of one unit can have together: at most 8, each with at most 21. */
const LARGEST_UNIT = 200;

/**
 * The records of the population, household by household, exactly `settings.patients` of them. Memory does
 * not grow with their number.
 */
export function* generateRecords(settings: PopulationSettings): Generator<PopulationRecord> {
  const tables = getPopulationTables();
  const maker = new PersonMaker(tables, settings);
  const schedule = new UnitSchedule(maker, settings);
  const registry = new Registry(tables, settings);
  const random = new Random(settings.seed, 0);
  let left = settings.patients;
  for (let unit = 1; left > 0; unit++) {
    random.reseed(settings.seed, unit);
    const before = left < LARGEST_UNIT ? registry.remember() : undefined;
    let records = registry.register(random, schedule.next(random));
    if (before !== undefined && records.length > left) {
      // No household is cut in two: people who live alone and came once fill what is left.
      registry.restore(before);
      records = [registry.registerOnce(random, makeSingle(maker, random))];
    }
    left -= records.length;
    yield* records;
  }
}

/** Registers the persons of a unit, once or more often each. */
class Registry {
  readonly #tables: PopulationTables;
  readonly #settings: PopulationSettings;
  readonly #collector: Collector;
  readonly #errorModel: ErrorModel;
  readonly #moreRecords: Sampler<number>;
  readonly #errorCounts: Sampler<number>;
  readonly #duplicated: number;
  readonly #frontDesks: readonly string[];

  constructor(tables: PopulationTables, settings: PopulationSettings) {
    this.#tables = tables;
    this.#settings = settings;
    this.#collector = new Collector(tables, settings);
    this.#errorModel = new ErrorModel(this.#collector.sources, settings.errorWeights);
    const { clusterSizes, errorsPerDuplicate } = settings;
    this.#moreRecords = new Sampler(
      clusterSizes.map((_, i) => i + 1),
      clusterSizes,
    );
    this.#errorCounts = new Sampler(
      errorsPerDuplicate.map((_, i) => i + 1),
      errorsPerDuplicate,
    );
    this.#duplicated = shareOfDuplicated(settings);
    this.#frontDesks = this.#collector.sources.map((_, i) => {
      const desk = new Random(settings.seed, FRONT_DESK_STREAM + i);
      return drawPhone(desk, tables.addressBook.gazetteer.cities.draw(desk));
    });
  }

  /** The state to go back to when records turn out not to be wanted. */
  remember(): CollectorState {
    return this.#collector.remember();
  }

  restore(state: CollectorState): void {
    this.#collector.restore(state);
  }

  registerOnce(random: Random, person: Person): PopulationRecord {
    return this.#finish(random, person, this.#registerFirst(random, person, new Map()), "original", []);
  }

  register(random: Random, people: readonly Person[]): readonly PopulationRecord[] {
    const records: PopulationRecord[] = [];
    const firstDrafts = new Map<number, Draft>();
    for (const person of people) {
      const first = this.#registerFirst(random, person, firstDrafts);
      firstDrafts.set(person.cluster, first);
      records.push(this.#finish(random, person, first, "original", []));
      const comesAgain = person.kind !== "unidentified" && random.chance(this.#duplicated);
      const more = comesAgain ? this.#moreRecords.draw(random) : 0;
      for (let i = 0; i < more; i++) {
        records.push(this.#registerAgain(random, person, people, first));
      }
      if (person.overlaidBy !== undefined) {
        records.push(this.#registerOverlay(random, person, person.overlaidBy, first));
      }
    }
    return records;
  }

  #registerFirst(random: Random, person: Person, firstDrafts: ReadonlyMap<number, Draft>): Draft {
    const collector = this.#collector;
    const mother = person.mother === undefined ? undefined : firstDrafts.get(person.mother.cluster);
    // A birth is registered where the mother is.
    const atBirth = person.temporaryGiven !== "" && mother !== undefined;
    const source = atBirth ? mother.sourceIndex : collector.drawSource(random);
    const draft = collector.collect(random, person, source, collector.drawFirstDay(random, person), true);
    if (mother !== undefined && mother.sourceIndex === source && draft.motherName !== "") {
      draft.motherMrn = atBirth || random.chance(0.3) ? mother.mrn : "";
    }
    return draft;
  }

  #registerAgain(random: Random, person: Person, people: readonly Person[], first: Draft): PopulationRecord {
    const draft = this.#collectAgain(random, person, first);
    const count = this.#errorCounts.draw(random);
    const context: ErrorContext = {
      random,
      tables: this.#tables,
      person,
      relatives: people,
      frontDesk: this.#frontDesks[draft.sourceIndex]!,
    };
    const named = person.temporaryGiven === "" ? [] : ["given:named"];
    const errors = this.#errorModel.apply(draft, count, context, named);
    return this.#finish(random, person, draft, "duplicate", errors);
  }

  #collectAgain(random: Random, person: Person, first: Draft): Draft {
    const collector = this.#collector;
    const later = this.#settings.asOfDay - first.receivedDay;
    const day = first.receivedDay + random.below(Math.max(1, later));
    return collector.collect(random, person, collector.drawSource(random), day, false);
  }

  /** The person's number, birth date and address under another's name, or the other's whole front. */
  #registerOverlay(random: Random, person: Person, other: Person, first: Draft): PopulationRecord {
    const draft = this.#collectAgain(random, person, first);
    draft.given = other.given;
    const errors = ["given:overlay"];
    if (other.household === person.household) {
      draft.birthDate = formatDay(other.birthDay);
      draft.gender = other.sex;
      errors.push("birth_date:overlay", "gender:overlay");
    } else {
      draft.family = other.family;
      errors.push("family:overlay");
      if (random.chance(0.5)) {
        draft.address = other.address;
        draft.city = other.address.city.name;
        draft.postalCode = other.address.postalCode;
        errors.push("address:overlay");
      }
    }
    return this.#finish(random, person, draft, "overlay", errors);
  }

  #finish(
    random: Random,
    person: Person,
    draft: Draft,
    role: RecordTruth["role"],
    errors: readonly string[],
  ): PopulationRecord {
    const { cluster, kind, group, household } = person;
    return {
      columns: writeRecord(random, draft),
      truth: { cluster, kind, group, household: household.id, role, errors },
    };
  }
}

/** The share of the persons who must have several records, so that the share of the records is right. */
function shareOfDuplicated({ duplicateRate, clusterSizes }: PopulationSettings): number {
  const total = clusterSizes.reduce((sum, weight) => sum + weight, 0);
  const more = clusterSizes.reduce((sum, weight, i) => sum + (weight / total) * (i + 1), 0);
  return duplicateRate / (1 - duplicateRate) / more;
}
