import { z } from "zod";
import type { OrganizationChildren } from "../../db/queries/organizations.ts";
import { MpiError } from "../../lib/errors.ts";
import {
  addressSchema,
  codeableSchema,
  identifierSchema,
  readAddresses,
  readContacts,
  readIdentifiers,
  telecomSchema,
} from "../fhir/elements.ts";
import { textProblem } from "../patient/check-content.ts";

/** What a source says of an organization. */
export interface OrganizationContent {
  /** Null where the source does not say. */
  readonly active: boolean | null;
  readonly name: string;
  readonly alias: readonly string[];
  readonly orgType: readonly string[];
  readonly children: OrganizationChildren;
}

const organizationSchema = z.looseObject({
  resourceType: z.literal("Organization"),
  active: z.boolean().optional(),
  name: z.string().optional(),
  alias: z.array(z.string()).optional(),
  type: z.array(codeableSchema).optional(),
  identifier: z.array(identifierSchema).optional(),
  address: z.array(addressSchema).optional(),
  telecom: z.array(telecomSchema).optional(),
  /** R5 has an organization's own address and numbers here, R4 those of persons to ask for. */
  contact: z
    .array(
      z.looseObject({
        name: z.unknown().optional(),
        address: addressSchema.optional(),
        telecom: z.array(telecomSchema).optional(),
      }),
    )
    .optional(),
});

/**
 * The content of a FHIR Organization, R4 or R5.
 *
 * @param codes the domain's code of each known system.
 * @param localSystem what stands for the system of an identifier that has none.
 * @throws {MpiError} `usage` naming the elements that cannot be kept, never a value
 */
export function parseFhirOrganization(
  value: unknown,
  codes: ReadonlyMap<string, string>,
  localSystem: string,
): OrganizationContent {
  const parsed = organizationSchema.safeParse(value);
  if (!parsed.success)
    throw unreadable(
      parsed.error.issues.map((issue) => `${issue.path.join(".") || "the resource"}: ${issue.message}`),
    );
  const said = parsed.data;
  const own = (said.contact ?? []).filter((contact) => contact.name === undefined);
  const addresses = [
    ...(said.address ?? []),
    ...own.flatMap((contact) => (contact.address === undefined ? [] : [contact.address])),
  ];
  const telecom = [...(said.telecom ?? []), ...own.flatMap((contact) => contact.telecom ?? [])];
  const content: OrganizationContent = {
    active: said.active ?? null,
    name: said.name ?? said.alias?.[0] ?? "",
    alias: said.alias ?? [],
    orgType: (said.type ?? []).flatMap((type) => type.coding?.[0]?.code ?? type.text ?? []),
    children: {
      identifiers: readIdentifiers(said.identifier, codes, localSystem).map(withUseType),
      addresses: readAddresses(addresses).map(withUseType),
      contacts: readContacts(telecom).map(withUseType),
    },
  };
  const problems = listProblems(content);
  if (problems.length > 0) throw unreadable(problems);
  return content;
}

/** The tables of organizations call the use of a row by its column's name. */
const withUseType = <Row extends { readonly use: string | null }>({ use, ...row }: Row) => ({
  ...row,
  useType: use,
});

const unreadable = (problems: readonly string[]) =>
  new MpiError("usage", `The FHIR Organization cannot be read: ${problems.join("; ")}.`, {
    details: { problems },
  });

function listProblems({ name, alias, orgType, children }: OrganizationContent): readonly string[] {
  const problems: string[] = [];
  const check = (field: string, value: string | null | undefined, limit: number) => {
    const problem = value == null ? undefined : textProblem(value, limit);
    if (problem !== undefined) problems.push(`${field}: ${problem}`);
  };
  if (name.trim() === "") problems.push("name: is missing");
  check("name", name, 255);
  for (const each of alias) check("alias", each, 255);
  for (const each of orgType) check("type", each, 255);
  for (const each of children.identifiers) {
    check("identifier.type", each.type, 50);
    check("identifier.system", each.system, 255);
    check("identifier.value", each.value, 255);
    check("identifier.assigner", each.assigner, 255);
  }
  for (const each of children.contacts) check("telecom.value", each.value, 255);
  for (const each of children.addresses) {
    check("address.line", each.line1, 1000);
    check("address.line", each.line2, 1000);
    check("address.city", each.city, 255);
    check("address.state", each.state, 100);
    check("address.postalCode", each.postalCode, 20);
    check("address.country", each.country, 100);
  }
  return problems;
}
