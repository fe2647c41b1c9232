import path from "node:path";
import type { Command } from "commander";
import type { Hl7ImportResult } from "../../../domain/import/hl7/import-hl7.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, integer, repeatable, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { importEach, refuseSharedRejects, type ImportFlags } from "./import-each.ts";

interface Hl7Flags extends ImportFlags {
  readonly source?: string;
  readonly authority?: string;
  readonly system: readonly string[];
  readonly encoding: string;
  readonly strict?: true;
}

/** Registers `mpi import hl7`. */
export function registerHl7(parent: Command, act: Act): void {
  defineCommand(parent, "hl7 <files...>", {
    summary: "bring in HL7 v2 ADT messages",
    description:
      "Brings in ADT messages in their order; - is standard input, gzip and MLLP framing are recognised. A01, A04, A05, A08, " +
      "A28 and A31 add or update a record, A40 merges, A24 links, A37 unlinks (or takes a merge back), A23 and A29 delete. " +
      "The identifier of PID-3 that the sender assigned names the record; the assigning authority is its source. " +
      "Messages that cannot be taken go to FILE.rejects.hl7 as they came; mended, that file can be imported as it is.",
    examples: [
      { command: "mpi import hl7 adt.hl7", does: "one or many messages, as the interface wrote them" },
      {
        command: "mpi import hl7 adt-*.hl7.gz --dry-run",
        does: "what would be added, updated, merged, rejected",
      },
      {
        command: "mpi import hl7 adt.hl7 --authority EPI --system EPI=urn:oid:2.16.840.1.113883.19.5",
        does: "the record's id is EPI's, whose numbers have that system",
      },
      {
        command: "cat adt.hl7 | mpi import hl7 - --source east --strict",
        does: "from a pipe; everything kept or rejected",
      },
    ],
  })
    .option(
      "--source <name>",
      "the system that the records come from (default: who assigned the identifier, else MSH-4)",
    )
    .option(
      "--authority <name>",
      "whose identifier in PID-3 and MRG-1 names the record (default: MSH-4's, else the first)",
    )
    .option(
      "--system <authority=uri>",
      "the system of an authority's identifiers; may be repeated",
      repeatable,
      [],
    )
    .option("--encoding <set>", "characters where MSH-18 is empty: UNICODE UTF-8, 8859/1, …", "UNICODE UTF-8")
    .option("--strict", "reject messages that say what has no column here")
    .option("--dry-run", "say what would change, and change nothing")
    .option("--max-rejects <n>", "stop after more than so many rejected messages", integer({ min: 0 }))
    .option("--rejects <file>", "where rejected messages go (default: FILE.rejects.hl7)")
    .action(act<Hl7Flags, [readonly string[]]>(importFiles));
}

async function importFiles(
  context: CommandContext,
  flags: Hl7Flags,
  files: readonly string[],
): Promise<void> {
  refuseSharedRejects(flags, files);
  const systems = new Map(flags.system.map(parseSystem));
  const { importHl7 } = await import("../../../domain/import/hl7/import-hl7.ts");
  const db = await context.database();
  const { source, authority, encoding } = flags;
  const results = await importEach(context, flags, files, "messages", (file, options) =>
    importHl7(db, context.audit("IMPORT"), file, context.streams.stdin, {
      ...options,
      source,
      authority,
      systems,
      encoding,
      strict: flags.strict === true,
    }),
  );
  await report(context, results, flags.dryRun === true);
  const sum = (count: (result: Hl7ImportResult) => number) =>
    results.reduce((total, result) => total + count(result), 0);
  const refused = sum(({ counts }) => counts.rejected + counts.quarantined);
  if (refused > 0) {
    throw new MpiError(
      "rejected",
      `${String(refused)} of ${String(sum(({ records }) => records))} messages were rejected or quarantined.`,
      { hint: hintFor(results) },
    );
  }
}

function parseSystem(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at < 1 || text.slice(at + 1).trim() === "") {
    throw new MpiError(
      "usage",
      "--system is written AUTHORITY=URI, such as EPI=urn:oid:2.16.840.1.113883.19.5.",
    );
  }
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function hintFor(results: readonly Hl7ImportResult[]): string {
  const files = results.flatMap(({ rejectsFile }) =>
    rejectsFile === null ? [] : [path.basename(rejectsFile)],
  );
  const hints = [
    ...(files.length === 0
      ? []
      : [`Mend ${files.join(", ")} and import ${files.length === 1 ? "it" : "them"} again.`]),
    ...(results.some(({ counts }) => counts.quarantined > 0)
      ? ['What is quarantined waits in "mpi review".']
      : []),
  ];
  return hints.join(" ");
}

async function report(
  context: CommandContext,
  results: readonly Hl7ImportResult[],
  dryRun: boolean,
): Promise<void> {
  for (const result of results) {
    const name = path.basename(result.file);
    for (const { line, reason } of result.rejections)
      context.info(`${name} line ${String(line)}: ${reason}.`);
    const more = result.counts.rejected - result.rejections.length;
    if (more > 0) context.info(`… and ${String(more)} more.`);
    if (result.resumedAfter > 0) {
      context.info(`Carried on after ${String(result.resumedAfter)} messages of an earlier run.`);
    }
    const unkept = Object.entries(result.unkept).sort(([a], [b]) => (a < b ? -1 : 1));
    if (unkept.length > 0) {
      context.info(
        `Not kept of ${name}, with the number of messages: ${unkept.map(([at, n]) => `${at} ${String(n)}`).join(", ")}.`,
      );
    }
  }
  if (dryRun) context.info("Dry run: nothing was changed.");
  const count = (key: keyof Hl7ImportResult["counts"], header: string) =>
    ({ key, header, value: (result: Hl7ImportResult) => result.counts[key], align: "right" }) as const;
  await context.output.list({
    columns: [
      { key: "file", header: "File", value: ({ file }) => (file === "-" ? "-" : path.basename(file)) },
      { key: "messages", header: "Messages", value: ({ records }) => records, align: "right" },
      count("added", "Added"),
      count("updated", "Updated"),
      count("unchanged", "Unchanged"),
      count("merged", "Merged"),
      count("linked", "Linked"),
      count("unlinked", "Unlinked"),
      count("deleted", "Deleted"),
      count("skipped", "Skipped"),
      count("quarantined", "Quarantined"),
      count("rejected", "Rejected"),
      { key: "rejectsFile", header: "Rejects", value: ({ rejectsFile }) => rejectsFile, machineOnly: true },
      {
        key: "resumedAfter",
        header: "Resumed after",
        value: ({ resumedAfter }) => resumedAfter,
        machineOnly: true,
      },
      {
        key: "notKept",
        header: "Not kept",
        value: ({ unkept }) =>
          Object.entries(unkept)
            .map(([at, n]) => `${at}: ${String(n)}`)
            .sort(),
        machineOnly: true,
      },
    ],
    rows: results,
  });
}
