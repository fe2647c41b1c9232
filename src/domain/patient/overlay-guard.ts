import { compareBirthDates, birthDateLevel } from "../../matching/comparators/birth-date.ts";
import { compareFamilyNames, familyNameLevel } from "../../matching/comparators/family-name.ts";
import { compareGivenNames, givenNameLevel } from "../../matching/comparators/given-name.ts";
import { unavailable } from "../../matching/comparators/levels.ts";
import { normaliseBirthDate } from "../../matching/normalise/date.ts";
import { normaliseIdentifier } from "../../matching/normalise/identifier.ts";
import { normaliseName, type NormalisedName } from "../../matching/normalise/name.ts";
import type { PatientContent, PatientName, PatientRecord } from "./patient-record.ts";

/** The fields that make an update look like another person's; empty where it does not. */
export type OverlayFields = readonly ("given" | "family" | "birthDate" | "birthOrder" | "identifier")[];

/** What is known of the systems that identifiers come from. */
export interface KnownDomains {
  /** Systems whose values name one person for sure. */
  readonly authoritative: ReadonlySet<string>;
  /** Systems of which a person has at most one current value. */
  readonly singleValued: ReadonlySet<string>;
}

type Agreement = "agrees" | "partial" | "differs" | "unknown";

const agreementOf = (level: number, weakest: number): Agreement =>
  level === unavailable ? "unknown" : level === 0 ? "agrees" : level < weakest ? "partial" : "differs";

/**
 * Whether an update would turn one person into another (semantics, section 8). Two of given name, family name and birth
 * date must change beyond partial agreement, with no authoritative identifier that agrees. One change is enough
 * where it is known to mislead: another given name on a twin, or another birth date on a newborn without a name.
 */
export function findOverlay(
  before: PatientRecord,
  after: PatientContent,
  domains: KnownDomains,
): OverlayFields {
  if (sharesIdentifier(before, after, domains.authoritative)) return [];
  const names = compareNames(before.names, after.names);
  const birthDate = compareDates(before, after);
  const changed: OverlayFields = [
    ...(names.given === "differs" ? (["given"] as const) : []),
    ...(names.family === "differs" ? (["family"] as const) : []),
    ...(birthDate === "differs" ? (["birthDate"] as const) : []),
  ];
  if (changed.length >= 2) return changed;
  if (names.given === "differs") {
    const orderDiffers =
      before.birthOrder !== null && after.birthOrder !== null && before.birthOrder !== after.birthOrder;
    const isMultiple = before.multipleBirth === true || after.multipleBirth === true;
    if (orderDiffers || isMultiple) return ["given", "birthOrder"];
    if (identifierDiffers(before, after, domains.singleValued)) return ["given", "identifier"];
  }
  return birthDate === "differs" && names.wasPlaceholder ? ["birthDate"] : [];
}

interface NameComparison {
  readonly given: Agreement;
  readonly family: Agreement;
  readonly wasPlaceholder: boolean;
}

/** The best agreement over all names the record ever had, so that going back to a former name is no overlay. */
function compareNames(before: readonly PatientName[], after: readonly PatientName[]): NameComparison {
  const [was, is] = [before.map(normalise), after.map(normalise)];
  const wasPlaceholder = was.some((name) => name.givenIsPlaceholder);
  let best: { readonly given: Agreement; readonly family: Agreement } = {
    given: "unknown",
    family: "unknown",
  };
  let bestRank = -1;
  for (const old of was) {
    for (const now of is) {
      const given = agreementOf(compareGivenNames(old.given, now.given), givenNameLevel.similar);
      const family = agreementOf(compareFamilyNames(old.family, now.family), familyNameLevel.similar);
      const swapped =
        old.given !== null && old.family !== null && old.given === now.family && old.family === now.given;
      const compared = swapped ? ({ given: "partial", family: "partial" } as const) : { given, family };
      const rank = [compared.given, compared.family].filter((each) => each !== "differs").length;
      if (rank > bestRank) [best, bestRank] = [compared, rank];
    }
  }
  return { ...best, wasPlaceholder };
}

const normalise = (name: PatientName): NormalisedName =>
  normaliseName({ ...name, current: name.use !== "old" && name.use !== "maiden" });

function compareDates(before: PatientRecord, after: PatientContent): Agreement {
  const packed = (date: PatientContent["birthDate"]) =>
    date === null ? 0 : normaliseBirthDate(date.date, date.precision, before.receivedAt.slice(0, 10));
  return agreementOf(
    compareBirthDates(packed(before.birthDate), packed(after.birthDate)),
    birthDateLevel.sameMonthDay,
  );
}

const identifierKeys = (content: Pick<PatientContent, "identifiers">, systems: ReadonlySet<string>) =>
  content.identifiers.flatMap((each) => {
    const value =
      each.use === "old" || !systems.has(each.system) ? null : normaliseIdentifier(each.value, each.type);
    return value === null ? [] : [{ system: each.system, value }];
  });

function sharesIdentifier(
  before: PatientRecord,
  after: PatientContent,
  systems: ReadonlySet<string>,
): boolean {
  const known = new Set(identifierKeys(before, systems).map(({ system, value }) => `${system}|${value}`));
  return identifierKeys(after, systems).some(({ system, value }) => known.has(`${system}|${value}`));
}

function identifierDiffers(
  before: PatientRecord,
  after: PatientContent,
  systems: ReadonlySet<string>,
): boolean {
  const known = new Map(identifierKeys(before, systems).map(({ system, value }) => [system, value]));
  return identifierKeys(after, systems).some(
    ({ system, value }) => known.has(system) && known.get(system) !== value,
  );
}
