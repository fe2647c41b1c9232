import type { RegisterNoun } from "../../command.ts";
import { registerShow } from "./show.ts";

/** Registers the verbs of `mpi audit`. */
export const registerAudit: RegisterNoun = (audit, act) => {
  registerShow(audit, act);
};
