import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { verifySchema } from "../../../src/db/migrate/verify.ts";
import { bringBack, setAsideIndexes } from "../../../src/db/queries/set-aside.ts";
import type { Transaction } from "../../../src/db/client.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";

const table = "patient_match_scores";

const rulesOf = async (tx: Transaction): Promise<readonly string[]> => {
  const rows = await tx.execute<{ rule: string }>(sql`
    select conname || ': ' || pg_get_constraintdef(oid) as rule from pg_constraint where conrelid = ${table}::regclass
    union all select pg_get_indexdef(indexrelid) from pg_index where indrelid = ${table}::regclass
    order by 1`);
  return rows.map(({ rule }) => rule);
};

const addPair = (tx: Transaction, one: string, other: string) =>
  tx.execute(sql`
    insert into patient_match_scores (patient_id, candidate_id, total_score)
    values (least(${one}::uuid, ${other}::uuid), greatest(${one}::uuid, ${other}::uuid), 0.9)`);

const expectEveryRule = async (index: TestIndex): Promise<void> =>
  expect(await verifySchema(index.database.target)).toEqual([]);

describe("indexes and references that are set aside", () => {
  it("are gone, but for the primary key and what is true of each row, and come back as they were", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    await index.act(async (tx) => {
      const before = await rulesOf(tx);
      const aside = await setAsideIndexes(tx, table);
      const kept = await rulesOf(tx);
      expect(kept.filter((rule) => rule.includes("FOREIGN KEY") || rule.startsWith("CREATE"))).toEqual([
        expect.stringContaining("patient_match_scores_pkey"),
      ]);
      expect(kept.filter((rule) => rule.includes("CHECK"))).toEqual(
        before.filter((rule) => rule.includes("CHECK")),
      );
      await addPair(tx, a, b);
      await bringBack(tx, aside!);
      expect(await rulesOf(tx)).toEqual(before);
    });
    await expectEveryRule(index);
  });

  it.each([
    ["a pair of a record that is not there", [["a", "nobody"]]],
    [
      "a pair twice",
      [
        ["a", "b"],
        ["b", "a"],
      ],
    ],
  ] as const)("refuse, when they come back, %s, and all is as it was", async (_, pairs) => {
    const index = await openTestIndex();
    const ids = {
      a: await index.add(),
      b: await index.add(),
      nobody: "00000000-0000-4000-8000-000000000001",
    };
    const filling = index.act(async (tx) => {
      const aside = await setAsideIndexes(tx, table);
      for (const [one, other] of pairs) await addPair(tx, ids[one], ids[other]);
      await bringBack(tx, aside!);
    });
    await expect(filling).rejects.toMatchObject({ facts: { table } });
    expect(await index.sql`select from patient_match_scores`).toHaveLength(0);
    await expectEveryRule(index);
  });

  it("stay where somebody is at work on the patients, and the transaction goes on", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    await index.sql.begin(async (other) => {
      await other`update patients set gender = 'female' where id = ${a}`;
      await index.act(async (tx) => {
        const before = await rulesOf(tx);
        expect(await setAsideIndexes(tx, table, "0.05s")).toBeUndefined();
        expect(await rulesOf(tx)).toEqual(before);
      });
    });
    await index.act(async (tx) => {
      await addPair(tx, a, b);
    });
    expect(await index.sql`select from patient_match_scores`).toHaveLength(1);
  });

  it("stay for a role that does not own the tables", async () => {
    const index = await openTestIndex();
    await index.sql.begin(async (admin) => {
      await admin`create role set_aside_nobody`;
      await admin`grant all on all tables in schema public to set_aside_nobody`;
    });
    try {
      await index.act(async (tx) => {
        await tx.execute(sql`set local role set_aside_nobody`);
        expect(await setAsideIndexes(tx, table)).toBeUndefined();
      });
      await expectEveryRule(index);
    } finally {
      await index.sql.unsafe("drop owned by set_aside_nobody; drop role set_aside_nobody");
    }
  });

  it("stay where policies are at work on the rows, for nothing could be copied into the table", async () => {
    const index = await openTestIndex();
    const filling = index.act(async (tx) => {
      await tx.execute(sql`create role set_aside_owner`);
      await tx.execute(sql`grant usage, create on schema public to set_aside_owner`);
      for (const owned of [table, "patients"]) {
        await tx.execute(sql`alter table ${sql.identifier(owned)} owner to set_aside_owner`);
      }
      await tx.execute(sql`set local role set_aside_owner`);
      const aside = await setAsideIndexes(tx, table);
      expect(aside).toBeDefined();
      await bringBack(tx, aside!);
      await tx.execute(
        sql`alter table ${sql.identifier(table)} enable row level security, force row level security`,
      );
      expect(await setAsideIndexes(tx, table)).toBeUndefined();
      throw new Error("taken back");
    });
    await expect(filling).rejects.toThrow("taken back");
    await expectEveryRule(index);
  });
});
