import type { Transaction } from "../../db/client.ts";
import { selectBirths, selectExportLinks } from "../../db/queries/exports.ts";
import { selectSurvivors } from "../../db/queries/search.ts";
import { listPatientRecords } from "../patient/get-patient-record.ts";
import type { PatientRecord } from "../patient/patient-record.ts";

export interface ExportLink {
  /** FHIR's code. */
  readonly type: "replaced-by" | "replaces" | "refer" | "seealso";
  readonly otherId: string;
  readonly otherSource: { readonly system: string; readonly id: string } | null;
}

/** A record as it leaves the index: with what is known of it beside its content. */
export interface ExportRecord extends PatientRecord {
  /** The enterprise id it was born with; null where it is not to be told. */
  readonly birth: { readonly enterpriseId: string; readonly since: string } | null;
  readonly links: readonly ExportLink[];
  /** The record that stands for this one: itself, unless it was merged. */
  readonly survivorId: string;
}

/** Whole records with their links, in the order of `ids`. */
export async function loadExportRecords(
  tx: Transaction,
  ids: readonly string[],
): Promise<readonly ExportRecord[]> {
  const records = await listPatientRecords(tx, ids);
  const births = new Map((await selectBirths(tx, ids)).map((row) => [row.id, row]));
  const survivors = await selectSurvivors(
    tx,
    records.filter((record) => !record.active).map((record) => record.id),
  );
  const links = new Map<string, ExportLink[]>();
  for (const row of await selectExportLinks(tx, ids)) {
    const { patientId, linkType, otherId, otherSourceSystem: system, otherSourceId: id } = row;
    const list = links.get(patientId) ?? [];
    links.set(patientId, list);
    list.push({
      // A CHECK constraint keeps the column to the four types.
      type: linkType.replace("_", "-") as ExportLink["type"],
      otherId,
      otherSource: system === null || id === null ? null : { system, id },
    });
  }
  return records.map((record) => {
    const { enterpriseId, since } = births.get(record.id)!;
    return {
      ...record,
      birth: { enterpriseId, since },
      links: links.get(record.id) ?? [],
      survivorId: survivors.get(record.id) ?? record.id,
    };
  });
}
