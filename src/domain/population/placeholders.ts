import { Sampler } from "./sampler.ts";
import { readTable } from "./table-files.ts";

export const PLACEHOLDER_FIELDS = [
  "given",
  "family",
  "birth_date",
  "ssn",
  "phone",
  "email",
  "line1",
  "city",
  "postal_code",
  "newborn_boy",
  "newborn_girl",
  "newborn_twin",
  "unidentified_male",
  "unidentified_female",
] as const;

/** What clerks type where they know nothing, by field. */
export type Placeholders = Readonly<Record<(typeof PLACEHOLDER_FIELDS)[number], Sampler<string>>>;

export function readPlaceholders(): Placeholders {
  const rows = readTable("placeholders.csv", ["field", "value", "weight"]);
  const entries = PLACEHOLDER_FIELDS.map((field) => {
    const own = rows.filter((row) => row.field === field);
    const sampler = new Sampler(
      own.map((row) => row.value),
      own.map((row) => Number(row.weight)),
    );
    return [field, sampler] as const;
  });
  return Object.fromEntries(entries) as Placeholders;
}
