import type { RegisterNoun } from "../../command.ts";
import { registerArchive } from "./archive.ts";
import { registerPartitions } from "./partitions.ts";
import { registerSeal } from "./seal.ts";
import { registerShow } from "./show.ts";
import { registerVerify } from "./verify.ts";

/** Registers the verbs of `mpi audit`. */
export const registerAudit: RegisterNoun = (audit, act) => {
  registerShow(audit, act);
  registerSeal(audit, act);
  registerVerify(audit, act);
  registerPartitions(audit, act);
  registerArchive(audit, act);
};
