import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import type { EmbeddedPaths } from "./paths.ts";
import { ensureLibraryLinks, type PlatformPackage } from "./platform-package.ts";
import { canAccess, type ServerUser } from "./server-user.ts";

/** PostgreSQL's programs where the server's user can run them. */
export interface ServerPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

const programsIn = (packageDirectory: string): ServerPrograms => ({
  initdb: join(packageDirectory, "native", "bin", "initdb"),
  postgres: join(packageDirectory, "native", "bin", "postgres"),
});

const isUsable = (packageDirectory: string, user: ServerUser | undefined) => {
  const native = join(packageDirectory, "native");
  const { initdb, postgres } = programsIn(packageDirectory);
  return (
    canAccess(user, "enter", [initdb, postgres, join(native, "lib", "postgresql")]) &&
    canAccess(user, "read", [
      join(native, "lib", "libpq.so.5"),
      join(native, "share", "postgresql", "postgres.bki"),
    ])
  );
};

/** A server needs neither what compilers link against nor the manual. */
const isNeeded = (path: string) => !/\.a$|\/pkgconfig$|\/pgxs$|\/include$|\/share\/(?:doc|man)$/.test(path);

/** Whatever the umask was: everybody may read, nobody but the owner write. */
const publish = (directory: string) => {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) publish(path);
    else if (entry.isFile()) chmodSync(path, directory.endsWith("/bin") ? 0o755 : 0o644);
  }
};

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size;

/** After a power failure the disk may hold a file's name without its content; syncing 600 files costs more. */
const isComplete = (source: string, copy: string): boolean =>
  readdirSync(source, { withFileTypes: true }).every((entry) => {
    const [from, to] = [join(source, entry.name), join(copy, entry.name)];
    if (!isNeeded(from)) return true;
    return entry.isDirectory() ? existsSync(to) && isComplete(from, to) : sizeOf(from) === sizeOf(to);
  });

const copyPackage = (source: string, paths: EmbeddedPaths, version: string) => {
  const finished = join(paths.serverCopies, version);
  if (existsSync(finished) && isComplete(join(source, "native"), join(finished, "native"))) return finished;
  mkdirSync(paths.serverCopies, { recursive: true });
  chmodSync(paths.serverCopies, 0o755);
  const staging = mkdtempSync(join(paths.serverCopies, "new-"));
  cpSync(join(source, "native"), join(staging, "native"), {
    recursive: true,
    verbatimSymlinks: true,
    filter: isNeeded,
  });
  // Before the links: the installation's directories may be closed for writing, and so their copies.
  publish(staging);
  ensureLibraryLinks(staging);
  rmSync(finished, { recursive: true, force: true });
  renameSync(staging, finished);
  return finished;
};

/**
 * Finds programs that the server's user can run: the installed ones in place, or else (an installation beneath
 * somebody's closed home, or a read-only one without its library links) a copy of about 60 MB below MPI_HOME.
 * Copies of other versions go, so the caller holds the lock and no server runs.
 */
export function prepareServerPrograms(
  installed: PlatformPackage,
  user: ServerUser | undefined,
  paths: EmbeddedPaths,
): ServerPrograms {
  const linked = ensureLibraryLinks(installed.directory);
  const inPlace = linked && isUsable(installed.directory, user);
  const kept = inPlace ? undefined : copyPackage(installed.directory, paths, installed.version);
  for (const name of existsSync(paths.serverCopies) ? readdirSync(paths.serverCopies) : []) {
    const copy = join(paths.serverCopies, name);
    if (copy !== kept) rmSync(copy, { recursive: true, force: true });
  }
  return programsIn(kept ?? installed.directory);
}
