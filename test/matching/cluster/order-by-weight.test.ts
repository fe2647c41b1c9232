import { expect, it } from "vitest";
import { orderByWeight } from "../../../src/matching/cluster/order-by-weight.ts";
import { fc } from "../../support/properties.ts";

it("puts the heaviest first, and leaves equals in the order they are in", () => {
  const weight = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.double({ noNaN: true }),
    fc.constantFrom(0, -0, Infinity, -Infinity),
  );
  fc.assert(
    fc.property(fc.array(weight, { maxLength: 40 }), (weights) => {
      const expected = weights
        .map((each, place) => ({ each, place }))
        .sort((x, y) => (x.each === y.each ? x.place - y.place : x.each < y.each ? 1 : -1))
        .map(({ place }) => place);
      expect([...orderByWeight(Float64Array.from(weights))]).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
