import { describe, expect, it } from "vitest";
import { createProgress, formatProgress, formatDuration } from "../../src/cli/progress.ts";
import { CapturedStream } from "../support/cli.ts";

/** A clock that a test moves by hand, in seconds. */
const handClock = () => {
  let now = 0;
  return { monotonic: () => now, pass: (seconds: number) => (now += seconds * 1000) };
};

const scoring = { label: "Scoring pairs", total: 4000, unit: "pairs" };

describe("progress in a pipe", () => {
  it("is a line every five seconds at most, with rate and time left", async () => {
    const clock = handClock();
    const stderr = new CapturedStream({ tty: false });
    const progress = await createProgress(stderr, scoring, { quiet: false, monotonic: clock.monotonic });
    for (let second = 1; second <= 12; second += 1) {
      clock.pass(1);
      progress.update(second * 240);
    }
    progress.finish();
    expect(stderr.text).toBe(
      "Scoring pairs: 1,200 of 4,000 pairs (30 %), 240/s, 12 s left\n" +
        "Scoring pairs: 2,400 of 4,000 pairs (60 %), 240/s, 7 s left\n",
    );
  });

  it("says nothing about work that is done before anybody wonders", async () => {
    const stderr = new CapturedStream({ tty: false });
    const progress = await createProgress(stderr, scoring, {
      quiet: false,
      monotonic: handClock().monotonic,
    });
    progress.update(4000);
    progress.finish();
    expect(stderr.text).toBe("");
  });
});

describe("progress on a terminal", () => {
  it("is a bar that is gone when the work is done", async () => {
    const stderr = new CapturedStream({ tty: true });
    const clock = handClock();
    const progress = await createProgress(stderr, scoring, { quiet: false, monotonic: clock.monotonic });
    clock.pass(2);
    progress.update(1000);
    progress.finish();
    expect(stderr.text).toContain("Scoring pairs: 1,000 of 4,000 pairs (25 %), 500/s, 6 s left");
    // Cursor hidden while it runs and shown again.
    expect(stderr.text).toContain("\u001b[?25l");
    expect(stderr.text).toContain("\u001b[?25h");
  });
});

describe("progress with --quiet", () => {
  it.each([true, false])("is silent (terminal: %s)", async (tty) => {
    const clock = handClock();
    const stderr = new CapturedStream({ tty });
    const progress = await createProgress(stderr, scoring, { quiet: true, monotonic: clock.monotonic });
    clock.pass(60);
    progress.update(1000);
    progress.finish();
    expect(stderr.text).toBe("");
  });
});

describe("the text of progress", () => {
  it.each([
    [{ label: "Reading" }, 12_345, undefined, 2000, "Reading: 12,345, 6,173/s"],
    [{ label: "Reading" }, 0, 100, 0, "Reading: 0 of 100 (0 %)"],
    [{ label: "Reading" }, 3, 10, 2000, "Reading: 3 of 10 (30 %), 1.5/s, 5 s left"],
    [{ label: "Reading" }, 10, 10, 2000, "Reading: 10 of 10 (100 %), 5/s"],
    [{ label: "Reading" }, 0, 0, 9000, "Reading: 0"],
  ])("of %o with %i of %s after %i ms is %s", (options, done, total, elapsed, text) => {
    expect(formatProgress(options, done, total, elapsed)).toBe(text);
  });

  it.each([
    [0.2, "1 s"],
    [59.4, "59 s"],
    [61, "1 min 1 s"],
    [3600, "1 h 0 min"],
    [9000, "2 h 30 min"],
  ])("writes %d seconds as %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});
