import { makeTwins } from "./births.ts";
import {
  drawAdultAge,
  makeCouple,
  makeFamily,
  makeSingle,
  OLDEST,
  type FamilyPlan,
} from "./family-templates.ts";
import { drawPhone } from "./numbers.ts";
import { singleName, type Household, type Person } from "./person.ts";
import type { PersonMaker } from "./person-maker.ts";
import { Random } from "./random.ts";

/** Streams of the seed that no unit uses: units are fewer than the records, at most 90 million. */
const INSTITUTION_STREAM = 0xf000_0000;

/** An ordinary household: a person alone, a couple, a family, people who share a flat. */
export function makeOrdinary(maker: PersonMaker, random: Random): Person[] {
  const type = random.below(100);
  if (type < 33) return [makeSingle(maker, random)];
  if (type < 66) {
    const { husband, wife } = makeCouple(
      maker,
      random,
      maker.household(random),
      Math.max(22, drawAdultAge(random)),
    );
    return [wife, husband];
  }
  if (type < 95) return makeFamily(maker, random, { special: "none", group: "" });
  const household = maker.household(random);
  return Array.from({ length: random.between(2, 3) }, () =>
    makeSingle(maker, random, { household, kind: "household" }),
  );
}

export function makeSpecialFamily(
  maker: PersonMaker,
  random: Random,
  special: Exclude<FamilyPlan["special"], "none">,
): Person[] {
  const group = maker.nextGroup(special === "newborn" ? "mother_newborn" : special);
  if (special === "twins" && random.chance(0.3)) return makeGrownTwins(maker, random, group);
  if (special === "generations" && random.chance(0.4)) return makeGrownSon(maker, random, group);
  return makeFamily(maker, random, { special, group });
}

/** Twins of age: each in a household of her own, often in the same city. */
function makeGrownTwins(maker: PersonMaker, random: Random, group: string): Person[] {
  const culture = maker.culture(random);
  const first = maker.household(random);
  const households = [first, ...Array.from({ length: 2 }, () => nearby(maker, random, first))];
  const spec = {
    household: first,
    culture,
    mother: undefined,
    family: maker.familyName(random, culture),
    birthDay: maker.birthDay(random, Math.max(19, drawAdultAge(random))),
  };
  return makeTwins(maker, random, spec, group, households);
}

/** Father and son of one name in two households. */
function makeGrownSon(maker: PersonMaker, random: Random, group: string): Person[] {
  const sonAge = random.between(19, 62);
  const fatherAge = Math.min(OLDEST - 3, sonAge + random.between(19, 40));
  const home = maker.household(random);
  const father = makeSingle(maker, random, {
    household: home,
    sex: "male",
    birthDay: maker.birthDay(random, fatherAge),
    suffix: random.chance(0.6) ? "Sr" : "",
    kind: "generations",
    group,
  });
  const son = makeSingle(maker, random, {
    household: random.chance(0.35) ? home : nearby(maker, random, home),
    sex: "male",
    culture: father.culture,
    family: father.family,
    given: father.given,
    middle: father.middle,
    birthDay: maker.birthDay(random, sonAge),
    suffix: father.suffix === "Sr" ? "Jr" : random.pick(["Jr", "Jr", "Jr", "II"]),
    kind: "generations",
    group,
  });
  return [father, son];
}

function nearby(maker: PersonMaker, random: Random, household: Household): Household {
  const { city } = household.address;
  if (random.chance(0.5)) return maker.household(random, city);
  return maker.household(random, maker.tables.addressBook.gazetteer.citiesOf(city.state).draw(random));
}

/** A couple of whom the wife gives the husband's number as hers. */
export function makeSharedSsn(maker: PersonMaker, random: Random): Person[] {
  const labels = { kind: "shared_ssn", group: maker.nextGroup("shared_ssn") } as const;
  for (;;) {
    const age = Math.max(24, drawAdultAge(random));
    const { husband, wife } = makeCouple(maker, random, maker.household(random), age, {
      wife: labels,
      husband: labels,
    });
    if (husband.ssn !== "") return [{ ...wife, ssn: husband.ssn }, husband];
  }
}

/** Two persons, and a record of the first that a clerk overwrote with the second's data. */
export function makeOverlay(maker: PersonMaker, random: Random): Person[] {
  const labels = { kind: "overlay", group: maker.nextGroup("overlay") } as const;
  const strangers = random.chance(0.5);
  const people = strangers
    ? [makeSingle(maker, random, labels), makeSingle(maker, random, labels)]
    : coupleOf(maker, random, labels);
  return [{ ...people[0]!, overlaidBy: people[1]! }, people[1]!];
}

function coupleOf(
  maker: PersonMaker,
  random: Random,
  labels: { readonly kind: "overlay"; readonly group: string },
): Person[] {
  const age = Math.max(22, drawAdultAge(random));
  const spec = { wife: labels, husband: labels };
  const { husband, wife } = makeCouple(maker, random, maker.household(random), age, spec);
  return [husband, wife];
}

/** Two strangers of one name and birth date, mostly in one state. */
export function makeNamesakes(maker: PersonMaker, random: Random): Person[] {
  const labels = { kind: "namesake", group: maker.nextGroup("namesake") } as const;
  const first = makeSingle(maker, random, labels);
  const { gazetteer } = maker.tables.addressBook;
  const city = random.chance(0.7) ? gazetteer.citiesOf(first.address.city.state).draw(random) : undefined;
  const { sex, culture, birthDay, family, given } = first;
  const household = maker.household(random, city);
  return [first, makeSingle(maker, random, { ...labels, household, sex, culture, birthDay, family, given })];
}

/** Somebody brought in unconscious and never named. The group is one for all of them. */
export function makeUnidentified(maker: PersonMaker, random: Random): Person[] {
  const person = makeSingle(maker, random, { kind: "unidentified", group: "unidentified" });
  const [given, family] = maker.tables.placeholders[`unidentified_${person.sex}`].draw(random).split(" ");
  const nothing = { calledBy: "", middle: "", suffix: "", ssn: "", phone: "", email: "", maidenName: "" };
  return [{ ...person, ...nothing, given: given!, family: singleName(family!), otherFamily: undefined }];
}

/**
 * One more resident of one of `count` institutions: address and telephone are the house's. The house is
 * computed from its number, so that none has to be remembered.
 */
export function makeResident(maker: PersonMaker, random: Random, seed: number, count: number): Person[] {
  const number = random.below(count);
  const house = new Random(seed, INSTITUTION_STREAM + number);
  const { name, youngest, oldest } = maker.tables.institutions.draw(house);
  const address = maker.tables.addressBook.draw(house);
  const id = `I${number + 1}`;
  const household: Household = {
    id,
    address: {
      ...address,
      direction: "",
      unit: "",
      instead: house.chance(0.4) ? `${address.city.name} ${name}` : "",
    },
    phone: drawPhone(house, address.city),
    nextAddress: maker.tables.addressBook.draw(random, address.city),
  };
  const birthDay = maker.birthDay(random, random.between(youngest, oldest));
  const resident = makeSingle(maker, random, { household, birthDay, kind: "institution", group: id });
  return [{ ...resident, phone: random.chance(0.7) ? household.phone : resident.phone }];
}
