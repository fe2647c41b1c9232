import type { RegisterNoun } from "../../command.ts";
import { registerAdd } from "./add.ts";
import { registerFind } from "./find.ts";
import { registerShow } from "./show.ts";

/** Registers the verbs of `mpi patient`. */
export const registerPatient: RegisterNoun = (patient, act) => {
  registerFind(patient, act);
  registerShow(patient, act);
  registerAdd(patient, act);
};
