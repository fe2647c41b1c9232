import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/db/client.ts";
import { destroyEmbedded } from "../../../src/db/embedded/destroy.ts";
import { embeddedUrl } from "../../../src/db/embedded/password-file.ts";
import { findProcess } from "../../../src/db/embedded/processes.ts";
import { startEmbedded } from "../../../src/db/embedded/start.ts";
import { embeddedStatus } from "../../../src/db/embedded/status.ts";
import { stopEmbedded } from "../../../src/db/embedded/stop.ts";
import {
  isRoot,
  makeEmbeddedHome,
  outcomeOf,
  startProgram,
  withConnection,
} from "../../support/postgres-home.ts";

const isLinux = process.platform === "linux";
const hasPsql = spawnSync("psql", ["--version"]).status === 0;

/** Numbers of the sockets of a process that listen on TCP, whatever the address. */
const listTcpListeners = (pid: number) => {
  const held = readdirSync(`/proc/${String(pid)}/fd`).flatMap((number) => {
    try {
      return readlinkSync(`/proc/${String(pid)}/fd/${number}`);
    } catch {
      return [];
    }
  });
  return ["tcp", "tcp6"]
    .flatMap((table) => readFileSync(`/proc/${String(pid)}/net/${table}`, "utf8").split("\n"))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === "0A" && held.includes(`socket:[${inode ?? ""}]`));
};

describe("the embedded server", () => {
  const paths = makeEmbeddedHome();

  it("is not created by those who may not", async () => {
    await expect(startEmbedded(paths, { create: false })).rejects.toMatchObject({
      code: "unavailable",
      message: `There is no embedded database in ${paths.home}.`,
      details: { reason: "no-cluster" },
    });
    expect(existsSync(paths.home)).toBe(false);
    expect(embeddedStatus(paths)).toMatchObject({ state: "absent", dataDirectory: paths.data });
    expect(await stopEmbedded(paths)).toEqual({ outcome: "absent" });
    expect(await destroyEmbedded(paths)).toMatchObject({ outcome: "absent" });
  });

  it("is created once, by one of several processes that want it at once, and all of them get it", async () => {
    const env = { MPI_HOME: paths.home };
    const starters = [1, 2, 3].map(() => outcomeOf(startProgram("start-server.ts", [], env)));
    const results = await Promise.all(starters);
    expect(results.map(({ stderr }) => stderr)).toEqual(["", "", ""]);
    const answers = results.map(({ stdout }) => JSON.parse(stdout) as { outcome: string; pid: number });
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual([
      "already-running",
      "already-running",
      "created",
    ]);
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
    expect(readdirSync(paths.root).filter((name) => name.startsWith("new-cluster-"))).toEqual([]);
  });

  it("outlives its starter, in a session of its own, and holds none of the starter's files open", async () => {
    await stopEmbedded(paths);
    const starter = startProgram("start-server.ts", [], { MPI_HOME: paths.home });
    // "close" comes when nobody holds the pipes any more, the fourth included: under flock(1) that is the lock.
    const { stdout } = await outcomeOf(starter);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "started" });
    expect(embeddedStatus(paths)).toMatchObject({ state: "running", dataVersion: 18 });
    if (!isLinux) return;
    const { pid } = embeddedStatus(paths);
    const session = readFileSync(`/proc/${String(pid)}/stat`, "utf8")
      .split(") ")[1]
      ?.split(" ")[3];
    expect(session).toBe(String(pid));
  });

  it("is found running by the next start, which starts nothing", async () => {
    const logBefore = readFileSync(paths.logFile, "utf8");
    const { outcome, pid } = await startEmbedded(paths, { create: false });
    expect(readFileSync(paths.logFile, "utf8")).toBe(logBefore);
    expect(outcome).toBe("already-running");
    expect(pid).toBe(embeddedStatus(paths).pid);
  });

  it("lets the program's own client in, into a database in UTF-8 with checksums", async () => {
    const { target } = await startEmbedded(paths, { create: false });
    const handle = await openDatabase(target);
    const rows = await handle.db.execute(`
      select current_database() as database, datlocprovider as provider, datlocale as locale, datcollate as "order",
        pg_encoding_to_char(encoding) as encoding, current_setting('data_checksums') as checksums,
        current_setting('fsync') as fsync, upper('łódź') as letters
      from pg_database where datname = current_database()`);
    await handle.close();
    expect(rows).toEqual([
      {
        database: "mpi",
        provider: "b",
        locale: "C.UTF-8",
        order: "C",
        encoding: "UTF8",
        checksums: "on",
        fsync: "on",
        letters: "ŁÓDŹ",
      },
    ]);
  });

  it("knows letters beyond ASCII when it compares trigrams", async () => {
    const { target } = await startEmbedded(paths, { create: false });
    const row = await withConnection(target, async (sql) => {
      await sql`create extension if not exists pg_trgm`;
      const [first] = await sql<{ score: number }[]>`select similarity('Łukasz', 'Łukas') as score`;
      return first;
    });
    // Trigrams "  ł", " łu", "łuk", "uka", "kas" are shared; "asz", "sz " and "as " are not: 5 of 8.
    expect(row?.score).toBeCloseTo(5 / 8, 5);
  });

  it("listens on no network address", async () => {
    const { target, pid } = await startEmbedded(paths, { create: false });
    const [row] = await withConnection(
      target,
      (sql) => sql`select current_setting('listen_addresses') as addresses`,
    );
    expect(row).toEqual({ addresses: "" });
    if (isLinux) expect(listTcpListeners(pid)).toEqual([]);
  });

  it("asks for the password, which only its owner can read", async () => {
    const { target } = await startEmbedded(paths, { create: false });
    expect(target.password?.length).toBeGreaterThanOrEqual(32);
    const attempt = openDatabase({ ...target, password: "wrong" });
    await expect(attempt).rejects.toMatchObject({ code: "unavailable" });
    expect(statSync(paths.passwordFile)).toMatchObject({ uid: process.getuid?.() });
    expect((statSync(paths.passwordFile).mode & 0o777).toString(8)).toBe("600");
  });

  it.skipIf(!isRoot)("hides its socket and its data from other users (tried as root only)", () => {
    for (const path of [
      join(paths.socketDirectory, ".s.PGSQL.5432"),
      paths.data,
      paths.passwordFile,
      paths.logFile,
    ]) {
      expect(existsSync(path)).toBe(true);
      // Number 54321 is nobody in particular, and not the server's user.
      const test = spawnSync("sh", ["-c", `test -r "$1"`, "sh", path], { uid: 54321, gid: 54321, cwd: "/" });
      expect(test.status).toBe(1);
    }
  });

  it("is left alone by the directory's modes: nobody else can list or enter what is not meant for them", () => {
    const mode = (path: string) => (lstatSync(path).mode & 0o777).toString(8);
    expect(mode(paths.root)).toBe(isRoot ? "711" : "700");
    expect(mode(paths.cluster)).toBe(isRoot ? "711" : "700");
    expect([paths.data, paths.socketDirectory, paths.lockDirectory].map(mode)).toEqual(["700", "700", "700"]);
    expect(mode(paths.logFile)).toBe("600");
  });

  it("has a URL that carries no password", async () => {
    const { target } = await startEmbedded(paths, { create: false });
    expect(embeddedUrl(paths)).not.toContain(target.password);
    expect(new URL(embeddedUrl(paths)).searchParams.get("host")).toBe(target.host);
  });

  it.skipIf(!hasPsql)("can be used by psql with that URL alone (where psql is installed)", () => {
    const psql = spawnSync("psql", ["-XAtc", "select current_user, current_database()", embeddedUrl(paths)], {
      encoding: "utf8",
    });
    expect(psql).toMatchObject({ status: 0, stdout: "mpi|mpi\n" });
  });

  it("writes no value of a failed statement to its log", async () => {
    const { target } = await startEmbedded(paths, { create: false });
    await withConnection(target, async (sql) => {
      await sql`create table people (name text primary key, born date)`;
      await sql`insert into people values ('Quendoline', '1950-01-01')`;
      await expect(sql`insert into people values ('Quendoline', '1950-01-01')`).rejects.toThrow();
      await expect(sql.unsafe("insert into people values ('Quendoline', 'Quendoline')")).rejects.toThrow();
      await expect(sql`select ${"Quendoline"}::text::integer`).rejects.toThrow();
    });
    expect(readFileSync(paths.logFile, "utf8")).not.toContain("Quendoline");
  });

  it("stops, and says when there was nothing to stop", async () => {
    const { pid } = await startEmbedded(paths, { create: false });
    expect(await stopEmbedded(paths)).toEqual({ outcome: "stopped", pid });
    expect(embeddedStatus(paths)).toMatchObject({ state: "stopped" });
    expect(embeddedStatus(paths)).not.toHaveProperty("pid");
    expect(await stopEmbedded(paths)).toEqual({ outcome: "was-not-running" });
  });

  it("keeps what was written, and lets alter system override our settings", async () => {
    const { target } = await startEmbedded(paths, { create: false });
    await withConnection(target, async (sql) => {
      expect(await sql`select name from people`).toEqual([{ name: "Quendoline" }]);
      await sql`alter system set work_mem = '7MB'`;
    });
    await stopEmbedded(paths);
    const again = await startEmbedded(paths, { create: false });
    const [row] = await withConnection(
      again.target,
      (sql) => sql`select current_setting('work_mem') as size`,
    );
    expect(row).toEqual({ size: "7MB" });
  });

  it("is destroyed with its data while it runs, and nothing else of the home is", async () => {
    writeFileSync(join(paths.home, "config.json"), "{}");
    const { pid } = await startEmbedded(paths, { create: false });
    expect(await destroyEmbedded(paths)).toEqual({ outcome: "destroyed", directory: paths.root });
    expect(findProcess(pid)).toBeUndefined();
    expect(readdirSync(paths.home)).toEqual(["config.json"]);
    expect(embeddedStatus(paths).state).toBe("absent");
  });
});

describe("an embedded server in an awkward place", () => {
  it.each([
    ["a path too long for a socket", `${"x".repeat(120)}/home`],
    ["a path with blanks, quotes, commas and umlauts", `it's "my", größter $HOME`],
  ])("works below %s", async (_, below) => {
    const paths = makeEmbeddedHome(below);
    const { target } = await startEmbedded(paths, { create: true, settings: { fsync: "off" } });
    expect(target.host).toMatch(/^\/(?:run|tmp)\/mpi-[0-9a-f]{12}$/);
    expect(await withConnection(target, (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
    await destroyEmbedded(paths);
    expect(existsSync(target.host)).toBe(false);
  });
});
