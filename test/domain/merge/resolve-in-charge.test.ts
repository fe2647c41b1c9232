import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { mergePatients } from "../../../src/domain/merge/merge-patients.ts";
import { parseMoment, resolveInCharge } from "../../../src/domain/merge/resolve-in-charge.ts";
import { unmergePatient } from "../../../src/domain/merge/unmerge-patient.ts";
import { openTestIndex, type TestIndex } from "../../support/test-index.ts";

const resolve = (index: TestIndex, id: string, asOf: string | null = null) =>
  index.act((tx) => resolveInCharge(tx, id, asOf));

const now = async ({ sql }: TestIndex) => {
  await sleep(5);
  const [row] = await sql<{ at: string }[]>`select clock_timestamp()::text as at`;
  await sleep(5);
  return row!.at;
};

describe("M13: who is in charge", () => {
  it("is the end of the chain, with the path there and who did each step", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    await index.act((tx) => mergePatients(tx, { sources: [a], survivor: b, reason: "same card" }), {
      user: "ann",
    });
    await index.act((tx) => mergePatients(tx, { sources: [b], survivor: c, reason: "same face" }), {
      user: "ben",
    });
    const answer = await resolve(index, a);
    expect(answer).toMatchObject({
      record: a,
      inCharge: c,
      path: [
        { from: a, to: b, by: "ann", reason: "same card" },
        { from: b, to: c, by: "ben", reason: "same face" },
      ],
    });
    const [person] = await index.sql`select enterprise_id from patients where id = ${c}`;
    expect(answer.enterpriseId).toBe(person!["enterprise_id"]);
    expect(await resolve(index, c)).toMatchObject({ inCharge: c, path: [] });
  });

  it("was another at another time, merges that were taken back since included", async () => {
    const index = await openTestIndex();
    const before = await now(index);
    const [a, b] = [await index.add(), await index.add()];
    const apart = await now(index);
    const { merges } = await index.act((tx) =>
      mergePatients(tx, { sources: [b], survivor: a, reason: null }),
    );
    const merged = await now(index);
    await index.act((tx) => unmergePatient(tx, { mergeId: merges[0]!.mergeId, reason: null }));
    const [ea, eb] = (
      await index.sql<{ enterprise_id: string }[]>`
      select enterprise_id from patients order by id = ${b}`
    ).map((row) => row.enterprise_id);

    await expect(resolve(index, b, before)).rejects.toMatchObject({ code: "not-found" });
    expect(await resolve(index, b, apart)).toMatchObject({ inCharge: b, path: [], enterpriseId: eb });
    expect(await resolve(index, b, merged)).toMatchObject({ inCharge: a, enterpriseId: ea });
    expect(await resolve(index, b)).toMatchObject({ inCharge: b, enterpriseId: eb });
  });

  it.each([
    ["2026-03-31", "2026-03-31 23:59:59.999999+00"],
    ["2026-03-31T14:05:00Z", "2026-03-31T14:05:00Z"],
    ["2026-03-31T14:05:00.123456+02:00", "2026-03-31T14:05:00.123456+02:00"],
  ])("takes %s for a moment", (text, moment) => expect(parseMoment(text)).toBe(moment));

  it.each(["2026-02-30", "2026-03", "31/12/2026", "yesterday", "2026-03-31T14:05", "2026-03-31T25:00:00Z"])(
    "takes %s for none",
    (text) => expect(() => parseMoment(text)).toThrow(/moment/),
  );

  it("finds no record that does not exist", async () => {
    const index = await openTestIndex();
    await expect(resolve(index, "00000000-0000-4000-8000-000000000000")).rejects.toMatchObject({
      code: "not-found",
    });
  });
});
