import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import { beforeEach, describe, expect, it } from "vitest";
import { scorePairs } from "../../../support/scored-pairs.ts";
import { openTestIndex, type TestIndex } from "../../../support/test-index.ts";

const program = fileURLToPath(new URL("../../../support/programs/mpi.ts", import.meta.url));

/** A real terminal of 80 by 24 with `mpi review` on it. */
function openTerminal(index: TestIndex, user: string, ...argv: string[]) {
  const terminal = spawn(process.execPath, ["--import", "tsx", program, "review", ...argv, "--user", user], {
    cols: 80,
    rows: 24,
    env: {
      PATH: process.env["PATH"] ?? "",
      TERM: "xterm",
      NO_COLOR: "1",
      HOME: "/nonexistent",
      MPI_HOME: "/nonexistent/mpi",
      DATABASE_URL: index.database.url,
    },
  });
  let text = "";
  let read = 0;
  terminal.onData((data) => {
    text += data;
  });
  const exit = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  return {
    exit,
    /** Waits until the screen says so, and returns what it said since the last time. */
    until: async (pattern: RegExp): Promise<string> => {
      for (let waited = 0; !pattern.test(text.slice(read)); waited += 1) {
        if (waited > 2000) throw new Error(`never said ${String(pattern)}: ${text.slice(read)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const said = text.slice(read);
      read = text.length;
      return said.replaceAll("\r\n", "\n");
    },
    press: (keys: string) => terminal.write(keys),
    all: () => text,
  };
}

const keyLine = /q quit/;

let index: TestIndex;
let pairs: readonly string[];
let records: string[];
beforeEach(async () => {
  index = await openTestIndex();
  records = [];
  for (const [name, birthDate] of [
    ["Quillfeather, Wilma", "1980-03-15"],
    ["Quilfeather, Wilma", "1980-03-16"],
    ["Hale, Nora", "1975-01-02"],
    ["Hale, Nora", "1975-02-01"],
    ["Ortiz, Juan", "1990-05-05"],
    ["Ortiz, Juana", "1990-05-05"],
  ] as const) {
    records.push(
      await index.add({
        name,
        birthDate,
        gender: "female",
        identifiers: [{ value: `A-${String(records.length)}` }],
        contacts: [
          { value: "202-555-0101" },
          { system: "email", value: "someone.with.a.long.address@mail.example.org" },
        ],
        addresses: [
          {
            line1: "1200 Very Long Avenue of the Republic, Apartment 17",
            city: "Springfield",
            postalCode: "01101",
          },
        ],
      }),
    );
  }
  pairs = await scorePairs(
    index,
    [records[0]!, records[1]!, 0.99],
    [records[2]!, records[3]!, 0.9],
    [records[4]!, records[5]!, 0.8],
  );
});

const states = async () => {
  const rows = await index.sql<{ id: string; state: string; decided_by: string | null }[]>`
    select id, state, decided_by from patient_match_scores`;
  return pairs.map((id) => rows.find((row) => row.id === id)!.state);
};

describe("mpi review on a terminal of 80 by 24, without colours", () => {
  it("shows a pair side by side, in reading order, within the screen, with what differs in brackets", async () => {
    const terminal = openTerminal(index, "ann");
    const screen = await terminal.until(keyLine);
    // The line before it names the database.
    const lines = screen.slice(screen.indexOf("-- 0")).trim().split("\n");
    expect(lines.length).toBeLessThanOrEqual(23);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines[0]).toBe("-- 0 decided, 3 left --");
    expect(lines[1]).toMatch(/^[0-9a-f]{8}: 99\.0 %, possible duplicate$/);
    const [first] = [records[0]!, records[1]!].sort();
    const isInOrder = first === records[0];
    const side = (a: string, b: string) => (isInOrder ? [a, b] : [b, a]);
    const line = (start: string) => lines.find((each) => each.startsWith(start))!.split(/ {2,}/);
    expect(line("name")).toEqual(["name", ...side("Quil[l]feather, Wilma", "Quilfeather, Wilma")]);
    expect(line("birth date")).toEqual(["birth date", ...side("1980-03-1[5]", "1980-03-1[6]")]);
    // eslint-disable-next-line no-control-regex
    expect(screen).not.toMatch(/\u001b/);
    terminal.press("q");
    expect(await terminal.exit).toBe(0);
    expect(terminal.all()).toContain("0 decided; 3 left.");
  });

  it("takes one key for each decision, and another for taking it back", async () => {
    const terminal = openTerminal(index, "ann");
    await terminal.until(keyLine);
    terminal.press("s");
    expect(await terminal.until(keyLine)).toMatch(/Decided: same\.\n\n-- 1 decided.*, 2 left --/);
    terminal.press("d");
    await terminal.until(keyLine);
    expect(await states()).toEqual(["confirmed", "rejected", "pending"]);
    terminal.press("u");
    expect(await terminal.until(keyLine)).toContain("Taken back: different.");
    expect(await states()).toEqual(["confirmed", "pending", "pending"]);
    terminal.press("l");
    await terminal.until(keyLine);
    terminal.press("k");
    expect(await terminal.until(/left\./)).toContain("Nothing is left to decide.");
    expect(await terminal.exit).toBe(0);
    expect(await states()).toEqual(["confirmed", "deferred", "pending"]);
    expect(
      await index.sql`select distinct decided_by from patient_match_scores where decided_by is not null`,
    ).toEqual([{ decided_by: "ann" }]);
    expect(await index.sql`select 1 from patient_match_scores where claimed_by is not null`).toHaveLength(0);
  });

  it("merges now, after asking which stays and why", async () => {
    const terminal = openTerminal(index, "ann");
    await terminal.until(keyLine);
    terminal.press("m");
    await terminal.until(/which stays\? a or b/);
    terminal.press("b");
    await terminal.until(/Reason: /);
    terminal.press("same cart\u007fd\r");
    await terminal.until(keyLine);
    const survivor = [records[0]!, records[1]!].sort()[1];
    expect(await index.sql`select survivor_id, reason, merged_by from patient_merges`).toEqual([
      { survivor_id: survivor, reason: "same card", merged_by: "ann" },
    ]);
    terminal.press("m");
    await terminal.until(/which stays\? a or b/);
    terminal.press("x");
    await terminal.until(/Left as it is/);
    terminal.press("q");
    expect(await terminal.exit).toBe(0);
    expect(await index.sql`select 1 from patient_merges`).toHaveLength(1);
  });

  it("shows everything on request, nothing cut", async () => {
    const terminal = openTerminal(index, "ann");
    const short = await terminal.until(keyLine);
    expect(short).not.toContain("Apartment 17");
    terminal.press("i");
    const whole = await terminal.until(keyLine);
    expect(whole.replace(/\s+/g, " ")).toContain("Apartment 17");
    terminal.press("q");
    await terminal.exit;
  });

  it("asks for a reason where a decision stands against it, and needs a key of its own for that", async () => {
    const terminal = openTerminal(index, "ann");
    await terminal.until(keyLine);
    await index.sql`update patient_match_scores set state = 'rejected', kind = 'basis_changed', decided_by = 'ben', decided_at = now() where id <> ${pairs[0]!}`;
    terminal.press("d");
    expect(await terminal.until(keyLine)).toMatch(/basis changed since ben said different on \d{4}-/);
    terminal.press("s");
    await terminal.until(/needs a reason[\s\S]*o decides against it/);
    terminal.press("o");
    await terminal.until(/Reason: /);
    terminal.press("one after all\r");
    await terminal.until(keyLine);
    expect((await states()).slice(1).sort()).toEqual(["confirmed", "rejected"]);
    terminal.press("q");
    await terminal.exit;
  });

  it("ends with 130 on Ctrl-C and lets go of what it held", async () => {
    const terminal = openTerminal(index, "ann");
    await terminal.until(keyLine);
    terminal.press("\u0003");
    expect(await terminal.exit).toBe(130);
    expect(await index.sql`select 1 from patient_match_scores where claimed_by is not null`).toHaveLength(0);
  });

  it("offers two stewards different pairs", async () => {
    const [ann, ben] = [openTerminal(index, "ann"), openTerminal(index, "ben")];
    const [one, other] = await Promise.all([ann.until(keyLine), ben.until(keyLine)]);
    const idOf = (screen: string) => /^([0-9a-f]{8}):/m.exec(screen)![1];
    expect(idOf(one)).not.toBe(idOf(other));
    ann.press("q");
    ben.press("q");
    await Promise.all([ann.exit, ben.exit]);
  });
});
