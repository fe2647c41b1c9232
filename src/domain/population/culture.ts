import { z } from "zod";
import { readJsonTable } from "./table-files.ts";

const cultureSchema = z.strictObject({
  code: z.string(),
  /** Share of the families, relative to the others. */
  share: z.number().positive(),
  /** How many different family names there are. */
  distinct: z.int().positive(),
  /** Share of the culture's people with the family name of a rank: [rank, share], ranks rising. */
  curve: z.array(z.tuple([z.int().positive(), z.number().positive()])).min(2),
  /** What a wife is called: by one shared name, by two (father's and mother's, kept for life), by her own. */
  married: z.enum(["shared", "double", "own"]),
  /** Share of the children born around 1980 who get an English given name. */
  englishGiven: z.number().min(0).max(1),
  /** Share of the people with a middle name. */
  middle: z.number().min(0).max(1),
});

export type Culture = Readonly<z.infer<typeof cultureSchema>>;

export function readCultures(): readonly Culture[] {
  return readJsonTable("cultures.json", (content) => z.array(cultureSchema).parse(content));
}
