import { describe, expect, it } from "vitest";
import { MpiError } from "../../../../src/lib/errors.ts";
import { createEntryLister } from "../../../../src/domain/import/fhir/list-entries.ts";
import { readFhirDocuments, type FhirDocument } from "../../../../src/domain/import/fhir/read-documents.ts";

/** The bytes in chunks of a length, so that characters and lines are cut anywhere. */
async function* chunked(text: string | Buffer, length: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text as string);
  for (let at = 0; at < bytes.length; at += length)
    yield await Promise.resolve(bytes.subarray(at, at + length));
}

const read = async (text: string | Buffer, length = 7) => {
  const { unit, documents } = await readFhirDocuments(chunked(text, length), "in.json");
  const found: FhirDocument[] = [];
  for await (const document of documents) found.push(document);
  return { unit, found };
};

const ada = { resourceType: "Patient", id: "ä" };

describe("readFhirDocuments", () => {
  it.each([1, 2, 3, 7, 64, 4096])("reads lines cut into chunks of %i bytes", async (length) => {
    const line = JSON.stringify(ada);
    const { unit, found } = await read(`${line}\r\n\n  ${line}\n${line}`, length);
    expect(unit).toBe("line");
    expect(found.map((each) => ("value" in each ? each.value : each.reason))).toEqual([ada, ada, ada]);
    expect(found.map((each) => each.place)).toEqual([1, 3, 4]);
    expect(found[0]!.raw).toBe(Buffer.from(line).toString("latin1"));
  });

  it("sets aside single lines that are no JSON, wherever they stand", async () => {
    const { found } = await read(
      `{"a":\n${JSON.stringify(ada)}\nnonsense\n${JSON.stringify(ada)}\n{"resourceType":`,
    );
    expect(found.map((each) => ("reason" in each ? each.place : "ok"))).toEqual([1, "ok", 3, "ok", 5]);
  });

  it("reads nothing from nothing", async () => {
    expect((await read("")).found).toEqual([]);
    expect((await read("\n \n")).found).toEqual([]);
  });

  it("sets aside a file of one broken line", async () => {
    expect((await read("hello")).found).toMatchObject([{ place: 1, reason: "is not JSON, or cut off" }]);
  });

  it("reads a Bundle that does not fit into memory entry by entry, with its type", async () => {
    const padding = "x".repeat(40_000);
    const entries = Array.from({ length: 500 }, (_, index) => ({
      resource: { ...ada, id: String(index), padding },
    }));
    const text = JSON.stringify({ resourceType: "Bundle", type: "history", entry: entries }, null, 1);
    expect(text.length).toBeGreaterThan(16 * 1024 * 1024);
    const { unit, found } = await read(text, 256 * 1024);
    expect(unit).toBe("entry");
    expect(found).toHaveLength(500);
    expect(found[499]).toMatchObject({ place: 500, value: entries[499], bundleType: "history" });
    const cut = text.slice(0, -30_000);
    await expect(read(cut, 256 * 1024)).rejects.toThrow(/cut off behind its entry 499/);
    const array = JSON.stringify(entries.map((each) => each.resource));
    expect((await read(array, 256 * 1024)).found).toHaveLength(500);
  });

  it("refuses a document that is laid out for reading and breaks off", async () => {
    await expect(read(JSON.stringify(ada, null, 2).slice(0, -2))).rejects.toThrow(MpiError);
  });
});

describe("createEntryLister", () => {
  const list = (...entry: readonly unknown[]) =>
    createEntryLister()({ place: 1, raw: "", value: { resourceType: "Bundle", type: "transaction", entry } });

  it("says why an entry cannot be taken", () => {
    const reasons = list(
      { request: { method: "PATCH", url: "Patient/1" }, resource: ada },
      { request: { method: "DELETE", url: "Patient?identifier=1" } },
      "text",
      { resource: { id: "no type" } },
    ).map((entry) => ("reason" in entry ? entry.reason : "taken"));
    expect(reasons).toEqual([
      expect.stringContaining("PATCH"),
      expect.stringContaining("DELETE"),
      "is no entry of a Bundle",
      "is no FHIR resource: it has no resourceType",
    ]);
  });

  it("passes over what says nothing of a patient", () => {
    expect(
      list(
        { request: { method: "GET", url: "Patient/1" } },
        { resource: ada, response: { status: "404 Not Found" } },
        { fullUrl: "Patient/1" },
      ),
    ).toEqual([]);
  });

  it("names a resource without an id by the UUID of its entry", () => {
    const uuid = "3f2a9c01-0000-4000-8000-000000000001";
    expect(
      list({
        fullUrl: `urn:uuid:${uuid}`,
        resource: { resourceType: "Patient" },
        request: { method: "POST" },
      }),
    ).toMatchObject([{ type: "Patient", id: uuid, alias: uuid }]);
  });

  it("lists Bundles within Bundles", () => {
    expect(
      list({ resource: { resourceType: "Bundle", type: "collection", entry: [{ resource: ada }] } }),
    ).toMatchObject([{ type: "Patient", id: "ä" }]);
  });
});
