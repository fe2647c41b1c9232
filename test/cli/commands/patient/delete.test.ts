import { beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../support/cli.ts";
import { converse, keys } from "../../../support/terminal.ts";
import { openTestIndex, type TestIndex } from "../../../support/test-index.ts";

let index: TestIndex;
let id: string;
beforeEach(async () => {
  index = await openTestIndex();
  await index.sql`insert into identifier_domains (code, system, name, is_unique) values ('MRN', 'urn:test:mrn', 'G', true)`;
  id = await index.add({ name: "Quillfeather, Wilma", identifiers: [{ value: "MRN-77" }] });
});

const patient = (...argv: string[]) => runCli(["patient", ...argv], { database: index.database.url });
const isDeleted = async () =>
  (
    await index.sql<
      { deleted: boolean }[]
    >`select deleted_at is not null as deleted from patients where id = ${id}`
  )[0]!.deleted;

describe("mpi patient delete and restore", () => {
  it("deletes softly, with who, why and when, and brings everything back as it was", async () => {
    const before =
      await index.sql`select to_jsonb(p) - '{version,change_xid,updated_at,updated_by}'::text[] as row from patients p`;
    const deleted = await patient("delete", id, "--reason", "test record", "--yes", "--output", "json");
    expect(deleted.exitCode).toBe(0);
    expect(JSON.parse(deleted.stdout)).toMatchObject({ id, status: "deleted", version: 2 });
    expect((await index.sql`select deleted_by from patients`)[0]).toMatchObject({ deleted_by: "tester" });
    expect((await patient("find", "quillfeather", "--output", "ndjson")).stdout).toBe("");
    const restored = await patient("restore", id, "--reason", "a mistake");
    expect(restored.exitCode).toBe(0);
    expect(
      await index.sql`select to_jsonb(p) - '{version,change_xid,updated_at,updated_by}'::text[] as row from patients p`,
    ).toEqual(before);
    expect(
      await index.sql`select operation, reason from audit_log where table_name = 'patients' and action = 'UPDATE' order by timestamp`,
    ).toMatchObject([
      { operation: "PATIENT_DELETE", reason: "test record" },
      { operation: "PATIENT_RESTORE", reason: "a mistake" },
    ]);
  });

  it("needs a reason, and a yes, and changes nothing in a dry run", async () => {
    expect((await patient("delete", id, "--yes")).exitCode).toBe(2);
    expect((await patient("delete", id, "--reason", "x")).exitCode).toBe(2);
    expect((await patient("delete", id, "--reason", "x", "--dry-run")).exitCode).toBe(0);
    expect(await isDeleted()).toBe(false);
    expect((await patient("restore", id)).exitCode).toBe(2);
  });

  it("asks on a terminal", async () => {
    const argv = ["patient", "delete", id, "--reason", "x"];
    const no = await converse(argv, [[/Delete record/, `n${keys.enter}`]], { database: index.database.url });
    expect(no.exitCode).toBe(130);
    expect(await isDeleted()).toBe(false);
    const yes = await converse(argv, [[/Delete record/, `y${keys.enter}`]], { database: index.database.url });
    expect(yes.exitCode).toBe(0);
    expect(await isDeleted()).toBe(true);
  });

  it("refuses what is deleted already, what is not deleted, and what is not there", async () => {
    expect((await patient("restore", id, "--reason", "x")).exitCode).toBe(4);
    await patient("delete", id, "--reason", "x", "--yes");
    expect((await patient("delete", id, "--reason", "x", "--yes")).exitCode).toBe(4);
    expect((await patient("delete", "00000000", "--reason", "x", "--yes")).exitCode).toBe(3);
  });

  it("refuses to delete a record that others were merged into", async () => {
    const retired = await index.add({ name: "Quilfeather, Wilma" });
    await index.sql`insert into patient_links (patient_id, other_patient_id, link_type, origin) values (${retired}, ${id}, 'replaced_by', 'merge')`;
    const { exitCode, stderr } = await patient("delete", id, "--reason", "x", "--yes");
    expect(exitCode).toBe(4);
    expect(stderr).toContain(retired);
    expect(await isDeleted()).toBe(false);
  });

  it("gives a unique identifier free, and refuses to restore where another record took it", async () => {
    await patient("delete", id, "--reason", "x", "--yes");
    await index.add({ name: "Bracegirdle, Horatio", identifiers: [{ value: "mrn 77" }] });
    const { exitCode, stderr } = await patient("restore", id, "--reason", "x");
    expect(exitCode).toBe(4);
    expect(stderr).not.toMatch(/mrn/i);
    expect(await isDeleted()).toBe(true);
  });
});
