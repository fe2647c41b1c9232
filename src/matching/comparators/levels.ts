/**
 * What every level comparator returns where a value is missing on either side: no evidence, for or against.
 * Two missing values are no evidence either.
 */
export const unavailable = -1;

/** Level names with their place: 0 is the strongest agreement, the last is "else". */
export type LevelIndex<Name extends string> = Readonly<Record<Name, number>>;

/**
 * Names the places of a list of levels, so that a comparator can say `level.exact`. A model maps these places
 * to its own levels, one to one or several to one; the order never contradicts it.
 */
export function indexLevels<const Name extends string>(names: readonly Name[]): LevelIndex<Name> {
  return Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>;
}
