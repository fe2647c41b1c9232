import type { Command } from "commander";
import type {
  OrganizationInput,
  showOrganization,
} from "../../../domain/organization/change-organization.ts";
import { repeatable } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { section } from "../../output/output.ts";
import {
  readNamedIdentifiers,
  readPlace,
  withIdentifierFlags,
  withPlaceFlags,
  type IdentifierFlags,
  type PlaceFlags,
} from "../place-flags.ts";

type Organization = Awaited<ReturnType<typeof showOrganization>>;

export interface OrgFlags extends IdentifierFlags, PlaceFlags {
  readonly alias: readonly string[];
  readonly type: readonly string[];
  readonly partOf?: string;
  readonly url: readonly string[];
  readonly reason?: string;
  readonly dryRun?: true;
}

export const withOrgFlags = (command: Command): Command => {
  command
    .option("--alias <name>", "another name; may be repeated", repeatable, [])
    .option("--type <text>", "what kind of organization; may be repeated", repeatable, [])
    .option("--part-of <org>", "the organization it is part of");
  return withPlaceFlags(withIdentifierFlags(command))
    .option("--url <url>", "web address; may be repeated", repeatable, [])
    .option("--reason <text>", "why, for the audit trail")
    .option("--dry-run", "show what would change, and change nothing");
};

/** What the flags said; an empty --part-of makes it part of none. */
export function readOrgFlags(flags: OrgFlags): OrganizationInput {
  const address = readPlace(flags);
  const contacts = (["phone", "email", "url"] as const).flatMap((system) =>
    flags[system].map((value) => ({ system, value })),
  );
  return {
    ...(flags.alias.length === 0 ? {} : { alias: flags.alias }),
    ...(flags.type.length === 0 ? {} : { orgType: flags.type }),
    ...(flags.partOf === undefined ? {} : { partOf: flags.partOf.trim() === "" ? null : flags.partOf }),
    identifiers: readNamedIdentifiers(flags),
    addresses: address === undefined ? [] : [address],
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
