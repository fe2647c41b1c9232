import { motherIdentifierExtension, recordExtension } from "../../fhir/terms.ts";

/** Elements that are kept: `true` as a whole, else by their own elements. An array is meant where FHIR has one. */
interface Kept {
  readonly [element: string]: true | Kept;
}

const meta: Kept = { lastUpdated: true, versionId: true, source: true, profile: true };
const address: Kept = {
  use: true,
  text: true,
  line: true,
  city: true,
  state: true,
  postalCode: true,
  country: true,
};
const telecom: Kept = { system: true, use: true, value: true, rank: true };
const identifier: Kept = { use: true, type: true, system: true, value: true, assigner: { display: true } };
const resource: Kept = { resourceType: true, id: true, meta, text: true };

const patient: Kept = {
  ...resource,
  active: true,
  identifier,
  name: { use: true, text: true, family: true, given: true, prefix: true, suffix: true },
  telecom,
  gender: true,
  birthDate: true,
  deceasedBoolean: true,
  deceasedDateTime: true,
  address,
  maritalStatus: true,
  multipleBirthBoolean: true,
  multipleBirthInteger: true,
  contact: { relationship: true, name: { use: true, text: true, family: true, given: true } },
  managingOrganization: true,
  link: { type: true, other: true },
};

const organization: Kept = {
  ...resource,
  active: true,
  identifier,
  name: true,
  alias: true,
  type: true,
  telecom,
  address,
  partOf: true,
  // Of R5, where addresses and numbers of the organization itself stand here.
  contact: { telecom, address },
};

const keptByType: Readonly<Record<string, Kept>> = { Patient: patient, Organization: organization };

const ours = new Set([recordExtension, motherIdentifierExtension]);

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/**
 * What a resource says that has no column here, as paths: `Patient.communication`,
 * `Patient.extension(http://…)`, `Patient.name.period`. Each path once a resource.
 */
export function listUnmappedContent(type: string, value: Json): readonly string[] {
  const paths = new Set<string>();
  collect(value, keptByType[type] ?? {}, type, paths);
  if (type === "Patient") addLossyPatientContent(value, paths);
  if (type === "Organization") addLossyOrganizationContent(value, paths);
  return [...paths];
}

function collect(value: Json, kept: Kept, path: string, paths: Set<string>): void {
  for (const [element, content] of Object.entries(value)) {
    if (content === null) continue;
    if (element === "extension" || element === "modifierExtension") {
      for (const each of listOf(content)) {
        const url = isObject(each) && typeof each["url"] === "string" ? each["url"] : "";
        if (!ours.has(url)) paths.add(`${path}.${element}(${url})`);
      }
      continue;
    }
    const known = kept[element];
    if (known === undefined) paths.add(`${path}.${element}`);
    else if (known !== true) {
      for (const each of listOf(content))
        if (isObject(each)) collect(each, known, `${path}.${element}`, paths);
    }
  }
}

/** Content that has a column, but of which this instance says more than the column can keep. */
function addLossyPatientContent(patientResource: Json, paths: Set<string>): void {
  const died = patientResource["deceasedDateTime"];
  if (typeof died === "string" && died.length < 10) paths.add("Patient.deceasedDateTime(without its day)");
  if (patientResource["active"] === false && !hasSuccessor(patientResource))
    paths.add("Patient.active(false)");
  for (const name of listOf(patientResource["name"] ?? [])) {
    if (isObject(name) && !["family", "given", "text"].some((part) => part in name))
      paths.add("Patient.name(without family, given or text)");
  }
  for (const each of listOf(patientResource["identifier"] ?? [])) {
    if (isObject(each) && !("value" in each)) paths.add("Patient.identifier(without a value)");
  }
  for (const each of listOf(patientResource["telecom"] ?? [])) {
    if (isObject(each) && !("value" in each)) paths.add("Patient.telecom(without a value)");
    if (isObject(each) && "rank" in each && each["rank"] !== 1) paths.add("Patient.telecom.rank");
  }
  let mothers = 0;
  for (const contact of listOf(patientResource["contact"] ?? [])) {
    if (isObject(contact) && isMother(contact)) mothers += 1;
    else paths.add("Patient.contact");
  }
  if (mothers > 1) paths.add("Patient.contact");
}

const hasSuccessor = (patientResource: Json): boolean =>
  listOf(patientResource["link"] ?? []).some((link) => isObject(link) && link["type"] === "replaced-by");

/** Whether a Patient's contact is the mother (codes of HL7's role code system). */
export const isMother = (contact: Json): boolean =>
  listOf(contact["relationship"] ?? []).some(
    (each) =>
      isObject(each) &&
      listOf(each["coding"] ?? []).some(
        (coding) => isObject(coding) && (coding["code"] === "MTH" || coding["code"] === "NMTH"),
      ),
  );

function addLossyOrganizationContent(value: Json, paths: Set<string>): void {
  for (const contact of listOf(value["contact"] ?? [])) {
    if (isObject(contact) && "name" in contact) paths.add("Organization.contact.name");
  }
}
