import { recordRead, type ReadContext } from "../../audit/record-read.ts";
import type { RecordSearch } from "./find-patients.ts";
import type { PatientSearch } from "./search-query.ts";
import { formatPartialDate } from "../partial-date.ts";

/** Writes one SEARCH row for each record shown, with the fields that were asked for and keyed hashes of the terms. */
export const recordSearch =
  (context: ReadContext, search: PatientSearch, revealed: boolean): RecordSearch =>
  async (tx, ids) => {
    const { birthDate, identifier, ...texts } = search;
    await recordRead(
      tx,
      context,
      {
        action: "SEARCH",
        terms: {
          ...texts,
          birthDate: birthDate === undefined ? undefined : formatPartialDate(birthDate),
          identifier: identifier?.value,
        },
        ...(revealed ? { details: { revealed: true } } : {}),
      },
      ids,
    );
  };
