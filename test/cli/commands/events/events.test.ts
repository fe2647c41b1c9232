import { describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { waitForOpenTransactions } from "../../../support/settle.ts";
import { openTestIndex } from "../../../support/test-index.ts";

type Line = Readonly<Record<string, unknown>>;
const linesOf = (stdout: string) =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

describe("mpi events", () => {
  it("prints one event a line and a checkpoint last, from which the next call goes on", async () => {
    const index = await openTestIndex();
    const a = await index.add({ name: "Quillfeather, Wilma" });
    const b = await index.add({ name: "Quillfeather, Willa" });
    const follow = async (since: string) => {
      await waitForOpenTransactions(index.sql);
      const result = await runCli(["events", "--since", since, "--output", "ndjson"], {
        database: index.database.url,
      });
      expect(result).toMatchObject({ exitCode: 0 });
      return linesOf(result.stdout);
    };
    const first = await follow("beginning");
    expect(first.map((line) => [line["event"], line["patientId"]])).toEqual([
      ["created", a],
      ["created", b],
      ["checkpoint", undefined],
    ]);
    expect(first[0]).toEqual({
      event: "created",
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
      by: "steward",
      operation: "PATIENT_ADD",
      transactionId: expect.stringMatching(/^\d+$/) as string,
      patientId: a,
      enterpriseId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      cursor: expect.stringMatching(/^e1-/) as string,
    });
    const nothing = await follow(String(first.at(-1)!["cursor"]));
    expect(nothing.map((line) => line["event"])).toEqual(["checkpoint"]);
    const merge = await runCli(["patient", "merge", b, "--into", a, "--reason", "twice", "--yes"], {
      database: index.database.url,
    });
    expect(merge.exitCode).toBe(0);
    const third = await follow(String(nothing[0]!["cursor"]));
    expect(third.find((line) => line["event"] === "merged")).toMatchObject({
      patientId: b,
      survivorId: a,
      by: "tester",
    });
  });

  it("filters, limits, and says where to go on", async () => {
    const index = await openTestIndex();
    await index.add({ name: "Quillfeather, Wilma" });
    const b = await index.add({ name: "Quillfeather, Willa" });
    await index.act((tx) => tx.execute(`update patients set gender = 'female' where id = '${b}'`));
    await waitForOpenTransactions(index.sql);
    const database = index.database.url;
    const updated = await runCli(["events", "--since", "beginning", "--event", "updated"], { database });
    expect(updated.stdout).toMatch(
      /^When +Event +Record +Details +By +Operation\n\S+ +updated +\S+ +gender +steward/,
    );
    expect(updated.stderr).toMatch(/Go on with --since e1-/);
    const json = await runCli(["events", "--since", "beginning", "--limit", "1", "--output", "json"], {
      database,
    });
    const document = JSON.parse(json.stdout) as { items: Line[]; nextCursor: string };
    expect(document.items).toHaveLength(1);
    expect(document.nextCursor).toBe(document.items[0]!["cursor"]);
    const rest = await runCli(["events", "--since", document.nextCursor, "--output", "csv"], { database });
    expect(rest.stdout.split("\n")[0]).toBe("at,event,patientId,details,by,operation,transactionId,cursor");
    expect(rest.stdout.trim().split("\n")).toHaveLength(3);
  });

  it("refuses what is no cursor, no kind, and a cursor of another database", async () => {
    const index = await openTestIndex();
    const events = (...words: string[]) => runCli(["events", ...words], { database: index.database.url });
    expect(await events()).toMatchObject({ exitCode: 2 });
    const broken = await events("--since", "yesterday");
    expect(broken.exitCode).toBe(2);
    expect(broken.stderr).toContain("--since takes a cursor");
    expect((await events("--since", "2026-02-30")).exitCode).toBe(2);
    expect((await events("--since", "now", "--event", "moved")).exitCode).toBe(2);
    const other = await events("--since", "e1-1-1-1-1-1-1-1-1-1-1-1");
    expect(other.exitCode).toBe(4);
    expect(other.stderr).toContain("not of this database");
  });
});
