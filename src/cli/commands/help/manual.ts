import type { Command, Option } from "commander";
import { commandWords, globalOptionsHeading, listExamples } from "../../command.ts";
import { settings } from "../../settings.ts";
import { exitCodeRows } from "./exit-codes.ts";
import { outputTopic } from "./output-topic.ts";

/** The whole command line as Markdown: what docs/cli.md holds. Made from the help texts, so that they cannot drift. */
export function renderManual(program: Command): string {
  const leaves = listLeaves(program);
  return [
    "# The command line",
    "Written by `npm run docs:cli` from the help texts; edit those. `mpi help <command>` prints the same.",
    `Commands: ${leaves.map((leaf) => `[${commandWords(leaf)}](#${anchor(leaf)})`).join(" · ")}`,
    "## Global options",
    "Every command takes these, written after its own arguments.",
    table(
      ["Option", "Meaning"],
      leaves.slice(0, 1).flatMap((leaf) => globalOptions(leaf).map(optionRow(leaf))),
    ),
    "## Output",
    table(
      ["", "What to rely on"],
      outputTopic.map(({ title, text }) => [title, escapeCell(text)]),
    ),
    "## Exit codes",
    table(
      ["Exit code", "Meaning"],
      exitCodeRows.map((row) => [String(row.exitCode), row.meaning]),
    ),
    "## Configuration",
    "A flag counts before the environment, the environment before the file, the file before the default. " +
      "The file is `--config`, else `MPI_CONFIG`, else `$XDG_CONFIG_HOME/mpi/config.json`: one JSON object. A `.env` " +
      "file in the working directory completes the environment.",
    table(
      ["In the file", "Environment", "Flag", "Meaning", "Default"],
      settings.map((row) => [
        code(row.key),
        code(row.environment),
        row.flag === undefined ? "" : code(row.flag),
        row.description,
        row.fallback ?? "",
      ]),
    ),
    ...leaves.flatMap(renderCommand),
  ]
    .map((block) => `${block}\n`)
    .join("\n");
}

function listLeaves(command: Command): readonly Command[] {
  const children = command.createHelp().visibleCommands(command);
  return children.length === 0 ? [command] : children.flatMap(listLeaves);
}

function renderCommand(command: Command): readonly string[] {
  const help = command.createHelp();
  const own = help
    .visibleOptions(command)
    .filter((option) => option.helpGroupHeading !== globalOptionsHeading && option.long !== "--help");
  const blocks = [
    `## mpi ${commandWords(command)}`,
    command.description(),
    fenced(`mpi ${commandWords(command)} ${command.usage()}`.trimEnd()),
  ];
  if (help.visibleArguments(command).length > 0) {
    const rows = help
      .visibleArguments(command)
      .map((argument) => [code(argument.name()), escapeCell(help.argumentDescription(argument))]);
    blocks.push(table(["Argument", "Meaning"], rows));
  }
  if (own.length > 0) blocks.push(table(["Option", "Meaning"], own.map(optionRow(command))));
  const examples = listExamples(command);
  if (examples.length > 0) {
    blocks.push(
      fenced(examples.map((example) => `# ${example.does}\n${example.command}`).join("\n\n"), "sh"),
    );
  }
  return blocks;
}

const globalOptions = (leaf: Command): readonly Option[] =>
  leaf.options.filter((option) => option.helpGroupHeading === globalOptionsHeading);

const optionRow = (command: Command) => (option: Option) => [
  code(option.flags),
  escapeCell(command.createHelp().optionDescription(option)),
];

const anchor = (command: Command) => `mpi-${commandWords(command).replaceAll(" ", "-")}`;
const code = (text: string) => `\`${text.replaceAll("|", "\\|")}\``;
const escapeCell = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
const fenced = (text: string, language = "") => `\`\`\`${language}\n${text}\n\`\`\``;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
