import { Command, InvalidArgumentError, Option } from "commander";
import type { ConfigFlags } from "./config.ts";
import type { CommandContext } from "./context.ts";
import { outputFormats } from "./output/output.ts";

/** What a command line shows, and what it does. Real examples only: they are the part that people read. */
export interface CommandHelp {
  readonly summary: string;
  /** More than the summary where one line does not do. */
  readonly description?: string;
  readonly examples: readonly Example[];
}

export interface Example {
  readonly command: string;
  readonly does: string;
}

/** Does a command's work. What is thrown becomes a message and an exit code; returning is success. */
export type Action<Options, Arguments extends readonly unknown[]> = (
  context: CommandContext,
  options: Options,
  ...args: Arguments
) => Promise<void>;

/**
 * Makes an action fit commander: `.action(act(mergePatients))`. Generic types are the options as commander parses
 * them and the positional arguments.
 */
export type Act = <Options, Arguments extends readonly unknown[] = []>(
  action: Action<Options, Arguments>,
) => (...args: unknown[]) => Promise<void>;

/**
 * Adds the commands of one noun.
 *
 * @param verb the word typed after the noun. A noun with much to load may leave the other verbs out where it is one of
 *   its own; for any other word it adds all.
 */
export type RegisterNoun = (noun: Command, act: Act, verb?: string) => void | Promise<void>;

const examplesOf = new WeakMap<Command, readonly Example[]>();
const defaultCommands = new WeakSet<Command>();

/**
 * Adds a command below `parent`, made by it so that it inherits how errors are handled. Options are added to what is
 * returned; the global ones come by themselves.
 *
 * @param usage name and arguments, as in `merge <source> [survivor]`.
 * @param options `isDefault`: what the noun alone does, as `mpi migrate` does `mpi migrate up`.
 */
export function defineCommand(
  parent: Command,
  usage: string,
  help: CommandHelp,
  options: { readonly isDefault?: boolean } = {},
): Command {
  const command = parent.command(usage, options);
  if (options.isDefault === true) defaultCommands.add(command);
  return describeCommand(command, help);
}

/** Gives a command that exists already its help: for a noun that is a command itself, such as `mpi doctor`. */
export function describeCommand(command: Command, help: CommandHelp): Command {
  examplesOf.set(command, help.examples);
  return command
    .summary(help.summary)
    .description(help.description ?? `${help.summary}.`)
    .addHelpText("after", () => examplesText(help.examples));
}

/** For the generated manual. */
export function listExamples(command: Command): readonly Example[] {
  return examplesOf.get(command) ?? [];
}

const examplesText = (examples: readonly Example[]): string =>
  examples.length === 0
    ? ""
    : `\nExamples:\n${examples.map(({ command, does }) => `  $ ${command}\n      ${does}`).join("\n")}`;

export const globalOptionsHeading = "Global options:";

const makeGlobalOptions = (): readonly Option[] => [
  new Option("--output <format>", "format of the result (default: table)").choices(outputFormats),
  new Option("--user <name>", "who acts, for the audit trail (default: MPI_USER, else the system's user)"),
  new Option(
    "--database-url <url>",
    "PostgreSQL to use (default: DATABASE_URL, PG* variables, else embedded)",
  ),
  new Option("--config <file>", "configuration file (default: MPI_CONFIG, else ~/.config/mpi/config.json)"),
  new Option("--quiet", "no progress and no remarks on stderr"),
  new Option("--no-color", "no colours"),
  new Option("--debug", "with an unexpected failure, say where in the program it happened"),
];

const globalOptionsOf = new WeakMap<Command, readonly Option[]>();

/**
 * Completes a noun's commands once they all stand. Those without subcommands get the global options, except for
 * what they have a flag of their own for (`audit show --user` filters); each says where its help is.
 */
export function finishCommand(command: Command): void {
  const isDefault = defaultCommands.has(command);
  const words = commandWords(isDefault && command.parent !== null ? command.parent : command);
  command.showHelpAfterError(`See "mpi ${words} --help".`);
  if (command.commands.length > 0) {
    command.commands.forEach(finishCommand);
    return;
  }
  const added = makeGlobalOptions().filter(
    (option) => !command.options.some((own) => own.attributeName() === option.attributeName()),
  );
  for (const option of added) command.addOption(option.helpGroup(globalOptionsHeading));
  globalOptionsOf.set(command, added);
}

/** What the global flags of a parsed command said. */
export function readGlobalFlags(command: Command): ConfigFlags {
  const flags: Record<string, unknown> = {};
  for (const option of globalOptionsOf.get(command) ?? []) {
    const name = option.attributeName();
    // "--no-color" has a default of true, which is not something the user said.
    if (command.getOptionValueSource(name) === "cli") flags[name] = command.getOptionValue(name);
  }
  return flags;
}

/** The command's words without `mpi`: `patient merge`. */
export function commandWords(command: Command): string {
  const words: string[] = [];
  for (let current = command; current.parent !== null; current = current.parent) {
    words.unshift(current.name());
  }
  return words.join(" ");
}

/** Parses a whole number in a range: `.option("--limit <n>", "…", integer({ min: 1 }), 20)`. */
export const integer =
  (range: { readonly min?: number; readonly max?: number } = {}) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value)) {
      throw new InvalidArgumentError("It must be a whole number.");
    }
    return inRange(value, range);
  };

/** Parses a number in a range, such as a probability. */
export const decimal =
  (range: { readonly min?: number; readonly max?: number } = {}) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It must be a number.");
    return inRange(value, range);
  };

const inRange = (value: number, { min, max }: { readonly min?: number; readonly max?: number }): number => {
  if (min !== undefined && value < min) throw new InvalidArgumentError(`It must be at least ${String(min)}.`);
  if (max !== undefined && value > max) throw new InvalidArgumentError(`It must be at most ${String(max)}.`);
  return value;
};

/** Collects an option that may be given several times: `.option("--given <name>", "…", repeatable, [])`. */
export const repeatable = (text: string, earlier: readonly string[]): readonly string[] => [...earlier, text];
