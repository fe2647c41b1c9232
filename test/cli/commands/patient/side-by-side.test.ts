import { describe, expect, it } from "vitest";
import { compareRecords } from "../../../../src/cli/commands/patient/side-by-side.ts";
import { aStoredPatient } from "../../../support/people.ts";

const record = (...identifiers: readonly (readonly [string, string])[]) =>
  aStoredPatient({
    identifiers: identifiers.map(([system, value]) => ({
      type: "MRN",
      system,
      value,
      assigner: null,
      use: null,
    })),
  });

const numbers = (a: ReturnType<typeof record>, b: ReturnType<typeof record>) =>
  compareRecords(a, b, "beside")
    .filter((line) => line.item.startsWith("MRN"))
    .map((line) => [line.a, line.b, line.differs]);

describe("two records side by side", () => {
  it("compare numbers of one system, and set those of different systems beside each other without a verdict", () => {
    const [first] = numbers(record(["urn:east", "1"]), record(["urn:east", "2"]));
    expect(first![2]).toBe(true);
    const [other] = numbers(record(["urn:east", "1"]), record(["urn:west", "2"]));
    expect(other).toEqual([expect.stringContaining("1"), expect.stringContaining("2"), false]);
  });

  it("set a number beside one of its own system where there are several", () => {
    const lines = numbers(
      record(["urn:east", "1"], ["urn:west", "2"]),
      record(["urn:west", "3"], ["urn:east", "4"]),
    );
    expect(lines.map(([a, b]) => [/\d/.exec(String(a))![0], /\d/.exec(String(b))![0]])).toEqual([
      ["1", "4"],
      ["2", "3"],
    ]);
  });
});
