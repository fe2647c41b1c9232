import type { OrganizationRowSet } from "../../db/queries/organizations.ts";
import { formatInstant, formatSourceUri, isCode } from "../fhir/terms.ts";
import {
  byContent,
  formatAddress,
  formatContact,
  formatIdentifier,
  formatReference,
  isFilled,
  listOf,
  primaryFirst,
  textsOf,
  type Element,
} from "./fhir-elements.ts";
import type { OrganizationSources } from "./patient-resource.ts";

const typeSystem = "http://terminology.hl7.org/CodeSystem/organization-type";
const types = new Set([
  "prov",
  "dept",
  "team",
  "govt",
  "ins",
  "pay",
  "edu",
  "reli",
  "crs",
  "cg",
  "bus",
  "other",
]);

/** An organization as a FHIR R4 Organization. */
export function toOrganizationResource(
  { organization, identifiers, addresses, contacts }: OrganizationRowSet,
  organizations: OrganizationSources,
): Element {
  const { partOf, sourceSystem, sourceId } = organization;
  const withUse = <Row extends { readonly useType: string | null }>(row: Row) => ({
    ...row,
    use: row.useType,
  });
  return {
    resourceType: "Organization",
    id: organization.id,
    meta: {
      lastUpdated: formatInstant(organization.updatedAt),
      source: formatSourceUri(
        sourceSystem === null || sourceId === null ? null : { system: sourceSystem, id: sourceId },
      ),
    },
    identifier: listOf(byContent(identifiers.map((row) => formatIdentifier(withUse(row))))),
    active: organization.active,
    type: listOf(
      organization.orgType.map((type) =>
        types.has(type) && isCode(type) ? { coding: [{ system: typeSystem, code: type }] } : { text: type },
      ),
    ),
    name: organization.name,
    alias: textsOf(...organization.alias),
    telecom: listOf(byContent(contacts.map((row) => formatContact(withUse(row))))),
    address: listOf(primaryFirst(addresses, (row) => formatAddress(withUse(row))).filter(isFilled)),
    partOf:
      partOf === null || !organizations.has(partOf)
        ? undefined
        : formatReference("Organization", partOf, organizations.get(partOf) ?? null),
  };
}
