import { authorityOf, nameOfAuthority } from "./assigning-authority.ts";
import { partOf, type Message, type Repetition, type Segment } from "./parse-message.ts";

/** How it is told whose record a message is about. */
export interface IdentityRule {
  /** The source's name; else whoever assigned the identifier, else whoever sent the message. */
  readonly source: string | undefined;
  /** The assigning authority whose identifier names the record; else the sender's own, else the first. */
  readonly authority: string | undefined;
}

export interface Identity {
  readonly sourceSystem: string;
  readonly sourceId: string;
}

/** As many characters as the columns of source and source id take. */
const longest = 255;
/** Types of identifiers that name a patient in one system; no type at all is taken for one. */
const patientTypes: ReadonlySet<string> = new Set(["MR", "PI", "PT", ""]);

/**
 * The source and the id there of the patient that a list of identifiers (PID-3, MRG-1) names. The same rule for both, so
 * that a merge finds what an earlier message added.
 *
 * @returns what is wrong where it cannot be told.
 */
export function findIdentity(
  segment: Segment,
  field: number,
  message: Pick<Message, "sendingFacility">,
  rule: IdentityRule,
): Identity | string {
  const path = `${segment.name}-${String(field)}`;
  const named = segment.repetitions(field).filter((cx) => partOf(cx, 1) !== "");
  const chosen = choose(named, message.sendingFacility, rule.authority);
  if (chosen === undefined) {
    return rule.authority === undefined || named.length === 0
      ? `${path} has no identifier, so that the record could not be found again`
      : `${path} has no identifier of the authority that names the records`;
  }
  const sourceSystem = rule.source ?? (nameOfAuthority(authorityOf(chosen)) || message.sendingFacility);
  if (sourceSystem === "") {
    return `neither ${path} nor MSH-4 says who assigned the identifier; give it with --source`;
  }
  const sourceId = partOf(chosen, 1);
  if (sourceSystem.length > longest || sourceId.length > longest)
    return `${path} is longer than ${String(longest)} characters`;
  return { sourceSystem, sourceId };
}

function choose(
  named: readonly Repetition[],
  facility: string,
  wanted: string | undefined,
): Repetition | undefined {
  const isOf = (cx: Repetition, name: string) => {
    const { namespace, universalId } = authorityOf(cx);
    return namespace === name || universalId === name;
  };
  if (wanted !== undefined) return named.find((cx) => isOf(cx, wanted));
  const ofPatients = named.filter((cx) => patientTypes.has(partOf(cx, 5).toUpperCase()));
  return ofPatients.find((cx) => facility !== "" && isOf(cx, facility)) ?? ofPatients[0] ?? named[0];
}
