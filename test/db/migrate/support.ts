import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { defaultMigrationsDirectory } from "../../../src/db/migrate/files.ts";

/** The program's migrations in a directory of the test's own, to be changed at will. */
export interface MigrationsCopy {
  readonly directory: string;
  /** Replaces a file, or makes one. */
  write(name: string, text: string): Promise<void>;
  read(name: string): Promise<string>;
  remove(name: string): Promise<void>;
  /** Adds a migration behind the last one, with its down file. */
  add(tag: string, up: string, down?: string): Promise<void>;
}

export async function copyMigrations(): Promise<MigrationsCopy> {
  const directory = await mkdtemp(join(tmpdir(), "mpi-migrations-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await cp(defaultMigrationsDirectory(), directory, { recursive: true });
  const write = (name: string, text: string) => writeFile(join(directory, name), text);
  const read = (name: string) => readFile(join(directory, name), "utf8");
  return {
    directory,
    write,
    read,
    remove: (name) => rm(join(directory, name)),
    add: async (tag, up, down = "") => {
      const journal = JSON.parse(await read("meta/_journal.json")) as { entries: { when: number }[] };
      const idx = journal.entries.length;
      const when = journal.entries.at(-1)!.when + 1000;
      journal.entries.push(Object.assign({ idx, version: "7", tag, breakpoints: true }, { when }));
      await write("meta/_journal.json", JSON.stringify(journal));
      await write(`${tag}.sql`, up);
      await write(`down/${tag}.sql`, down);
    },
  };
}
