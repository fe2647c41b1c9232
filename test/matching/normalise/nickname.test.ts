import { describe, expect, it } from "vitest";
import {
  areNicknames,
  findNicknameEntry,
  shareFormalName,
} from "../../../src/matching/normalise/nickname.ts";
import { foldText } from "../../../src/matching/normalise/text.ts";
import { listNicknames, readNicknames } from "../../../src/matching/reference/nicknames.ts";
import { fc } from "../../support/properties.ts";

const nicknameTable = readNicknames();

describe("the nickname table", () => {
  it("holds single folded words, none a nickname of itself, none twice in a row", () => {
    for (const [formal, forms] of nicknameTable) {
      for (const name of [formal, ...forms]) {
        expect(foldText(name)).toBe(name);
        expect(name).not.toContain(" ");
      }
      expect(forms.length).toBeGreaterThan(0);
      expect(forms).not.toContain(formal);
      expect(new Set(forms).size).toBe(forms.length);
    }
  });
});

describe("areNicknames", () => {
  it.each([
    ["bob", "robert"],
    ["bill", "william"],
    ["peggy", "margaret"],
    ["jack", "john"],
    ["dick", "richard"],
    ["ted", "edward"],
    ["ted", "theodore"],
    ["pepe", "jose"],
    ["paco", "francisco"],
    ["beppe", "giuseppe"],
    ["uschi", "ursula"],
    ["sasha", "aleksandr"],
    ["misha", "mikhail"],
    ["gosia", "malgorzata"],
  ])("knows %s for %s", (short, formal) => {
    expect(areNicknames(short, formal)).toBe(true);
  });

  it("hazard 14: is not transitive", () => {
    const chains = [
      ["edward", "ed", "edmund"],
      ["albert", "bert", "herbert"],
      ["patricia", "pat", "patrick"],
      ["christopher", "chris", "christina"],
      ["alexander", "sasha", "alexandra"],
      ["daniel", "danny", "danielle"],
    ] as const;
    for (const [one, short, other] of chains) {
      expect(areNicknames(one, short) && areNicknames(short, other)).toBe(true);
      expect(areNicknames(one, other)).toBe(false);
    }
  });

  it("is symmetric, never true of a name and itself, and finds every pair of the table", () => {
    const names = fc.constantFrom(...nicknameTable.keys());
    fc.assert(
      fc.property(names, names, (a, b) => {
        expect(areNicknames(a, b)).toBe(areNicknames(b, a));
        expect(shareFormalName(a, b)).toBe(shareFormalName(b, a));
        expect(areNicknames(a, a)).toBe(false);
        for (const form of nicknameTable.get(a) ?? []) expect(areNicknames(form, a)).toBe(true);
      }),
    );
  });
});

describe("listNicknames", () => {
  it("lists what the table says of a name, both ways", () => {
    const all = new Set([...nicknameTable].flatMap(([formal, forms]) => [formal, ...forms]));
    for (const name of all) {
      const formal = [...nicknameTable].filter(([, forms]) => forms.includes(name)).map(([each]) => each);
      expect(new Set(listNicknames(name))).toEqual(new Set([...(nicknameTable.get(name) ?? []), ...formal]));
    }
    expect(listNicknames("bob")).toContain("robert");
    expect(listNicknames("xyzzy")).toEqual([]);
  });
});

describe("shareFormalName", () => {
  it("tells two short forms of one name, which are no nicknames of each other", () => {
    expect(shareFormalName("bob", "robbie")).toBe(true);
    expect(areNicknames("bob", "robbie")).toBe(false);
    expect(shareFormalName("bob", "bill")).toBe(false);
    expect(shareFormalName("bob", "bob")).toBe(false);
    expect(shareFormalName("bob", "xyzzy")).toBe(false);
  });
});

describe("findNicknameEntry", () => {
  it("is undefined for a name outside the table", () => {
    expect(findNicknameEntry("xyzzy")).toBeUndefined();
    expect(findNicknameEntry("bob")).toBeDefined();
  });
});
