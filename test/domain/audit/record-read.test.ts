import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../../src/db/client.ts";
import { recordRead, withAuditedRead, type ReadContext } from "../../../src/domain/audit/record-read.ts";
import { createTermKey } from "../../../src/domain/audit/term-key.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";

const termKey = createTermKey("0123456789abcdef", "the test");
const nurse: ReadContext = {
  user: "nurse.joy",
  operation: "PATIENT_FIND",
  ipAddress: "192.0.2.7",
  userAgent: "mpi/test",
  reason: "call from the ward",
  termKey,
};
const somebody = "00000000-0000-4000-8000-000000000001";
const another = "00000000-0000-4000-8000-000000000002";

const listReads = (index: TestIndex) => index.sql`
  select action, entity_type, entity_id, user_id, operation, ip_address, user_agent, reason, new_values
  from audit_log order by id`;

/** A second way in, for which the database is read-only, or which may not call the function. */
const openAs = async (index: TestIndex, setting: "read-only" | "no permission") => {
  let target = index.database.target;
  if (setting === "read-only") {
    await index.sql.unsafe(`alter database ${index.database.name} set default_transaction_read_only = on`);
  } else {
    const role = `${index.database.name}_reader`;
    await index.sql.unsafe(`create role ${role} login password 'reader'`);
    onTestFinished(async () => {
      await index.sql.unsafe(`drop owned by ${role}; drop role ${role}`);
    });
    await index.sql.unsafe(`grant select on all tables in schema public to ${role}`);
    target = { ...target, user: role, password: "reader" };
  }
  const handle = await openDatabase(target);
  onTestFinished(() => handle.close());
  return handle.db;
};

describe("an audited read", () => {
  it("writes one row for each record shown, once, with what was asked as keyed hashes", async () => {
    const index = await openTestIndex();
    const result = await withAuditedRead(
      index.db,
      nurse,
      { action: "SEARCH", terms: { family: "Quillfeather" }, details: { revealed: true } },
      () => Promise.resolve({ result: "two people", ids: [somebody, another, somebody] }),
    );
    expect(result).toBe("two people");
    const row = (id: string) => ({
      action: "SEARCH",
      entity_type: "patient",
      entity_id: id,
      user_id: "nurse.joy",
      operation: "PATIENT_FIND",
      ip_address: "192.0.2.7",
      user_agent: "mpi/test",
      reason: "call from the ward",
      new_values: {
        fields: ["family"],
        terms: { family: [termKey.hash("family", "quillfeather")] },
        keyId: termKey.id,
        revealed: true,
      },
    });
    expect(await listReads(index)).toEqual([row(somebody), row(another)]);
  });

  it("that found nobody is one row without a record", async () => {
    const index = await openTestIndex();
    await withAuditedRead(index.db, nurse, { action: "SEARCH", terms: { family: "Nobody" } }, () =>
      Promise.resolve({ result: undefined, ids: [] }),
    );
    expect(await listReads(index)).toMatchObject([{ action: "SEARCH", entity_id: null }]);
  });

  it("that fails gives nothing out and leaves no row", async () => {
    const index = await openTestIndex();
    await expect(
      withAuditedRead(index.db, nurse, { action: "READ" }, () => Promise.reject(new Error("no such table"))),
    ).rejects.toThrow("no such table");
    expect(await listReads(index)).toEqual([]);
  });

  it("within a transaction of the caller stands under its operation, and goes with it", async () => {
    const index = await openTestIndex();
    await index.act((tx) => recordRead(tx, nurse, { action: "READ" }, [somebody]), {
      operation: "PATIENT_ADD",
    });
    await index.act((tx) => recordRead(tx, nurse, { action: "READ" }, [another]), { dryRun: true });
    expect(await listReads(index)).toMatchObject([{ operation: "PATIENT_ADD", entity_id: somebody }]);
  });

  it.each(["read-only", "no permission"] as const)(
    "is refused where its row cannot be written (%s), before anything is given out",
    async (setting) => {
      const index = await openTestIndex();
      const db = await openAs(index, setting);
      const read = withAuditedRead(db, nurse, { action: "READ" }, () =>
        Promise.resolve({ result: "secret", ids: [somebody] }),
      );
      await expect(read).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringMatching(/^This read is refused/) as string,
      });
    },
  );

  it.each(["read-only", "no permission"] as const)(
    "goes on without its row (%s) where the configuration allows it, and says so",
    async (setting) => {
      const index = await openTestIndex();
      const db = await openAs(index, setting);
      let said = 0;
      const lenient: ReadContext = { ...nurse, onUnrecorded: () => (said += 1) };
      const result = await withAuditedRead(db, lenient, { action: "READ" }, async (tx) => {
        await recordRead(tx, lenient, { action: "SEARCH" }, [another]);
        return { result: "allowed", ids: [somebody] };
      });
      expect(result).toBe("allowed");
      expect(said).toBe(2);
      expect(await listReads(index)).toEqual([]);
    },
  );

  it("does not take another failure for one that is allowed", async () => {
    const index = await openTestIndex();
    await index.sql`alter table audit_log rename to gone`;
    const lenient: ReadContext = { ...nurse, onUnrecorded: () => undefined };
    await expect(
      withAuditedRead(index.db, lenient, { action: "READ" }, () =>
        Promise.resolve({ result: 1, ids: [somebody] }),
      ),
    ).rejects.toMatchObject({ code: "unavailable" });
  });
});
