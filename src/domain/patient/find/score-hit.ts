import type { SearchHitRow } from "../../../db/queries/search.ts";
import type { PartialDate } from "../patient-record.ts";
import { dateRange } from "./search-query.ts";
import type { NameAgreement, Roles, SearchWord } from "./name-readings.ts";

/** How well a hit fits: 0 to 1, with what was found and how, in the order it was asked. */
export interface HitScore {
  readonly score: number;
  readonly reasons: readonly string[];
}

/** Weights of what was asked. Names weigh most, because they are what a search is usually unsure of. */
const weights = { family: 0.4, given: 0.3, birthDate: 0.3, other: 0.3 } as const;
/** Given and family name the wrong way round: found, but below the same names in their places. */
const swappedFactor = 0.9;

interface Part {
  readonly weight: number;
  readonly agreement: number;
  readonly reason: string;
}

const describe = (what: "family" | "given", agreement: NameAgreement) => `${what} ${agreement.reason}`;

function nameParts(
  families: readonly string[],
  givens: readonly string[],
  words: readonly SearchWord[],
  role: Roles,
): readonly Part[] | undefined {
  const parts: Part[] = [];
  if (role.family.length > 0) {
    const joined = role.family.map((index) => words[index]!.folded).join(" ");
    const candidates: ReadonlyMap<string, NameAgreement> =
      role.family.length === 1
        ? words[role.family[0]!]!.family
        : new Map([[joined, { similarity: 1, reason: "same" }]]);
    const best = bestAgreement(families, candidates);
    if (best === undefined) return undefined;
    parts.push({ weight: weights.family, agreement: best.similarity, reason: describe("family", best) });
  }
  role.given.forEach((index, place) => {
    const best = bestAgreement(givens, words[index]!.given);
    if (best !== undefined) {
      parts.push({
        weight: weights.given / (place + 1),
        agreement: best.similarity,
        reason: describe("given", best),
      });
    } else {
      parts.push({ weight: weights.given / (place + 1), agreement: 0, reason: "given differs" });
    }
  });
  return parts;
}

function bestAgreement(
  names: readonly string[],
  candidates: ReadonlyMap<string, NameAgreement>,
): NameAgreement | undefined {
  let best: NameAgreement | undefined;
  for (const name of names) {
    const agreement = candidates.get(name);
    if (agreement !== undefined && (best === undefined || agreement.similarity > best.similarity))
      best = agreement;
  }
  return best;
}

const averageOf = (parts: readonly Part[]) => {
  const weight = parts.reduce((sum, part) => sum + part.weight, 0);
  return weight === 0 ? 1 : parts.reduce((sum, part) => sum + part.weight * part.agreement, 0) / weight;
};

/**
 * Ranks one hit against what was asked: the weighted mean of the agreements, over the best of a record's names
 * and the best division of free words into family and given names. `swapped` roles count a little less.
 */
export function scoreHit(
  hit: SearchHitRow,
  words: readonly SearchWord[],
  roles: readonly (Roles & { readonly swapped?: boolean })[],
  birthDate: PartialDate | undefined,
  others: readonly string[],
): HitScore {
  let best: readonly Part[] = [];
  let bestScore = roles.length === 0 ? 1 : -1;
  const families = hit.families ?? [];
  families.forEach((family, index) => {
    const givens = (hit.givens?.[index] ?? "").split(" ");
    for (const role of roles) {
      const parts = nameParts(family === null ? [] : [family], givens, words, role);
      if (parts === undefined) continue;
      const factor = role.swapped === true ? swappedFactor : 1;
      const score = averageOf(parts) * factor;
      if (score > bestScore) {
        bestScore = score;
        best =
          role.swapped === true
            ? [
                ...parts.map((part) => ({ ...part, agreement: part.agreement * factor })),
                { weight: 0, agreement: 1, reason: "names swapped" },
              ]
            : parts;
      }
    }
  });
  const parts = [...best];
  if (birthDate !== undefined && hit.birthDate !== null) {
    const asked = dateRange(birthDate);
    const fits = hit.birthDate >= asked.from && hit.birthDate <= asked.to;
    parts.push({
      weight: weights.birthDate,
      agreement: fits ? 1 : 0,
      reason: birthDate.precision === "day" ? "birth date same" : `birth ${birthDate.precision} same`,
    });
  }
  for (const other of others) parts.push({ weight: weights.other, agreement: 1, reason: other });
  return { score: Math.round(averageOf(parts) * 1000) / 1000, reasons: parts.map((part) => part.reason) };
}
