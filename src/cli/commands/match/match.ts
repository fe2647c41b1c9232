import type { RegisterNoun } from "../../command.ts";
import { registerEvaluate } from "./evaluate.ts";
import { registerExplain } from "./explain.ts";
import { registerModel } from "./model.ts";
import { registerRun } from "./run.ts";
import { registerTrain } from "./train.ts";

/** Registers the verbs of `mpi match`. */
export const registerMatch: RegisterNoun = (match, act) => {
  registerRun(match, act);
  registerExplain(match, act);
  registerEvaluate(match, act);
  registerTrain(match, act);
  registerModel(match, act);
};
