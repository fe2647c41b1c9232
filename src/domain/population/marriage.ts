import { type FamilyName, singleName, writeFamilyName } from "./person.ts";
import { drawJoint } from "./person-maker.ts";
import type { Random } from "./random.ts";
import type { PopulationTables } from "./tables.ts";

export interface MarriedNames {
  readonly family: FamilyName;
  readonly otherFamily: FamilyName | undefined;
  /** Empty where the marriage did not change the name. */
  readonly maidenName: string;
}

/** What a wife is registered as, and what she might be registered as elsewhere. */
export function drawMarriedNames(
  random: Random,
  tables: PopulationTables,
  culture: number,
  born: FamilyName,
  husband: FamilyName,
): MarriedNames {
  const takes = tables.cultures[culture]!.married === "shared" ? 0.75 : 0.12;
  const choice = random.below(100) / 100;
  if (choice >= takes + 0.06) return { family: born, otherFamily: undefined, maidenName: "" };
  const married =
    choice < takes
      ? singleName(husband.first)
      : { first: born.first, second: husband.first, joint: random.chance(0.8) ? "-" : " " };
  const maidenName = writeFamilyName(born);
  // Some came first when they were still single.
  if (random.chance(0.12)) return { family: born, otherFamily: married, maidenName: "" };
  return { family: married, otherFamily: born, maidenName };
}

/** A child's name: the father's, or in Spanish and Portuguese use both parents' first ones. */
export function childFamilyName(
  random: Random,
  tables: PopulationTables,
  culture: number,
  father: FamilyName | undefined,
  motherBorn: FamilyName,
): FamilyName {
  const first = father?.first ?? motherBorn.first;
  if (tables.cultures[culture]!.married !== "double" || father === undefined || !random.chance(0.6)) {
    return singleName(first);
  }
  return { first, second: motherBorn.first, joint: drawJoint(random) };
}
