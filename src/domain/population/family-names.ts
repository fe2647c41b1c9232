import type { Culture } from "./culture.ts";
import { shareOfRank } from "./frequency-curve.ts";
import { Random } from "./random.ts";
import { Sampler } from "./sampler.ts";
import { readTable } from "./table-files.ts";

/** One sampler of family names for each culture, in the cultures' order. */
export type FamilyNames = readonly Sampler<string>[];

interface NameParts {
  readonly prefixes: string[];
  readonly stems: string[];
  readonly endings: string[];
}

/** Common names come first and by rank; the long tail is composed of stems and endings. */
export function readFamilyNames(cultures: readonly Culture[]): FamilyNames {
  const common = new Map<string, string[]>();
  for (const { culture, name } of readTable("family-names.csv", ["culture", "name"])) {
    const names = common.get(culture);
    if (names === undefined) common.set(culture, [name]);
    else names.push(name);
  }
  const parts = readParts();
  return cultures.map((culture, index) => {
    const names = extend(common.get(culture.code) ?? [], parts.get(culture.code), culture.distinct, index);
    return new Sampler(
      names,
      names.map((_, i) => shareOfRank(culture.curve, i + 1)),
    );
  });
}

function readParts(): ReadonlyMap<string, NameParts> {
  const result = new Map<string, NameParts>();
  for (const { culture, part, text } of readTable("family-name-parts.csv", ["culture", "part", "text"])) {
    let parts = result.get(culture);
    if (parts === undefined) result.set(culture, (parts = { prefixes: [], stems: [], endings: [] }));
    if (part === "prefix") parts.prefixes.push(text);
    else if (part === "stem") parts.stems.push(text);
    else parts.endings.push(text);
  }
  return result;
}

/** `names` and composed names up to `distinct` of them; the composed ones in an order that is always the same. */
function extend(
  names: readonly string[],
  parts: NameParts | undefined,
  distinct: number,
  stream: number,
): readonly string[] {
  if (parts === undefined || names.length >= distinct) return names.slice(0, distinct);
  const random = new Random(1790, stream);
  const result = new Set(names);
  const endings = parts.endings.length === 0 ? [""] : parts.endings;
  const prefixes = parts.prefixes.length === 0 ? [""] : parts.prefixes;
  // A shortage of combinations ends the list early; no test of the tail depends on the exact count.
  for (let tries = 0; result.size < distinct && tries < distinct * 40; tries++) {
    const name = compose(random.pick(prefixes), random.pick(parts.stems), random.pick(endings));
    if (name.length >= 2) result.add(name);
  }
  return [...result];
}

function compose(prefix: string, stem: string, ending: string): string {
  // No letter three times over where the parts meet.
  const seam = stem.at(-1) === ending.at(0) && stem.at(-2) === stem.at(-1) ? ending.slice(1) : ending;
  return `${prefix}${stem}${seam}`;
}
