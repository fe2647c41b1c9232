import type { RegisterNoun } from "../../command.ts";
import { registerCoverage } from "./coverage.ts";
import { registerEvaluate } from "./evaluate.ts";
import { registerExplain } from "./explain.ts";
import { registerModel } from "./model.ts";
import { registerRun } from "./run.ts";
import { registerSimulate } from "./simulate.ts";
import { registerTrain } from "./train.ts";

/** Registers the verbs of `mpi match`. */
export const registerMatch: RegisterNoun = (match, act) => {
  registerRun(match, act);
  registerExplain(match, act);
  registerEvaluate(match, act);
  registerTrain(match, act);
  registerCoverage(match, act);
  registerSimulate(match, act);
  registerModel(match, act);
};
