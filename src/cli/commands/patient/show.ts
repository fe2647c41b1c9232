import type { Command } from "commander";
import type { AuditHistory } from "../../../domain/audit/audit-history.ts";
import type { ReadContext } from "../../../domain/audit/record-read.ts";
import type { RecordReference } from "../../../domain/patient/resolve-record.ts";
import type { PatientView } from "../../../domain/patient/show-patient.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { section } from "../../output/output.ts";
import { readContext } from "../../read-context.ts";
import { formatAddress, formatBirthDate, formatName, primaryName, recordStatus } from "./patient-text.ts";
import { readReference, type ReferenceFlags, withReference } from "./record-argument.ts";

interface ShowFlags extends ReferenceFlags {
  readonly history?: true;
}

/** So many entries of the audit trail belong to --history; `mpi audit show` turns the pages. */
const historyLimit = 50;

/** Registers `mpi patient show`. */
export function registerShow(patient: Command, act: Act): void {
  withReference(
    defineCommand(patient, "show [record]", {
      summary: "one record whole, its person and its links",
      description:
        "Shows everything of one record, the other records of the same person, its links and what waits for a decision. " +
        "Values are shown in full; that the record was read is written to the audit trail.",
      examples: [
        { command: "mpi patient show 3f2a9c01", does: "by a unique prefix of the id" },
        { command: "mpi patient show MRN:12345", does: "by a domain's code and a number" },
        {
          command: "mpi patient show --identifier http://hl7.org/fhir/sid/us-ssn 123-45-6780",
          does: "by any identifier",
        },
        { command: "mpi patient show 3f2a9c01 --history", does: "and what happened to it" },
      ],
    }),
  )
    .option("--history", "who changed what, the latest first; merged records included")
    .action(act<ShowFlags, [string | undefined]>(show));
}

async function show(context: CommandContext, flags: ShowFlags, record: string | undefined): Promise<void> {
  const { showPatient } = await import("../../../domain/patient/show-patient.ts");
  const reference = readReference(record, flags);
  const db = await context.database();
  const reader = await readContext(context, "PATIENT_SHOW");
  // Before the record itself, so that this look at it is not the first entry.
  const history = flags.history === true ? await readHistory(db, reader, reference) : undefined;
  const view = await showPatient(db, reader, reference);
  if (view.survivorId !== null) {
    context.info(`This record is retired; ${view.survivorId} is to be used instead.`);
  }
  await context.output.record({
    ...toRecordView(view),
    json: history === undefined ? view : { ...view, history },
  });
  if (history !== undefined) await printHistory(context, view.record.id, history);
}

async function readHistory(
  db: Awaited<ReturnType<CommandContext["database"]>>,
  reader: ReadContext,
  reference: RecordReference,
) {
  const { readAuditHistory } = await import("../../../domain/audit/audit-history.ts");
  return readAuditHistory(db, reader, {
    patient: reference,
    changesOnly: true,
    limit: historyLimit,
    reveal: true,
  });
}

/** For eyes; JSON has it within the document, and CSV shows one record and nothing else. */
async function printHistory(context: CommandContext, id: string, history: AuditHistory): Promise<void> {
  if (context.output.format === "csv") {
    context.info(`The history as CSV: mpi audit show --patient ${id} --output csv`);
  }
  if (context.output.format !== "table") return;
  const { tellStories } = await import("../../../domain/audit/story.ts");
  const { storiesText } = await import("../audit/story-text.ts");
  const { style, width } = context.output;
  const stories = storiesText(tellStories(history.entries), style, width);
  await context.output.report({
    text: `\n${style("bold", "History")}\n${stories}`,
    json: history,
  });
  if (history.nextBefore !== null) {
    context.info(`More with mpi audit show --patient ${id} --before ${history.nextBefore}`);
  }
}

function toRecordView(view: PatientView) {
  const record = view.record;
  return {
    title: formatName(primaryName(record)),
    fields: [
      { key: "id", label: "Record", value: record.id },
      { key: "status", label: "Status", value: recordStatus(record) },
      { key: "survivorId", label: "Use instead", value: view.survivorId },
      { key: "enterpriseId", label: "Person", value: record.enterpriseId },
      { key: "birthDate", label: "Born", value: formatBirthDate(record) },
      { key: "gender", label: "Gender", value: record.gender },
      { key: "deceased", label: "Deceased", value: record.deceased ? (record.deceasedAt ?? "yes") : "no" },
      { key: "maritalStatus", label: "Marital status", value: record.maritalStatus },
      {
        key: "multipleBirth",
        label: "Multiple birth",
        value:
          record.multipleBirth === null
            ? null
            : record.multipleBirth
              ? `yes${record.birthOrder === null ? "" : `, number ${String(record.birthOrder)}`}`
              : "no",
      },
      { key: "motherName", label: "Mother", value: record.motherName },
      {
        key: "source",
        label: "Source",
        value: record.sourceSystem === null ? null : `${record.sourceSystem} ${record.sourceId ?? ""}`,
      },
      { key: "managingOrganizationId", label: "Organization", value: record.managingOrganizationId },
      { key: "version", label: "Version", value: record.version },
      {
        key: "updatedAt",
        label: "Changed",
        value: `${record.updatedAt} by ${record.updatedBy ?? "unknown"}`,
      },
    ],
    sections: [
      section(
        "Names",
        [
          { key: "name", header: "Name", value: formatName },
          { key: "use", header: "Use", value: (name) => name.use },
          { key: "isPrimary", header: "Primary", value: (name) => (name.isPrimary ? "yes" : "") },
          { key: "origin", header: "Came from", value: (name) => name.originPatientId?.slice(0, 8) ?? "" },
        ],
        record.names,
      ),
      section(
        "Identifiers",
        [
          { key: "type", header: "Type", value: (each) => each.type },
          { key: "value", header: "Value", value: (each) => each.value },
          { key: "system", header: "System", value: (each) => each.system },
          { key: "use", header: "Use", value: (each) => each.use },
          { key: "origin", header: "Came from", value: (each) => each.originPatientId?.slice(0, 8) ?? "" },
        ],
        record.identifiers,
      ),
      section(
        "Addresses",
        [
          { key: "address", header: "Address", value: formatAddress },
          { key: "use", header: "Use", value: (each) => each.use },
          { key: "origin", header: "Came from", value: (each) => each.originPatientId?.slice(0, 8) ?? "" },
        ],
        record.addresses,
      ),
      section(
        "Contacts",
        [
          { key: "system", header: "System", value: (each) => each.system },
          { key: "value", header: "Value", value: (each) => each.value },
          { key: "use", header: "Use", value: (each) => each.use },
        ],
        record.contacts,
      ),
      section(
        "Other records of this person",
        [
          { key: "id", header: "Record", value: (each) => each.id.slice(0, 8) },
          {
            key: "name",
            header: "Name",
            value: (each) =>
              [each.family ?? "", (each.given ?? []).join(" ")].filter((part) => part !== "").join(", "),
          },
          { key: "birthDate", header: "Born", value: (each) => each.birthDate },
          { key: "source", header: "Source", value: (each) => each.sourceSystem },
          {
            key: "status",
            header: "Status",
            value: (each) => (each.deleted ? "deleted" : each.active ? "active" : "retired"),
          },
        ],
        view.members,
      ),
      section(
        "Links",
        [
          {
            key: "linkType",
            header: "Link",
            value: (each) => `${each.direction === "from" ? "from " : ""}${each.linkType.replace("_", "-")}`,
          },
          { key: "otherId", header: "Record", value: (each) => each.otherId.slice(0, 8) },
          { key: "origin", header: "By", value: (each) => `${each.origin} (${each.createdBy ?? "unknown"})` },
          { key: "createdAt", header: "When", value: (each) => each.createdAt },
          { key: "reason", header: "Reason", value: (each) => each.reason },
        ],
        view.links,
      ),
      section(
        "Waiting for a decision",
        [
          { key: "otherId", header: "Record", value: (each) => each.otherId.slice(0, 8) },
          { key: "totalScore", header: "Score", value: (each) => each.totalScore },
          { key: "kind", header: "Kind", value: (each) => each.kind },
          { key: "state", header: "State", value: (each) => each.state },
        ],
        view.reviews,
      ),
    ],
  };
}
