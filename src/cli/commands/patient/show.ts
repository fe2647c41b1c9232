import type { Command } from "commander";
import { showPatient, type PatientView } from "../../../domain/patient/show-patient.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { section } from "../../output/output.ts";
import { readContext } from "../../read-context.ts";
import { formatAddress, formatBirthDate, formatName, primaryName, recordStatus } from "./patient-text.ts";
import { readReference, type ReferenceFlags, withReference } from "./record-argument.ts";

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
      ],
    }),
  ).action(act<ReferenceFlags, [string | undefined]>(show));
}

async function show(
  context: CommandContext,
  flags: ReferenceFlags,
  record: string | undefined,
): Promise<void> {
  const reference = readReference(record, flags);
  const view = await showPatient(
    await context.database(),
    await readContext(context, "PATIENT_SHOW"),
    reference,
  );
  if (view.survivorId !== null) {
    context.info(`This record is retired; ${view.survivorId} is to be used instead.`);
  }
  await context.output.record({ ...toRecordView(view), json: view });
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
