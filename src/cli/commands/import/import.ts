import type { RegisterNoun } from "../../command.ts";
import { registerCsv } from "./csv.ts";

/** Registers the verbs of `mpi import`. */
export const registerImport: RegisterNoun = (parent, act) => {
  registerCsv(parent, act);
};
