import type { Command } from "commander";
import { MpiError } from "../../../lib/errors.ts";
import { describeCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { exitCodeColumns, exitCodeRows } from "./exit-codes.ts";
import { outputTopic } from "./output-topic.ts";
import { settingColumns, settingRows } from "./configuration.ts";

interface HelpOptions {
  readonly markdown?: true;
}

type Topic = (context: CommandContext) => Promise<unknown>;

const topics: Readonly<Record<string, Topic>> = {
  "exit-codes": (context) => context.output.list({ columns: exitCodeColumns, rows: exitCodeRows }),
  configuration: (context) => context.output.list({ columns: settingColumns, rows: settingRows }),
  output: (context) =>
    context.output.record({
      fields: outputTopic.map(({ title, text }) => ({ key: title, label: title, value: text })),
    }),
};

/** Prints help on a topic, on a command, or on the program. */
export function registerHelp(help: Command, act: Act): void {
  describeCommand(help, {
    summary: "help about a command or a topic",
    description: `Help about a command or a topic. Topics: ${Object.keys(topics).join(", ")}.`,
    examples: [
      { command: "mpi help exit-codes", does: "what each exit code promises" },
      { command: "mpi help configuration", does: "settings, and the names they go by" },
      { command: "mpi help patient merge", does: "the same as mpi patient merge --help" },
    ],
  })
    .argument("[words...]", "a topic, or the words of a command")
    .option("--markdown", "the whole manual, as docs/cli.md has it")
    .action(act<HelpOptions, [readonly string[]]>(showHelp));
}

async function showHelp(
  context: CommandContext,
  options: HelpOptions,
  words: readonly string[],
): Promise<void> {
  const topic = words.length === 1 ? topics[words[0]!] : undefined;
  if (topic !== undefined) {
    await topic(context);
    return;
  }
  // Imported here because the program imports this file.
  const { createProgram } = await import("../../program.ts");
  const doNothing: Act = () => () => Promise.resolve();
  if (options.markdown === true) {
    const { renderManual } = await import("./manual.ts");
    await context.output.raw(renderManual(await createProgram(context.streams, doNothing, "all")));
    return;
  }
  findCommand(await createProgram(context.streams, doNothing, { noun: words[0] }), words).outputHelp();
}

function findCommand(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    const next = command.commands.find(
      (candidate) => candidate.name() === word || candidate.aliases().includes(word),
    );
    if (next === undefined) {
      throw new MpiError("usage", `There is no help on "${words.join(" ")}".`, {
        hint: `Topics are ${Object.keys(topics).join(", ")}; "mpi --help" lists the commands.`,
      });
    }
    command = next;
  }
  return command;
}
