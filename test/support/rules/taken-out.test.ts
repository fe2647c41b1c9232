import { describe, expect, it } from "vitest";
import { everyRule, rulesTakenOut } from "./taken-out.ts";
import { countPlaces } from "./working-copy.ts";

// Whether the tests notice is found out in test/heavy, by two files named rules-taken-out.test.ts, which take minutes.
describe("the rules that are taken out to see tests fail", () => {
  it("are all that there are", () => {
    expect([...new Set(rulesTakenOut.map((each) => each.rule))].sort()).toEqual([...everyRule].sort());
  });

  it("stand in the program as they are named here, each text once", () => {
    const stale = rulesTakenOut.flatMap(({ rule, what, edits }) =>
      countPlaces(edits).flatMap((places, index) =>
        places === 1 ? [] : [`${rule}, ${what}: ${String(places)} times in ${edits[index]!.file}`],
      ),
    );
    expect(stale).toEqual([]);
  });

  it("are really taken out", () => {
    const changes = rulesTakenOut.map(({ edits }) => edits.filter((edit) => edit.stands !== edit.instead));
    expect(changes.filter((edits) => edits.length === 0)).toEqual([]);
  });
});
