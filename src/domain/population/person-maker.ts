import { dropAccents } from "./ascii.ts";
import { dateOf, type Day } from "../../lib/calendar.ts";
import type { City } from "./gazetteer.ts";
import type { Sex } from "./given-names.ts";
import { drawPhone, socialSecurityNumber } from "./numbers.ts";
import { singleName, type FamilyName, type HardCase, type Household, type Person } from "./person.ts";
import type { Random } from "./random.ts";
import type { PopulationSettings } from "./settings.ts";
import type { PopulationTables } from "./tables.ts";

/** What a template knows of a person before the rest is drawn. */
export interface PersonSpec {
  readonly household: Household;
  readonly sex: Sex;
  readonly birthDay: Day;
  readonly culture: number;
  readonly family: FamilyName;
  readonly otherFamily?: FamilyName | undefined;
  readonly maidenName?: string;
  readonly given?: string;
  readonly temporaryGiven?: string;
  readonly middle?: string;
  readonly suffix?: string;
  readonly ssn?: string;
  readonly mother?: Person | undefined;
  readonly birthOrder?: number;
  readonly kind?: HardCase;
  readonly group?: string;
}

const DAYS_IN_YEAR = 365.2425;

/** Makes persons and households one after the other and numbers them. */
export class PersonMaker {
  readonly tables: PopulationTables;
  readonly asOf: Day;
  readonly #offset: number;
  #persons = 0;
  #households = 0;
  #groups = 0;

  constructor(tables: PopulationTables, settings: PopulationSettings) {
    this.tables = tables;
    this.asOf = settings.asOfDay;
    this.#offset = settings.seed % 1_000_000_007;
  }

  get persons(): number {
    return this.#persons;
  }

  nextGroup(kind: HardCase): string {
    this.#groups++;
    return `${kind}-${this.#groups}`;
  }

  household(random: Random, city?: City): Household {
    this.#households++;
    const book = this.tables.addressBook;
    const address = book.draw(random, city);
    return {
      id: `H${this.#households}`,
      address,
      phone: drawPhone(random, address.city),
      nextAddress: drawMove(random, this.tables, address.city),
    };
  }

  /** A birthday of somebody of that age in years, on any day of the year. */
  birthDay(random: Random, age: number): Day {
    return this.asOf - Math.floor(age * DAYS_IN_YEAR) - random.between(1, 365);
  }

  culture(random: Random): number {
    return this.tables.cultureSampler.draw(random);
  }

  /** A family name as people of the culture are born with. */
  familyName(random: Random, culture: number): FamilyName {
    const first = this.tables.familyNames[culture]!.draw(random);
    if (this.tables.cultures[culture]!.married !== "double" || !random.chance(0.6)) return singleName(first);
    return { first, second: this.tables.familyNames[culture]!.draw(random), joint: drawJoint(random) };
  }

  person(random: Random, spec: PersonSpec): Person {
    const { sex, culture, household, birthDay } = spec;
    const { year } = dateOf(birthDay);
    this.#persons++;
    const given = spec.given ?? this.tables.givenNames.draw(random, culture, sex, year);
    const adult = birthDay < this.asOf - 18 * DAYS_IN_YEAR;
    return {
      cluster: this.#persons,
      household,
      kind: spec.kind ?? "household",
      group: spec.group ?? "",
      sex,
      birthDay,
      culture,
      given,
      temporaryGiven: spec.temporaryGiven ?? "",
      calledBy: random.chance(0.06) ? this.#nickname(random, given) : "",
      middle: spec.middle ?? this.#middle(random, culture, sex, year, given),
      family: spec.family,
      otherFamily: spec.otherFamily,
      maidenName: spec.maidenName ?? "",
      suffix:
        spec.suffix ?? (sex === "male" && random.chance(0.012) ? random.pick(["Jr", "Jr", "II", "III"]) : ""),
      ssn: spec.ssn ?? (random.chance(0.92) ? socialSecurityNumber(this.#persons, this.#offset) : ""),
      phone: this.#phone(random, household, adult, spec.mother),
      email: this.#email(random, given, spec.family.first, year, adult, spec.mother),
      address: household.address,
      mother: spec.mother,
      birthOrder: spec.birthOrder ?? 0,
      overlaidBy: undefined,
    };
  }

  #nickname(random: Random, given: string): string {
    const names = this.tables.nicknames.get(given);
    return names === undefined ? "" : random.pick(names);
  }

  #middle(random: Random, culture: number, sex: Sex, year: number, given: string): string {
    const { code, middle } = this.tables.cultures[culture]!;
    if (!random.chance(middle)) return "";
    if (code === "vietnamese" && random.chance(0.5)) return sex === "female" ? "Thị" : "Văn";
    const name = this.tables.givenNames.draw(random, culture, sex, year);
    return name === given ? "" : name;
  }

  #phone(random: Random, household: Household, adult: boolean, mother: Person | undefined): string {
    if (random.chance(0.03)) return "";
    if (!adult && mother !== undefined && random.chance(0.7)) return mother.phone;
    return random.chance(adult ? 0.35 : 0.8) ? household.phone : drawPhone(random, household.address.city);
  }

  #email(
    random: Random,
    given: string,
    family: string,
    year: number,
    adult: boolean,
    mother: Person | undefined,
  ): string {
    if (!adult) return mother !== undefined && random.chance(0.8) ? mother.email : "";
    if (random.chance(year < 1945 ? 0.35 : 0.06)) return "";
    return drawEmail(random, this.tables, given, family, year);
  }
}

export function drawJoint(random: Random): string {
  return random.chance(0.25) ? "-" : " ";
}

/** Where somebody of the city moves to: mostly not far. */
export function drawMove(random: Random, tables: PopulationTables, from: City) {
  const { gazetteer } = tables.addressBook;
  const distance = random.below(100);
  if (distance < 55) return tables.addressBook.draw(random, from);
  return tables.addressBook.draw(
    random,
    distance < 82 ? gazetteer.citiesOf(from.state).draw(random) : undefined,
  );
}

/** An address below the reserved domain `.example`, so that it is nobody's. */
export function drawEmail(
  random: Random,
  tables: PopulationTables,
  given: string,
  family: string,
  birthYear: number,
): string {
  const name = letters(given);
  const surname = letters(family);
  const number = random.chance(0.5)
    ? String(birthYear % 100).padStart(2, "0")
    : String(random.between(1, 999));
  const local = [
    `${name}.${surname}`,
    `${name}${surname}${number}`,
    `${name.slice(0, 1)}${surname}${number}`,
    `${surname}.${name}${number}`,
    `${name}_${surname}`,
    `${name}${number}`,
  ][random.below(6)]!;
  return `${local}@${tables.emailDomains.draw(random)}`;
}

function letters(text: string): string {
  return dropAccents(text)
    .toLowerCase()
    .replace(/[^a-z]/g, "");
}
