import { hasSameLetters } from "./ascii.ts";
import type { Draft } from "./draft.ts";
import { drawMove } from "./person-maker.ts";
import type { ApplyError, ErrorContext } from "./record-error.ts";
import type { StreetAddress } from "./street-address.ts";

function setAddress(draft: Draft, address: StreetAddress | undefined): boolean {
  if (draft.address === undefined) return false;
  draft.address = address;
  draft.city = address?.city.name ?? "";
  draft.postalCode = address?.postalCode ?? "";
  return true;
}

/** Changes the first lines only, where there is a house in a street. */
function changeHouse(
  draft: Draft,
  change: (address: StreetAddress) => Partial<StreetAddress> | undefined,
): boolean {
  const { address } = draft;
  if (address === undefined || address.instead !== "") return false;
  const changed = change(address);
  if (changed === undefined) return false;
  draft.address = { ...address, ...changed };
  return true;
}

/** With the family, or alone. */
function move(draft: Draft, { random, tables, person }: ErrorContext): boolean {
  const together = random.chance(0.6);
  return setAddress(
    draft,
    together ? person.household.nextAddress : drawMove(random, tables, person.address.city),
  );
}

function mistypeStreet(draft: Draft, { random, tables }: ErrorContext): boolean {
  return changeHouse(draft, ({ street }) => {
    const kind = random.pick(["typing", "typing", "phonetic", "transposition"] as const);
    const wrong = tables.textErrors[kind](random, street);
    return hasSameLetters(wrong, street) || street.length < 4 ? undefined : { street: wrong };
  });
}

function mistypeNumber(draft: Draft, { random, tables }: ErrorContext): boolean {
  return changeHouse(draft, ({ houseNumber }) => {
    const kind = random.chance(0.5) ? "digit" : "transposition";
    const wrong = tables.textErrors[kind](random, houseNumber);
    return wrong === houseNumber || wrong.startsWith("0") ? undefined : { houseNumber: wrong };
  });
}

function abbreviate(draft: Draft): boolean {
  return changeHouse(draft, (address) => {
    const { name, abbreviation } = address.streetType;
    if (name === abbreviation && address.direction === "") return undefined;
    draft.streetOtherwise = true;
    return address;
  });
}

export const ADDRESS_ERRORS: Readonly<Record<string, ApplyError>> = {
  moved: move,
  typing: mistypeStreet,
  number: mistypeNumber,
  unit_dropped: (draft) => changeHouse(draft, ({ unit }) => (unit === "" ? undefined : { unit: "" })),
  abbreviation: abbreviate,
  po_box: (draft, { random }) =>
    changeHouse(draft, () => ({ instead: `PO Box ${random.between(1, 9_999)}`, unit: "" })),
  placeholder: (draft, { random, tables }) =>
    changeHouse(draft, () => ({ instead: tables.placeholders.line1.draw(random), unit: "" })),
  missing: (draft) => setAddress(draft, undefined),
};

export const CITY_ERRORS: Readonly<Record<string, ApplyError>> = {
  typing: (draft, { random, tables }) => {
    const wrong = tables.textErrors.typing(random, draft.city);
    if (draft.city.length < 4 || hasSameLetters(wrong, draft.city)) return false;
    draft.city = wrong;
    return true;
  },
  neighbour: (draft, { random, tables, person }) => {
    const other = tables.addressBook.gazetteer.citiesOf(person.address.city.state).draw(random).name;
    if (draft.city === "" || other === draft.city) return false;
    draft.city = other;
    return true;
  },
  placeholder: (draft, { random, tables }) => {
    if (draft.city === "") return false;
    draft.city = tables.placeholders.city.draw(random);
    return true;
  },
};

function setPostalCode(draft: Draft, text: string): boolean {
  if (draft.postalCode === "" || text === draft.postalCode) return false;
  draft.postalCode = text;
  return true;
}

export const POSTAL_CODE_ERRORS: Readonly<Record<string, ApplyError>> = {
  typing: (draft, { random, tables }) =>
    setPostalCode(draft, tables.textErrors.digit(random, draft.postalCode)),
  transposition: (draft, { random, tables }) =>
    setPostalCode(draft, tables.textErrors.transposition(random, draft.postalCode)),
  missing: (draft) => setPostalCode(draft, ""),
  placeholder: (draft, { random, tables }) =>
    setPostalCode(draft, tables.placeholders.postal_code.draw(random)),
};
