import { makeNewborn, makeTwins, type ChildSpec } from "./births.ts";
import { childFamilyName, drawMarriedNames } from "./marriage.ts";
import type { FamilyName, Household, Person } from "./person.ts";
import type { PersonMaker, PersonSpec } from "./person-maker.ts";
import type { Random } from "./random.ts";

/** Oldest birthday that a template gives out, in years before the end of the population. */
export const OLDEST = 104;

/** Ages and percent of the adults without children at home: with the families they make the pyramid of patients. */
const ADULT_AGES: readonly (readonly [number, number, number])[] = [
  [18, 24, 12],
  [25, 34, 14],
  [35, 44, 8],
  [45, 54, 11],
  [55, 64, 22],
  [65, 74, 19],
  [75, 84, 10],
  [85, 99, 4],
];

export interface Couple {
  readonly husband: Person;
  readonly wife: Person;
  readonly wifeBorn: FamilyName;
}

/** What makes the children of a family special. */
export interface FamilyPlan {
  readonly special: "none" | "twins" | "generations" | "newborn";
  readonly group: string;
}

export function drawAdultAge(random: Random): number {
  let rest = random.below(100);
  for (const [low, high, share] of ADULT_AGES) {
    if (rest < share) return random.between(low, high);
    rest -= share;
  }
  return 50;
}

export function makeSingle(maker: PersonMaker, random: Random, spec: Partial<PersonSpec> = {}): Person {
  const culture = spec.culture ?? maker.culture(random);
  const sex = spec.sex ?? (random.chance(0.5) ? "female" : "male");
  const birthDay = spec.birthDay ?? maker.birthDay(random, drawAdultAge(random));
  const family = spec.family ?? maker.familyName(random, culture);
  // A divorced or widowed woman: her other name turns up in other records.
  const formerHusband =
    spec.otherFamily === undefined && sex === "female" && birthDay < maker.asOf - 9000 && random.chance(0.2)
      ? maker.familyName(random, culture)
      : undefined;
  return maker.person(random, {
    kind: "none",
    ...spec,
    household: spec.household ?? maker.household(random),
    sex,
    culture,
    birthDay,
    family,
    otherFamily: spec.otherFamily ?? formerHusband,
  });
}

/** What is special about the two; the rest is drawn. */
export interface CoupleSpec {
  readonly wife?: Partial<PersonSpec>;
  readonly husband?: Partial<PersonSpec>;
}

export function makeCouple(
  maker: PersonMaker,
  random: Random,
  household: Household,
  wifeAge: number,
  spec: CoupleSpec = {},
): Couple {
  const culture = maker.culture(random);
  const husbandAge = Math.min(OLDEST - 3, Math.max(18, wifeAge + random.between(-3, 8)));
  const husband = maker.person(random, {
    household,
    sex: "male",
    birthDay: maker.birthDay(random, husbandAge),
    culture,
    family: maker.familyName(random, culture),
    ...spec.husband,
  });
  const wifeCulture = random.chance(0.8) ? culture : maker.culture(random);
  const wifeBorn = maker.familyName(random, wifeCulture);
  const names = drawMarriedNames(random, maker.tables, wifeCulture, wifeBorn, husband.family);
  const wife = maker.person(random, {
    household,
    sex: "female",
    birthDay: maker.birthDay(random, wifeAge),
    culture: wifeCulture,
    ...names,
    ...spec.wife,
  });
  return { husband, wife, wifeBorn };
}

/** Parents, or the mother alone, and their children; the special ones carry the plan's group. */
export function makeFamily(maker: PersonMaker, random: Random, plan: FamilyPlan): Person[] {
  const household = maker.household(random);
  const youngestAge = plan.special === "newborn" ? 0 : random.below(20);
  const gaps = Array.from({ length: drawSiblings(random, plan) }, () => random.between(450, 1900));
  const motherAge = drawMotherAge(random, youngestAge, gaps);
  const parents = makeParents(maker, random, household, motherAge, plan);
  const common = { household, culture: parents.culture, mother: parents.mother, family: parents.childFamily };
  let birthDay =
    plan.special === "newborn" ? maker.asOf - random.between(5, 3600) : maker.birthDay(random, youngestAge);
  const children = makeYoungest(maker, random, plan, { ...common, birthDay }, parents.father);
  for (const gap of gaps) {
    birthDay -= gap;
    const sex = random.chance(0.5) ? "female" : "male";
    children.push(maker.person(random, { ...common, birthDay, sex }));
  }
  const { mother, father } = parents;
  return father === undefined ? [mother, ...children] : [mother, father, ...children];
}

function drawMotherAge(random: Random, youngestAge: number, gaps: readonly number[]): number {
  const atFirstBirth = 17 + random.below(12) + random.below(12);
  const days = gaps.reduce((sum, gap) => sum + gap, 0);
  return Math.min(58, atFirstBirth + youngestAge + Math.ceil(days / 365));
}

interface Parents {
  readonly mother: Person;
  readonly father: Person | undefined;
  readonly childFamily: FamilyName;
  readonly culture: number;
}

function makeParents(
  maker: PersonMaker,
  random: Random,
  household: Household,
  motherAge: number,
  plan: FamilyPlan,
): Parents {
  const motherSpec: Partial<PersonSpec> =
    plan.special === "newborn" ? { kind: "mother_newborn", group: plan.group } : { kind: "household" };
  if (plan.special !== "generations" && random.chance(0.26)) {
    const culture = maker.culture(random);
    const family = maker.familyName(random, culture);
    const birthDay = maker.birthDay(random, motherAge);
    const mother = makeSingle(maker, random, {
      ...motherSpec,
      household,
      sex: "female",
      birthDay,
      culture,
      family,
    });
    const absentFather = random.chance(0.6) ? maker.familyName(random, culture) : undefined;
    const childFamily = childFamilyName(random, maker.tables, culture, absentFather, family);
    return { mother, father: undefined, childFamily, culture };
  }
  const couple = makeCouple(maker, random, household, motherAge, {
    wife: motherSpec,
    husband:
      plan.special === "generations"
        ? { kind: "generations", group: plan.group, suffix: random.chance(0.5) ? "Sr" : "" }
        : {},
  });
  const { husband, wife, wifeBorn } = couple;
  const { culture } = husband;
  const childFamily = childFamilyName(random, maker.tables, culture, husband.family, wifeBorn);
  return { mother: wife, father: husband, childFamily, culture };
}

function drawSiblings(random: Random, plan: FamilyPlan): number {
  const more = random.below(100);
  const siblings = more < 38 ? 0 : more < 78 ? 1 : more < 94 ? 2 : 3;
  return plan.special === "none" ? siblings : Math.max(0, siblings - 1);
}

function makeYoungest(
  maker: PersonMaker,
  random: Random,
  plan: FamilyPlan,
  spec: ChildSpec,
  father: Person | undefined,
): Person[] {
  if (plan.special === "twins") return makeTwins(maker, random, spec, plan.group);
  if (plan.special === "generations" && father !== undefined) {
    const suffix = father.suffix === "Sr" ? "Jr" : random.pick(["Jr", "Jr", "Jr", "II", "III"]);
    return [
      maker.person(random, {
        ...spec,
        sex: "male",
        given: father.given,
        middle: father.middle,
        family: father.family,
        suffix,
        kind: "generations",
        group: plan.group,
      }),
    ];
  }
  const sex = random.chance(0.5) ? "female" : "male";
  if (plan.special !== "newborn") return [maker.person(random, { ...spec, sex })];
  return [makeNewborn(maker, random, { ...spec, sex }, plan.group)];
}
