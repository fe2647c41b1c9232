import path from "node:path";
import type { Command } from "commander";
import { builtInModel, readModel } from "../../../domain/match/read-model.ts";
import type { CommandContext } from "../../context.ts";

export interface ModelFlag {
  readonly model?: string;
}

type Model = Awaited<ReturnType<typeof readModel>>;

/** Adds `--model` to a command. */
export function addModelOption(command: Command): Command {
  return command.option(
    "--model <file>",
    `the matching model: a file, or ${builtInModel} (default: MPI_MODEL, else ${builtInModel})`,
  );
}

/** The model that a command is to use: of the flag, else the configuration's, else the one that comes along. */
export function loadModel(context: CommandContext, flags: ModelFlag): Promise<Model> {
  return readModelNamed(
    context,
    flags.model ?? (context.config.values["model"] as string | undefined) ?? builtInModel,
  );
}

/** A model by the name of its file. */
export function readModelNamed(context: CommandContext, name: string): Promise<Model> {
  return readModel(name === builtInModel ? name : path.resolve(context.cwd, name));
}
