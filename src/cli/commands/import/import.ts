import type { RegisterNoun } from "../../command.ts";
import { registerCsv } from "./csv.ts";
import { registerFhir } from "./fhir.ts";

/** Registers the verbs of `mpi import`. */
export const registerImport: RegisterNoun = (parent, act) => {
  registerCsv(parent, act);
  registerFhir(parent, act);
};
