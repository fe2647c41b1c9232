import { describe, expect, it } from "vitest";
import { ascendingIds } from "../../src/db/clustered-ids.ts";

describe("ids in ascending order", () => {
  it("are random ones of version 4, spread over all that there are", () => {
    const count = 2000;
    const nextId = ascendingIds(count);
    const ids = Array.from({ length: count }, nextId);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(count);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    // As many in each sixteenth.
    expect(ids.filter((id) => id.startsWith("a"))).toHaveLength(count / 16);
  });

  it("stay ids where there are more than first digits tell apart", () => {
    const nextId = ascendingIds(2 ** 33);
    expect(nextId()).toMatch(/^0{7}[01]-/);
  });
});
