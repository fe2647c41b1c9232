import type { Command } from "commander";
import type { AuditEntry, FieldChange } from "../../../domain/audit/audit-history.ts";
import { parsePartialDate } from "../../../domain/patient/partial-date.ts";
import { parseRecordReference } from "../../../domain/patient/resolve-record.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { requireReason } from "../../prompt.ts";
import { readContext } from "../../read-context.ts";

interface ShowFlags {
  readonly patient?: string;
  readonly user?: string;
  readonly since?: string;
  readonly until?: string;
  readonly action?: string;
  readonly operation?: string;
  readonly table?: string;
  readonly limit: number;
  readonly before?: number;
  readonly reveal?: true;
  readonly reason?: string;
}

const actions = ["INSERT", "UPDATE", "DELETE", "READ", "SEARCH", "EXPORT", "ADMIN"];

/** Registers `mpi audit show`. */
export function registerShow(audit: Command, act: Act): void {
  defineCommand(audit, "show", {
    summary: "who did and saw what",
    description:
      "Shows the audit trail, newest first, with what changed field by field. With --patient it follows merges: the history " +
      "of a survivor includes that of the records merged into it. Looking is itself written to the trail.",
    examples: [
      {
        command: "mpi audit show --patient 3f2a9c01",
        does: "everything that happened to one patient, and who looked",
      },
      { command: "mpi audit show --user jdoe --since 2026-11-01", does: "what one user did and saw" },
      { command: "mpi audit show --operation MERGE --output ndjson", does: "all merges, for a program" },
    ],
  })
    .option("--patient <record>", "one patient: an id, a prefix of it, or CODE:value")
    .option("--user <name>", "what this user did (here it filters)")
    .option("--since <time>", "from this day or time on (UTC)")
    .option("--until <time>", "before this day or time (UTC)")
    .option("--action <action>", actions.join(", "))
    .option("--operation <name>", "MERGE, LINK, IMPORT, PATIENT_ADD, …")
    .option("--table <name>", "rows of this table")
    .option("--limit <n>", "entries on a page", integer({ min: 1, max: 10000 }), 50)
    .option("--before <id>", "the page before this entry", integer({ min: 1 }))
    .option("--reveal", "identifiers in full where the list is not one patient's; needs --reason")
    .option("--reason <text>", "why, with --reveal")
    .action(act<ShowFlags>(show));
}

async function show(context: CommandContext, flags: ShowFlags): Promise<void> {
  const { readAuditHistory } = await import("../../../domain/audit/audit-history.ts");
  const reason = flags.reveal === true ? await requireReason(context.prompt, flags.reason) : flags.reason;
  const action = flags.action?.toUpperCase();
  if (action !== undefined && !actions.includes(action)) {
    throw new MpiError("usage", `--action is one of ${actions.join(", ")}.`);
  }
  const [since, until] = [readTime("--since", flags.since), readTime("--until", flags.until)];
  const history = await readAuditHistory(
    await context.database(),
    await readContext(context, "AUDIT_SHOW", reason),
    {
      ...(flags.patient === undefined ? {} : { patient: parseRecordReference(flags.patient) }),
      ...(flags.user === undefined ? {} : { user: flags.user }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(action === undefined ? {} : { action }),
      ...(flags.operation === undefined ? {} : { operation: flags.operation }),
      ...(flags.table === undefined ? {} : { table: flags.table }),
      ...(flags.before === undefined ? {} : { before: flags.before }),
      limit: flags.limit,
      reveal: flags.reveal === true,
    },
  );
  await context.output.list({
    columns,
    rows: history.entries,
    json: (entry) => entry,
    meta: () => ({ nextBefore: history.nextBefore }),
    empty: "The audit trail has nothing like that.",
    footer: () => (history.nextBefore === null ? undefined : `More with --before ${history.nextBefore}.`),
  });
}

/** A day or an ISO time; without a zone it is UTC. @throws {MpiError} `usage` */
function readTime(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const isTime =
    /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(text);
  if (!isTime || parsePartialDate(text.slice(0, 10)) === undefined) {
    throw new MpiError("usage", `${flag} takes a day or a time, such as 2026-11-01 or 2026-11-01T08:30Z.`);
  }
  return text;
}

const describe = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(describe).join(" ")
    : typeof value === "string"
      ? value
      : JSON.stringify(value);

const describeChange = ({ field, old, new: now }: FieldChange): string =>
  old === undefined
    ? `${field}: ${describe(now)}`
    : now === undefined
      ? `${field}: ${describe(old)} → (none)`
      : `${field}: ${describe(old)} → ${describe(now)}`;

const columns: readonly Column<AuditEntry>[] = [
  {
    key: "timestamp",
    header: "When",
    value: (entry) => entry.timestamp,
    text: (entry) => entry.timestamp.slice(0, 19),
  },
  { key: "userId", header: "Who", value: (entry) => entry.userId },
  { key: "operation", header: "Operation", value: (entry) => entry.operation },
  { key: "action", header: "Action", value: (entry) => entry.action },
  { key: "tableName", header: "Table", value: (entry) => entry.tableName },
  {
    key: "entityId",
    header: "Of",
    value: (entry) => entry.entityId,
    text: (entry) => entry.entityId?.slice(0, 8) ?? "",
  },
  { key: "changes", header: "What", value: (entry) => entry.changes.map(describeChange) },
  { key: "reason", header: "Why", value: (entry) => entry.reason },
  { key: "transactionId", header: "Transaction", value: (entry) => entry.transactionId, machineOnly: true },
  { key: "id", header: "Entry", value: (entry) => entry.id, machineOnly: true },
  { key: "entityType", header: "Kind", value: (entry) => entry.entityType, machineOnly: true },
  { key: "rowId", header: "Row", value: (entry) => entry.rowId, machineOnly: true },
  { key: "databaseUser", header: "Database user", value: (entry) => entry.databaseUser, machineOnly: true },
  { key: "ipAddress", header: "Address", value: (entry) => entry.ipAddress, machineOnly: true },
  { key: "userAgent", header: "Agent", value: (entry) => entry.userAgent, machineOnly: true },
];
