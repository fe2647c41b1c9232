import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, type DatabaseHandle } from "../../../../src/db/client.ts";
import { withTransaction } from "../../../../src/db/transaction.ts";
import { readSearchWords } from "../../../../src/domain/patient/find/name-readings.ts";
import { shareTestDatabase } from "../../../support/database.ts";

const shared = shareTestDatabase();
let handle: DatabaseHandle;

beforeAll(async () => {
  const doubles = Array.from({ length: 60 }, (_, n) => {
    const other = String.fromCharCode(97 + (n % 26), 97 + Math.floor(n / 26));
    return n % 2 === 0 ? `hernandez ${other}rlo` : `${other}rlo hernandez`;
  });
  const names = [
    ...doubles,
    "hernandez",
    "hernandes",
    "fernandez",
    "harnandez",
    "lee",
    "leu",
    "dubrovskaya",
    "cekzzo",
  ];
  await shared()
    .sql`insert into name_dictionary ${shared().sql(names.map((value) => ({ kind: "family", value })))}`;
  handle = await openDatabase(shared().target);
});
afterAll(() => handle.close());

const namesFor = (word: string, reach?: "near" | "far", exact = false) =>
  withTransaction(handle.db, { user: "test", operation: "TEST" }, async (tx) => {
    const {
      words: [read],
    } = await readSearchWords(tx, [word], { exact, prefix: false }, reach);
    return read!.family;
  });

describe("the names that a word of a search may stand for", () => {
  it("hold those that are spelt alike, however many double names the word is a part of", async () => {
    const found = await namesFor("Hernandez");
    expect([...found.keys()]).toEqual(
      expect.arrayContaining(["hernandes", "fernandez", "hernandez aarlo", "barlo hernandez"]),
    );
    expect(found.get("fernandez")).toMatchObject({ reason: "spelt alike" });
    expect(found.get("barlo hernandez")).toMatchObject({ reason: "one part same" });
  });

  it("begin with the nearest", async () => {
    const similarities = [...(await namesFor("hernandez")).values()].map(({ similarity }) => similarity);
    expect(similarities[0]).toBe(1);
    expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
  });

  it.each([
    ["two letters exchanged", "hernadnez", "hernandez"],
    ["the first letter wrong", "mernandez", "hernandez"],
    ["a letter too many at the end", "hernandezz", "hernandez"],
    ["a short name with its last letter wrong", "leo", "lee"],
    ["a name of more than 255 letters", `dubrovskay${"a".repeat(300)}`, undefined],
  ])("are found for %s", async (_, word, name) => {
    const found = await namesFor(word);
    if (name === undefined) expect([...found.keys()]).not.toContain("dubrovskaya");
    else expect(found.get(name)).toMatchObject({ reason: expect.stringMatching(/alike$/) as string });
  });

  it.each(
    Array.from({ length: "dubrovskaya".length - 1 }, (_, at) => ({
      wrong: `${"dubrovskaya".slice(0, at)}${"dubrovskaya"[at + 1]!}${"dubrovskaya"[at]!}${"dubrovskaya".slice(at + 2)}`,
    })),
  )("are found wherever two letters are exchanged: $wrong", async ({ wrong }) => {
    expect((await namesFor(wrong)).has("dubrovskaya")).toBe(true);
  });

  it("hold nothing that sounds alike by its code and shares hardly a letter", async () => {
    const [codes] = await shared()
      .sql`select mpi_phonetic_alternate('xqzvk') = mpi_phonetic_alternate('cekzzo') as same`;
    expect(codes).toEqual({ same: true });
    expect([...(await namesFor("sekso")).keys()]).toEqual(["cekzzo"]);
    expect([...(await namesFor("xqzvk")).keys()]).toEqual([]);
  });

  it("reach as far as shared letters where that is asked for", async () => {
    expect([...(await namesFor("zubrovskayaz")).keys()]).not.toContain("dubrovskaya");
    expect((await namesFor("zubrovskayaz", "far")).get("dubrovskaya")).toMatchObject({
      reason: "spelt alike",
    });
  });

  it("are the word alone where it is to be exact", async () => {
    expect([...(await namesFor("hernandez", "near", true)).keys()]).toEqual(["hernandez"]);
  });
});
