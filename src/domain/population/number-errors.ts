import type { Draft } from "./draft.ts";
import { drawEmail } from "./person-maker.ts";
import { drawPhone } from "./numbers.ts";
import type { ApplyError } from "./record-error.ts";

type NumberField = "ssn" | "phone" | "email";

/** Only a value that was collected can be wrong. */
function set(draft: Draft, field: NumberField, text: string): boolean {
  if (draft[field] === "" || text === draft[field]) return false;
  draft[field] = text;
  return true;
}

const missing =
  (field: NumberField): ApplyError =>
  (draft) =>
    set(draft, field, "");

const placeholder =
  (field: NumberField): ApplyError =>
  (draft, { random, tables }) =>
    set(draft, field, tables.placeholders[field].draw(random));

const digit =
  (field: NumberField): ApplyError =>
  (draft, { random, tables }) =>
    set(draft, field, tables.textErrors.digit(random, draft[field]));

const transposition =
  (field: NumberField): ApplyError =>
  (draft, { random, tables }) =>
    set(draft, field, tables.textErrors.transposition(random, draft[field]));

/** In the part before the at sign; the rest is chosen from a list on most screens. */
const emailTyping: ApplyError = (draft, { random, tables }) => {
  const at = draft.email.indexOf("@");
  if (at < 3) return false;
  const local = tables.textErrors.typing(random, draft.email.slice(0, at));
  return set(draft, "email", local + draft.email.slice(at));
};

export const SSN_ERRORS: Readonly<Record<string, ApplyError>> = {
  typing: digit("ssn"),
  transposition: transposition("ssn"),
  missing: missing("ssn"),
  placeholder: placeholder("ssn"),
  relative: (draft, { random, relatives, person }) => {
    const other = random.pick(relatives);
    return other !== person && other.ssn !== "" && set(draft, "ssn", other.ssn);
  },
};

export const PHONE_ERRORS: Readonly<Record<string, ApplyError>> = {
  changed: (draft, { random, person }) => set(draft, "phone", drawPhone(random, person.address.city)),
  typing: digit("phone"),
  transposition: transposition("phone"),
  missing: missing("phone"),
  placeholder: placeholder("phone"),
  front_desk: (draft, { frontDesk }) => set(draft, "phone", frontDesk),
  format: (draft) => {
    draft.phoneOtherwise = draft.phone !== "";
    return draft.phoneOtherwise;
  },
};

export const EMAIL_ERRORS: Readonly<Record<string, ApplyError>> = {
  changed: (draft, { random, tables, person }) =>
    set(
      draft,
      "email",
      drawEmail(random, tables, person.given, person.family.first, random.between(1950, 2010)),
    ),
  typing: emailTyping,
  missing: missing("email"),
  placeholder: placeholder("email"),
};
