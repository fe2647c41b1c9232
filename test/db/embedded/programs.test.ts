import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ensureLibraryLinks, findPlatformPackage } from "../../../src/db/embedded/platform-package.ts";
import { prepareServerPrograms } from "../../../src/db/embedded/programs.ts";
import { prepareHome } from "../../../src/db/embedded/home.ts";
import { chooseServerUser } from "../../../src/db/embedded/server-user.ts";
import { startEmbedded } from "../../../src/db/embedded/start.ts";
import {
  canMount,
  isRoot,
  makeEmbeddedHome,
  makeScratchDirectory,
  withConnection,
} from "../../support/postgres-home.ts";

const installed = findPlatformPackage();

const linkOrCopy = (from: string, to: string) => {
  try {
    linkSync(from, to);
  } catch {
    // Another disk.
    copyFileSync(from, to);
  }
};

const linkTree = (from: string, to: string) => {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) linkTree(join(from, entry.name), join(to, entry.name));
    else if (entry.isFile()) linkOrCopy(join(from, entry.name), join(to, entry.name));
  }
};

/** The package as npm leaves it where it runs no install scripts: without symbolic links. */
const installWithoutScripts = (parent: string) => {
  const directory = join(parent, "package");
  linkTree(installed.directory, directory);
  return { ...installed, directory };
};

const countLinks = (directory: string) =>
  readdirSync(join(directory, "native", "lib"), { withFileTypes: true }).filter((entry) =>
    entry.isSymbolicLink(),
  ).length;

const runs = (program: string) => {
  const user = chooseServerUser("/nowhere");
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  return spawnSync(program, ["--version"], { ...identity, cwd: "/", encoding: "utf8" }).stdout;
};

describe("PostgreSQL's programs", () => {
  it("do not run without the library links, and are used in place once those are made", () => {
    const bare = installWithoutScripts(makeScratchDirectory());
    const paths = makeEmbeddedHome();
    prepareHome(paths);
    expect(countLinks(bare.directory)).toBe(0);
    expect(runs(join(bare.directory, "native", "bin", "initdb"))).toBe("");

    const programs = prepareServerPrograms(bare, chooseServerUser(paths.data), paths);
    expect(programs.initdb).toBe(join(bare.directory, "native", "bin", "initdb"));
    expect(runs(programs.initdb)).toMatch(/^initdb \(PostgreSQL\) 18\./);
    expect(existsSync(paths.serverCopies)).toBe(false);
    const link = join(bare.directory, "native", "lib", "libpq.so.5");
    expect(readlinkSync(link)).toMatch(/^libpq\.so\.5\.\d+$/);
  });

  it("get their links from several processes at once without harm", () => {
    const bare = installWithoutScripts(makeScratchDirectory());
    expect(ensureLibraryLinks(bare.directory)).toBe(true);
    expect(ensureLibraryLinks(bare.directory)).toBe(true);
    rmSync(join(bare.directory, "native", "lib", "libpq.so.5"));
    expect(ensureLibraryLinks(bare.directory)).toBe(true);
  });

  it.skipIf(!isRoot)(
    "are copied where root's server user cannot read the installation (root only)",
    async () => {
      const rootsHome = join(makeScratchDirectory(), "root");
      mkdirSync(rootsHome, { mode: 0o700 });
      const hidden = installWithoutScripts(rootsHome);
      const paths = makeEmbeddedHome();
      const umask = process.umask(0o077);
      onTestFinished(() => {
        process.umask(umask);
      });
      const { target, outcome } = await startEmbedded(paths, {
        create: true,
        settings: { fsync: "off" },
        platformPackage: hidden,
      });
      expect(outcome).toBe("created");
      const rows = await withConnection(target, async (sql) => {
        await sql`create extension pg_trgm`;
        return sql`select similarity('Meier', 'Meier') as score`;
      });
      expect(rows).toEqual([{ score: 1 }]);
      const copy = join(paths.serverCopies, installed.version);
      expect(readdirSync(paths.serverCopies)).toEqual([installed.version]);
      expect((statSync(join(copy, "native", "bin", "postgres")).mode & 0o777).toString(8)).toBe("755");
      expect((statSync(join(copy, "native", "lib", "libpq.so.5")).mode & 0o777).toString(8)).toBe("644");
    },
  );

  it.skipIf(!canMount)(
    "are copied where the installation is read-only and its links are missing (needs mount)",
    () => {
      const parent = makeScratchDirectory();
      const bare = installWithoutScripts(parent);
      expect(spawnSync("mount", ["--bind", parent, parent]).status).toBe(0);
      onTestFinished(() => {
        spawnSync("umount", [parent]);
      });
      expect(spawnSync("mount", ["-o", "remount,bind,ro", parent]).status).toBe(0);
      const paths = makeEmbeddedHome();
      prepareHome(paths);
      const programs = prepareServerPrograms(bare, chooseServerUser(paths.data), paths);
      expect(programs.postgres).toBe(
        join(paths.serverCopies, installed.version, "native", "bin", "postgres"),
      );
      expect(runs(programs.postgres)).toMatch(/^postgres \(PostgreSQL\) 18\./);
    },
  );

  it.skipIf(isRoot)(
    "are copied where the installation is not ours to write and its links are missing",
    () => {
      const parent = makeScratchDirectory();
      const bare = installWithoutScripts(parent);
      const library = join(bare.directory, "native", "lib");
      chmodSync(library, 0o555);
      onTestFinished(() => {
        chmodSync(library, 0o755);
      });
      const paths = makeEmbeddedHome();
      prepareHome(paths);
      const programs = prepareServerPrograms(bare, undefined, paths);
      expect(programs.postgres).toBe(
        join(paths.serverCopies, installed.version, "native", "bin", "postgres"),
      );
      expect(runs(programs.postgres)).toMatch(/^postgres \(PostgreSQL\) 18\./);
    },
  );

  it.skipIf(!isRoot)("are copied again where a power failure has left half a copy (root only)", () => {
    const rootsHome = join(makeScratchDirectory(), "root");
    mkdirSync(rootsHome, { mode: 0o700 });
    const hidden = installWithoutScripts(rootsHome);
    const paths = makeEmbeddedHome();
    prepareHome(paths);
    const user = chooseServerUser(paths.data);
    const { postgres } = prepareServerPrograms(hidden, user, paths);
    const size = statSync(postgres).size;
    truncateSync(postgres, 0);
    expect(prepareServerPrograms(hidden, user, paths).postgres).toBe(postgres);
    expect(statSync(postgres).size).toBe(size);
    const before = statSync(postgres).ino;
    prepareServerPrograms(hidden, user, paths);
    expect(statSync(postgres).ino).toBe(before);
  });

  it("leave no copy of another version behind", () => {
    const paths = makeEmbeddedHome();
    prepareHome(paths);
    mkdirSync(join(paths.serverCopies, "17.0.0"), { recursive: true });
    mkdirSync(join(paths.serverCopies, "new-killed"));
    prepareServerPrograms(installed, chooseServerUser(paths.data), paths);
    expect(readdirSync(paths.serverCopies)).toEqual([]);
  });
});
