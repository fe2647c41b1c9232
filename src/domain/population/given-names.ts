import type { Culture } from "./culture.ts";
import { Random } from "./random.ts";
import { Sampler } from "./sampler.ts";
import { readTable } from "./table-files.ts";

export type Sex = "male" | "female";

export interface GivenNames {
  /** A given name as parents of the culture chose it in that year. */
  draw(random: Random, culture: number, sex: Sex, birthYear: number): string;
}

const FIRST_YEAR = 1915;
const LAST_YEAR = 2025;
const STEP = 10;
/** Two syllables, run together, hyphenated or apart: Meiling, Mei-Ling, Mei Ling. */
const TWO_SYLLABLES: ReadonlySet<string> = new Set(["chinese", "korean"]);

export function readGivenNames(cultures: readonly Culture[]): GivenNames {
  const byYear = { male: readByYear("M"), female: readByYear("F") };
  const own = cultures.map((culture) => ({
    male: readOwn(culture.code, "M"),
    female: readOwn(culture.code, "F"),
  }));
  return {
    draw(random, culture, sex, birthYear) {
      const { code, englishGiven } = cultures[culture]!;
      const sampler = own[culture]![sex];
      // Later generations choose more English names.
      const english = englishGiven * (birthYear < 1960 ? 0.8 : birthYear > 2000 ? 1.15 : 1);
      if (sampler === undefined || random.chance(english)) {
        const year = Math.min(LAST_YEAR, Math.max(FIRST_YEAR, birthYear));
        return byYear[sex][Math.floor((year - FIRST_YEAR) / STEP)]!.draw(random);
      }
      const name = sampler.draw(random);
      return TWO_SYLLABLES.has(code) ? secondSyllable(random, name, sampler) : name;
    },
  };
}

function secondSyllable(random: Random, first: string, sampler: Sampler<string>): string {
  if (first.length > 5 || random.chance(0.4)) return first;
  const second = sampler.draw(random);
  if (second.length > 5) return first;
  const style = random.below(3);
  if (style === 0) return first + second.toLowerCase();
  return style === 1 ? `${first}-${second}` : `${first} ${second}`;
}

/** One sampler for each ten years of birth. */
function readByYear(sexCode: "M" | "F"): readonly Sampler<string>[] {
  const rows = readTable("given-names-by-year.csv", [
    "sex",
    "name",
    "peak_year",
    "spread_years",
    "peak_share",
  ]).filter((row) => row.sex === sexCode);
  const rare = composeRareNames(sexCode);
  const samplers: Sampler<string>[] = [];
  for (let start = FIRST_YEAR; start <= LAST_YEAR; start += STEP) {
    const names: string[] = [];
    const weights: number[] = [];
    for (const row of rows) {
      const distance = (start + STEP / 2 - Number(row.peak_year)) / Number(row.spread_years);
      const falling = 1 + distance * distance;
      names.push(row.name);
      weights.push(Number(row.peak_share) / (falling * falling));
    }
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    // Parents have been choosing rarer names ever since 1950.
    const rareShare = start < 1950 ? 0.05 : 0.05 + (start - 1950) * 0.0022;
    const rareTotal = rare.reduce((sum, _, i) => sum + 1 / (20 + i), 0);
    rare.forEach((name, i) => {
      names.push(name);
      weights.push(((total * rareShare) / (1 - rareShare) / rareTotal) * (1 / (20 + i)));
    });
    samplers.push(new Sampler(names, weights));
  }
  return samplers;
}

function composeRareNames(sexCode: "M" | "F"): readonly string[] {
  const rows = readTable("given-name-parts.csv", ["sex", "part", "text"]).filter((r) => r.sex === sexCode);
  const ends = rows.filter((row) => row.part === "end").map((row) => row.text);
  const names = rows
    .filter((row) => row.part === "start")
    .flatMap((row) => ends.map((end) => row.text + end))
    .filter((name) => name.length >= 4);
  const random = new Random(1880, sexCode === "M" ? 1 : 2);
  for (let i = names.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [names[i], names[j]] = [names[j]!, names[i]!];
  }
  return [...new Set(names)];
}

function readOwn(code: string, sexCode: "M" | "F"): Sampler<string> | undefined {
  const names = readTable("given-names.csv", ["culture", "sex", "name"])
    .filter((row) => row.culture === code && row.sex === sexCode)
    .map((row) => row.name);
  if (names.length === 0) return undefined;
  return new Sampler(
    names,
    names.map((_, i) => 1 / (5 + i)),
  );
}
