import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEnvironment, resolveConfig } from "../../src/cli/config.ts";
import { settings } from "../../src/cli/settings.ts";
import { MpiError } from "../../src/lib/errors.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "mpi-config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes the file where it is looked for when nobody names one. */
const writeDefault = (content: string, mode = 0o600): string => {
  mkdirSync(path.join(folder, "mpi"), { recursive: true });
  const file = path.join(folder, "mpi", "config.json");
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
};

const problemsOf = (work: () => unknown): readonly string[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof MpiError && error.code === "usage") return error.details?.["problems"] as string[];
    throw error;
  }
  throw new Error("nothing was wrong");
};

describe("a setting", () => {
  it("comes from the flag, else the environment, else the file, else the default", () => {
    const env = { XDG_CONFIG_HOME: folder };
    expect(resolveConfig({}, env, folder).output).toBe("table");
    writeDefault('{ "output": "csv" }');
    expect(resolveConfig({}, env, folder).output).toBe("csv");
    expect(resolveConfig({}, { ...env, MPI_OUTPUT: "ndjson" }, folder).output).toBe("ndjson");
    expect(resolveConfig({ output: "json" }, { ...env, MPI_OUTPUT: "ndjson" }, folder).output).toBe("json");
  });

  it("remembers who set it", () => {
    const file = writeDefault('{ "output": "csv", "user": "u" }');
    const { sources } = resolveConfig(
      { output: "json" },
      { XDG_CONFIG_HOME: folder, MPI_QUIET: "1" },
      folder,
    );
    expect(sources).toEqual({ output: "--output", quiet: "MPI_QUIET", user: file });
  });

  it("that is a switch can be set off as well as on", () => {
    const env = { XDG_CONFIG_HOME: folder };
    writeDefault('{ "quiet": true, "color": false }');
    expect(resolveConfig({}, env, folder)).toMatchObject({ quiet: true, color: false });
    expect(resolveConfig({}, { ...env, MPI_QUIET: "no", MPI_COLOR: "1" }, folder)).toMatchObject({
      quiet: false,
      color: true,
    });
    expect(resolveConfig({ color: false }, { MPI_COLOR: "yes" }, folder).color).toBe(false);
  });

  it("of a single command lies in a section of the file", () => {
    writeDefault('{ "audit": { "allowUnloggedReads": true } }');
    const config = resolveConfig({}, { XDG_CONFIG_HOME: folder }, folder);
    expect(config.values["audit.allowUnloggedReads"]).toBe(true);
  });

  it("has names that no other setting has", () => {
    for (const names of [
      settings.map((setting) => setting.key),
      settings.map((setting) => setting.environment),
      settings.flatMap((setting) => setting.flag ?? []),
    ]) {
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

describe("the configuration file", () => {
  it("is --config, else MPI_CONFIG, else the one of the XDG directory, else ~/.config", () => {
    const byFlag = path.join(folder, "flag.json");
    const byVariable = path.join(folder, "variable.json");
    writeFileSync(byFlag, '{ "user": "flag" }');
    writeFileSync(byVariable, '{ "user": "variable" }');
    writeDefault('{ "user": "xdg" }');
    mkdirSync(path.join(folder, ".config", "mpi"), { recursive: true });
    writeFileSync(path.join(folder, ".config", "mpi", "config.json"), '{ "user": "home" }');
    const userOf = (config: string | undefined, env: Record<string, string>) =>
      resolveConfig({ config }, env, folder).user;
    expect(userOf("flag.json", { MPI_CONFIG: byVariable, XDG_CONFIG_HOME: folder })).toBe("flag");
    expect(userOf(undefined, { MPI_CONFIG: byVariable, XDG_CONFIG_HOME: folder })).toBe("variable");
    expect(userOf(undefined, { XDG_CONFIG_HOME: folder, HOME: folder })).toBe("xdg");
    expect(userOf(undefined, { HOME: folder })).toBe("home");
  });

  it("may be absent, unless somebody names it", () => {
    expect(resolveConfig({}, { XDG_CONFIG_HOME: folder }, folder).file).toBeUndefined();
    expect(problemsOf(() => resolveConfig({ config: "absent.json" }, {}, folder))).toEqual([
      `${path.join(folder, "absent.json")}: cannot be read (ENOENT)`,
    ]);
  });

  it("reports all its mistakes at once, together with those of the environment", () => {
    const file = writeDefault(
      '{ "output": "xml", "colour": true, "quiet": "yes", "audit": { "keyFil": "x" } }',
    );
    const env = { XDG_CONFIG_HOME: folder, MPI_DEBUG: "perhaps", MPI_OUTPUT: "yaml" };
    expect(problemsOf(() => resolveConfig({}, env, folder))).toEqual([
      `${file}: "output" must be one of table, json, ndjson, csv`,
      `${file}: "colour" is no setting`,
      `${file}: "quiet" must be a boolean`,
      `${file}: "audit.keyFil" is no setting`,
      "MPI_OUTPUT: must be one of table, json, ndjson, csv",
      "MPI_DEBUG: must be true or false",
    ]);
  });

  it.each([
    ["{ output: json }", "is not valid JSON"],
    ["[]", "must hold one JSON object"],
    ["null", "must hold one JSON object"],
  ])("with the content %s %s", (content, problem) => {
    const file = writeDefault(content);
    expect(problemsOf(() => resolveConfig({}, { XDG_CONFIG_HOME: folder }, folder))).toEqual([
      `${file}: ${problem}`,
    ]);
  });

  it("that holds a password and can be read by others is warned about", () => {
    const content = '{ "databaseUrl": "postgres://me:secret@db/mpi" }';
    const warningsWith = (text: string, mode: number) => {
      writeDefault(text, mode);
      return resolveConfig({}, { XDG_CONFIG_HOME: folder }, folder).warnings.length;
    };
    expect(warningsWith(content, 0o644)).toBe(1);
    expect(warningsWith(content, 0o600)).toBe(0);
    expect(warningsWith('{ "databaseUrl": "postgres://me@db/mpi" }', 0o644)).toBe(0);
  });
});

describe("a .env file in the working directory", () => {
  it("completes the environment where it is silent, with variables of ours only", () => {
    writeFileSync(
      path.join(folder, ".env"),
      'DATABASE_URL="postgres://db/mpi"\nMPI_USER=dotenv\nPGHOST=h # comment\nPATH=/evil\nNODE_OPTIONS=--x\n',
    );
    expect(readEnvironment({ MPI_USER: "set", PATH: "/bin" }, folder)).toEqual({
      DATABASE_URL: "postgres://db/mpi",
      MPI_USER: "set",
      PGHOST: "h",
      PATH: "/bin",
    });
  });
});
