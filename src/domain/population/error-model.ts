import { ADDRESS_ERRORS, CITY_ERRORS, POSTAL_CODE_ERRORS } from "./address-errors.ts";
import { BIRTH_DATE_ERRORS, GENDER_ERRORS } from "./date-errors.ts";
import type { Draft } from "./draft.ts";
import { FAMILY_ERRORS, GIVEN_ERRORS, MIDDLE_ERRORS, mistypeFamily, SUFFIX_ERRORS } from "./name-errors.ts";
import { EMAIL_ERRORS, PHONE_ERRORS, SSN_ERRORS } from "./number-errors.ts";
import type { ApplyError, ErrorContext } from "./record-error.ts";
import { Sampler } from "./sampler.ts";
import type { SourceSystem } from "./source-system.ts";
import { readTable } from "./table-files.ts";

const ERRORS_BY_FIELD: Readonly<Record<string, Readonly<Record<string, ApplyError>>>> = {
  given: GIVEN_ERRORS,
  family: FAMILY_ERRORS,
  middle: MIDDLE_ERRORS,
  suffix: SUFFIX_ERRORS,
  birth_date: BIRTH_DATE_ERRORS,
  gender: GENDER_ERRORS,
  ssn: SSN_ERRORS,
  phone: PHONE_ERRORS,
  email: EMAIL_ERRORS,
  address: ADDRESS_ERRORS,
  city: CITY_ERRORS,
  postal_code: POSTAL_CODE_ERRORS,
};

/** Errors that spoil another field as well; no second error may touch it. */
const ALSO_TOUCHES: Readonly<Record<string, readonly string[]>> = {
  "given:swapped_with_middle": ["middle"],
  "given:swapped_with_family": ["family"],
  "family:suffix_inside": ["suffix"],
  "address:moved": ["city", "postal_code"],
  "address:missing": ["city", "postal_code"],
};

interface ErrorKind {
  /** `field:error`, as in the truth file. */
  readonly label: string;
  readonly fields: readonly string[];
  readonly apply: ApplyError;
}

/** More draws than a record with anything in it needs. */
const MOST_DRAWS = 400;

export class ErrorModel {
  readonly #samplers: ReadonlyMap<SourceSystem, Sampler<ErrorKind>>;

  /** `weights` are the caller's factors by the error's name; names that no error has are listed in `unknown`. */
  constructor(sources: readonly SourceSystem[], weights: Readonly<Record<string, number>>) {
    const rows = readErrorKinds();
    this.#samplers = new Map(
      sources.map((source) => [
        source,
        new Sampler(
          rows.map((row) => row.kind),
          rows.map((row) => row.weight * (source.errors[row.name] ?? 1) * (weights[row.name] ?? 1)),
        ),
      ]),
    );
  }

  /**
   * Applies `count` errors, each to another field, and returns their labels: fewer where the record offers
   * no more holds, but at least one.
   */
  apply(
    draft: Draft,
    count: number,
    context: ErrorContext,
    already: readonly string[] = [],
  ): readonly string[] {
    const labels = [...already];
    const touched = new Set(already.map((label) => label.slice(0, label.indexOf(":"))));
    const sampler = this.#samplers.get(draft.source)!;
    for (let draws = 0; labels.length < count && draws < MOST_DRAWS; draws++) {
      const kind = sampler.draw(context.random);
      if (kind.fields.some((field) => touched.has(field))) continue;
      if (!kind.apply(draft, context)) continue;
      labels.push(kind.label);
      kind.fields.forEach((field) => touched.add(field));
    }
    // Where the weights leave only errors that this record has no hold for. Every record has a family name.
    while (labels.length === 0) {
      if (mistypeFamily(draft, context)) labels.push("family:typing");
    }
    return labels;
  }
}

/** The names that `errorWeights` may use. */
export function listErrorNames(): readonly string[] {
  return [...new Set(readErrorKinds().map((row) => row.name))].sort();
}

function readErrorKinds(): readonly { name: string; weight: number; kind: ErrorKind }[] {
  return readTable("errors.csv", ["field", "error", "weight"]).map(({ field, error, weight }) => {
    const apply = ERRORS_BY_FIELD[field]?.[error];
    if (apply === undefined) throw new Error(`errors.csv names ${field}:${error}, which does not exist`);
    const label = `${field}:${error}`;
    return {
      name: error,
      weight: Number(weight),
      kind: { label, fields: [field, ...(ALSO_TOUCHES[label] ?? [])], apply },
    };
  });
}
