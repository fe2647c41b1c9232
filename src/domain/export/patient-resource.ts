import {
  codeSystems,
  enterpriseSystem,
  formatInstant,
  formatSourceUri,
  motherIdentifierExtension,
  recordExtension,
} from "../fhir/terms.ts";
import { formatPartialDate } from "../patient/partial-date.ts";
import type { Disguise } from "./disguise.ts";
import type { ExportRecord } from "./export-record.ts";
import {
  byContent,
  formatAddress,
  formatContact,
  formatIdentifier,
  formatReference,
  isFilled,
  listOf,
  primaryFirst,
  textOf,
  textsOf,
  type Element,
} from "./fhir-elements.ts";

/** Codes of HL7's marital statuses; others go out as text. */
const maritalStatuses = new Set(["A", "C", "D", "I", "L", "M", "P", "S", "T", "U", "W", "UNK"]);

/** Sources of organizations, by the organization's id; only those that are exported too. */
export type OrganizationSources = ReadonlyMap<
  string,
  { readonly system: string; readonly id: string } | null
>;

/**
 * A record as a FHIR Patient, the same in R4 and R5. The order of every list is decided by its content, so that a
 * record that comes into another index and out again is written the same.
 */
export function toPatientResource(
  record: ExportRecord,
  organizations: OrganizationSources,
  disguise: Disguise | null,
): Element {
  const { managingOrganizationId: manager } = record;
  return {
    resourceType: "Patient",
    id: record.id,
    meta: {
      lastUpdated: formatInstant(record.updatedAt),
      source: formatSource(record),
      security: disguise === null ? undefined : [securityLabel(disguise)],
    },
    extension: record.birth === null ? undefined : [identityExtension(record, record.birth)],
    identifier: [
      ...byContent(record.identifiers.map(formatIdentifier)),
      { use: "secondary", system: enterpriseSystem, value: record.enterpriseId },
    ],
    active: record.active,
    name: listOf(
      primaryFirst(record.names, (name) => ({
        use: name.use ?? undefined,
        family: textOf(name.family),
        given: textsOf(...name.given),
        prefix: textsOf(...name.prefix),
        suffix: textsOf(...name.suffix),
      })),
    ),
    telecom: listOf(byContent(record.contacts.map(formatContact))),
    gender: record.gender ?? undefined,
    birthDate: record.birthDate === null ? undefined : formatPartialDate(record.birthDate),
    ...deceased(record),
    address: listOf(primaryFirst(record.addresses, formatAddress).filter(isFilled)),
    maritalStatus: maritalStatus(record.maritalStatus),
    ...multipleBirth(record),
    contact: mother(record),
    managingOrganization:
      manager === null || !organizations.has(manager)
        ? undefined
        : formatReference("Organization", manager, organizations.get(manager) ?? null),
    link: listOf(
      record.links.map(({ type, otherId, otherSource }) => ({
        other: formatReference("Patient", otherId, otherSource),
        type,
      })),
    ),
  };
}

const formatSource = ({ sourceSystem, sourceId }: ExportRecord): string =>
  formatSourceUri(sourceSystem === null || sourceId === null ? null : { system: sourceSystem, id: sourceId });

/** HL7's code for data that were masked or pseudonymised. */
export const securityLabel = ({ securityCode }: Disguise): Element => ({
  system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
  code: securityCode,
});

const identityExtension = (
  record: ExportRecord,
  birth: { readonly enterpriseId: string; readonly since: string },
): Element => ({
  url: recordExtension,
  extension: [
    { url: "receivedAt", valueInstant: formatInstant(record.receivedAt) },
    { url: "enterpriseId", valueString: birth.enterpriseId },
    { url: "enterpriseSince", valueInstant: formatInstant(birth.since) },
  ],
});

function deceased({ deceased: isDeceased, deceasedAt }: ExportRecord): Element {
  if (deceasedAt !== null) return { deceasedDateTime: formatInstant(deceasedAt) };
  return isDeceased ? { deceasedBoolean: true } : {};
}

/** FHIR has one element for both: the order where it is known, else whether there were several. */
function multipleBirth({ multipleBirth: isMultiple, birthOrder }: ExportRecord): Element {
  if (birthOrder !== null) return { multipleBirthInteger: birthOrder };
  return isMultiple === null ? {} : { multipleBirthBoolean: isMultiple };
}

function maritalStatus(status: string | null): Element | undefined {
  if (textOf(status) === undefined) return undefined;
  return maritalStatuses.has(status!)
    ? { coding: [{ system: codeSystems.maritalStatus, code: status }] }
    : { text: status };
}

function mother({ motherName, motherIdentifier }: ExportRecord): readonly Element[] | undefined {
  const [name, identifier] = [textOf(motherName), textOf(motherIdentifier)];
  if (name === undefined && identifier === undefined) return undefined;
  return [
    {
      extension:
        identifier === undefined ? undefined : [{ url: motherIdentifierExtension, valueString: identifier }],
      relationship: [{ coding: [{ system: codeSystems.role, code: "MTH" }] }],
      name: name === undefined ? undefined : { text: name },
    },
  ];
}
