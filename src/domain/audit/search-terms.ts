import { foldText } from "../../matching/normalise/text.ts";
import type { TermKey } from "./term-key.ts";

/** What was searched for, by field: `{ family: "Smith", words: ["jon", "1980"] }`. */
export type SearchTerms = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What the audit trail keeps of them. */
export interface RecordedTerms {
  readonly fields: readonly string[];
  /** Keyed hashes by field; absent where there is no key. */
  readonly terms?: Readonly<Record<string, readonly string[]>>;
  readonly keyId?: string;
}

const digits = (text: string) => text.replace(/\D+/g, "");
/** Placeholders too: that somebody looked for 999-99-9999 is worth knowing. */
const lettersAndDigits = (text: string) =>
  text
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

/** Spellings that mean the same term have one form. A field that is not listed is folded as a name is. */
const normalisers: Readonly<Record<string, (text: string) => string>> = {
  identifier: lettersAndDigits,
  postalCode: lettersAndDigits,
  phone: digits,
  email: (text) => text.trim().toLowerCase(),
  birthDate: (text) => text.trim(),
  id: (text) => text.replaceAll("-", "").toLowerCase(),
};

/** A term in the form that is hashed: `O'Brien`, `o brien` and `OBRIEN` are one. */
export function normaliseTerm(field: string, term: string): string {
  const normalise = normalisers[field] ?? ((text: string) => foldText(text)?.replaceAll(" ", "") ?? "");
  const normalised = normalise(term);
  // A term of punctuation alone is still a term that was asked for.
  return normalised === "" ? term.trim() : normalised;
}

/** Turns terms into what may be kept. Without a key only the names of the fields are. */
export function recordTerms(terms: SearchTerms, key: TermKey | undefined): RecordedTerms {
  const asked = Object.entries(terms)
    .map(([field, value]) => [field, typeof value === "string" ? [value] : (value ?? [])] as const)
    .filter(([, values]) => values.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const fields = asked.map(([field]) => field);
  if (key === undefined || asked.length === 0) return { fields };
  return {
    fields,
    terms: Object.fromEntries(
      asked.map(([field, values]) => [
        field,
        values.map((value) => key.hash(field, normaliseTerm(field, value))),
      ]),
    ),
    keyId: key.id,
  };
}
