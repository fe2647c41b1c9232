import type { Readable } from "node:stream";
import { MpiError } from "../../../../lib/errors.ts";
import { domainPresets } from "../../../identifier/domain-presets.ts";
import { isUsualGender, isYesOrNo } from "../row-fields.ts";
import { findMeaning, type ColumnMeaning } from "./column-names.ts";
import { readSample, type Sample } from "./read-sample.ts";
import { suggestDates, type SuggestedDates } from "./suggest-dates.ts";

/** A proposed map, and what a person has to look at before it is used. */
export interface SuggestedMap {
  /** Fits the schema of maps and can be used as it is; what could not be decided is left out. */
  readonly map: Readonly<Record<string, unknown>>;
  /** Sentences; names of columns and counts, never values of patients. */
  readonly notes: readonly string[];
  readonly rows: number;
}

/**
 * Proposes a map from the header and the first 20,000 rows.
 *
 * @throws {MpiError} `usage` where the file has no header, or no column that could be the source's id.
 */
export async function suggestMap(fileName: string, stdin: Readable): Promise<SuggestedMap> {
  const sample = await readSample(fileName, stdin);
  return new Suggestion(sample).make();
}

class Suggestion {
  readonly #sample: Sample;
  readonly #notes: string[] = [];
  readonly #places = new Map<ColumnMeaning, string[]>();
  readonly #empty: readonly string[];
  readonly #values = new Map<string, readonly string[]>();
  readonly #dates = new Map<string, SuggestedDates>();

  constructor(sample: Sample) {
    this.#sample = sample;
    this.#empty = sample.emptyWords;
    for (const [place, column] of sample.header.entries()) {
      this.#values.set(
        column,
        sample.columns[place]!.filter((value) => value !== "" && !this.#empty.includes(value)),
      );
      const meaning = column === "" ? undefined : findMeaning(column);
      if (meaning !== undefined) this.#places.set(meaning, [...(this.#places.get(meaning) ?? []), column]);
    }
  }

  make(): SuggestedMap {
    const { header, rows, delimiter, encoding } = this.#sample;
    const sourceId = this.#findSourceId();
    const receivedAt = this.#date("receivedAt");
    const birthDate = this.#date("birthDate") ?? this.#dateParts();
    const deceasedAt = this.#date("deceasedAt");
    const common = this.#commonFormat();
    const dateOf = (source: unknown) => this.#asSource(source, common);
    const fields = {
      delimiter: delimiter === "," ? undefined : delimiter,
      encoding: encoding === "utf-8" ? undefined : encoding,
      empty: this.#empty.length === 0 ? undefined : this.#empty,
      dateFormat: common === undefined || isUsual(common) ? undefined : unlist(common),
      source: this.#column("source"),
      sourceId,
      receivedAt: dateOf(receivedAt),
      names: this.#names(),
      birthDate: dateOf(birthDate),
      gender: this.#coded("gender", isUsualGender),
      deceased: this.#coded("deceased", isYesOrNo),
      deceasedAt: dateOf(deceasedAt),
      maritalStatus: this.#column("maritalStatus"),
      multipleBirth: this.#coded("multipleBirth", isYesOrNo),
      birthOrder: this.#coded("birthOrder", (value) => /^\d{1,2}$/.test(value)),
      motherName: this.#column("motherName"),
      motherIdentifier: this.#column("motherIdentifier"),
      identifiers: this.#identifiers(),
      addresses: this.#addresses(),
      contacts: this.#contacts(),
    };
    const used = new Set(columnsIn(fields, new Set(header)));
    const unused = header.filter((column) => column !== "" && !used.has(column));
    if (unused.length > 0) {
      this.#notes.push(`Not used: ${unused.join(", ")}. Map them, or list them under "ignore".`);
    }
    if (encoding === "latin1") this.#notes.push("The file is not UTF-8; it is taken for Latin-1.");
    const description = `Proposed from the header and ${String(rows)} rows. ${this.#notes.join(" ")}`.trim();
    return { map: { description, ...withoutUndefined(fields) }, notes: this.#notes, rows };
  }

  #column(meaning: ColumnMeaning): string | undefined {
    return this.#places.get(meaning)?.[0];
  }

  /** The first column of such a name that is filled and different in every row; else any that is. */
  #findSourceId(): string {
    const isKey = (column: string) => {
      const values = this.#values.get(column)!;
      return values.length === this.#sample.rows && new Set(values).size === values.length;
    };
    const named = [...(this.#places.get("sourceId") ?? []), ...(this.#places.get("mrn") ?? [])];
    const found = named.find(isKey);
    if (found !== undefined) return found;
    const other = this.#sample.header.find(
      (column) => column !== "" && this.#sample.rows > 1 && isKey(column),
    );
    if (other === undefined && named[0] === undefined) {
      throw new MpiError(
        "usage",
        "No column could be the source's own id: none has such a name, and none is filled and different in every row.",
        {
          hint: "Add a column that names each record for ever, and map it as sourceId.",
        },
      );
    }
    const chosen = named[0] ?? other!;
    this.#notes.push(
      named[0] === undefined
        ? `sourceId: ${chosen} is the only kind of column that is different in every row; make sure that it names a record for ever.`
        : `sourceId: ${chosen} is empty or repeated in some rows; a repeated one is an update of the same record.`,
    );
    return chosen;
  }

  /** Looks at the dates of a column and keeps what it found; the column where its format is certain. */
  #date(meaning: ColumnMeaning): string | undefined {
    const column = this.#column(meaning);
    if (column === undefined) return undefined;
    const found = suggestDates(this.#values.get(column)!);
    const { formats, ambiguous, unreadable, values } = found;
    if (ambiguous.length > 0) {
      this.#notes.push(
        `${meaning}: the dates in ${column} can be read as ${ambiguous.join(" or as ")} and no value tells which; ` +
          `ask the source, then add "${meaning}": { "column": "${column}", "format": … }.`,
      );
      return undefined;
    }
    if (formats.length === 0) {
      if (values > 0)
        this.#notes.push(`${meaning}: the values in ${column} are no dates in a format that is known.`);
      return undefined;
    }
    if (unreadable > 0) {
      this.#notes.push(
        `${meaning}: ${String(unreadable)} of ${String(values)} values in ${column} do not fit ${formats.join(" or ")}; their rows would be rejected.`,
      );
    }
    if (formats.some((format) => format.endsWith("/YY"))) {
      this.#notes.push(
        `${meaning}: years in ${column} have two digits and are taken for 1930 to 2029; "centuryStart" changes that.`,
      );
    }
    this.#dates.set(column, found);
    return column;
  }

  #dateParts(): Readonly<Record<string, string>> | undefined {
    const [year, month, day] = [
      this.#column("birthYear"),
      this.#column("birthMonth"),
      this.#column("birthDay"),
    ];
    if (year === undefined) return undefined;
    return { year, ...(month === undefined ? {} : { month, ...(day === undefined ? {} : { day }) }) };
  }

  /** The formats that all date columns share. */
  #commonFormat(): readonly string[] | undefined {
    const all = [...this.#dates.values()].map(({ formats }) => formats);
    return all.every((formats) => formats.join() === all[0]?.join()) ? all[0] : undefined;
  }

  #asSource(source: unknown, common: readonly string[] | undefined): unknown {
    if (typeof source !== "string" || common !== undefined) return source;
    const { formats } = this.#dates.get(source)!;
    return isUsual(formats) ? source : { column: source, format: unlist(formats) };
  }

  #coded(meaning: ColumnMeaning, isKnown: (value: string) => boolean): string | undefined {
    const column = this.#column(meaning);
    if (column === undefined) return undefined;
    const strange = new Set(this.#values.get(column)!.filter((value) => !isKnown(value)));
    if (strange.size === 0) return column;
    this.#notes.push(
      `${meaning}: ${column} has ${String(strange.size)} codes that are not known; name what each means, see docs/import.md.`,
    );
    return undefined;
  }

  #names(): readonly object[] | undefined {
    const given = [...(this.#places.get("given") ?? []), ...(this.#places.get("middle") ?? [])];
    const name = withoutUndefined({
      use: "official",
      family: unlist(this.#places.get("family") ?? []),
      given: unlist(given),
      prefix: this.#column("prefix"),
      suffix: this.#column("suffix"),
    });
    const maiden = this.#column("maiden");
    if (name["family"] === undefined && name["given"] === undefined) {
      this.#notes.push("names: no column for family or given names was recognised.");
      return undefined;
    }
    return [name, ...(maiden === undefined ? [] : [{ use: "maiden", family: maiden }])];
  }

  #identifiers(): readonly object[] | undefined {
    const preset = (meaning: "ssn" | "nhs") => {
      const { code, system } = domainPresets[meaning]!;
      return (this.#places.get(meaning) ?? []).map((value) => ({ type: code, system, value }));
    };
    const own = (["mrn", "nationalId"] as const).flatMap((meaning) =>
      (this.#places.get(meaning) ?? []).map((value) => {
        const type = meaning === "mrn" ? "MRN" : "NI";
        const system = `urn:id:${type.toLowerCase()}`;
        this.#notes.push(`identifiers: replace ${system} by the URI of whoever issues ${value}.`);
        return { type, system, value };
      }),
    );
    return atLeastOne([...own, ...preset("ssn"), ...preset("nhs")]);
  }

  #addresses(): readonly object[] | undefined {
    const line1 = [...(this.#places.get("houseNumber") ?? []), ...(this.#places.get("line1") ?? [])];
    const place = withoutUndefined({
      line1: unlist(line1),
      line2: this.#column("line2"),
      city: this.#column("city"),
      state: this.#column("state"),
      postalCode: this.#column("postalCode"),
      country: this.#column("country"),
    });
    return Object.keys(place).length === 0 ? undefined : [{ use: "home", ...place }];
  }

  #contacts(): readonly object[] | undefined {
    const of = (meaning: ColumnMeaning, contact: object) =>
      (this.#places.get(meaning) ?? []).map((value) => ({ ...contact, value }));
    return atLeastOne([
      ...of("phone", { system: "phone" }),
      ...of("homePhone", { system: "phone", use: "home" }),
      ...of("mobile", { system: "phone", use: "mobile" }),
      ...of("workPhone", { system: "phone", use: "work" }),
      ...of("email", { system: "email" }),
      ...of("fax", { system: "fax" }),
    ]);
  }
}

const isUsual = (formats: readonly string[]) => formats.length === 1 && formats[0] === "YYYY-MM-DD";
const unlist = <T>(values: readonly T[]): T | readonly T[] | undefined =>
  values.length <= 1 ? values[0] : values;
const atLeastOne = <T>(values: readonly T[]) => (values.length === 0 ? undefined : values);
const withoutUndefined = (value: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));

/** Every text in the map that is a column's name. */
function columnsIn(value: unknown, header: ReadonlySet<string>): readonly string[] {
  if (typeof value === "string") return header.has(value) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap((each) => columnsIn(each, header));
}
