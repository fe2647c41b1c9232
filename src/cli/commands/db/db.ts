import type { RegisterNoun } from "../../command.ts";
import { registerDestroy } from "./destroy.ts";
import { registerStart } from "./start.ts";
import { registerStatus } from "./status.ts";
import { registerStop } from "./stop.ts";
import { registerUrl } from "./url.ts";

/** Registers the verbs of `mpi db`. */
export const registerDb: RegisterNoun = (db, act) => {
  registerStart(db, act);
  registerStop(db, act);
  registerStatus(db, act);
  registerUrl(db, act);
  registerDestroy(db, act);
};
