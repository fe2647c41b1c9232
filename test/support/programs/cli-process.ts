// The process's edge with commands that only a test wants: run as a child process by test/cli/main.test.ts.
import { setTimeout as pause } from "node:timers/promises";
import { defineCommand, type Act } from "../../../src/cli/command.ts";
import type { CommandContext } from "../../../src/cli/context.ts";
import { main } from "../../../src/cli/main.ts";

const works: Readonly<Record<string, (context: CommandContext) => Promise<void>>> = {
  rows: async (context) => {
    const rows = function* () {
      for (let id = 1; id <= 200_000; id += 1) yield { id };
    };
    await context.output.list({
      columns: [{ key: "id", header: "Id", value: (row: { id: number }) => row.id }],
      rows: rows(),
    });
    context.info("all rows written");
  },
  wait: async (context) => {
    context.info("waiting");
    while (!context.signal.aborted) await pause(10);
    await context.output.raw("tidied up\n");
    context.signal.throwIfAborted();
  },
  hang: async (context) => {
    context.info("waiting");
    for (;;) await pause(10);
  },
  stumble: async () => {
    setTimeout(() => {
      throw new Error("Quackenbush stumbled");
    }, 10);
    await pause(5000);
  },
};

await main([
  {
    name: "try",
    summary: "tries",
    load: () =>
      Promise.resolve((command, act: Act) => {
        for (const [name, work] of Object.entries(works)) {
          defineCommand(command, name, { summary: name, examples: [] }).action(act(work));
        }
      }),
  },
]);
