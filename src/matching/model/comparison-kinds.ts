/**
 * The comparisons the engine knows, and for each the levels of agreement in the order in which they are
 * tried. A model file says how much each level weighs; what a level means is said here and in compare/.
 *
 * Levels of one group exclude each other and together cover every pair in which that group applies, so
 * m and u each sum to 1 within a group. Groups are how a comparison is conditioned on another one, or on
 * what is known: the street is judged by one group where the towns agree and by another where they do not.
 */

/** Fields whose values are counted, so that agreement on a common value weighs less. */
export const frequencyFields = [
  "family-name",
  "given-name",
  "birth-date",
  "city",
  "postal-code",
  "street",
  "phone",
  "email",
  "national-identifier",
  "local-identifier",
] as const;

export type FrequencyField = (typeof frequencyFields)[number];

/** The seed's component scores. */
export const components = ["name", "birth-date", "gender", "address", "identifier"] as const;

/** `other` weighs in the total and has no component score of its own. */
export type Component = (typeof components)[number] | "other";

export interface LevelKind {
  readonly name: string;
  /** What it says to a person. */
  readonly label: string;
  readonly group: string;
  /** Whose value frequency adjusts this level, where one does. */
  readonly field?: FrequencyField;
  /** False for levels that say "not the same". */
  readonly agrees: boolean;
}

export interface ComparisonKind {
  readonly name: string;
  readonly label: string;
  readonly component: Component;
  readonly levels: readonly LevelKind[];
  /**
   * The level that training counts a pair at which cannot be compared, where registries write down the exception only:
   * m and u are then shares of all pairs. In a score such a pair has no evidence, as everywhere.
   */
  readonly unrecorded?: string;
}

function level(name: string, label: string, field?: FrequencyField): LevelKind {
  return { name, label, group: "", agrees: true, ...(field === undefined ? {} : { field }) };
}

function conflict(name: string, label: string): LevelKind {
  return { name, label, group: "", agrees: false };
}

function inGroup(group: string, levels: readonly LevelKind[]): LevelKind[] {
  return levels.map((each) => ({ ...each, group }));
}

export const comparisonKinds = [
  {
    name: "family-name",
    label: "Family name",
    component: "name",
    levels: [
      level("exact", "same", "family-name"),
      level("very-close", "a letter or two apart", "family-name"),
      level("contained", "one holds all parts of the other", "family-name"),
      level("close", "alike", "family-name"),
      level("phonetic", "sounds alike", "family-name"),
      level("part-in-common", "one part in common", "family-name"),
      level("both-common", "alike, but both are common names"),
      level("similar", "somewhat alike"),
      conflict("differs", "different"),
    ],
  },
  {
    name: "given-name",
    label: "Given name",
    component: "name",
    levels: [
      level("exact", "same", "given-name"),
      level("contained", "one holds all parts of the other", "given-name"),
      level("nickname", "one is a short form of the other", "given-name"),
      level("very-close", "a letter or two apart", "given-name"),
      level("initial", "initial of the other"),
      level("shared-formal-name", "short forms of one name", "given-name"),
      level("middle", "given name of one is middle name of the other", "given-name"),
      level("close", "alike", "given-name"),
      level("phonetic", "sounds alike", "given-name"),
      conflict("both-common", "alike, but both are common names"),
      conflict("similar", "somewhat alike"),
      conflict("differs", "different"),
    ],
  },
  {
    name: "middle-name",
    label: "Middle name",
    component: "name",
    levels: [
      level("exact", "same"),
      level("initial", "initial of the other"),
      level("alike", "alike"),
      conflict("differs", "different"),
    ],
  },
  {
    name: "name-order",
    label: "Name order",
    component: "name",
    levels: [level("same", "same order"), level("swapped", "given and family name swapped")],
  },
  {
    name: "birth-date",
    label: "Birth date",
    component: "birth-date",
    levels: [
      ...inGroup("day", [
        level("exact", "same", "birth-date"),
        level("transposed", "day and month transposed"),
        level("neighbours-swapped", "two neighbouring digits swapped"),
        level("one-digit", "one digit off"),
        level("off-by-one-day", "the day before or after"),
        level("same-year-and-month", "same year and month, other day"),
        level("same-year-and-day", "same year and day, other month"),
        level("first-of-january", "same year, and one says 1 January"),
        level("year-off-by-one-or-ten", "same month and day, 1 or 10 years apart"),
        level("same-month-and-day", "same month and day, other year"),
        level("same-year", "same year"),
        level("within-a-year", "about a year apart or less"),
        conflict("within-ten-years", "less than ten years apart"),
        conflict("differs", "different"),
      ]),
      ...inGroup("month", [
        level("month", "same year and month, no day known"),
        conflict("month-differs", "different month, no day known"),
      ]),
      ...inGroup("year", [
        level("year", "same year, no more known"),
        conflict("year-differs", "different year, no more known"),
      ]),
    ],
  },
  {
    name: "gender",
    label: "Gender",
    component: "gender",
    levels: [
      ...inGroup("given-name-agrees", [
        level("same-as-name", "same, as the given name says already"),
        conflict("differs-from-name", "different, though the given names agree"),
      ]),
      ...inGroup("otherwise", [level("same", "same"), conflict("differs", "different")]),
    ],
  },
  {
    name: "place",
    label: "Town and postal code",
    component: "address",
    levels: [
      ...inGroup("both", [
        level("postal-code-and-city", "same postal code and town", "postal-code"),
        level("postal-code-and-close-city", "same postal code, town alike", "postal-code"),
        level("postal-code", "same postal code, other town", "postal-code"),
        level("city-and-close-postal-code", "same town, postal code alike", "city"),
        level("city", "same town, other postal code", "city"),
        level("close", "postal code or town alike"),
        level("area", "beginning of the postal code in common"),
        conflict("differs", "different"),
      ]),
      ...inGroup("postal-code", [
        level("only-postal-code", "same postal code", "postal-code"),
        level("only-close-postal-code", "postal code alike"),
        level("only-area", "beginning of the postal code in common"),
        conflict("only-postal-code-differs", "different postal code"),
      ]),
      ...inGroup("city", [
        level("only-city", "same town", "city"),
        level("only-close-city", "town alike"),
        conflict("only-city-differs", "different town"),
      ]),
    ],
  },
  {
    name: "street",
    label: "Street",
    component: "address",
    levels: [
      ...inGroup("same-place", [
        level("exact", "same street and number", "street"),
        level("other-unit", "same street and number, other flat", "street"),
        level("close", "street alike, same number", "street"),
        level("other-line", "another line of the address in common"),
        level("number-one-edit", "same street, a digit of the number off"),
        level("street", "same street, number unlike or missing"),
        level("same-number", "same number, other street"),
        conflict("differs", "different"),
      ]),
      ...inGroup("other-place", [
        level("exact-elsewhere", "same street and number, town unlike or unknown", "street"),
        level("close-elsewhere", "street alike, same number, town unlike or unknown"),
        conflict("differs-elsewhere", "different, as the town is"),
      ]),
    ],
  },
  {
    name: "phone",
    label: "Phone",
    component: "address",
    levels: [
      level("exact", "same", "phone"),
      level("local-part", "same, without its area code"),
      level("one-digit", "one digit off"),
      conflict("differs", "different"),
    ],
  },
  {
    name: "email",
    label: "E-mail",
    component: "address",
    levels: [
      level("exact", "same", "email"),
      level("very-close", "one letter apart"),
      level("same-local-part", "same name, other domain"),
      level("close", "alike"),
      level("close-local-part", "name alike"),
      conflict("differs", "different"),
    ],
  },
  {
    name: "national-identifier",
    label: "National identifier",
    component: "identifier",
    levels: [
      level("exact", "same", "national-identifier"),
      level("one-edit", "one digit off, or two swapped"),
      level("last-four", "the last four, all that is known of one"),
      level("two-edits", "two digits off"),
      conflict("differs", "different"),
    ],
  },
  {
    name: "local-identifier",
    label: "Local identifier",
    component: "identifier",
    levels: [
      level("exact", "same", "local-identifier"),
      level("one-edit", "one digit off, or two swapped"),
      conflict("differs", "different"),
    ],
  },
  {
    name: "generation",
    label: "Generation (Jr, Sr, II)",
    component: "other",
    levels: [level("same", "same"), conflict("differs", "different")],
  },
  {
    name: "mother",
    label: "Mother",
    component: "other",
    levels: [level("exact", "same"), level("close", "alike"), conflict("differs", "different")],
  },
  {
    name: "multiple-birth",
    label: "Multiple birth",
    component: "other",
    levels: [
      level("same-order", "same birth order"),
      conflict("other-order", "another birth order"),
      level("multiple", "at least one is of a multiple birth"),
      level("single", "neither is of a multiple birth"),
    ],
    unrecorded: "single",
  },
] as const satisfies readonly ComparisonKind[];

export type ComparisonName = (typeof comparisonKinds)[number]["name"];

export const comparisonNames: readonly ComparisonName[] = comparisonKinds.map((kind) => kind.name);

const kindsByName: ReadonlyMap<string, ComparisonKind> = new Map(
  comparisonKinds.map((kind) => [kind.name, kind] as const),
);

/** Undefined for a name the engine does not know. */
export function findComparisonKind(name: string): ComparisonKind | undefined {
  return kindsByName.get(name);
}

/** The place of a comparison among the kinds. */
export const comparisonIndex = Object.fromEntries(
  comparisonKinds.map((kind, index) => [kind.name, index]),
) as Readonly<Record<ComparisonName, number>>;

/** The place of a level in its kind. Throws for a level that is not there: a mistake of ours. */
export function levelIndex(comparison: ComparisonName, name: string): number {
  const index = findComparisonKind(comparison)?.levels.findIndex((each) => each.name === name) ?? -1;
  if (index < 0) throw new Error(`no level ${name} in ${comparison}`);
  return index;
}

/** By place of the kind: the level for what was not recorded, or -1. */
export const unrecordedLevels = Int8Array.from(comparisonKinds, (kind: ComparisonKind) =>
  kind.levels.findIndex((each) => each.name === kind.unrecorded),
);
