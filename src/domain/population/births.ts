import type { Day } from "../../lib/calendar.ts";
import type { Household, Person } from "./person.ts";
import type { PersonMaker, PersonSpec } from "./person-maker.ts";
import type { Random } from "./random.ts";

/** What parents give their children. */
export type ChildSpec = Pick<PersonSpec, "household" | "culture" | "mother" | "family"> & {
  readonly birthDay: Day;
};

/** Registered under the mother's name and a temporary one; named a few days later. */
export function makeNewborn(
  maker: PersonMaker,
  random: Random,
  spec: ChildSpec & { readonly sex: Person["sex"] },
  group: string,
): Person {
  const list = spec.sex === "female" ? "newborn_girl" : "newborn_boy";
  const mother = spec.mother!;
  const temporaryGiven = maker.tables.placeholders[list]
    .draw(random)
    .replace("{mother}", mother.given.toUpperCase());
  const underMothersName = random.chance(0.7) && mother.family.first !== spec.family.first;
  return maker.person(random, {
    ...spec,
    family: underMothersName ? mother.family : spec.family,
    otherFamily: underMothersName ? spec.family : undefined,
    temporaryGiven,
    ssn: "",
    suffix: "",
    kind: "mother_newborn",
    group,
  });
}

/** Two children, seldom three, of one birthday; some as newborns without a name. */
export function makeTwins(
  maker: PersonMaker,
  random: Random,
  spec: ChildSpec,
  group: string,
  households: readonly Household[] = [],
): Person[] {
  const count = random.chance(0.03) ? 3 : 2;
  const firstSex = random.chance(0.5) ? "female" : "male";
  const alike = random.chance(0.64);
  const newborn = random.chance(0.1) && spec.birthDay > maker.asOf - 3600;
  const twins: Person[] = [];
  for (let order = 1; order <= count; order++) {
    const other = firstSex === "female" ? "male" : "female";
    const sex = order === 1 || alike ? firstSex : other;
    const given = drawOtherGiven(maker, random, spec, sex, twins);
    twins.push(
      maker.person(random, {
        ...spec,
        household: households[order - 1] ?? spec.household,
        sex,
        given,
        birthOrder: order,
        temporaryGiven: newborn ? temporaryTwinName(maker, random, sex, order) : "",
        kind: "twins",
        group,
      }),
    );
  }
  return twins;
}

/** Parents like names that begin alike; no two children of a birth have the same one. */
function drawOtherGiven(
  maker: PersonMaker,
  random: Random,
  spec: ChildSpec,
  sex: Person["sex"],
  twins: readonly Person[],
): string {
  const year = 1970 + Math.floor(spec.birthDay / 365.2425);
  const first = twins[0]?.given;
  const initial = first !== undefined && random.chance(0.35) ? first[0] : undefined;
  for (let tries = 0; ; tries++) {
    const given = maker.tables.givenNames.draw(random, spec.culture, sex, year);
    if (twins.some((twin) => twin.given === given)) continue;
    if (initial === undefined || given[0] === initial || tries > 30) return given;
  }
}

function temporaryTwinName(maker: PersonMaker, random: Random, sex: Person["sex"], order: number): string {
  return maker.tables.placeholders.newborn_twin
    .draw(random)
    .replace("{sex}", sex === "female" ? "GIRL" : "BOY")
    .replace("{initial}", sex === "female" ? "G" : "B")
    .replace("{letter}", "ABC"[order - 1]!);
}
