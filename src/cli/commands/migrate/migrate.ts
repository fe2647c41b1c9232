import type { RegisterNoun } from "../../command.ts";
import { registerBaseline } from "./baseline.ts";
import { registerDown } from "./down.ts";
import { registerDump } from "./dump.ts";
import { registerPlan } from "./plan.ts";
import { registerRls } from "./rls.ts";
import { registerRoles } from "./roles.ts";
import { registerStatus } from "./status.ts";
import { registerUp } from "./up.ts";
import { registerVerify } from "./verify.ts";

/** Registers the verbs of `mpi migrate`; without one it is `mpi migrate up`. */
export const registerMigrate: RegisterNoun = (migrate, act) => {
  registerUp(migrate, act);
  registerStatus(migrate, act);
  registerPlan(migrate, act);
  registerDown(migrate, act);
  registerVerify(migrate, act);
  registerBaseline(migrate, act);
  registerDump(migrate, act);
  registerRoles(migrate, act);
  registerRls(migrate, act);
};
