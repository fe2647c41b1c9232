import type { Command } from "commander";
import type { StoppedServer } from "../../../db/embedded/stop.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { findEmbeddedPaths } from "./embedded-paths.ts";

interface StopFlags {
  readonly timeout: number;
  readonly dryRun?: true;
}

const outcomes: Readonly<Record<StoppedServer["outcome"], string>> = {
  stopped: "stopped",
  "was-not-running": "was not running",
  absent: "there is none",
};

/** Registers `mpi db stop`. */
export function registerStop(db: Command, act: Act): void {
  defineCommand(db, "stop", {
    summary: "stop the embedded server",
    description:
      "Stops the embedded server in good order, whoever uses it: what others have not committed is rolled back. The data " +
      "stay; the next command that needs them starts it again.",
    examples: [{ command: "mpi db stop", does: "before copying its files, or an upgrade" }],
  })
    .option(
      "--timeout <seconds>",
      "how long to wait until all is written",
      integer({ min: 1, max: 86_400 }),
      120,
    )
    .option("--dry-run", "say whether there is anything to stop, and do nothing")
    .action(act<StopFlags>(stop));
}

async function stop(context: CommandContext, flags: StopFlags): Promise<void> {
  const paths = findEmbeddedPaths(context);
  if (flags.dryRun === true) {
    const { embeddedStatus } = await import("../../../db/embedded/status.ts");
    const { state, pid } = embeddedStatus(paths);
    await context.output.record({
      fields: [
        { key: "state", label: "State now", value: state },
        { key: "home", label: "Home", value: paths.home },
        {
          key: "pid",
          label: "Would be stopped",
          value: pid,
          text: pid === undefined ? "nothing" : `process ${pid}`,
        },
      ],
      json: { dryRun: true, state, home: paths.home, pid: pid ?? null },
    });
    return;
  }
  const { stopEmbedded } = await import("../../../db/embedded/stop.ts");
  const stopped = await stopEmbedded(paths, { timeoutSeconds: flags.timeout, signal: context.signal });
  await context.output.record({
    fields: [
      { key: "outcome", label: "Server", value: stopped.outcome, text: outcomes[stopped.outcome] },
      { key: "home", label: "Home", value: paths.home },
      { key: "pid", label: "Process", value: stopped.pid },
    ],
  });
}
