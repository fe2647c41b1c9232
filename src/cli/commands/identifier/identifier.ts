import type { RegisterNoun } from "../../command.ts";
import { registerAdd } from "./add.ts";
import { registerList } from "./list.ts";
import { registerMove } from "./move.ts";
import { registerRetire } from "./retire.ts";

/** Registers the verbs of `mpi identifier`. */
export const registerIdentifier: RegisterNoun = (identifier, act) => {
  registerList(identifier, act);
  registerAdd(identifier, act);
  registerRetire(identifier, act);
  registerMove(identifier, act);
};
