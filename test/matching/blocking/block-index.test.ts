import { describe, expect, it } from "vitest";
import { groupByKey } from "../../../src/matching/blocking/block-index.ts";
import { mix, toNumber } from "../../../src/matching/store/hash-mix.ts";
import { fc } from "../../support/properties.ts";

interface Entry {
  readonly key: number;
  readonly row: number;
}

function groupEntries(entries: readonly Entry[]) {
  const keys = Float64Array.from(entries, ({ key }) => key);
  const rows = Int32Array.from(entries, ({ row }) => row);
  const blocks = groupByKey(keys, rows, entries.length);
  const groups = Array.from(blocks.keys, (key, g) => ({
    key,
    rows: [...blocks.rows.subarray(blocks.starts[g], blocks.starts[g + 1])],
  }));
  return groups.toSorted((x, y) => x.key - y.key);
}

function groupPlainly(entries: readonly Entry[]) {
  const rowsByKey = new Map<number, Set<number>>();
  for (const { key, row } of entries) rowsByKey.set(key, (rowsByKey.get(key) ?? new Set()).add(row));
  return [...rowsByKey]
    .map(([key, rows]) => ({ key, rows: [...rows] }))
    .filter(({ rows }) => rows.length > 1)
    .toSorted((x, y) => x.key - y.key);
}

describe("grouping records by key", () => {
  it("gives each key that two records have, with its records in order and once each", () => {
    const key = fc.oneof(
      fc.nat(20).map((low) => toNumber(low, 1)),
      fc.tuple(fc.integer(), fc.nat(3)).map(([low, high]) => toNumber(low, high)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat(3)), { maxLength: 200 }), (steps) => {
        let row = 0;
        const entries = steps.map(([each, step]) => ({ key: each, row: (row += step) }));
        expect(groupEntries(entries)).toEqual(groupPlainly(entries));
      }),
      { numRuns: 200 },
    );
  });

  it("does so for more entries than are grouped at a time, one block of them very large", () => {
    const entries: Entry[] = [];
    for (let row = 0; row < 150_000; row++) {
      entries.push({ key: toNumber(mix(row % 60_000, 7), mix(row % 60_000, 9)), row });
      if (row % 3 === 0) entries.push({ key: toNumber(42, 42), row });
    }
    expect(groupEntries(entries)).toEqual(groupPlainly(entries));
  });
});
