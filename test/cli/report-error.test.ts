import { CommanderError } from "commander";
import { DrizzleQueryError } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { OutputClosed } from "../../src/cli/output/writer.ts";
import { reportError } from "../../src/cli/report-error.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import { MpiError } from "../../src/lib/errors.ts";
import { fc } from "../support/properties.ts";

const plain = { debug: false, json: false };
const secret = "Quackenbush";

/** As postgres.js throws it: the detail and the query's parameters hold data. */
const driverError = () =>
  Object.assign(new Error(`duplicate key value violates unique constraint: (${secret})`), {
    name: "PostgresError",
    code: "23505",
    detail: `Key (family)=(${secret}) already exists.`,
    parameters: [secret],
  });

describe("reportError", () => {
  it.each<[string, unknown]>([
    ["an error of the ORM", new DrizzleQueryError(`insert into x values ($1)`, [secret], driverError())],
    ["an error of the driver", driverError()],
    ["an error with data in the cause", new Error("outer", { cause: new Error(secret) })],
    ["a JSON error", parseError(`{"family": ${secret}}`)],
    ["an error with data for a name", Object.assign(new Error("x"), { name: `Bad ${secret}` })],
    ["an error with data for a code", Object.assign(new Error("x"), { code: `family ${secret}` })],
    ["a string", secret],
    ["an object", { family: secret, message: secret, stack: secret }],
    [
      "an error whose message looks like a stack",
      new Error(`x\n    at ${secret} is here\n    at f (/${secret}:1:1)`),
    ],
    ["an aggregate", new AggregateError([new Error(secret)], secret)],
  ])("tells nothing of what %s holds, not even with --debug", (_, error) => {
    for (const debug of [false, true]) {
      for (const json of [false, true]) {
        const report = reportError(error, { debug, json });
        expect(report.exitCode).toBe(1);
        expect(report.text).toContain("This is a bug in mpi.");
        expect(report.text).not.toContain(secret);
      }
    }
  });

  it("keeps any message of a foreign error to itself", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (message) => {
        const report = reportError(new Error(`\u0001${message}`), plain);
        expect(report.text).toBe(reportError(new Error(""), plain).text);
      }),
    );
  });

  it("tells the state and the constraint of a refused statement", () => {
    const facts = {
      sqlState: "23514",
      table: "patients",
      column: undefined,
      constraint: "patients_gender_check",
    };
    expect(reportError(new DatabaseError(facts), plain).text).toMatch(
      /SQLSTATE 23514, patients, patients_gender_check\)\. This is a bug/,
    );
  });

  it("tells the file of an error of the operating system", () => {
    const error = Object.assign(new Error("x"), {
      code: "ENOENT",
      syscall: "open",
      path: "/data/map\u001b.json",
    });
    expect(reportError(error, plain).text).toContain("ENOENT from open of /data/map\\x1b.json");
  });

  it("neutralises what a terminal would obey in messages of our own", () => {
    expect(reportError(new MpiError("usage", "File a\u001b[2Jb is empty."), plain).text).toBe(
      "mpi: File a\\x1b[2Jb is empty.\n",
    );
  });

  it("takes an abort, a prompt left by Ctrl-C and a signal for the same: 130", () => {
    const aborted = new DOMException("The operation was aborted", "AbortError");
    const left = Object.assign(new Error("User force closed the prompt"), { name: "ExitPromptError" });
    for (const error of [aborted, left, new MpiError("cancelled", "Stopped.")]) {
      expect(reportError(error, plain)).toEqual({ exitCode: 130, text: "mpi: Stopped.\n" });
    }
  });

  it("is silent where the reader has gone, and where commander has spoken", () => {
    expect(reportError(new OutputClosed(), plain)).toEqual({ exitCode: 0, text: "" });
    expect(reportError(new CommanderError(1, "commander.unknownOption", "x"), plain)).toEqual({
      exitCode: 2,
      text: "",
    });
    expect(reportError(new CommanderError(0, "commander.helpDisplayed", "x"), plain)).toEqual({
      exitCode: 0,
      text: "",
    });
  });
});

function parseError(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}
