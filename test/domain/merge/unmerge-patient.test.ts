import { describe, expect, it } from "vitest";
import { decideDifferent } from "../../../src/domain/decision/decide-different.ts";
import type { PairScore } from "../../../src/domain/decision/pair-scorer.ts";
import { linkPatients } from "../../../src/domain/link/link-patients.ts";
import { applyToSurvivor } from "../../../src/domain/merge/apply-to-survivor.ts";
import type { MergeRequest } from "../../../src/domain/merge/merge-one.ts";
import { mergePatients } from "../../../src/domain/merge/merge-patients.ts";
import { unmergePatient, type UnmergeRequest } from "../../../src/domain/merge/unmerge-patient.ts";
import { inventContent, openTestIndex, type TestIndex } from "../../support/test-index.ts";
import { listValues, takeSnapshot } from "./snapshot.ts";

/** Merges one record and returns the merge's id. */
const merge = async (
  index: TestIndex,
  source: string,
  survivor: string,
  more: Partial<MergeRequest> = {},
) => {
  const { merges } = await index.act((tx) =>
    mergePatients(tx, { sources: [source], survivor, reason: "same person", ...more }),
  );
  return merges[0]!.mergeId;
};

const unmerge = (
  index: TestIndex,
  mergeId: string,
  more: Partial<UnmergeRequest> & { dryRun?: boolean } = {},
) => {
  const { dryRun = false, ...request } = more;
  return index.act((tx) => unmergePatient(tx, { mergeId, reason: "another person", ...request }), { dryRun });
};

const link = (index: TestIndex, a: string, b: string) =>
  index.act((tx) => linkPatients(tx, { a, b, reason: null }));

const enterpriseIds = async (index: TestIndex, ...ids: string[]) => {
  const rows = await index.sql<
    { id: string; enterprise_id: string }[]
  >`select id, enterprise_id from patients`;
  return ids.map((id) => rows.find((row) => row.id === id)!.enterprise_id);
};

const rich = (letter: string, digit: number) => ({
  name: `Hale, Nora ${letter}`,
  gender: "female" as const,
  identifiers: [{ value: `${letter}-1`, use: "official" as const }, { value: "shared" }],
  addresses: [{ line1: `${String(digit)} Elm St`, city: "Troy", isPrimary: true, use: "home" as const }],
  contacts: [{ value: `202-555-010${String(digit)}`, isPrimary: true, use: "mobile" as const }],
});

describe("U1: the record comes back with its own, the survivor loses only what came with it", () => {
  it("brings back rows, links and use, active", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [
      await index.add(rich("A", 1)),
      await index.add(rich("B", 2)),
      await index.add(rich("C", 3)),
    ];
    await link(index, a, c);
    const mergeId = await merge(index, a, b);
    await link(index, b, await index.add());
    await unmerge(index, mergeId);
    expect(await index.sql`select active from patients where id = ${a}`).toEqual([{ active: true }]);
    expect(await listValues(index, "identifiers", a)).toEqual(["A-1 (official)", "shared"]);
    expect(await listValues(index, "contacts", a)).toEqual(["202-555-0101 (mobile)"]);
    expect(await listValues(index, "identifiers", b)).toEqual(["B-1 (official)", "shared"]);
    expect(
      await index.sql`select link_type from patient_links where patient_id = ${a} and other_patient_id = ${c}`,
    ).toEqual([{ link_type: "seealso" }]);
    const [ea, eb, ec] = await enterpriseIds(index, a, b, c);
    expect(ea).toBe(ec);
    expect(ea).not.toBe(eb);
    expect(await index.sql`select 1 from patient_links where patient_id = ${b}`).toHaveLength(1);
  });

  it("leaves what the survivor got from elsewhere", async () => {
    const index = await openTestIndex();
    const [a, b, x] = [await index.add(rich("A", 1)), await index.add({}), await index.add(rich("X", 3))];
    const first = await merge(index, a, b);
    await merge(index, x, b);
    await index.act((tx) =>
      tx.execute(
        `insert into patient_contacts (patient_id, system, value) values ('${b}', 'phone', '202-555-0188')`,
      ),
    );
    await unmerge(index, first);
    expect(await listValues(index, "contacts", b)).toEqual(["202-555-0103 (old)", "202-555-0188"]);
  });
});

describe("U2: without a change in between, and with --allow-rematch, everything is as before the merge", () => {
  it("restores both records, their persons, links, pairs and enterprise ids exactly", async () => {
    const index = await openTestIndex();
    const a = await index.add({ ...rich("A", 1), birthDate: "1980-01-02", maritalStatus: "M" });
    const b = await index.add({
      ...rich("B", 2),
      gender: null,
      names: [{ family: "Hale", given: ["N"], use: "nickname" }],
    });
    const [c, d, e] = [await index.add(), await index.add(), await index.add()];
    await link(index, a, c);
    await link(index, b, d);
    await link(index, a, b);
    await index.act((tx) =>
      decideDifferent(tx, { a: c, b: e, origin: "review", reason: null, thirds: "release" }),
    );
    const before = await takeSnapshot(index);
    const mergeId = await merge(index, a, b, { keep: { maritalStatus: a } });
    expect(await takeSnapshot(index)).not.toEqual(before);
    await unmerge(index, mergeId, { allowRematch: true });
    expect(await takeSnapshot(index)).toEqual(before);
  });

  it("lets the records that came with the person leave with it", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    await link(index, b, c);
    const before = await enterpriseIds(index, a, b, c);
    const snapshot = await takeSnapshot(index);
    const mergeId = await merge(index, b, a);
    expect(new Set(await enterpriseIds(index, a, b, c)).size).toBe(1);
    await unmerge(index, mergeId, { allowRematch: true });
    expect(await enterpriseIds(index, a, b, c)).toEqual(before);
    // Since when each carries it, too.
    expect(await takeSnapshot(index)).toEqual(snapshot);
  });

  it("restores an overridden decision", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    await index.act((tx) =>
      decideDifferent(tx, { a, b, origin: "review", reason: "twins", thirds: "release" }),
    );
    const before = await takeSnapshot(index);
    const mergeId = await merge(index, a, b, { override: true });
    await unmerge(index, mergeId, { allowRematch: true });
    expect(await takeSnapshot(index)).toEqual(before);
  });

  it("leaves an overridden decision closed where others have made the two one person meanwhile", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [await index.add(), await index.add(), await index.add()];
    await link(index, a, c);
    await index.act((tx) =>
      decideDifferent(tx, { a, b, origin: "review", reason: "twins", thirds: "release" }),
    );
    const mergeId = await merge(index, a, b, { override: true });
    await link(index, b, c);
    await unmerge(index, mergeId, { allowRematch: true });
    expect(new Set(await enterpriseIds(index, a, b, c)).size).toBe(1);
    expect(
      await index.sql`select state from patient_match_scores where ${a} in (patient_id, candidate_id) and ${b} in (patient_id, candidate_id)`,
    ).toEqual([{ state: "superseded" }]);
  });
});

describe("U3: later edits never make it fail", () => {
  const edited = async () => {
    const index = await openTestIndex();
    const [a, b] = [
      await index.add({ contacts: [{ value: "202-555-0101", use: "home" }] }),
      await index.add({ contacts: [{ value: "202-555-0102" }] }),
    ];
    const mergeId = await merge(index, a, b);
    await index.sql`update patient_contacts set value = '202-555-0199' where patient_id = ${b} and value = '202-555-0101'`;
    return { index, a, b, mergeId };
  };

  it("keeps a value that was edited on the survivor there, and shows the conflict", async () => {
    const { index, a, b, mergeId } = await edited();
    const { rows } = await unmerge(index, mergeId, { dryRun: true });
    expect(rows).toMatchObject([{ table: "contacts", since: "edited" }]);
    await unmerge(index, mergeId);
    expect(await listValues(index, "contacts", a)).toEqual(["202-555-0101 (home)"]);
    expect(await listValues(index, "contacts", b)).toEqual(["202-555-0102", "202-555-0199 (old)"]);
  });

  it.each([
    ["a", ["202-555-0199 (home)"], ["202-555-0102"]],
    ["b", ["202-555-0101 (home)"], ["202-555-0102", "202-555-0199 (old)"]],
    ["both", ["202-555-0199 (home)"], ["202-555-0102", "202-555-0199 (old)"]],
  ] as const)("--take %s decides who gets it", async (take, onA, onB) => {
    const { index, a, b, mergeId } = await edited();
    await unmerge(index, mergeId, { take });
    expect(await listValues(index, "contacts", a)).toEqual(onA);
    expect(await listValues(index, "contacts", b)).toEqual(onB);
  });

  it.each([
    ["a", null, "other"],
    ["b", "other", "male"],
    ["both", "other", "other"],
  ] as const)(
    "--take %s decides about a single value that came with the merge and was edited",
    async (take, onB, onA) => {
      const index = await openTestIndex();
      const [a, b] = [await index.add({ gender: "male" }), await index.add()];
      const mergeId = await merge(index, a, b);
      await index.sql`update patients set gender = 'other' where id = ${b}`;
      const { fields } = await unmerge(index, mergeId, { take });
      expect(fields).toMatchObject([{ field: "gender", since: "edited", present: { gender: "other" } }]);
      expect(await index.sql`select gender from patients where id = ${b}`).toEqual([{ gender: onB }]);
      expect(await index.sql`select gender from patients where id = ${a}`).toEqual([{ gender: onA }]);
    },
  );

  it("gives back a row that was deleted on the survivor since", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add({ contacts: [{ value: "202-555-0101" }] }), await index.add()];
    const mergeId = await merge(index, a, b);
    await index.sql`delete from patient_contacts where patient_id = ${b}`;
    const { rows } = await unmerge(index, mergeId);
    expect(rows).toMatchObject([{ since: "deleted" }]);
    expect(await listValues(index, "contacts", a)).toEqual(["202-555-0101"]);
  });

  it("brings an identifier back as old that another record has been given meanwhile", async () => {
    const index = await openTestIndex();
    await index.sql`insert into identifier_domains (code, system, name, is_unique) values ('MRN', 'urn:test:mrn', 'Number', true)`;
    const [a, b] = [await index.add({ identifiers: [{ value: "A-1" }] }), await index.add()];
    const mergeId = await merge(index, a, b);
    await index.add({ identifiers: [{ value: "A-1" }] });
    const { identifiersTaken } = await unmerge(index, mergeId);
    expect(identifiersTaken).toHaveLength(1);
    expect(await listValues(index, "identifiers", a)).toEqual(["A-1 (old)"]);
  });

  it("leaves a row alone that was moved to another record on purpose", async () => {
    const index = await openTestIndex();
    const [a, b, c] = [
      await index.add({ contacts: [{ value: "202-555-0101" }] }),
      await index.add(),
      await index.add(),
    ];
    const mergeId = await merge(index, a, b);
    await index.sql`update patient_contacts set patient_id = ${c}, origin_patient_id = null, merge_id = null`;
    await unmerge(index, mergeId);
    expect(await listValues(index, "contacts", c)).toEqual(["202-555-0101"]);
    expect(await listValues(index, "contacts", a)).toEqual([]);
  });
});

describe("U4: out of order", () => {
  const chain = async () => {
    const index = await openTestIndex();
    const a = await index.add({ ...rich("A", 1), maritalStatus: "M" });
    const b = await index.add({ ...rich("B", 2), motherName: "Ida" });
    const c = await index.add({ name: "Hale, Nora C", identifiers: [{ value: "C-1" }] });
    const before = await takeSnapshot(index);
    const first = await merge(index, a, b);
    const second = await merge(index, b, c);
    return { index, a, b, c, before, first, second };
  };

  it("the first merge of a chain comes back while the second stands, and the survivor keeps what is the middle one's", async () => {
    const { index, a, b, c, first } = await chain();
    await unmerge(index, first);
    expect(await listValues(index, "identifiers", a)).toEqual(["A-1 (official)", "shared"]);
    expect(await listValues(index, "identifiers", c)).toEqual(["B-1 (old)", "C-1", "shared (old)"]);
    expect(await index.sql`select marital_status, mother_name, gender from patients where id = ${c}`).toEqual(
      [{ marital_status: null, mother_name: "Ida", gender: "female" }],
    );
    expect(await index.sql`select active from patients where id = ${b}`).toEqual([{ active: false }]);
  });

  it("the middle one then comes back without the first one's rows", async () => {
    const { index, a, b, c, before, first, second } = await chain();
    await unmerge(index, first, { allowRematch: true });
    await unmerge(index, second, { allowRematch: true });
    expect(await listValues(index, "identifiers", b)).toEqual(["B-1 (official)", "shared"]);
    expect(await index.sql`select marital_status from patients where id = ${b}`).toEqual([
      { marital_status: null },
    ]);
    expect(await takeSnapshot(index, [a, b, c])).toEqual(before);
  });

  it("the middle one comes back first with all that came with it, and then lets the first one go", async () => {
    const { index, a, b, c, before, first, second } = await chain();
    await unmerge(index, second, { allowRematch: true });
    expect(await listValues(index, "identifiers", b)).toEqual(["A-1 (old)", "B-1 (official)", "shared"]);
    expect(await index.sql`select marital_status from patients where id = ${b}`).toEqual([
      { marital_status: "M" },
    ]);
    await unmerge(index, first, { allowRematch: true });
    expect(await takeSnapshot(index, [a, b, c])).toEqual(before);
  });

  it("data that arrived for the record after the merge returns with it", async () => {
    const { index, a, c, first } = await chain();
    const sent = inventContent({
      ...rich("A", 1),
      maritalStatus: "D",
      contacts: [{ value: "202-555-0101", use: "mobile" }, { value: "202-555-0177" }],
    });
    await index.act((tx) => applyToSurvivor(tx, a, sent));
    expect(await listValues(index, "contacts", c)).toContain("202-555-0177");
    await unmerge(index, first);
    expect(await listValues(index, "contacts", a)).toEqual(["202-555-0101 (mobile)", "202-555-0177"]);
    expect(await listValues(index, "contacts", c)).not.toContain("202-555-0177");
    expect(await index.sql`select marital_status from patients where id = ${a}`).toEqual([
      { marital_status: "D" },
    ]);
    expect(await index.sql`select marital_status from patients where id = ${c}`).toEqual([
      { marital_status: null },
    ]);
  });

  it("a correction that the record's own source sent after the merge is its own, and no conflict", async () => {
    const { index, a, c, first } = await chain();
    const sent = inventContent({
      ...rich("A", 1),
      maritalStatus: "M",
      identifiers: [{ value: "a 1", use: "official" }, { value: "shared" }],
    });
    await index.act((tx) => applyToSurvivor(tx, a, sent));
    expect(await listValues(index, "identifiers", c)).toContain("a 1 (old)");
    const { rows } = await unmerge(index, first);
    expect(rows.filter((row) => row.since === "edited")).toEqual([]);
    expect(await listValues(index, "identifiers", a)).toEqual(["a 1 (official)", "shared"]);
  });

  it("taking back the first of two merges into one record leaves it as if only the second had been made", async () => {
    const same = { contacts: [{ value: "202-555-0101" }], gender: "female" as const, motherName: "Ida" };
    const outcome = async (withFirst: boolean) => {
      const index = await openTestIndex();
      const [b, x, a] = [await index.add(), await index.add(same), await index.add(same)];
      const first = withFirst ? await merge(index, x, b) : undefined;
      await merge(index, a, b);
      if (first !== undefined) await unmerge(index, first, { allowRematch: true });
      return {
        contacts: await listValues(index, "contacts", b),
        scalars: await index.sql`select gender, mother_name from patients where id = ${b}`,
        left: await listValues(index, "contacts", a),
      };
    };
    expect(await outcome(true)).toEqual(await outcome(false));
  });

  // Of two rows that say the same one moves on, the first by its id.
  it.each(["00000000-0000-4000-8000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff"])(
    "a value that the middle one has too stays with who is in charge when the first one leaves with its own (%s)",
    async (id) => {
      const index = await openTestIndex();
      const value = "202-555-0101";
      const [a, b, c] = [await index.add({ contacts: [{ value }] }), await index.add(), await index.add()];
      const first = await merge(index, a, b);
      await index.sql`insert into patient_contacts (id, patient_id, system, value) values (${id}, ${b}, 'phone', ${value})`;
      await merge(index, b, c);
      await unmerge(index, first);
      expect(await listValues(index, "contacts", a)).toContain(value);
      expect((await listValues(index, "contacts", c)).join()).toContain(value);
    },
  );

  it("a value that whoever stays in charge has too comes back with a record that is merged into the returning one", async () => {
    const index = await openTestIndex();
    const withValue = { contacts: [{ value: "202-555-0101" }] };
    const [a, b, c] = [await index.add(withValue), await index.add(withValue), await index.add(withValue)];
    const middle = await index.add();
    const first = await merge(index, a, middle);
    await merge(index, b, middle);
    const last = await merge(index, middle, c);
    await unmerge(index, first);
    await unmerge(index, last);
    for (const record of [a, middle, c]) {
      expect((await listValues(index, "contacts", record)).join()).toContain("202-555-0101");
    }
  });

  it("the values of a chain of choices fall back one by one, in whatever order", async () => {
    const index = await openTestIndex();
    const [s, a, b, c] = [
      await index.add({ gender: "female" }),
      await index.add({ gender: "male" }),
      await index.add({ gender: "other" }),
      await index.add({ gender: "unknown" }),
    ];
    const [first, second, third] = [
      await merge(index, a, s, { keep: { gender: a } }),
      await merge(index, b, s, { keep: { gender: b } }),
      await merge(index, c, s, { keep: { gender: c } }),
    ];
    const gender = async () =>
      (await index.sql<{ gender: string }[]>`select gender from patients where id = ${s}`)[0]!.gender;
    expect(await gender()).toBe("unknown");
    await unmerge(index, second);
    expect(await gender()).toBe("unknown");
    await unmerge(index, third);
    expect(await gender()).toBe("male");
    await unmerge(index, first);
    expect(await gender()).toBe("female");
  });
});

describe("U5: that they are different is remembered in the same transaction", () => {
  it("so that nobody links them again by accident", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    await link(index, a, b);
    const mergeId = await merge(index, a, b);
    const { decided } = await unmerge(index, mergeId);
    expect(decided).toMatchObject({
      state: "rejected",
      decidedBy: "steward",
      decisionOrigin: "unmerge",
      reason: "another person",
    });
    expect(await index.sql`select 1 from patient_links`).toHaveLength(0);
    await expect(link(index, a, b)).rejects.toMatchObject({
      code: "conflict",
      details: { reason: "decided-different" },
    });
  });

  const held = async () => {
    const index = await openTestIndex();
    const [a, b, x] = [await index.add(), await index.add(), await index.add()];
    await link(index, a, x);
    await link(index, x, b);
    const mergeId = await merge(index, a, b);
    return { index, a, b, x, mergeId };
  };

  it("lists a third record that holds both, and asks", async () => {
    const { index, x, mergeId } = await held();
    const before = await takeSnapshot(index);
    await expect(unmerge(index, mergeId)).rejects.toMatchObject({
      code: "conflict",
      details: { reason: "thirds", thirds: [x] },
    });
    expect(await takeSnapshot(index)).toEqual(before);
  });

  it.each(["a", "b", "queue"] as const)("--third %s says where it stays", async (third) => {
    const { index, a, b, x, mergeId } = await held();
    await unmerge(index, mergeId, { third });
    const [ea, eb, ex] = await enterpriseIds(index, a, b, x);
    expect(ea).not.toBe(eb);
    expect([ea === ex, eb === ex]).toEqual([third === "a", third === "b"]);
    const pairs = await index.sql<
      { patient_id: string; candidate_id: string; state: string; kind: string }[]
    >`
      select patient_id, candidate_id, state, kind from patient_match_scores`;
    const said = (one: string) => {
      const pair = pairs.find(
        (each) => [each.patient_id, each.candidate_id].sort().join() === [one, x].sort().join(),
      );
      return `${pair!.state} ${pair!.kind}`;
    };
    expect([said(a), said(b)]).toEqual(
      {
        a: ["confirmed duplicate", "rejected duplicate"],
        b: ["rejected duplicate", "confirmed duplicate"],
        queue: ["pending conflict", "pending conflict"],
      }[third],
    );
  });
});

describe("U6: a merge is taken back once", () => {
  it("and refused the second time", async () => {
    const index = await openTestIndex();
    const [a, b] = [await index.add(), await index.add()];
    const mergeId = await merge(index, a, b);
    await unmerge(index, mergeId);
    await expect(unmerge(index, mergeId)).rejects.toMatchObject({
      code: "conflict",
      details: { reason: "already-unmerged" },
    });
    await expect(unmerge(index, a)).rejects.toMatchObject({ code: "not-found" });
    const again = await merge(index, a, b, { override: true });
    expect(again).not.toBe(mergeId);
  });
});

describe("U7: scores and enterprise ids of both are computed again", () => {
  it("scores every stored pair of both, and leaves decisions alone", async () => {
    const index = await openTestIndex();
    const [a, b, x, y] = [await index.add(), await index.add(), await index.add(), await index.add()];
    for (const [one, other] of [
      [a, x],
      [b, y],
    ] as const) {
      const [first, second] = [one, other].sort();
      await index.sql`insert into patient_match_scores (patient_id, candidate_id, total_score) values (${first!}, ${second!}, 0.9)`;
    }
    const mergeId = await merge(index, a, b);
    const asked: string[] = [];
    const scored = (isAboveReviewLine: boolean): PairScore => ({
      totalScore: 0.25,
      matchWeight: -1,
      nameScore: null,
      birthDateScore: null,
      genderScore: null,
      addressScore: null,
      identifierScore: null,
      levels: [],
      rulesFired: [],
      modelVersion: "m/2",
      calibrationId: null,
      isAboveReviewLine,
    });
    await index.act((tx) =>
      unmergePatient(tx, { mergeId, reason: "another" }, (_db, one, other) => {
        asked.push([one, other].sort().join());
        return Promise.resolve(scored([one, other].includes(y)));
      }),
    );
    expect(asked.sort()).toEqual([[a, b].sort().join(), [a, x].sort().join(), [b, y].sort().join()].sort());
    const states =
      await index.sql`select state, total_score::float8 from patient_match_scores order by state`;
    expect(states).toEqual([
      { state: "pending", total_score: 0.25 },
      { state: "rejected", total_score: 0.25 },
      { state: "superseded", total_score: 0.25 },
    ]);
    expect(new Set(await enterpriseIds(index, a, b)).size).toBe(2);
  });
});
