import type { RegisterNoun } from "../../command.ts";
import { registerAdd } from "./add.ts";
import { registerDelete } from "./delete.ts";
import { registerEdit } from "./edit.ts";
import { registerFind } from "./find.ts";
import { registerRestore } from "./restore.ts";
import { registerLink } from "./link.ts";
import { registerMerge } from "./merge.ts";
import { registerShow } from "./show.ts";
import { registerUnlink } from "./unlink.ts";
import { registerUnmerge } from "./unmerge.ts";

/** Registers the verbs of `mpi patient`. */
export const registerPatient: RegisterNoun = (patient, act) => {
  registerFind(patient, act);
  registerShow(patient, act);
  registerAdd(patient, act);
  registerEdit(patient, act);
  registerDelete(patient, act);
  registerRestore(patient, act);
  registerLink(patient, act);
  registerUnlink(patient, act);
  registerMerge(patient, act);
  registerUnmerge(patient, act);
};
