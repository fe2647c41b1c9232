import type { City, Gazetteer } from "./gazetteer.ts";
import type { Random } from "./random.ts";
import { Sampler } from "./sampler.ts";
import { readTable } from "./table-files.ts";

export interface StreetAddress {
  readonly houseNumber: string;
  /** `North`, …; empty for most. */
  readonly direction: string;
  readonly street: string;
  readonly streetType: StreetType;
  /** `Apt 4B`, …; empty for a house. */
  readonly unit: string;
  /** The whole first line where it is not a house in a street: an institution, a post office box. */
  readonly instead: string;
  readonly city: City;
  readonly postalCode: string;
}

export interface StreetType {
  readonly name: string;
  readonly abbreviation: string;
}

export interface AddressBook {
  readonly gazetteer: Gazetteer;
  /** An address in the city, or anywhere. */
  draw(random: Random, city?: City): StreetAddress;
}

const DIRECTIONS = ["North", "South", "East", "West", "Northeast", "Southwest"];
const UNITS = ["Apt", "Apt", "Apt", "Apt", "Unit", "Unit", "Lot", "Suite"];
/** Rare streets of one city. */
const OWN_STREETS = 120;

export function createAddressBook(gazetteer: Gazetteer): AddressBook {
  const types = readTable("street-types.csv", ["name", "abbreviation", "weight"]);
  const typeSampler = new Sampler<StreetType>(
    types.map(({ name, abbreviation }) => ({ name, abbreviation })),
    types.map((row) => Number(row.weight)),
  );
  const common = commonStreets();
  const rare = rareStreets();
  return {
    gazetteer,
    draw(random, city = gazetteer.cities.draw(random)) {
      const boxed = random.chance(0.02);
      return {
        houseNumber: drawHouseNumber(random),
        direction: random.chance(0.16) ? random.pick(DIRECTIONS) : "",
        street: random.chance(0.55)
          ? common.draw(random)
          : rare[(city.streetOffset + random.below(OWN_STREETS)) % rare.length]!,
        streetType: typeSampler.draw(random),
        unit: random.chance(0.24) ? drawUnit(random) : "",
        instead: boxed ? `PO Box ${random.between(1, 9_999)}` : "",
        city,
        postalCode: random.pick(city.postalCodes),
      };
    },
  };
}

function drawHouseNumber(random: Random): string {
  const length = random.below(10);
  if (length < 1) return String(random.between(1, 99));
  if (length < 5) return String(random.between(100, 999));
  return String(length < 9 ? random.between(1_000, 9_999) : random.between(10_000, 19_999));
}

function drawUnit(random: Random): string {
  const number = random.chance(0.5) ? random.between(1, 40) : random.between(101, 420);
  return `${random.pick(UNITS)} ${number}${random.chance(0.25) ? random.pick(["A", "B", "C", "D"]) : ""}`;
}

function commonStreets(): Sampler<string> {
  const names = readTable("place-names.csv", ["kind", "text"])
    .filter((row) => row.kind === "street_common")
    .map((row) => row.text);
  for (let n = 1; n <= 60; n++) names.splice(Math.min(names.length, n * 3), 0, ordinal(n));
  return new Sampler(
    names,
    names.map((_, i) => 1 / (12 + i)),
  );
}

function rareStreets(): readonly string[] {
  const rows = readTable("place-names.csv", ["kind", "text"]);
  const endings = rows.filter((row) => row.kind === "street_ending").map((row) => row.text);
  const composed = rows
    .filter((row) => row.kind === "street_stem")
    .flatMap((row) => endings.map((ending) => row.text + ending));
  const families = readTable("family-names.csv", ["culture", "name"])
    .filter((row) => row.culture === "english")
    .map((row) => row.name);
  return composed.flatMap((street, i) => (i % 2 === 0 ? [street, families[i % families.length]!] : [street]));
}

function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  const ending = teen ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n}${ending}`;
}
