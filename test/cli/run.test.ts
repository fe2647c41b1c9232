import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { defineCommand, integer, repeatable, type Act, type RegisterNoun } from "../../src/cli/command.ts";
import type { CommandContext } from "../../src/cli/context.ts";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import type { Noun } from "../../src/cli/program.ts";
import { MpiError, type MpiErrorCode } from "../../src/lib/errors.ts";
import { runCli } from "../support/cli.ts";

const noun = (name: string, register: RegisterNoun): Noun => ({
  name,
  summary: `what ${name} does`,
  load: () => Promise.resolve(register),
});

/** `mpi thing do [words...]`, which does what the test says. */
const thing = (
  work: (context: CommandContext, flags: Flags, words: readonly string[]) => Promise<void> | void,
) =>
  noun("thing", (command, act: Act) => {
    defineCommand(command, "do [words...]", {
      summary: "does a thing",
      examples: [{ command: "mpi thing do now", does: "does it now" }],
    })
      .option("--limit <n>", "how many", integer({ min: 1, max: 10 }), 5)
      .option("--name <text>", "names", repeatable, [])
      .action(
        act<Flags, [readonly string[]]>(async (context, flags, words) => {
          await work(context, flags, words);
        }),
      );
    defineCommand(command, "list", { summary: "lists", examples: [] }).action(act(() => Promise.resolve()));
  });

interface Flags {
  readonly limit: number;
  readonly name: readonly string[];
}

const nothing = thing(() => undefined);

describe("a command line", () => {
  it("reaches the action with its options, arguments and global flags", async () => {
    const seen: unknown[] = [];
    const result = await runCli(
      [
        "thing",
        "do",
        "a",
        "b",
        "--limit",
        "7",
        "--name",
        "x",
        "--name",
        "y",
        "--user",
        "alice",
        "--output",
        "csv",
      ],
      {
        nouns: [
          thing((context, flags, words) => {
            seen.push(
              flags.limit,
              flags.name,
              words,
              context.actor(),
              context.output.format,
              context.command,
            );
          }),
        ],
      },
    );
    expect(result).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(seen).toEqual([
      7,
      ["x", "y"],
      ["a", "b"],
      { user: "alice", ipAddress: undefined, userAgent: "mpi/0.1.0 thing do" },
      "csv",
      "thing do",
    ]);
  });

  it.each([
    [["thing", "do", "--limit", "0"], /'0' is invalid.*at least 1/],
    [["thing", "do", "--limit", "1.5"], /whole number/],
    [["thing", "do", "--limt", "1"], /unknown option '--limt'\n.*Did you mean --limit\?/],
    [["thing", "do", "--output", "xml"], /Allowed choices are table, json, ndjson, csv/],
    [["thing", "lst"], /unknown command 'lst'\n.*Did you mean list\?/],
    [["thing", "list", "more"], /too many arguments/],
    [["thng"], /unknown command 'thng'\n.*Did you mean thing\?/],
    [["--output", "json", "thing", "list"], /unknown option '--output'[^]*Options come after the command/],
    [["thing"], /Usage: mpi thing/],
    [[], /Usage: mpi/],
  ])("of wrong usage exits 2 and helps on: %j", async (argv, message) => {
    const result = await runCli(argv, { nouns: [nothing] });
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toBe("");
    expect(result.stderr).toMatch(message);
  });

  it("of wrong usage says where the help is", async () => {
    const result = await runCli(["thing", "do", "--nonsense"], { nouns: [nothing] });
    expect(result.stderr).toBe(`mpi: unknown option '--nonsense'\nSee "mpi thing do --help".\n`);
  });

  it("with --help prints summary, options with defaults, and examples on stdout", async () => {
    const result = await runCli(["thing", "do", "--help"], { nouns: [nothing] });
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toBe("");
    expect(result.stdout).toMatch(/does a thing\./);
    expect(result.stdout).toMatch(/--limit <n> +how many \(default: 5\)/);
    expect(result.stdout).toMatch(/Global options:\n +--output/);
    expect(result.stdout).toMatch(/Examples:\n {2}\$ mpi thing do now/);
  });

  it("with --version prints the version alone", async () => {
    expect(await runCli(["--version"])).toEqual({ exitCode: 0, stdout: "0.1.0\n", stderr: "" });
  });

  it("takes a flag of the command's own for what it says there, not for the global one", async () => {
    let seen: unknown;
    const audit = noun("audit", (command, act) => {
      defineCommand(command, "show", { summary: "shows", examples: [] })
        .option("--user <name>", "only what this user did")
        .action(
          act<{ readonly user?: string }>((context, flags) => {
            seen = { filter: flags.user, actor: context.actor().user };
            return Promise.resolve();
          }),
        );
    });
    await runCli(["audit", "show", "--user", "mallory"], { nouns: [audit] });
    expect(seen).toEqual({ filter: "mallory", actor: "tester" });
  });

  it("runs a noun's default command where no verb is given", async () => {
    const ran: string[] = [];
    const migrate = noun("migrate", (command, act) => {
      defineCommand(command, "up", { summary: "up", examples: [] }, { isDefault: true })
        .option("--dry-run", "changes nothing")
        .action(
          act<{ readonly dryRun?: true }>((context, flags) => {
            ran.push(`${context.command} ${String(flags.dryRun)}`);
            return Promise.resolve();
          }),
        );
      defineCommand(command, "status", { summary: "status", examples: [] }).action(
        act((context) => {
          ran.push(context.command);
          return Promise.resolve();
        }),
      );
    });
    await runCli(["migrate"], { nouns: [migrate] });
    await runCli(["migrate", "--dry-run", "--quiet"], { nouns: [migrate] });
    await runCli(["migrate", "status"], { nouns: [migrate] });
    const mistaken = await runCli(["migrate", "statsu"], { nouns: [migrate] });
    expect(ran).toEqual(["migrate up undefined", "migrate up true", "migrate status"]);
    expect(mistaken.exitCode).toBe(2);
    expect(mistaken.stderr).toMatch(/See "mpi migrate --help"/);
  });
});

describe("a failure", () => {
  const failing = (error: unknown) => [
    thing(() => {
      throw error;
    }),
  ];

  it.each<[MpiErrorCode, number]>([
    ["usage", 2],
    ["not-found", 3],
    ["conflict", 4],
    ["rejected", 5],
    ["unavailable", 6],
    ["check-failed", 7],
    ["locked", 8],
    ["limit", 9],
    ["cancelled", 130],
  ])("of the kind %s exits %i, with its message and what to do next on stderr", async (code, exitCode) => {
    const error = new MpiError(code, "Record 7 is in the way.", { hint: "Move it." });
    const result = await runCli(["thing", "do"], { nouns: failing(error) });
    expect(result).toEqual({ exitCode, stdout: "", stderr: "mpi: Record 7 is in the way.\nMove it.\n" });
    expect(exitCodes[code]).toBe(exitCode);
  });

  it("is one JSON object on stderr where JSON was asked for", async () => {
    const error = new MpiError("conflict", "Already merged.", { details: { mergeId: 7 } });
    const result = await runCli(["thing", "do", "--output", "json"], { nouns: failing(error) });
    expect(result.stdout).toBe("");
    expect(JSON.parse(result.stderr)).toEqual({
      error: { code: "conflict", exitCode: 4, message: "Already merged.", details: { mergeId: 7 } },
    });
  });

  it("that nobody expected exits 1, and neither its message nor its stack is printed", async () => {
    const result = await runCli(["thing", "do"], { nouns: failing(new TypeError("no Smyth1980 here")) });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/^mpi: Unexpected failure: TypeError\. This is a bug in mpi\./);
    expect(result.stderr).not.toMatch(/Smyth|\n {4}at /);
  });

  it("that nobody expected says with --debug where it happened, still without its message", async () => {
    const result = await runCli(["thing", "do", "--debug"], {
      nouns: failing(new TypeError("no Smyth1980 here")),
    });
    expect(result.stderr).toMatch(/\n {4}at .*run\.test\.ts:\d+:\d+/);
    expect(result.stderr).not.toMatch(/Smyth/);
  });

  it("after the result leaves the result on stdout", async () => {
    const result = await runCli(["thing", "do", "--output", "ndjson"], {
      nouns: [
        thing(async (context) => {
          await context.output.list({
            columns: [{ key: "id", header: "Id", value: (id: number) => id }],
            rows: [1],
          });
          throw new MpiError("rejected", "2 rows were rejected.");
        }),
      ],
    });
    expect(result.exitCode).toBe(5);
    expect(result.stdout).toBe('{"id":1}\n');
  });
});

describe("Ctrl-C", () => {
  it("ends work that looks at the signal with exit 130", async () => {
    const controller = new AbortController();
    const result = await runCli(["thing", "do"], {
      signal: controller.signal,
      nouns: [
        thing((context) => {
          controller.abort();
          context.signal.throwIfAborted();
        }),
      ],
    });
    expect(result).toEqual({ exitCode: 130, stdout: "", stderr: "mpi: Stopped.\n" });
  });

  it("gives work that does not look a while to finish; what finishes is done", async () => {
    const controller = new AbortController();
    const result = await runCli(["thing", "do"], {
      signal: controller.signal,
      nouns: [
        thing(async () => {
          controller.abort();
          await pause(20);
        }),
      ],
    });
    expect(result.exitCode).toBe(0);
  });

  it("gives up on work that does not end, after saying so", async () => {
    const controller = new AbortController();
    const result = await runCli(["thing", "do"], {
      signal: controller.signal,
      graceMilliseconds: 100,
      nouns: [
        thing(async () => {
          controller.abort();
          await new Promise(() => undefined);
        }),
      ],
    });
    expect(result.exitCode).toBe(130);
    expect(result.stderr).toMatch(/^Stopping after the current step[^]*mpi: Stopped\.\n$/);
  });
});

describe("remarks", () => {
  const talking = [
    thing((context) => {
      context.info("Looking \u001b[31maround\nand on");
      context.warn("Take care");
    }),
  ];

  it("go to stderr, with nothing in them that a terminal would obey", async () => {
    const result = await runCli(["thing", "do"], { nouns: talking, tty: true });
    expect(result.stdout).toBe("");
    expect(result.stderr).toBe("Looking \\x1b[31maround\nand on\nWarning: Take care\n");
  });

  it("are left out by --quiet, warnings excepted", async () => {
    expect((await runCli(["thing", "do", "--quiet"], { nouns: talking })).stderr).toBe(
      "Warning: Take care\n",
    );
  });
});
