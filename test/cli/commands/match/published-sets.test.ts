import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { createTestDatabase } from "../../../support/database.ts";

const shared = fileURLToPath(new URL("../../../../../shared/data/", import.meta.url));
const isThere = existsSync(shared);

// The published sets are not part of the project; without them there is nothing to compare with.
describe.skipIf(!isThere)(`published sets${isThere ? "" : " (skipped: ../shared/data is not there)"}`, () => {
  it("finds the duplicates of FEBRL 3 with an F1 of at least 0.995", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "mpi-febrl-"));
    try {
      const file = path.join(shared, "febrl/dataset3.csv");
      const lines = (await readFile(file, "utf8")).trim().split("\n").slice(1);
      const truth = lines.map((line) => {
        const id = line.split(",")[0]!.trim();
        return `${id},${/^rec-(\d+)-/.exec(id)![1]!}`;
      });
      await writeFile(path.join(folder, "truth.csv"), ["source_id,cluster", ...truth].join("\n"));
      const database = await createTestDatabase();
      const imported = await runCli(
        ["import", "csv", file, "--map", "febrl", "--source", "febrl", "--output", "json"],
        {
          database: database.url,
          cwd: folder,
        },
      );
      expect(imported.exitCode).toBe(0);
      expect(JSON.parse(imported.stdout)).toMatchObject({
        items: [{ records: 5000, added: 5000, rejected: 0 }],
      });
      const result = await runCli(["match", "evaluate", "--truth", "truth.csv", "--output", "json"], {
        database: database.url,
        cwd: folder,
      });
      expect(result.exitCode).toBe(0);
      const { items, truePairs } = JSON.parse(result.stdout) as {
        items: { name: string; f1: number }[];
        truePairs: number;
      };
      expect(truePairs).toBe(6538);
      expect(Math.max(items[0]!.f1, items[1]!.f1)).toBeGreaterThanOrEqual(0.995);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 120_000);

  it("takes RecordLinker's seed file as it is", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "mpi-nbs-"));
    try {
      const database = await createTestDatabase();
      const imported = await runCli(
        [
          "import",
          "csv",
          path.join(shared, "recordlinker/nbs_seed.csv"),
          "--map",
          "recordlinker-nbs",
          "--source",
          "nbs",
          "--output",
          "json",
          "--rejects",
          path.join(folder, "rejects.csv"),
        ],
        { database: database.url, cwd: folder },
      );
      expect(imported.exitCode).toBe(0);
      expect(JSON.parse(imported.stdout)).toMatchObject({ items: [{ records: 1044, rejected: 0 }] });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
