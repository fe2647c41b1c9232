import { hasSameLetters } from "./ascii.ts";
import type { Draft } from "./draft.ts";
import { singleName, writeFamilyName } from "./person.ts";
import type { ApplyError, ErrorContext } from "./record-error.ts";
import type { TextErrors } from "./text-errors.ts";

/** Shortest names that are cut, and what old screens cut them to. */
const CUT_FROM = 7;

export function familyOf(draft: Draft): string {
  return draft.familyText === "" ? writeFamilyName(draft.family) : draft.familyText;
}

function setFamily(draft: Draft, text: string): boolean {
  if (text === "" || text === familyOf(draft)) return false;
  draft.familyText = text;
  return true;
}

function setGiven(draft: Draft, text: string): boolean {
  if (text === "" || text === draft.given) return false;
  draft.given = text;
  return true;
}

/** Nothing where the wrong text differs from the right one by a space or an apostrophe only: sources differ so. */
function visible(right: string, wrong: string): string {
  return hasSameLetters(right, wrong) ? "" : wrong;
}

const inGiven =
  (kind: keyof TextErrors): ApplyError =>
  (draft, { random, tables }) =>
    draft.given.length > 2 &&
    setGiven(draft, visible(draft.given, tables.textErrors[kind](random, draft.given)));

const inFamily =
  (kind: keyof TextErrors): ApplyError =>
  (draft, { random, tables }) => {
    const family = familyOf(draft);
    return family.length > 2 && setFamily(draft, visible(family, tables.textErrors[kind](random, family)));
  };

/** A typing error in the family name, also in one of two letters. */
export function mistypeFamily(draft: Draft, { random, tables }: ErrorContext): boolean {
  const family = familyOf(draft);
  return setFamily(draft, visible(family, tables.textErrors.typing(random, family)));
}

/** The registered name for a nickname, or the other way round. */
function nickname(draft: Draft, { random, tables, person }: ErrorContext): boolean {
  if (draft.given !== person.given) return draft.given === person.calledBy && setGiven(draft, person.given);
  const names = tables.nicknames.get(person.given);
  return names !== undefined && setGiven(draft, random.pick(names));
}

function cut(text: string, length: number): string {
  return text.length >= CUT_FROM ? text.slice(0, length).trimEnd() : "";
}

function swapWithFamily(draft: Draft): boolean {
  const family = familyOf(draft);
  const swapped = setFamily(draft, draft.given);
  if (swapped) draft.given = family;
  return swapped;
}

function swapWithMiddle(draft: Draft): boolean {
  const { given, middle } = draft;
  if (middle === "" || draft.source.writes.middle === "initial" || given === middle) return false;
  draft.given = middle;
  draft.middle = given;
  return true;
}

/** Marriage, divorce: the person's other family name. */
function changeName(draft: Draft, { person }: ErrorContext): boolean {
  if (person.otherFamily === undefined || draft.familyText !== "") return false;
  draft.family = person.otherFamily;
  return true;
}

/** One half of a double name. */
function dropPart(draft: Draft, { random }: ErrorContext): boolean {
  const { first, second } = draft.family;
  if (second === "" || draft.familyText !== "") return false;
  draft.family = singleName(random.chance(0.7) ? first : second);
  return true;
}

function joinParts(draft: Draft, { random }: ErrorContext): boolean {
  const { first, second, joint } = draft.family;
  if (second === "" || draft.familyText !== "") return false;
  const others = [" ", "-", ""].filter((other) => other !== joint);
  draft.family = { first, second, joint: random.pick(others) };
  return true;
}

function suffixInside(draft: Draft): boolean {
  if (draft.suffix === "") return false;
  draft.familyText = `${familyOf(draft)} ${draft.suffix}`;
  draft.suffix = "";
  return true;
}

function setMiddle(draft: Draft, text: string): boolean {
  if (draft.middle === "" || text === draft.middle) return false;
  draft.middle = text;
  return true;
}

function otherMiddle(draft: Draft, { random, tables, person }: ErrorContext): boolean {
  const name = tables.givenNames.draw(random, person.culture, person.sex, 1980);
  // Where only initials are written, another name with the same one would not show.
  return name[0] !== draft.middle[0] && setMiddle(draft, name);
}

function typeMiddle(draft: Draft, { random, tables }: ErrorContext): boolean {
  if (draft.source.writes.middle === "initial" || draft.middle.length < 3) return false;
  return setMiddle(draft, tables.textErrors.typing(random, draft.middle));
}

export const GIVEN_ERRORS: Readonly<Record<string, ApplyError>> = {
  nickname,
  typing: inGiven("typing"),
  phonetic: inGiven("phonetic"),
  ocr: inGiven("ocr"),
  transposition: inGiven("transposition"),
  truncation: (draft, { random }) => setGiven(draft, cut(draft.given, random.between(4, 6))),
  initial: (draft) => setGiven(draft, draft.given.slice(0, 1)),
  placeholder: (draft, { random, tables }) => setGiven(draft, tables.placeholders.given.draw(random)),
  swapped_with_middle: swapWithMiddle,
  swapped_with_family: swapWithFamily,
};

export const FAMILY_ERRORS: Readonly<Record<string, ApplyError>> = {
  typing: inFamily("typing"),
  phonetic: inFamily("phonetic"),
  ocr: inFamily("ocr"),
  transposition: inFamily("transposition"),
  truncation: (draft, { random }) => setFamily(draft, cut(familyOf(draft), random.between(5, 6))),
  name_change: changeName,
  part_dropped: dropPart,
  part_joining: joinParts,
  suffix_inside: suffixInside,
  placeholder: (draft, { random, tables }) => setFamily(draft, tables.placeholders.family.draw(random)),
};

export const MIDDLE_ERRORS: Readonly<Record<string, ApplyError>> = {
  missing: (draft) => setMiddle(draft, ""),
  initial: (draft) => draft.source.writes.middle === "full" && setMiddle(draft, draft.middle.slice(0, 1)),
  other: otherMiddle,
  typing: typeMiddle,
};

export const SUFFIX_ERRORS: Readonly<Record<string, ApplyError>> = {
  missing: (draft) => {
    const known = draft.suffix !== "";
    draft.suffix = "";
    return known;
  },
};
