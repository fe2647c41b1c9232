import type { RegisterNoun } from "../../command.ts";
import { registerAdd } from "./add.ts";
import { registerDelete, registerRestore } from "./delete.ts";
import { registerEdit } from "./edit.ts";
import { registerFind, registerTree } from "./find.ts";
import { registerShow } from "./show.ts";

/** Registers the verbs of `mpi org`. */
export const registerOrg: RegisterNoun = (org, act) => {
  registerFind(org, act);
  registerShow(org, act);
  registerAdd(org, act);
  registerEdit(org, act);
  registerDelete(org, act);
  registerRestore(org, act);
  registerTree(org, act);
};
