import type { RegisterNoun } from "../../command.ts";
import { registerExportCsv } from "./csv.ts";
import { registerExportFhir } from "./fhir.ts";
import { registerHl7 } from "./hl7.ts";

/** Registers the verbs of `mpi export`. */
export const registerExport: RegisterNoun = (parent, act) => {
  registerExportFhir(parent, act);
  registerExportCsv(parent, act);
  registerHl7(parent, act);
};
