import type { RegisterNoun } from "../../command.ts";
import { registerCsv } from "./csv.ts";
import { registerHl7 } from "./hl7.ts";
import { registerFhir } from "./fhir.ts";

/** Registers the verbs of `mpi import`. */
export const registerImport: RegisterNoun = (parent, act) => {
  registerCsv(parent, act);
  registerHl7(parent, act);
  registerFhir(parent, act);
};
