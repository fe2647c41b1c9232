import { z } from "zod";
import type { OrganizationChildren } from "../../db/queries/organizations.ts";
import { MpiError } from "../../lib/errors.ts";
import { identifierTypeSystem, parseSystem } from "../fhir/terms.ts";
import { otherType } from "../identifier/named-identifier.ts";
import { textProblem } from "../patient/check-content.ts";
import { addressUses, contactSystems, contactUses, identifierUses } from "../patient/patient-record.ts";

/** What a source says of an organization. */
export interface OrganizationContent {
  /** Null where the source does not say. */
  readonly active: boolean | null;
  readonly name: string;
  readonly alias: readonly string[];
  readonly orgType: readonly string[];
  readonly children: OrganizationChildren;
}

const codeable = z.looseObject({
  text: z.string().optional(),
  coding: z.array(z.looseObject({ system: z.string().optional(), code: z.string().optional() })).optional(),
});
const addressSchema = z.looseObject({
  use: z.enum(addressUses).optional(),
  text: z.string().optional(),
  line: z.array(z.string()).optional(),
  city: z.string().optional(),
  state: z.string().optional(),
  postalCode: z.string().optional(),
  country: z.string().optional(),
});
const telecomSchema = z.looseObject({
  system: z.enum(contactSystems).optional(),
  use: z.enum(contactUses).optional(),
  value: z.string().optional(),
  rank: z.number().optional(),
});
const organizationSchema = z.looseObject({
  resourceType: z.literal("Organization"),
  active: z.boolean().optional(),
  name: z.string().optional(),
  alias: z.array(z.string()).optional(),
  type: z.array(codeable).optional(),
  identifier: z
    .array(
      z.looseObject({
        use: z.enum(identifierUses).optional(),
        type: codeable.optional(),
        system: z.string().optional(),
        value: z.string().optional(),
        assigner: z.looseObject({ display: z.string().optional() }).optional(),
      }),
    )
    .optional(),
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
      identifiers: (said.identifier ?? []).flatMap((each) => {
        if (each.value === undefined) return [];
        const system = each.system === undefined ? localSystem : parseSystem(each.system);
        const codings = each.type?.coding;
        const ours = codings?.find((coding) => coding.system === identifierTypeSystem)?.code;
        return [
          {
            type: ours ?? codes.get(system) ?? codings?.[0]?.code ?? each.type?.text ?? otherType,
            system,
            value: each.value,
            assigner: each.assigner?.display ?? null,
            useType: each.use ?? null,
          },
        ];
      }),
      addresses: addresses.map((each, index) => ({
        useType: each.use ?? null,
        isPrimary: index === 0,
        line1: each.line?.[0] ?? (each.city === undefined ? (each.text ?? null) : null),
        line2: each.line === undefined || each.line.length < 2 ? null : each.line.slice(1).join(", "),
        city: each.city ?? null,
        state: each.state ?? null,
        postalCode: each.postalCode ?? null,
        country: each.country ?? null,
      })),
      contacts: telecom.flatMap((each) =>
        each.value === undefined
          ? []
          : [
              {
                system: each.system ?? "other",
                useType: each.use ?? null,
                value: each.value,
                isPrimary: each.rank === 1,
              },
            ],
      ),
    },
  };
  const problems = listProblems(content);
  if (problems.length > 0) throw unreadable(problems);
  return content;
}

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
