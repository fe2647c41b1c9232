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
/** A maiden or old name: found, but below those who bear it now. */
const formerFactor = 0.97;

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
 * Ranks one name of a record against what was asked: the weighted mean of the agreements, over the best division of
 * free words into family and given names. Names the wrong way round and former names count a little less.
 */
export function scoreHit(
  hit: SearchHitRow,
  words: readonly SearchWord[],
  roles: readonly (Roles & { readonly swapped?: boolean })[],
  birthDate: PartialDate | undefined,
  others: readonly string[],
): HitScore {
  let parts: readonly Part[] = [];
  let best = -1;
  const families = hit.family === null ? [] : [hit.family];
  const givens = (hit.given ?? "").split(" ");
  for (const role of roles) {
    const found = nameParts(families, givens, words, role);
    if (found === undefined) continue;
    const factor =
      (role.likelihood ?? 1) * (role.swapped === true ? swappedFactor : 1) * (hit.former ? formerFactor : 1);
    const score = averageOf(found) * factor;
    if (score <= best) continue;
    best = score;
    parts = [
      ...found.map((part) => ({ ...part, agreement: part.agreement * factor })),
      ...(role.swapped === true ? [remark("names swapped")] : []),
      ...(hit.former ? [remark("former name")] : []),
    ];
  }
  const all = [...parts];
  if (birthDate !== undefined && hit.birthDate !== null) {
    const asked = dateRange(birthDate);
    const fits = hit.birthDate >= asked.from && hit.birthDate <= asked.to;
    const reason = birthDate.precision === "day" ? "birth date same" : `birth ${birthDate.precision} same`;
    all.push({ weight: weights.birthDate, agreement: fits ? 1 : 0, reason });
  }
  for (const other of others) all.push({ weight: weights.other, agreement: 1, reason: other });
  return { score: Math.round(averageOf(all) * 1000) / 1000, reasons: all.map((part) => part.reason) };
}

/** Something worth knowing that is no agreement. */
const remark = (reason: string): Part => ({ weight: 0, agreement: 1, reason });
