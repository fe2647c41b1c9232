import type { IdentifierReference } from "../../../domain/identifier/change-identifiers.ts";
import { parseCodeAndValue } from "../../../domain/identifier/named-identifier.ts";
import type { PatientRecord } from "../../../domain/patient/patient-record.ts";
import type { CommandContext } from "../../context.ts";

type StoredIdentifier = PatientRecord["identifiers"][number];

/** A record's identifiers, in full: one record was asked for. */
export async function printIdentifiers(
  context: CommandContext,
  rows: readonly (StoredIdentifier & { readonly patientId?: string })[],
): Promise<void> {
  await context.output.list({
    columns: [
      { key: "type", header: "Type", value: (each) => each.type },
      { key: "value", header: "Value", value: (each) => each.value },
      { key: "system", header: "System", value: (each) => each.system },
      { key: "use", header: "Use", value: (each) => each.use },
      { key: "assigner", header: "Assigner", value: (each) => each.assigner },
      { key: "id", header: "Row", value: (each) => each.id, machineOnly: true },
      { key: "patientId", header: "Record", value: (each) => each.patientId, machineOnly: true },
      {
        key: "originPatientId",
        header: "Came from",
        value: (each) => each.originPatientId,
        machineOnly: true,
      },
    ],
    rows,
    empty: "The record carries no identifier.",
  });
}

/** With --system the text is the value; else it is CODE=VALUE, or, without "=", the value alone. */
export function readIdentifierReference(text: string, system: string | undefined): IdentifierReference {
  if (system !== undefined) return { system, value: text };
  return text.includes("=") ? parseCodeAndValue(text) : { value: text };
}
