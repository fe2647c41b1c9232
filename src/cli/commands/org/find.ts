import type { Command } from "commander";
import { findOrganizations, listOrganizationTree } from "../../../domain/organization/find-organizations.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { readContext } from "../../read-context.ts";

type OrganizationNode = Awaited<ReturnType<typeof findOrganizations>>[number];

const columns = (indented: boolean): readonly Column<OrganizationNode>[] => [
  { key: "id", header: "Id", value: (each) => each.id, text: (each) => each.id.slice(0, 8) },
  {
    key: "name",
    header: "Name",
    value: (each) => each.name,
    text: (each) => `${indented ? "  ".repeat(each.depth) : ""}${each.name}`,
  },
  {
    key: "status",
    header: "Status",
    value: (each) => (each.deleted ? "deleted" : each.active ? "active" : "inactive"),
  },
  {
    key: "partOf",
    header: "Part of",
    value: (each) => each.partOf,
    text: (each) => each.partOf?.slice(0, 8) ?? "",
  },
  { key: "depth", header: "Depth", value: (each) => each.depth, machineOnly: true },
];

interface FindFlags {
  readonly includeDeleted?: true;
  readonly limit: number;
}

/** Registers `mpi org find`. */
export function registerFind(org: Command, act: Act): void {
  defineCommand(org, "find [name]", {
    summary: "find organizations by a part of their name",
    examples: [{ command: "mpi org find hospital", does: "names and aliases, accents and case aside" }],
  })
    .option("--include-deleted", "deleted ones too")
    .option("--limit <n>", "at most so many", integer({ min: 1, max: 1000 }), 50)
    .action(act<FindFlags, [string | undefined]>(find));
}

/** Registers `mpi org tree`. */
export function registerTree(org: Command, act: Act): void {
  defineCommand(org, "tree [org]", {
    summary: "which organizations are part of which",
    examples: [{ command: "mpi org tree 3f2a9c01", does: "what is part of one" }],
  }).action(act<object, [string | undefined]>(tree));
}

async function find(context: CommandContext, flags: FindFlags, name: string | undefined): Promise<void> {
  const rows = await findOrganizations(
    await context.database(),
    await readContext(context, "ORGANIZATION_FIND"),
    name ?? null,
    {
      includeDeleted: flags.includeDeleted === true,
      limit: flags.limit,
    },
  );
  await context.output.list({ columns: columns(false), rows, empty: "No organization was found." });
}

async function tree(context: CommandContext, _flags: object, org: string | undefined): Promise<void> {
  const rows = await listOrganizationTree(
    await context.database(),
    await readContext(context, "ORGANIZATION_TREE"),
    org ?? null,
  );
  await context.output.list({ columns: columns(true), rows, empty: "There is no organization." });
}
