import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createPrompt, requireReason, requireYes } from "../../src/cli/prompt.ts";
import { CapturedStream } from "../support/cli.ts";

/** Both ends of a terminal, or of a pipe. */
function terminal(options: { readonly tty: boolean; readonly signal?: AbortSignal } = { tty: true }) {
  const stdin = Object.assign(new PassThrough(), { isTTY: options.tty });
  const stdout = new CapturedStream({ tty: options.tty });
  const stderr = new CapturedStream({ tty: options.tty });
  const prompt = createPrompt({ stdin, stdout, stderr }, options.signal ?? new AbortController().signal);
  /** Types once the question is there. */
  const type = async (keys: string, question: RegExp) => {
    while (!question.test(stderr.text)) await pause(5);
    stdin.write(keys);
  };
  return { prompt, type, stdout, stderr };
}

const pipe = () => terminal({ tty: false });
const enter = "\r";
const down = "\u001b[B";
const ctrlC = "\u0003";

describe("a prompt on a terminal", () => {
  it("asks on stderr and leaves stdout to the result", async () => {
    const { prompt, type, stdout, stderr } = terminal();
    const [answer] = await Promise.all([
      prompt.confirm("Go on?", { flag: "--yes" }),
      type(`y${enter}`, /Go on\?/),
    ]);
    expect(answer).toBe(true);
    expect(stdout.text).toBe("");
    expect(stderr.text).toContain("Go on?");
  });

  it("takes enter for the default of a confirmation: no, unless it says otherwise", async () => {
    const first = terminal();
    expect(
      (await Promise.all([first.prompt.confirm("A?", { flag: "--yes" }), first.type(enter, /A\?/)]))[0],
    ).toBe(false);
    const second = terminal();
    const answer = second.prompt.confirm("B?", { flag: "--yes", default: true });
    expect((await Promise.all([answer, second.type(enter, /B\?/)]))[0]).toBe(true);
  });

  it("offers choices and gives back the value of the chosen one", async () => {
    const { prompt, type } = terminal();
    const choices = [
      { name: "keep A", value: { side: "a" } },
      { name: "keep B", value: { side: "b" } },
    ];
    const [answer] = await Promise.all([
      prompt.select("Which?", choices, { flag: "--keep <field>=a|b" }),
      type(down + enter, /keep B/),
    ]);
    expect(answer).toBe(choices[1]!.value);
  });

  it("asks again until the answer is valid", async () => {
    const { prompt, type, stderr } = terminal();
    const asked = prompt.input("Year?", {
      flag: "--year <n>",
      validate: (text) => /^\d{4}$/.test(text) || "Four digits, please.",
    });
    await type(`19${enter}`, /Year\?/);
    await type(`80${enter}`, /Four digits, please\./);
    expect(await asked).toBe("1980");
    expect(stderr.text).toContain("Four digits, please.");
  });

  it("shows nothing of a question or a choice that a terminal would obey", async () => {
    const { prompt, type, stderr } = terminal();
    await Promise.all([
      prompt.select("Keep \u001b]0;owned\u0007?", [{ name: "Eve\u202e", value: 1 }], { flag: "--keep" }),
      type(enter, /Eve/),
    ]);
    expect(stderr.text).toContain("Keep \\x1b]0;owned\\x07?");
    expect(stderr.text).not.toContain("\u001b]0;");
    expect(stderr.text).toContain("Eve\\u202e");
  });

  it.each(["confirm", "input"] as const)("left by Ctrl-C in a %s is cancelled", async (kind) => {
    const { prompt, type } = terminal();
    const asked = prompt[kind]("Q?", { flag: "--yes" });
    await Promise.all([expect(asked).rejects.toMatchObject({ code: "cancelled" }), type(ctrlC, /Q\?/)]);
  });

  it("stops waiting when the process is told to stop", async () => {
    const controller = new AbortController();
    const { prompt, stderr } = terminal({ tty: true, signal: controller.signal });
    const asked = prompt.confirm("Q?", { flag: "--yes" });
    const stop = async () => {
      while (!stderr.text.includes("Q?")) await pause(5);
      controller.abort();
    };
    await Promise.all([expect(asked).rejects.toMatchObject({ code: "cancelled" }), stop()]);
  });
});

describe("a prompt without a terminal", () => {
  it("paints nothing and names the flag that answers it", async () => {
    const { prompt, stderr, stdout } = pipe();
    expect(prompt.isAvailable).toBe(false);
    await expect(prompt.confirm("Q?", { flag: "--yes" })).rejects.toMatchObject({
      code: "usage",
      message: "--yes is needed where there is no terminal to ask on.",
    });
    await expect(prompt.select("Q?", [], { flag: "--keep <side>" })).rejects.toMatchObject({ code: "usage" });
    expect(stdout.text + stderr.text).toBe("");
  });
});

describe("requireYes", () => {
  it("asks nothing where --yes was given", async () => {
    await requireYes(pipe().prompt, true, "Delete?");
  });

  it("takes a no for the end: nothing was changed", async () => {
    const { prompt, type } = terminal();
    await Promise.all([
      expect(requireYes(prompt, undefined, "Delete?")).rejects.toMatchObject({
        code: "cancelled",
        message: "Stopped; nothing was changed.",
      }),
      type(`n${enter}`, /Delete\?/),
    ]);
  });

  it("wants --yes where nobody can be asked", async () => {
    await expect(requireYes(pipe().prompt, undefined, "Delete?")).rejects.toMatchObject({ code: "usage" });
  });

  it.each([
    ["mpi-prod", true],
    ["yes", false],
    ["", false],
  ])("for the worst has the name typed; %j goes on: %s", async (typed, goesOn) => {
    const { prompt, type } = terminal();
    const asked = requireYes(prompt, undefined, "Destroy it?", { typed: "mpi-prod" });
    const outcome = goesOn
      ? expect(asked).resolves.toBeUndefined()
      : expect(asked).rejects.toMatchObject({ code: "cancelled" });
    await Promise.all([outcome, type(typed + enter, /Type mpi-prod to go on/)]);
  });
});

describe("requireReason", () => {
  it("takes what --reason says, without blanks around it", async () => {
    expect(await requireReason(pipe().prompt, " two charts, one person ")).toBe("two charts, one person");
  });

  it.each([["  "], ["x".repeat(501)]])("refuses %j", async (reason) => {
    await expect(requireReason(pipe().prompt, reason)).rejects.toMatchObject({ code: "usage" });
  });

  it("is asked for on a terminal, and wanted elsewhere", async () => {
    const { prompt, type } = terminal();
    const [reason] = await Promise.all([requireReason(prompt, undefined), type(`moved${enter}`, /Reason:/)]);
    expect(reason).toBe("moved");
    await expect(requireReason(pipe().prompt, undefined)).rejects.toMatchObject({
      message: "--reason <text> is needed where there is no terminal to ask on.",
    });
  });
});
