import { describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

const retired = "aaaaaaaa-0000-4000-8000-000000000001";
const survivor = "bbbbbbbb-0000-4000-8000-000000000002";
const other = "cccccccc-0000-4000-8000-000000000003";

/** Two records, one of them retired in favour of the other, and a third; made by two users under named operations. */
const filled = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase();
  await database.sql.begin(async (tx) => {
    await tx`select set_config('mpi.user_id', 'ada', true), set_config('mpi.operation', 'PATIENT_ADD', true)`;
    await tx`insert into patients (id, gender) values (${retired}, 'female'), (${survivor}, 'female'), (${other}, 'male')`;
    await tx`insert into patient_names (patient_id, family) values (${retired}, 'Quillfeather')`;
    await tx`insert into patient_identifiers (patient_id, type, system, value) values (${other}, 'MRN', 'urn:mrn', 'SECRET-7788')`;
  });
  await database.sql.begin(async (tx) => {
    await tx`select set_config('mpi.user_id', 'bob', true), set_config('mpi.operation', 'MERGE', true), set_config('mpi.reason', 'same person', true)`;
    await tx`update patients set active = false where id = ${retired}`;
    await tx`insert into patient_links (patient_id, other_patient_id, link_type, origin)
      values (${retired}, ${survivor}, 'replaced_by', 'merge'), (${survivor}, ${retired}, 'replaces', 'merge')`;
  });
  return database;
};

const show = async (database: TestDatabase, ...flags: string[]) => {
  const result = await runCli(["audit", "show", "--output", "json", ...flags], { database: database.url });
  const { items, nextBefore } = (
    result.stdout === "" ? { items: [], nextBefore: null } : JSON.parse(result.stdout)
  ) as {
    nextBefore: string | null;
    items: {
      id: number;
      userId: string;
      operation: string;
      action: string;
      entityId: string;
      reason: string;
      changes: { field: string; old?: unknown; new?: unknown }[];
    }[];
  };
  return { ...result, items, nextBefore };
};

describe("mpi audit show", () => {
  it("tells a patient's history with the fields that changed, old and new", async () => {
    const database = await filled();
    const { exitCode, items } = await show(
      database,
      "--patient",
      retired,
      "--operation",
      "MERGE",
      "--table",
      "patients",
    );
    expect(exitCode).toBe(0);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ userId: "bob", action: "UPDATE", reason: "same person" });
    expect(items[0]!.changes).toEqual([{ field: "active", old: true, new: false }]);
  });

  it("follows merges both ways: a survivor's history includes the retired record's", async () => {
    const database = await filled();
    const { items } = await show(database, "--patient", survivor, "--action", "insert");
    expect(
      items.some(
        (entry) =>
          entry.entityId === retired && entry.changes.some((change) => change.new === "Quillfeather"),
      ),
    ).toBe(true);
    expect(items.some((entry) => entry.entityId === other)).toBe(false);
  });

  it("filters by user and pages without gaps or repetitions", async () => {
    const database = await filled();
    const all = await show(database, "--user", "ada");
    expect(all.items.every((entry) => entry.userId === "ada")).toBe(true);
    const first = await show(database, "--user", "ada", "--limit", "2");
    const second = await show(database, "--user", "ada", "--limit", "100", "--before", first.nextBefore!);
    expect(second.nextBefore).toBeNull();
    expect([...first.items, ...second.items].map((entry) => entry.id)).toEqual(
      all.items.map((entry) => entry.id),
    );
  });

  it("masks identifiers in lists over many patients, and reveals them for a reason", async () => {
    const database = await filled();
    const masked = await show(database, "--table", "patient_identifiers");
    expect(masked.stdout).toContain("****7788");
    expect(masked.stdout).not.toContain("SECRET");
    expect((await show(database, "--table", "patient_identifiers", "--reveal")).exitCode).toBe(2);
    const revealed = await show(
      database,
      "--table",
      "patient_identifiers",
      "--reveal",
      "--reason",
      "complaint 12",
    );
    expect(revealed.stdout).toContain("SECRET-7788");
    const [audited] =
      await database.sql`select reason from audit_log where operation = 'AUDIT_SHOW' and reason is not null`;
    expect(audited!["reason"]).toBe("complaint 12");
  });

  it("writes down who looked: one row for each patient shown", async () => {
    const database = await filled();
    await show(database, "--patient", other);
    const reads =
      await database.sql`select entity_id, user_id from audit_log where action = 'READ' and operation = 'AUDIT_SHOW'`;
    expect(reads.map((each) => ({ ...each }))).toEqual([{ entity_id: other, user_id: "tester" }]);
  });

  it("refuses times that could be read two ways, unknown actions and unknown patients", async () => {
    const database = await filled();
    expect((await show(database, "--since", "01/02/2026")).exitCode).toBe(2);
    expect((await show(database, "--since", "2026-02-30")).exitCode).toBe(2);
    expect((await show(database, "--action", "LOOK")).exitCode).toBe(2);
    expect((await show(database, "--patient", "ffffffff-0000")).exitCode).toBe(3);
  });

  it("is plain text in a pipe and says nothing on stdout where there is nothing", async () => {
    const database = await filled();
    const plain = await runCli(["audit", "show", "--operation", "MERGE"], { database: database.url });
    expect(plain.stdout).toContain("active: true → false");
    expect(plain.stdout).not.toContain("\u001b[");
    const empty = await runCli(["audit", "show", "--operation", "NOTHING"], { database: database.url });
    expect(empty).toMatchObject({ exitCode: 0 });
    expect(empty.stderr).toContain("nothing like that");
  });

  it("finds who searched for a name by its keyed hash, and needs the key for it", async () => {
    const database = await filled();
    const env = { MPI_AUDIT_KEY: "0123456789abcdef0123456789abcdef" };
    const run = (words: readonly string[], environment: Readonly<Record<string, string>>) =>
      runCli([...words, "--output", "json"], { database: database.url, env: environment });
    await run(["patient", "find", "Quillfeather"], { ...env, MPI_USER: "nosy" });
    await run(["patient", "find", "Somebody"], { ...env, MPI_USER: "busy" });
    const found = await run(["audit", "show", "--searched-for", "words=QUILLFEATHER"], env);
    const { items } = JSON.parse(found.stdout) as { items: { userId: string; action: string }[] };
    expect([...new Set(items.map(({ userId, action }) => `${userId} ${action}`))]).toEqual(["nosy SEARCH"]);
    const keyless = await run(["audit", "show", "--searched-for", "words=quillfeather"], {});
    expect(keyless).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("MPI_AUDIT_KEY") as unknown,
    });
    expect((await run(["audit", "show", "--searched-for", "quillfeather"], env)).stderr).not.toContain(
      "quillfeather",
    );
  });
});
