import type { RegisterNoun } from "../../command.ts";
import { registerGenerate } from "./generate.ts";

/** Registers the verbs of `mpi population`. */
export const registerPopulation: RegisterNoun = (population, act) => {
  registerGenerate(population, act);
};
