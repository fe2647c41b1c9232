import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTermKey, loadTermKey } from "../../../src/domain/audit/term-key.ts";
import { normaliseTerm, recordTerms } from "../../../src/domain/audit/search-terms.ts";

const secret = "0123456789abcdef0123456789abcdef";
const directory = () => mkdtempSync(join(tmpdir(), "mpi-audit-key-"));
const none = { path: "/nonexistent/audit-key", create: false };

describe("the key for search terms", () => {
  it("gives the HMAC-SHA-256 of field and term, cut to 128 bits", () => {
    // printf 'family\0SMITH' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    expect(createTermKey(secret, "the test").hash("family", "SMITH")).toBe(
      "9fe400ce3bb34e0ea5fb90e3f03d987f",
    );
  });

  it("gives another hash for another field, term or key", () => {
    const key = createTermKey(secret, "the test");
    const other = createTermKey(`${secret}!`, "the test");
    const hashes = [
      key.hash("family", "SMITH"),
      key.hash("given", "SMITH"),
      key.hash("family", "SMYTH"),
      other.hash("family", "SMITH"),
    ];
    expect(new Set(hashes).size).toBe(4);
    expect(other.id).not.toBe(key.id);
  });

  it("is refused when it is short, without being repeated", () => {
    expect(() => createTermKey("hunter2hunter2", "MPI_AUDIT_KEY")).toThrow(
      expect.objectContaining({ code: "usage", message: expect.not.stringContaining("hunter2") as string }),
    );
  });

  it("comes from the environment before any file", () => {
    const file = join(directory(), "key");
    writeFileSync(file, "another secret of good length", { mode: 0o600 });
    const key = loadTermKey({ secret, file, defaultFile: none });
    expect(key?.id).toBe(createTermKey(secret, "the test").id);
    expect(loadTermKey({ file, defaultFile: none })?.id).not.toBe(key?.id);
  });

  it("is made on first use where it may be, for its owner only, and is the same afterwards", () => {
    const path = join(directory(), "home", "audit-key");
    const first = loadTermKey({ defaultFile: { path, create: true } });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
    expect(loadTermKey({ defaultFile: { path, create: true } })?.id).toBe(first?.id);
  });

  it("is absent where there is none and none may be made", () => {
    expect(loadTermKey({ defaultFile: none })).toBeUndefined();
  });

  it.each([0o640, 0o604, 0o660])("is refused from a file that others can read (mode %o)", (mode) => {
    const file = join(directory(), "key");
    writeFileSync(file, secret);
    chmodSync(file, mode);
    expect(() => loadTermKey({ file, defaultFile: none })).toThrow(
      expect.objectContaining({ code: "usage" }),
    );
  });

  it("is missed where the configuration names a file that is not there", () => {
    expect(() => loadTermKey({ file: "/nonexistent/key", defaultFile: none })).toThrow(
      expect.objectContaining({ code: "usage" }),
    );
  });

  it("cannot be made in a place that cannot be written", () => {
    const file = join(directory(), "file");
    writeFileSync(file, "");
    expect(() => loadTermKey({ defaultFile: { path: join(file, "audit-key"), create: true } })).toThrow(
      expect.objectContaining({ code: "unavailable" }),
    );
  });
});

describe("a search term", () => {
  it.each([
    ["family", ["O'Brien", "o brien", "OBRIEN", "Ó Brien"]],
    ["identifier", ["123-45-6789", "123456789", " 123 45 6789 "]],
    ["phone", ["(217) 555-0005", "217-555-0005", "2175550005"]],
    ["email", ["Ann@Example.org", " ann@example.org"]],
    ["postalCode", ["sw1a 1aa", "SW1A1AA"]],
    ["id", ["3F2A9C01-0000", "3f2a9c010000"]],
  ])("of %s has one form for all spellings", (field, spellings) => {
    expect(new Set(spellings.map((spelling) => normaliseTerm(field, spelling))).size).toBe(1);
  });

  it("keeps a placeholder and punctuation, which were asked for all the same", () => {
    expect(normaliseTerm("identifier", "999-99-9999")).toBe("999999999");
    expect(normaliseTerm("family", "...")).toBe("...");
  });

  it("is kept as a hash by field, with the key's name, in an order of its own", () => {
    const key = createTermKey(secret, "the test");
    const kept = recordTerms({ given: ["Jon", "Paul"], family: "Smith", city: undefined }, key);
    expect(kept).toEqual({
      fields: ["family", "given"],
      terms: {
        family: [key.hash("family", normaliseTerm("family", "smith"))],
        given: [
          key.hash("given", normaliseTerm("given", "JON")),
          key.hash("given", normaliseTerm("given", "paul")),
        ],
      },
      keyId: key.id,
    });
    expect(JSON.stringify(kept)).not.toMatch(/smith|jon|paul/i);
  });

  it("is not kept where there is no key: the fields' names are", () => {
    expect(recordTerms({ family: "Smith" }, undefined)).toEqual({ fields: ["family"] });
  });
});
