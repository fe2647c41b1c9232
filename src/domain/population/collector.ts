import type { Day } from "../../lib/calendar.ts";
import { formatDay } from "./calendar.ts";
import type { Draft } from "./draft.ts";
import { luhnDigit, recordNumber } from "./numbers.ts";
import { writeFamilyName, type Person } from "./person.ts";
import type { Random } from "./random.ts";
import { Sampler } from "./sampler.ts";
import type { PopulationSettings } from "./settings.ts";
import { readSources, type SourceSystem } from "./source-system.ts";
import type { StreetAddress } from "./street-address.ts";
import type { PopulationTables } from "./tables.ts";

/** The first day of registration lies this many days before the end. */
const REGISTRATION_DAYS = 15 * 365;
/** What the shares of the persons who have a value come to; see person-maker.ts. */
const HAVE = { ssn: 0.92, phone: 0.97, email: 0.83 };
/** Aim a little below the limit, so that the limit itself seldom has to act. */
const AIM = 0.98;

type LimitedField = "ssn" | "phone" | "email";

/** How many records there are, with which fields, from which sources. */
export interface CollectorState {
  readonly records: number;
  readonly filled: Readonly<Record<LimitedField, number>>;
  readonly recordsOfSource: readonly number[];
}

/** Registers persons at sources: decides what is known, and gives out the numbers. */
export class Collector {
  readonly sources: readonly SourceSystem[];
  readonly #tables: PopulationTables;
  readonly #settings: PopulationSettings;
  readonly #sampler: Sampler<number>;
  readonly #factors: Readonly<Record<LimitedField, number>>;
  readonly #limits: Readonly<Record<LimitedField, number>>;
  #filled: Record<LimitedField, number> = { ssn: 0, phone: 0, email: 0 };
  #recordsOfSource: number[];
  #records = 0;

  constructor(tables: PopulationTables, settings: PopulationSettings) {
    this.#tables = tables;
    this.#settings = settings;
    this.sources = readSources(settings.sources);
    this.#sampler = new Sampler(
      this.sources.map((_, i) => i),
      this.sources.map((source) => source.share),
    );
    this.#limits = { ssn: settings.ssnRate, phone: settings.phoneRate, email: settings.emailRate };
    this.#factors = {
      ssn: this.#factor("ssn"),
      phone: this.#factor("phone"),
      email: this.#factor("email"),
    };
    this.#recordsOfSource = this.sources.map(() => 0);
  }

  remember(): CollectorState {
    return {
      records: this.#records,
      filled: { ...this.#filled },
      recordsOfSource: [...this.#recordsOfSource],
    };
  }

  restore(state: CollectorState): void {
    this.#records = state.records;
    this.#filled = { ...state.filled };
    this.#recordsOfSource = [...state.recordsOfSource];
  }

  drawSource(random: Random): number {
    return this.#sampler.draw(random);
  }

  /** Any day on which the person, who is born by then, may have come first. */
  drawFirstDay(random: Random, person: Person): Day {
    const { asOfDay } = this.#settings;
    if (person.temporaryGiven !== "") return Math.min(asOfDay, person.birthDay + random.below(3));
    const from = Math.min(asOfDay, Math.max(asOfDay - REGISTRATION_DAYS, person.birthDay + 3));
    return from + random.below(asOfDay - from + 1);
  }

  /** The record as it would be without errors. */
  collect(random: Random, person: Person, sourceIndex: number, receivedDay: Day, first: boolean): Draft {
    const source = this.sources[sourceIndex]!;
    const { collects } = source;
    const newborn = first && person.temporaryGiven !== "";
    const known = (probability: number) => random.chance(probability);
    const minor = person.birthDay > receivedDay - 18 * 365;
    const multiple = person.birthOrder > 0;
    const asked = known(multiple ? Math.max(collects.birthOrder, 0.4) : collects.birthOrder * 0.3);
    const mother = person.mother;
    const named = person.kind !== "unidentified";
    this.#records++;
    return {
      source,
      sourceIndex,
      receivedDay,
      given: newborn ? person.temporaryGiven : person.calledBy || person.given,
      middle: !newborn && known(collects.middle) ? person.middle : "",
      family: person.family,
      familyText: "",
      suffix: known(collects.suffix) ? person.suffix : "",
      prefix: known(collects.prefix) ? drawPrefix(random, person, minor) : "",
      maidenName: known(collects.maiden) ? person.maidenName : "",
      gender: known(collects.gender) ? person.sex : "",
      birthDate: named ? formatDay(person.birthDay) : this.#tables.placeholders.birth_date.draw(random),
      multipleBirth: asked && (multiple || minor) ? (multiple ? "true" : "false") : "",
      birthOrder: asked && multiple ? String(person.birthOrder) : "",
      ssn: newborn ? "" : this.#limited(random, "ssn", person.ssn, source),
      phone: this.#limited(random, "phone", person.phone, source),
      phoneOtherwise: false,
      email: this.#limited(random, "email", person.email, source),
      ...this.#address(random, named ? person.address : undefined, source),
      motherName: motherNameOf(mother, (newborn || minor) && known(newborn ? 0.97 : collects.mother)),
      motherMrn: "",
      ...this.#numbers(source, sourceIndex),
    };
  }

  #address(random: Random, home: StreetAddress | undefined, source: SourceSystem) {
    const address = random.chance(source.collects.address) ? home : undefined;
    return {
      address,
      streetOtherwise: false,
      city: address?.city.name ?? "",
      postalCode: address?.postalCode ?? "",
    };
  }

  /** The value where it is known and the limit on such records leaves room; else nothing, or a placeholder. */
  #limited(random: Random, field: LimitedField, value: string, source: SourceSystem): string {
    const room = this.#filled[field] + 1 <= this.#limits[field] * this.#records;
    if (!room) return "";
    if (value !== "" && random.chance(source.collects[field] * this.#factors[field])) {
      this.#filled[field]++;
      return value;
    }
    if (!random.chance(source.placeholders)) return "";
    this.#filled[field]++;
    return this.#tables.placeholders[field].draw(random);
  }

  /** What the sources' habits are multiplied by, so that the share asked for is met on average. */
  #factor(field: LimitedField): number {
    const total = this.sources.reduce((sum, source) => sum + source.share, 0);
    const usual = this.sources.reduce((sum, s) => sum + (s.share / total) * s.collects[field], 0);
    return (this.#limits[field] * AIM) / (usual * HAVE[field]);
  }

  #numbers(source: SourceSystem, sourceIndex: number): { mrn: string; sourceId: string } {
    const { seed } = this.#settings;
    const n = this.#recordsOfSource[sourceIndex]!;
    this.#recordsOfSource[sourceIndex] = n + 1;
    const digits = recordNumber(n, (seed % 1_000_003) * 97 + sourceIndex * 15_485_863);
    const mrn = { plain: digits, letter: `M${digits}`, check: digits + luhnDigit(digits) }[source.mrn];
    const id = recordNumber(this.#records, (seed % 999_983) * 89 + 7);
    return { mrn, sourceId: `${source.prefix}-${id}` };
  }
}

function motherNameOf(mother: Person | undefined, known: boolean): string {
  return mother !== undefined && known ? `${mother.given} ${writeFamilyName(mother.family)}` : "";
}

function drawPrefix(random: Random, person: Person, minor: boolean): string {
  if (minor) return person.sex === "male" ? "Master" : "Miss";
  if (random.chance(0.02)) return "Dr";
  if (person.sex === "male") return "Mr";
  return person.maidenName === "" ? "Ms" : "Mrs";
}
