import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { describeCommand } from "../../src/cli/command.ts";
import { destroyEmbedded } from "../../src/db/embedded/destroy.ts";
import { resolveEmbeddedPaths } from "../../src/db/embedded/paths.ts";
import { stopEmbedded } from "../../src/db/embedded/stop.ts";
import type { Noun } from "../../src/cli/program.ts";
import { runCli } from "../support/cli.ts";
import { createTestDatabase } from "../support/database.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "mpi-connect-"));
  // For root: the server runs as another user, who must be able to pass through.
  chmodSync(folder, 0o711);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** `mpi where` prints which database a command would work on. */
const nouns: readonly Noun[] = [
  {
    name: "where",
    summary: "tells the database",
    load: () =>
      Promise.resolve((command, act) => {
        describeCommand(command, { summary: "tells the database", examples: [] }).action(
          act(async (context) => {
            await context.database();
            await context.output.raw(`${(await context.target()).database}\n`);
          }),
        );
      }),
  },
];

describe("a command that wants the database", () => {
  it("finds it by --database-url, DATABASE_URL or the PG* variables, and names it on stderr", async () => {
    const database = await createTestDatabase();
    const ways = [
      await runCli(["where", "--database-url", database.url], { nouns }),
      await runCli(["where"], { nouns, database: database.url }),
      await runCli(["where"], { nouns, env: database.environment }),
    ];
    for (const result of ways) {
      expect(result).toMatchObject({ exitCode: 0, stdout: `${database.name}\n` });
      expect(result.stderr).toMatch(new RegExp(`^Database: ${database.name} `, "m"));
    }
    const quiet = await runCli(["where", "--quiet"], { nouns, database: database.url });
    expect(quiet.stderr).toBe("");
  });

  it("exits 6 where no database is configured and nobody watches, and makes none", async () => {
    const home = path.join(folder, "none");
    const result = await runCli(["where"], { nouns, env: { MPI_HOME: home } });
    expect(result).toEqual({
      exitCode: 6,
      stdout: "",
      stderr:
        "mpi: No database is configured, and there is no embedded one.\n" +
        'Set DATABASE_URL, or make an embedded database with "mpi db start".\n',
    });
  });

  it("makes an embedded one on a terminal, after saying so even when quiet, and starts it when it is down", async () => {
    const home = path.join(folder, "new");
    const paths = resolveEmbeddedPaths({ MPI_HOME: home });
    try {
      const made = await runCli(["where", "--quiet"], { nouns, tty: true, env: { MPI_HOME: home } });
      expect(made).toEqual({
        exitCode: 0,
        stdout: "mpi\n",
        stderr: `Warning: No database is configured; making an embedded one in ${home}.\n`,
      });
      await stopEmbedded(paths);
      const started = await runCli(["where"], { nouns, env: { MPI_HOME: home } });
      expect(started).toMatchObject({ exitCode: 0, stdout: "mpi\n" });
      expect(started.stderr).toMatch(/^Embedded database: starting\.\nDatabase: mpi /);
    } finally {
      await destroyEmbedded(paths);
    }
  });

  it("uses the embedded server that is there", async ({ skip }) => {
    const server = inject("testServer");
    skip(server.kind !== "embedded", "the tests run on an external server");
    await createTestDatabase();
    const result = await runCli(["where"], {
      nouns,
      env: { MPI_HOME: (server as { readonly home: string }).home },
    });
    expect(result).toMatchObject({ exitCode: 0, stdout: "mpi\n" });
  });

  it.each([
    ["postgres://u:s3cret@127.0.0.1:1/mpi", /Cannot reach database mpi on 127\.0\.0\.1:1 \(ECONNREFUSED\)/],
    ["postgres:///mpi?host=/nonexistent&user=u&password=s3cret", /Cannot reach database mpi/],
  ])("exits 6 where nobody answers at %s, without telling the password", async (url, message) => {
    const result = await runCli(["where"], { nouns, database: url });
    expect(result.exitCode).toBe(6);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toContain("s3cret");
  });

  it("warns of a password that the process list shows, without repeating it", async () => {
    const result = await runCli(["where", "--database-url", "postgres://u:s3cret@127.0.0.1:1/mpi"], {
      nouns,
    });
    expect(result.stderr).toMatch(
      /^Warning: Other users of this machine can see a password in --database-url/m,
    );
    expect(result.stderr).not.toContain("s3cret");
  });
});
