import type { Command } from "commander";
import type { EmbeddedStatus } from "../../../db/embedded/status.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { findEmbeddedPaths, warnOfExternalServer } from "./embedded-paths.ts";

interface StatusFlags {
  readonly check?: true;
}

const meanings: Readonly<Record<EmbeddedStatus["state"], string>> = {
  absent: "there is none",
  stopped: "stopped",
  crashed: "was killed; the next start recovers it",
  starting: "starting or recovering",
  running: "running",
  stopping: "stopping",
};

/** Registers `mpi db status`. */
export function registerStatus(db: Command, act: Act): void {
  defineCommand(db, "status", {
    summary: "whether the embedded server runs, and where it is",
    description: "Says where the embedded server is and whether it runs. It starts and changes nothing.",
    examples: [
      { command: "mpi db status", does: "state, directories, versions" },
      { command: "mpi db status --check", does: "exit code 7 unless it runs" },
    ],
  })
    .option("--check", "end with exit code 7 unless the server runs")
    .action(act<StatusFlags>(status));
}

async function status(context: CommandContext, flags: StatusFlags): Promise<void> {
  warnOfExternalServer(context);
  const { embeddedStatus } = await import("../../../db/embedded/status.ts");
  const found = embeddedStatus(findEmbeddedPaths(context));
  await context.output.record({
    fields: [
      { key: "state", label: "State", value: found.state, text: meanings[found.state] },
      { key: "home", label: "Home", value: found.home },
      { key: "dataDirectory", label: "Data", value: found.dataDirectory },
      { key: "dataVersion", label: "Data of PostgreSQL", value: found.dataVersion },
      { key: "installedVersion", label: "Installed version", value: found.installedVersion },
      { key: "pid", label: "Process", value: found.pid },
      { key: "userId", label: "Runs as user number", value: found.userId },
      { key: "startedAt", label: "Running since", value: found.startedAt },
      { key: "socketDirectory", label: "Socket", value: found.socketDirectory },
      { key: "logFile", label: "Log", value: found.logFile },
    ],
  });
  if (flags.check === true && found.state !== "running") {
    throw new MpiError("check-failed", "The embedded server does not run.", {
      hint: 'Start it with "mpi db start".',
      details: { state: found.state },
    });
  }
}
