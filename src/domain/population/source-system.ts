import { z } from "zod";
import { readJsonTable } from "./table-files.ts";

const share = z.number().min(0).max(1);

const sourceSchema = z.strictObject({
  code: z.string(),
  /** Begins every source id, so that no two sources give out the same one. */
  prefix: z.string(),
  /** Share of the records, relative to the others. */
  share: z.number().positive(),
  comment: z.string(),
  /** How often a value that the person has is asked for and written down. */
  collects: z.strictObject({
    ssn: share,
    phone: share,
    email: share,
    middle: share,
    suffix: share,
    prefix: share,
    maiden: share,
    mother: share,
    birthOrder: share,
    address: share,
    gender: share,
  }),
  /** How values are written; the same for every record of the source, and no error. */
  writes: z.strictObject({
    case: z.enum(["title", "upper"]),
    accents: z.enum(["kept", "dropped"]),
    apostrophe: z.enum(["kept", "dropped"]),
    middle: z.enum(["full", "initial"]),
    ssn: z.enum(["dashed", "plain"]),
    phone: z.enum(["parentheses", "dashed", "dotted", "digits", "international"]),
    street: z.enum(["abbreviated", "full"]),
    unit: z.enum(["line1", "line2"]),
    zip4: share,
    country: z.string(),
  }),
  /** How often a value that is not collected is filled with a placeholder instead of left empty. */
  placeholders: share,
  mrn: z.enum(["plain", "letter", "check"]),
  /** Factors on the weights of the error model, by the error's name. */
  errors: z.record(z.string(), z.number().min(0)),
});

/** A system that registers patients: what it asks, how it writes, what it gets wrong. */
export type SourceSystem = Readonly<z.infer<typeof sourceSchema>>;

export function readSources(count: number): readonly SourceSystem[] {
  return readJsonTable("sources.json", (content) => z.array(sourceSchema).parse(content)).slice(0, count);
}
