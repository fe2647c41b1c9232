import { beforeAll, describe, expect, inject, it } from "vitest";
import { connectionTargetOf } from "../postgres-server.ts";
import type { TakenOut } from "./taken-out.ts";
import { countPlaces, isAssertion, isWreck, makeWorkingCopy, runTests, withEdits } from "./working-copy.ts";

const nameOf = (rule: string) => `${rule}:`;

/**
 * Declares tests which see, in a copy of the program, that the tests named after each rule pass while it stands and
 * fail when it is taken out. Says of each how many failed.
 */
export function declareTakenOut(takenOut: readonly TakenOut[]): void {
  let copy: string;
  let serverUrl: string;
  beforeAll(async () => {
    copy = makeWorkingCopy();
    const { host, port, user, password = "" } = await connectionTargetOf(inject("testServer"));
    const login = [user, password].map(encodeURIComponent).join(":");
    serverUrl = `postgres://${login}@/postgres?host=${encodeURIComponent(host)}&port=${String(port)}`;
  });

  it("every test that is named after a rule passes while the rule stands", async () => {
    const files = [...new Set(takenOut.map((each) => each.testFile))];
    const { tests, unloaded } = await runTests(
      copy,
      files,
      takenOut.map(({ rule }) => nameOf(rule)),
      serverUrl,
    );
    expect(unloaded).toEqual([]);
    expect(tests.filter((test) => !test.hasPassed)).toEqual([]);
    const found = ({ rule, testFile }: TakenOut) =>
      tests.some((test) => test.file === testFile && test.fullName.includes(nameOf(rule)));
    expect(takenOut.filter((each) => !found(each))).toEqual([]);
  });

  describe("a test that is named after the rule fails when it is taken out", () => {
    it.each(takenOut.map((each) => [`${each.rule}: ${each.what}`, each] as const))(
      "%s",
      async (_title, { rule, what, edits, testFile }) => {
        expect(countPlaces(edits, copy)).toEqual(edits.map(() => 1));
        const { tests, unloaded } = await withEdits(copy, edits, () =>
          runTests(copy, [testFile], [nameOf(rule)], serverUrl),
        );
        expect(unloaded).toEqual([]);
        const failed = tests.filter((test) => !test.hasPassed);
        process.stderr.write(`${rule}: without "${what}" ${failed.length} of ${tests.length} tests fail\n`);
        const errors = failed.flatMap((test) => test.errors);
        expect(errors.filter(isWreck)).toEqual([]);
        expect(errors.filter(isAssertion)).not.toEqual([]);
      },
    );
  });
}
