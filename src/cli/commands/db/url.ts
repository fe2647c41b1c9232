import type { Command } from "commander";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { findEmbeddedPaths } from "./embedded-paths.ts";

/** Registers `mpi db url`. */
export function registerUrl(db: Command, act: Act): void {
  defineCommand(db, "url", {
    summary: "how psql and others connect to the embedded server",
    description:
      "Prints a URL for psql and everything else that uses libpq. It names the password's file, which only its owner can " +
      "read, and never the password. It does not start the server.",
    examples: [{ command: 'psql "$(mpi db url)"', does: "a session on the embedded database" }],
  }).action(act(url));
}

async function url(context: CommandContext): Promise<void> {
  const { embeddedUrl, embeddedTarget } = await import("../../../db/embedded/password-file.ts");
  const { embeddedClusterExists } = await import("../../../db/embedded/inspect.ts");
  const paths = findEmbeddedPaths(context);
  if (!embeddedClusterExists(paths)) {
    throw new MpiError("unavailable", `There is no embedded database in ${paths.home}.`, {
      hint: 'Make one with "mpi db start".',
      details: { reason: "no-cluster", home: paths.home },
    });
  }
  const { host, port, user, database } = embeddedTarget(paths);
  const text = embeddedUrl(paths);
  await context.output.report({
    text,
    json: { url: text, host, port, user, database, passwordFile: paths.passwordFile },
  });
}
