import { defaultModel } from "../../matching/model/default-model.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";

/** The model that comes along, where no file names another. */
export const readBuiltInModel = (): MatchModel => defaultModel;
