import type { RegisterNoun } from "../../command.ts";
import { registerAssign } from "./assign.ts";
import { registerClaim } from "./claim.ts";
import { registerDecide } from "./decide.ts";
import { registerExport } from "./export.ts";
import { registerImport } from "./import.ts";
import { registerList } from "./list.ts";
import { registerShow } from "./show.ts";
import { registerStart } from "./start.ts";
import { registerStats } from "./stats.ts";

/** Registers the verbs of `mpi review`. */
export const registerReview: RegisterNoun = (review, act) => {
  registerStart(review, act);
  registerList(review, act);
  registerShow(review, act);
  registerDecide(review, act);
  registerClaim(review, act);
  registerAssign(review, act);
  registerStats(review, act);
  registerExport(review, act);
  registerImport(review, act);
};
