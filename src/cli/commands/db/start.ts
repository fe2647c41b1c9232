import type { Command } from "commander";
import type { EmbeddedPaths } from "../../../db/embedded/paths.ts";
import type { StartedServer, StartStage } from "../../../db/embedded/start.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { findEmbeddedPaths, warnOfExternalServer } from "./embedded-paths.ts";

interface StartFlags {
  readonly create: boolean;
  readonly timeout: number;
  readonly dryRun?: true;
}

const stages: Readonly<Record<StartStage, (paths: EmbeddedPaths) => string>> = {
  creating: (paths) => `Making an embedded database in ${paths.home} …`,
  starting: () => "Starting the embedded server …",
  recovering: () => "The embedded server was killed; recovering …",
};

const outcomes: Readonly<Record<StartedServer["outcome"], string>> = {
  created: "created and started",
  started: "started",
  "already-running": "was running already",
};

/** Registers `mpi db start`. */
export function registerStart(db: Command, act: Act): void {
  defineCommand(db, "start", {
    summary: "start the embedded server, and make it where there is none",
    description:
      "Starts the PostgreSQL server that comes with mpi, and makes its database first where there is none. It goes on " +
      "running when the command ends. Where it was killed, it recovers; nothing that was committed is lost.",
    examples: [
      { command: "mpi db start", does: "before the first mpi migrate" },
      {
        command: "mpi db start --no-create",
        does: "for start-up scripts: exit code 6 where there is no database",
      },
    ],
  })
    .option("--no-create", "do not make a database where there is none")
    .option("--timeout <seconds>", "how long to wait for a recovery", integer({ min: 1, max: 86_400 }), 300)
    .option("--dry-run", "say what would be done, and do nothing")
    .action(act<StartFlags>(start));
}

async function start(context: CommandContext, flags: StartFlags): Promise<void> {
  warnOfExternalServer(context);
  const paths = findEmbeddedPaths(context);
  if (flags.dryRun === true) {
    await foretell(context, paths, flags.create);
    return;
  }
  const { startEmbedded } = await import("../../../db/embedded/start.ts");
  const server = await startEmbedded(paths, {
    create: flags.create,
    timeoutSeconds: flags.timeout,
    signal: context.signal,
    onStage: (stage) => context.info(stages[stage](paths)),
  });
  await context.output.record({
    fields: [
      { key: "outcome", label: "Server", value: server.outcome, text: outcomes[server.outcome] },
      { key: "home", label: "Home", value: paths.home },
      { key: "database", label: "Database", value: server.target.database },
      { key: "socketDirectory", label: "Socket", value: server.target.host },
      { key: "pid", label: "Process", value: server.pid },
    ],
  });
}

async function foretell(context: CommandContext, paths: EmbeddedPaths, mayCreate: boolean): Promise<void> {
  const { embeddedStatus } = await import("../../../db/embedded/status.ts");
  const { state } = embeddedStatus(paths);
  const wouldCreate = state === "absent" && mayCreate;
  const wouldStart = wouldCreate || state === "stopped" || state === "crashed";
  await context.output.record({
    fields: [
      { key: "state", label: "State now", value: state },
      { key: "home", label: "Home", value: paths.home },
      { key: "wouldCreate", label: "Would be made", value: wouldCreate },
      { key: "wouldStart", label: "Would be started", value: wouldStart },
    ],
    json: { dryRun: true, state, home: paths.home, wouldCreate, wouldStart },
  });
}
