import { Command, Help } from "commander";
import { finishCommand, type Act, type RegisterNoun } from "./command.ts";
import type { Streams } from "./streams.ts";
import { getVersion } from "./version.ts";

/** A noun of the command line; its verbs are loaded only when it is the one that was typed. */
export interface Noun {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<RegisterNoun>;
  readonly hidden?: boolean;
}

export const nouns: readonly Noun[] = [
  {
    name: "patient",
    summary: "find, show, add, edit, link and merge patient records",
    load: async () => (await import("./commands/patient/patient.ts")).registerPatient,
  },
  {
    name: "review",
    summary: "decide about pairs that may be one person",
    load: async () => (await import("./commands/review/review.ts")).registerReview,
  },
  {
    name: "resolve",
    summary: "the record in charge of another, now or then",
    load: async () => (await import("./commands/resolve.ts")).registerResolve,
  },
  {
    name: "apply",
    summary: "carry out a plan that was looked at",
    load: async () => (await import("./commands/apply.ts")).registerApply,
  },
  {
    name: "match",
    summary: "find, explain and measure the records that belong to one person",
    load: async () => (await import("./commands/match/match.ts")).registerMatch,
  },
  {
    name: "identifier",
    summary: "list, add, retire and move identifiers of a record",
    load: async () => (await import("./commands/identifier/identifier.ts")).registerIdentifier,
  },
  {
    name: "org",
    summary: "organizations and what is part of what",
    load: async () => (await import("./commands/org/org.ts")).registerOrg,
  },
  {
    name: "domain",
    summary: "the systems that issue identifiers",
    load: async () => (await import("./commands/domain/domain.ts")).registerDomain,
  },
  {
    name: "import",
    summary: "bring in records from files",
    load: async () => (await import("./commands/import/import.ts")).registerImport,
  },
  {
    name: "export",
    summary: "send records and links out",
    load: async () => (await import("./commands/export/export.ts")).registerExport,
  },
  {
    name: "events",
    summary: "what has changed since a cursor, for followers",
    load: async () => (await import("./commands/events.ts")).registerEvents,
  },
  {
    name: "migrate",
    summary: "create, upgrade, check and roll back the schema",
    load: async () => (await import("./commands/migrate/migrate.ts")).registerMigrate,
  },
  {
    name: "db",
    summary: "the PostgreSQL server that comes along",
    load: async () => (await import("./commands/db/db.ts")).registerDb,
  },
  {
    name: "doctor",
    summary: "what goes wrong unnoticed, and what helps",
    load: async () => (await import("./commands/doctor.ts")).registerDoctor,
  },
  {
    name: "population",
    summary: "write synthetic patients with known truth",
    load: async () => (await import("./commands/population/population.ts")).registerPopulation,
  },
  {
    name: "audit",
    summary: "who did and saw what, and that nobody changed it",
    load: async () => (await import("./commands/audit/audit.ts")).registerAudit,
  },
  {
    name: "demo",
    summary: "try everything out on invented records",
    load: async () => (await import("./commands/demo/demo.ts")).registerDemo,
  },
  {
    name: "help",
    summary: "help about a command or a topic",
    load: async () => (await import("./commands/help/help.ts")).registerHelp,
  },
];

/**
 * Builds the command tree with the verbs of one noun, or of all.
 * @param wanted the noun and the verb that were typed; `all` for the manual.
 */
export async function createProgram(
  streams: Streams,
  act: Act,
  wanted: { readonly noun: string | undefined; readonly verb?: string | undefined } | "all",
  known: readonly Noun[] = nouns,
): Promise<Command> {
  const program = new Command("mpi")
    .description("Master Patient Index: which of all these patient records belong to the same person?")
    .version(getVersion(), "--version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
      getOutHelpWidth: () => streams.stdout.columns ?? 100,
      getErrHelpWidth: () => streams.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => write(text.replace(/^error: /, "mpi: ")),
    })
    .configureHelp({
      // An option that may be given several times begins with an empty list, which says nothing.
      optionDescription: (option) => Help.prototype.optionDescription(option).replace(" (default: [])", ""),
    })
    .addHelpText(
      "after",
      '\nRun "mpi <command> --help" for its options and examples, "mpi help" for topics.',
    );
  for (const noun of known) {
    const command = program.command(noun.name, { hidden: noun.hidden ?? false }).summary(noun.summary);
    command.description(noun.summary).helpCommand(false);
    if (wanted !== "all" && wanted.noun !== noun.name) continue;
    const register = await noun.load();
    await register(command, act, wanted === "all" ? undefined : wanted.verb);
    finishCommand(command);
  }
  program.showHelpAfterError(
    'See "mpi --help". Options come after the command: mpi patient find smith --output json',
  );
  return program;
}

/** The first word that is no flag: the noun that was typed. */
export function findNoun(argv: readonly string[]): string | undefined {
  return argv.find(isWord);
}

/** The word after the noun. Where it is the value of an option, no noun knows it as a verb, and that is fine. */
export function findVerb(argv: readonly string[]): string | undefined {
  return argv.filter(isWord)[1];
}

const isWord = (argument: string) => !argument.startsWith("-");
