import type { Command } from "commander";
import { parseCodeAndValue, parseSystemAndValue } from "../../../domain/identifier/named-identifier.ts";
import type {
  OrganizationInput,
  showOrganization,
} from "../../../domain/organization/change-organization.ts";
import { repeatable } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { section } from "../../output/output.ts";

type Organization = Awaited<ReturnType<typeof showOrganization>>;

export interface OrgFlags {
  readonly alias: readonly string[];
  readonly type: readonly string[];
  readonly partOf?: string;
  readonly identifier: readonly string[];
  readonly identifierSystem: readonly string[];
  readonly phone: readonly string[];
  readonly email: readonly string[];
  readonly url: readonly string[];
  readonly addressLine1?: string;
  readonly addressLine2?: string;
  readonly city?: string;
  readonly state?: string;
  readonly postalCode?: string;
  readonly country?: string;
  readonly reason?: string;
  readonly dryRun?: true;
}

export const withOrgFlags = (command: Command): Command =>
  command
    .option("--alias <name>", "another name; may be repeated", repeatable, [])
    .option("--type <text>", "what kind of organization; may be repeated", repeatable, [])
    .option("--part-of <org>", "the organization it is part of")
    .option(
      "--identifier <code=value>",
      "identifier of a domain, such as NPI=…; may be repeated",
      repeatable,
      [],
    )
    .option("--identifier-system <system=value>", "identifier of any system; may be repeated", repeatable, [])
    .option("--phone <number>", "telephone number; may be repeated", repeatable, [])
    .option("--email <address>", "e-mail address; may be repeated", repeatable, [])
    .option("--url <url>", "web address; may be repeated", repeatable, [])
    .option("--address-line1 <text>", "street and number")
    .option("--address-line2 <text>", "second line of the address")
    .option("--city <name>", "city")
    .option("--state <name>", "state or region")
    .option("--postal-code <code>", "postal code")
    .option("--country <name>", "country")
    .option("--reason <text>", "why, for the audit trail")
    .option("--dry-run", "show what would change, and change nothing");

/** What the flags said; an empty --part-of makes it part of none. */
export function readOrgFlags(flags: OrgFlags): OrganizationInput {
  const address = {
    line1: flags.addressLine1 ?? null,
    line2: flags.addressLine2 ?? null,
    city: flags.city ?? null,
    state: flags.state ?? null,
    postalCode: flags.postalCode ?? null,
    country: flags.country ?? null,
  };
  const contacts = (["phone", "email", "url"] as const).flatMap((system) =>
    flags[system].map((value) => ({ system, value })),
  );
  return {
    ...(flags.alias.length === 0 ? {} : { alias: flags.alias }),
    ...(flags.type.length === 0 ? {} : { orgType: flags.type }),
    ...(flags.partOf === undefined ? {} : { partOf: flags.partOf.trim() === "" ? null : flags.partOf }),
    identifiers: [
      ...flags.identifier.map(parseCodeAndValue),
      ...flags.identifierSystem.map(parseSystemAndValue),
    ],
    addresses: Object.values(address).some((part) => part !== null) ? [address] : [],
    contacts,
    remove: [],
  };
}

/** One organization whole. */
export async function printOrganization(
  context: CommandContext,
  found: Organization,
  { dryRun }: { readonly dryRun: boolean },
): Promise<void> {
  if (dryRun) context.info("Dry run: nothing was changed.");
  const { organization, identifiers, addresses, contacts } = found;
  const row = { key: "id", header: "Row", value: (each: { readonly id: string }) => each.id.slice(0, 8) };
  await context.output.record({
    title: organization.name,
    fields: [
      { key: "id", label: "Organization", value: organization.id },
      { key: "name", label: "Name", value: organization.name },
      { key: "alias", label: "Also called", value: organization.alias },
      { key: "type", label: "Type", value: organization.orgType },
      { key: "status", label: "Status", value: organization.deletedAt === null ? "active" : "deleted" },
      { key: "partOf", label: "Part of", value: organization.partOf },
      {
        key: "source",
        label: "Source",
        value:
          organization.sourceSystem === null
            ? null
            : `${organization.sourceSystem} ${organization.sourceId ?? ""}`,
      },
      { key: "version", label: "Version", value: organization.version },
    ],
    sections: [
      section(
        "Identifiers",
        [
          row,
          { key: "type", header: "Type", value: (each) => each.type },
          { key: "value", header: "Value", value: (each) => each.value },
          { key: "system", header: "System", value: (each) => each.system },
        ],
        identifiers,
      ),
      section(
        "Addresses",
        [
          row,
          {
            key: "address",
            header: "Address",
            value: (each) =>
              [each.line1, each.line2, each.city, each.state, each.postalCode, each.country]
                .filter((part) => part !== null && part !== "")
                .join(", "),
          },
        ],
        addresses,
      ),
      section(
        "Contacts",
        [
          row,
          { key: "system", header: "System", value: (each) => each.system },
          { key: "value", header: "Value", value: (each) => each.value },
        ],
        contacts,
      ),
    ],
    json: { ...organization, identifiers, addresses, contacts },
  });
}
