import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveExternalConnection } from "../../src/cli/connection-settings.ts";
import { findPassword } from "../../src/cli/pgpass.ts";
import type { Environment } from "../../src/cli/streams.ts";
import { MpiError } from "../../src/lib/errors.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "mpi-connection-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const targetOf = (url: string | undefined, env: Environment = {}) =>
  resolveExternalConnection(url === undefined ? undefined : { value: url, source: "DATABASE_URL" }, {
    HOME: "/nonexistent",
    ...env,
  })?.target;

describe("a database URL", () => {
  it.each([
    ["postgres://u:p@db:6432/mpi", { host: "db", port: 6432, user: "u", password: "p", database: "mpi" }],
    ["postgresql://u@db/mpi", { host: "db", port: 5432, user: "u", database: "mpi" }],
    [
      "postgres://u:p%40s%2Fs@db/my%20db",
      { host: "db", port: 5432, user: "u", password: "p@s/s", database: "my db" },
    ],
    ["postgres://u@[::1]:5433/mpi", { host: "::1", port: 5433, user: "u", database: "mpi" }],
    [
      "postgres:///mpi?host=/run/pg&port=5444&user=u",
      { host: "/run/pg", port: 5444, user: "u", database: "mpi" },
    ],
    [
      "postgres://u:p@/mpi?host=/run/pg",
      { host: "/run/pg", port: 5432, user: "u", password: "p", database: "mpi" },
    ],
    ["postgres://u@%2Frun%2Fpg/mpi", { host: "/run/pg", port: 5432, user: "u", database: "mpi" }],
    ["postgres://u@db", { host: "db", port: 5432, user: "u", database: "u" }],
    [
      "postgres://u@db/mpi?sslmode=verify-full&connect_timeout=3",
      { host: "db", port: 5432, user: "u", database: "mpi", sslMode: "verify-full" },
    ],
  ])("%s names its parts", (url, target) => {
    expect(targetOf(url)).toEqual(target);
  });

  it.each([
    ["mysql://u:s3cret@db/mpi", /no PostgreSQL URL/],
    ["just words s3cret", /no PostgreSQL URL/],
    ["postgres://a:1,b:2/s3cret", /several hosts/],
    ["postgres://u:s3cret@db:99999/mpi", /no PostgreSQL URL/],
    ["postgres://u:s3cret%zz@db/mpi", /hexadecimal/],
    ["postgres://u:s3cret@db/mpi?sslmode=maybe", /sslmode must be one of/],
    ["postgres://u:s3cret@db/mpi?target=x", /"target" is not known/],
  ])("%s is refused without being repeated", (url, message) => {
    const error = catchError(() => targetOf(url));
    expect(error).toMatchObject({ code: "usage" });
    expect(error.message).toMatch(message);
    expect(`${error.message} ${error.hint ?? ""}`).not.toContain("s3cret");
  });
});

describe("the PG* variables", () => {
  it("name no server where neither host, service nor database is among them", () => {
    expect(targetOf(undefined, { PGUSER: "u", PGPASSWORD: "p", PGPORT: "5433" })).toBeUndefined();
  });

  it.each([{ PGHOST: "db" }, { PGDATABASE: "mpi" }])("name a server by %o alone", (env) => {
    expect(targetOf(undefined, env)).toMatchObject({ user: userInfo().username, port: 5432 });
  });

  it("complete the URL where it is silent, and never overrule it", () => {
    const env = {
      PGHOST: "other",
      PGUSER: "pguser",
      PGPASSWORD: "p",
      PGDATABASE: "other",
      PGSSLMODE: "require",
    };
    expect(targetOf("postgres://db/mpi", env)).toEqual({
      host: "db",
      port: 5432,
      user: "pguser",
      password: "p",
      database: "mpi",
      sslMode: "require",
    });
  });

  it("with a port that is none are refused", () => {
    expect(catchError(() => targetOf(undefined, { PGHOST: "db", PGPORT: "five" })).message).toBe(
      "PGHOST: the port must be a number from 1 to 65535.",
    );
  });
});

describe("a connection service", () => {
  it("fills in what the URL leaves out, before the PG* variables", () => {
    const file = path.join(folder, "service.conf");
    writeFileSync(
      file,
      "# ours\n[other]\nhost=wrong\n\n[index]\nhost = db\nport=5499\ndbname=mpi\nuser=svc\n[last]\nhost=x\n",
    );
    const env = { PGSERVICEFILE: file, PGSERVICE: "index", PGUSER: "pguser", PGSSLMODE: "disable" };
    const expected = { host: "db", port: 5499, user: "svc", database: "mpi", sslMode: "disable" };
    expect(targetOf(undefined, env)).toEqual(expected);
    expect(targetOf("postgres:///copy?service=index", { PGSERVICEFILE: file })).toMatchObject({
      host: "db",
      database: "copy",
    });
  });

  it("that is in no file is an error that says where it was looked for", () => {
    const error = catchError(() =>
      targetOf(undefined, { PGSERVICE: "absent", PGSERVICEFILE: "/nonexistent/s" }),
    );
    expect(error.message).toBe('The connection service "absent" is in no service file.');
    expect(error.hint).toContain("/nonexistent/s");
  });
});

describe("the password file", () => {
  const passwordFor = (
    content: string,
    query: Partial<Parameters<typeof findPassword>[0]> = {},
    mode = 0o600,
  ) => {
    const file = path.join(folder, "pgpass");
    writeFileSync(file, content);
    chmodSync(file, mode);
    return findPassword(
      { host: "db", port: 5432, database: "mpi", user: "u", ...query },
      { PGPASSFILE: file },
    );
  };

  it.each([
    ["db:5432:mpi:u:secret", "secret"],
    ["*:*:*:*:any", "any"],
    ["# comment\n\nother:5432:mpi:u:no\ndb:5432:mpi:u:first\ndb:5432:mpi:u:second", "first"],
    ["db:5432:mpi:u:with\\:colon\\\\and:more", "with:colon\\and:more"],
    ["db:5432:mpi:u:\r\n", ""],
  ])("%j gives %j", (content, password) => {
    expect(passwordFor(content)).toEqual({ password });
  });

  it("takes a backslash in the other fields, too, and no pattern but a lone asterisk", () => {
    expect(passwordFor("2001\\:\\:1:5432:mpi:u:six", { host: "2001::1" })).toEqual({ password: "six" });
    expect(passwordFor("d*:5432:mpi:u:no")).toBeUndefined();
  });

  it("calls a socket in the default directory localhost", () => {
    expect(passwordFor("localhost:*:*:*:local", { host: "/var/run/postgresql" })).toEqual({
      password: "local",
    });
    expect(passwordFor("localhost:*:*:*:local", { host: "/other" })).toBeUndefined();
  });

  it("that others can read is not used, and says so", () => {
    const found = passwordFor("*:*:*:*:secret", {}, 0o644);
    expect(found?.password).toBeUndefined();
    expect(found?.warning).toMatch(/can be read by others and was not used: chmod 600/);
  });

  it("gives its password to a connection that has none", () => {
    const file = path.join(folder, "pgpass");
    writeFileSync(file, "db:*:mpi:u:filed");
    chmodSync(file, 0o600);
    expect(targetOf("postgres://u@db/mpi", { PGPASSFILE: file })?.password).toBe("filed");
    expect(targetOf("postgres://u:own@db/mpi", { PGPASSFILE: file })?.password).toBe("own");
    expect(targetOf("postgres://u@db/mpi", { PGPASSFILE: file, PGPASSWORD: "env" })?.password).toBe("env");
  });
});

function catchError(work: () => unknown): MpiError {
  try {
    work();
  } catch (error) {
    if (error instanceof MpiError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
