import type { RegisterNoun } from "../../command.ts";
import { registerAdd } from "./add.ts";
import { registerCheck } from "./check.ts";
import { registerEdit } from "./edit.ts";
import { registerList } from "./list.ts";

/** Registers the verbs of `mpi domain`. */
export const registerDomain: RegisterNoun = (domain, act) => {
  registerAdd(domain, act);
  registerList(domain, act);
  registerEdit(domain, act);
  registerCheck(domain, act);
};
