import { insertReadAudit } from "../../../db/queries/audit-read.ts";
import type { RecordSearch } from "./find-patients.ts";
import type { PatientSearch } from "./search-query.ts";

/** Writes one SEARCH row for each record shown, with the names of the fields that were asked for. */
export const recordSearch =
  (search: PatientSearch, revealed: boolean): RecordSearch =>
  async (tx, ids) => {
    await insertReadAudit(tx, {
      action: "SEARCH",
      entityType: "patient",
      entityIds: ids,
      details: { fields: Object.keys(search).sort(), ...(revealed ? { revealed: true } : {}) },
    });
  };
