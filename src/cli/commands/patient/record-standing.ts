import type { PatientRecord } from "../../../domain/patient/patient-record.ts";
import type { CommandContext } from "../../context.ts";
import { recordStatus } from "./patient-text.ts";

/** A record's id, standing and version, after a change that shows nothing else of it. */
export async function printStanding(
  context: CommandContext,
  record: PatientRecord,
  dryRun: boolean,
): Promise<void> {
  if (dryRun) context.info("Dry run: nothing was changed.");
  await context.output.record({
    fields: [
      { key: "id", label: "Record", value: record.id },
      { key: "status", label: "Status", value: recordStatus(record) },
      { key: "enterpriseId", label: "Person", value: record.enterpriseId },
      { key: "version", label: "Version", value: record.version },
    ],
  });
}
