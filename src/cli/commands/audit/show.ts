import type { Command } from "commander";
import type { AuditEntry, AuditHistory, AuditHistoryRequest } from "../../../domain/audit/audit-history.ts";
import { parsePartialDate } from "../../../domain/patient/partial-date.ts";
import { parseRecordReference } from "../../../domain/patient/resolve-record.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { requireReason } from "../../prompt.ts";
import { readContext } from "../../read-context.ts";
import { changeText, storiesText } from "./story-text.ts";

interface ShowFlags {
  readonly patient?: string;
  /** False with --no-follow. */
  readonly follow: boolean;
  readonly organization?: string;
  readonly user?: string;
  readonly since?: string;
  readonly until?: string;
  readonly action?: string;
  readonly operation?: string;
  readonly table?: string;
  readonly searchedFor?: string;
  readonly limit: number;
  readonly before?: string;
  readonly reveal?: true;
  readonly reason?: string;
}

const actions = ["INSERT", "UPDATE", "DELETE", "READ", "SEARCH", "EXPORT", "ADMIN"];

/** Registers `mpi audit show`. */
export function registerShow(audit: Command, act: Act): void {
  defineCommand(audit, "show", {
    summary: "who did and saw what",
    description:
      "Shows the audit trail, newest first: what each operation changed, field by field, and who looked at whom. With " +
      "--patient it follows merges: the history of a survivor includes that of the records merged into it, and the other " +
      "way round. Looking is itself written to the trail.",
    examples: [
      {
        command: "mpi audit show --patient 3f2a9c01",
        does: "everything that happened to one patient, and who looked",
      },
      { command: "mpi audit show --user jdoe --since 2026-11-01", does: "what one user did and saw" },
      { command: "mpi audit show --operation MERGE --output ndjson", does: "all merges, for a program" },
      { command: "mpi audit show --searched-for family=smith", does: "who searched for that name" },
    ],
  })
    .option("--patient <record>", "one patient: an id, a prefix of it, or CODE:value")
    .option("--no-follow", "that record alone, without the records it was merged with")
    .option("--organization <id>", "one organization: its id or a prefix of it")
    .option("--user <name>", "what this user did (here it filters)")
    .option("--since <time>", "from this day or time on (UTC)")
    .option("--until <time>", "before this day or time (UTC)")
    .option("--action <action>", actions.join(", "))
    .option("--operation <name>", "MERGE, LINK, IMPORT, PATIENT_ADD, …")
    .option("--table <name>", "rows of this table")
    .option("--searched-for <field=term>", "searches for a term, such as family=smith; needs the audit key")
    .option("--limit <n>", "entries on a page", integer({ min: 1, max: 10000 }), 50)
    .option("--before <cursor>", "the next page: what the page before printed")
    .option("--reveal", "identifiers in full where the list is not one record's; needs --reason")
    .option("--reason <text>", "why, with --reveal")
    .action(act<ShowFlags>(show));
}

async function show(context: CommandContext, flags: ShowFlags): Promise<void> {
  const { readAuditHistory } = await import("../../../domain/audit/audit-history.ts");
  const reason = flags.reveal === true ? await requireReason(context.prompt, flags.reason) : flags.reason;
  const request = toRequest(flags);
  const reader = await readContext(context, "AUDIT_SHOW", reason);
  const history = await readAuditHistory(await context.database(), reader, request);
  if (context.output.format === "table") await printStories(context, history);
  else {
    await context.output.list({
      columns,
      rows: history.entries,
      json: (entry) => entry,
      meta: () => ({ nextBefore: history.nextBefore }),
    });
  }
  if (history.entries.length === 0) context.info("The audit trail has nothing like that.");
  if (history.nextBefore !== null) context.info(`More with --before ${history.nextBefore}`);
}

async function printStories(context: CommandContext, history: AuditHistory): Promise<void> {
  if (history.entries.length === 0) return;
  const { tellStories } = await import("../../../domain/audit/story.ts");
  const { style, width } = context.output;
  await context.output.report({
    text: storiesText(tellStories(history.entries), style, width),
    json: history.entries,
  });
}

/** @throws {MpiError} `usage` */
function toRequest(flags: ShowFlags): AuditHistoryRequest {
  if (flags.patient !== undefined && flags.organization !== undefined) {
    throw new MpiError("usage", "--patient and --organization exclude each other.");
  }
  const action = flags.action?.toUpperCase();
  if (action !== undefined && !actions.includes(action)) {
    throw new MpiError("usage", `--action is one of ${actions.join(", ")}.`);
  }
  const [since, until] = [readTime("--since", flags.since), readTime("--until", flags.until)];
  return {
    ...(flags.patient === undefined ? {} : { patient: parseRecordReference(flags.patient) }),
    ...(flags.follow ? {} : { isAlone: true }),
    ...(flags.organization === undefined ? {} : { organization: flags.organization }),
    ...(flags.user === undefined ? {} : { user: flags.user }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(action === undefined ? {} : { action }),
    ...(flags.operation === undefined ? {} : { operation: flags.operation.toUpperCase() }),
    ...(flags.table === undefined ? {} : { table: flags.table }),
    ...(flags.searchedFor === undefined ? {} : { searchedFor: readTerm(flags.searchedFor) }),
    ...(flags.before === undefined ? {} : { before: flags.before }),
    limit: flags.limit,
    reveal: flags.reveal === true,
  };
}

/** A day or an ISO time; without a zone it is UTC. @throws {MpiError} `usage` */
function readTime(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const isTime =
    /^\d{4}-\d{2}-\d{2}(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?$/.test(
      text,
    );
  if (!isTime || parsePartialDate(text.slice(0, 10)) === undefined) {
    throw new MpiError("usage", `${flag} takes a day or a time, such as 2026-11-01 or 2026-11-01T08:30Z.`);
  }
  return text;
}

/** @throws {MpiError} `usage`; the message does not repeat the term. */
function readTerm(text: string): { readonly field: string; readonly term: string } {
  const [, field, term] = /^([A-Za-z]{1,30})=(.*\S.*)$/s.exec(text) ?? [];
  if (field === undefined || term === undefined) {
    throw new MpiError(
      "usage",
      "--searched-for takes a field and a term, such as family=smith or words=smith.",
    );
  }
  return { field, term };
}

const columns: readonly Column<AuditEntry>[] = [
  { key: "timestamp", header: "When", value: (entry) => entry.timestamp },
  { key: "userId", header: "Who", value: (entry) => entry.userId },
  { key: "operation", header: "Operation", value: (entry) => entry.operation },
  { key: "action", header: "Action", value: (entry) => entry.action },
  { key: "tableName", header: "Table", value: (entry) => entry.tableName },
  { key: "entityType", header: "Kind", value: (entry) => entry.entityType },
  { key: "entityId", header: "Of", value: (entry) => entry.entityId },
  { key: "changes", header: "What", value: (entry) => entry.changes.map((change) => changeText(change)) },
  { key: "reason", header: "Why", value: (entry) => entry.reason },
  { key: "transactionId", header: "Transaction", value: (entry) => entry.transactionId },
  { key: "id", header: "Entry", value: (entry) => entry.id },
  { key: "rowId", header: "Row", value: (entry) => entry.rowId },
  { key: "databaseUser", header: "Database user", value: (entry) => entry.databaseUser },
  { key: "ipAddress", header: "Address", value: (entry) => entry.ipAddress },
  { key: "userAgent", header: "Agent", value: (entry) => entry.userAgent },
];
