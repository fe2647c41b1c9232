import { describe, expect, it } from "vitest";
import { escapeText, findDecoder, unescapeText } from "../../../../src/domain/import/hl7/hl7-text.ts";
import { parseMessage, partOf } from "../../../../src/domain/import/hl7/parse-message.ts";
import { isStray, readMessages, type RawMessage } from "../../../../src/domain/import/hl7/read-messages.ts";
import { fc } from "../../../support/properties.ts";

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) {
    await Promise.resolve();
    yield bytes.subarray(start, start + size);
  }
}

const readAll = async (text: string | Buffer, size = 1000) => {
  const entries = [];
  for await (const entry of readMessages(chunked(Buffer.from(text), size))) {
    entries.push(
      isStray(entry)
        ? { line: entry.line, stray: entry.reason }
        : { line: entry.line, segments: entry.segments },
    );
  }
  return entries;
};

const first = "MSH|^~\\&|A|HOSP";
const two = [
  { line: 1, segments: [first, "PID|1||1"] },
  { line: 3, segments: [first, "PID|1||2"] },
];

describe("reading HL7 messages", () => {
  it.each([
    ["CR", `${first}\rPID|1||1\r${first}\rPID|1||2\r`],
    ["LF", `${first}\nPID|1||1\n${first}\nPID|1||2\n`],
    ["CRLF", `${first}\r\nPID|1||1\r\n${first}\r\nPID|1||2`],
    ["a byte-order mark", `\uFEFF${first}\nPID|1||1\n${first}\nPID|1||2\n`],
  ])("parts messages whose segments end with %s, in chunks of any size", async (_, text) => {
    for (const size of [1, 2, 3, 7, 1000]) expect(await readAll(text, size)).toEqual(two);
  });

  it("takes MLLP framing off, with or without a CR before its end", async () => {
    const framed = `\x0b${first}\rPID|1||1\r\x1c\r\x0b${first}\rPID|1||2\x1c\r`;
    for (const size of [1, 5, 1000]) {
      expect(
        (await readAll(framed, size)).map((entry) => ("segments" in entry ? entry.segments : entry)),
      ).toEqual(two.map(({ segments }) => segments));
    }
  });

  it("leaves out the batch protocol's frames, blank lines and the reasons of a rejects file", async () => {
    const text = `FHS|^~\\&\rBHS|^~\\&\r${first}\rPID|1||1\rZRJ|9|PID-7 is not a date\r\r${first}\rPID|1||2\rBTS|2\rFTS|1\r`;
    expect((await readAll(text)).map((entry) => ("segments" in entry ? entry.segments : entry))).toEqual(
      two.map(({ segments }) => segments),
    );
  });

  it("goes on with a segment that a line feed parts", async () => {
    expect(await readAll(`${first}\rPID|1||1||||||||12 Elm\nStreet|x\r`)).toEqual([
      { line: 1, segments: [first, "PID|1||1||||||||12 Elm\nStreet|x"] },
    ]);
  });

  it("names what stands before the first message and goes on", async () => {
    expect(await readAll(`PID|1||9\r${first}\rPID|1||1\r`)).toEqual([
      { line: 1, stray: "is no message: it does not begin with MSH" },
      { line: 2, segments: [first, "PID|1||1"] },
    ]);
    expect(await readAll("")).toEqual([]);
  });
});

const utf8 = findDecoder("UNICODE UTF-8")!;
const parse = (...segments: string[]) => {
  const raw: RawMessage = {
    line: 1,
    raw: "",
    segments: segments.map((text) => Buffer.from(text, "utf8").toString("latin1")),
  };
  return parseMessage(raw, utf8);
};
const parsed = (...segments: string[]) => {
  const message = parse(...segments);
  if (typeof message === "string") throw new Error(message);
  return message;
};

describe("parsing an HL7 message", () => {
  it("reads fields, repetitions, components and subcomponents, escape sequences undone", () => {
    const message = parsed(
      "MSH|^~\\&|LAB|HOSP^1.2.3^ISO|||20260301||ADT^A08|7|P|2.5",
      'PID|1||17^^^HOSP&1.2.3&ISO^MR~42^^^OTHER||O\\T\\Brien \\S\\ Co^Wil\\R\\ma^\\X4A\\.||""',
    );
    expect(message).toMatchObject({
      type: "ADT",
      event: "A08",
      sendingFacility: "HOSP",
      sendingApplication: "LAB",
    });
    const pid = message.segments[1]!;
    expect(
      pid.repetitions(3).map((cx) => [partOf(cx, 1), partOf(cx, 4), partOf(cx, 4, 2), partOf(cx, 5)]),
    ).toEqual([
      ["17", "HOSP", "1.2.3", "MR"],
      ["42", "OTHER", "", ""],
    ]);
    expect([1, 2, 3].map((part) => partOf(pid.repetitions(5)[0], part))).toEqual([
      "O&Brien ^ Co",
      "Wil~ma",
      "J.",
    ]);
    expect(pid.repetitions(7)).toEqual([]);
    expect(pid.nulls).toEqual([7]);
  });

  it("takes the separators that the message names, and the event from EVN where MSH-9 has none", () => {
    const message = parsed("MSH#*~\\&#LAB#HOSP#####ADT", "EVN#A31", "PID#1##17***HOSP*MR");
    expect(message.event).toBe("A31");
    expect(partOf(message.segments[2]!.repetitions(3)[0], 4)).toBe("HOSP");
  });

  it.each([
    ["8859/1", Buffer.from("M\u00fcller", "latin1")],
    ["UNICODE UTF-8", Buffer.from("M\u00fcller")],
    ["8859/15", Buffer.from("M\u00fcller", "latin1")],
    ["", Buffer.from("M\u00fcller")],
  ])("reads characters as MSH-18 %s says", (set, bytes) => {
    const head = `MSH|^~\\&|A|B|||||ADT^A08|1|P|2.5||||||${set}`;
    const message = parseMessage(
      { line: 1, raw: "", segments: [head, `PID|1||1||${bytes.toString("latin1")}`] },
      utf8,
    );
    if (typeof message === "string") throw new Error(message);
    expect(partOf(message.segments[1]!.repetitions(5)[0], 1)).toBe("M\u00fcller");
  });

  it.each([
    ["ASCII", "PID|1||1||M\xfcller", "PID has bytes that are not ASCII"],
    ["UNICODE UTF-8", "PID|1||1||M\xfcller", "PID has bytes that are not UNICODE UTF-8"],
    ["", "PID|1||1||M\xfcller", "PID has bytes that are not of the character set; MSH-18 names none"],
    ["UNICODE UTF-16", "PID|1", "MSH-18 names the character set UNICODE UTF-16, which cannot be read"],
    ["ASCII", "PID|1||1||\\M2442\\", "PID switches to a character set that cannot be read"],
  ])("says what is wrong with characters of %s, and never guesses one", (set, pid, reason) => {
    const head = `MSH|^~\\&|A|B|||||ADT^A08|1|P|2.5||||||${set}`;
    expect(parseMessage({ line: 1, raw: "", segments: [head, pid] }, utf8)).toBe(reason);
  });
});

describe("escape sequences", () => {
  const separators = { field: "|", component: "^", repetition: "~", escape: "\\", subcomponent: "&" };
  it("bring back any text that was escaped, and leave nothing that would part it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const plain = text.replace(/\r\n?/g, "\n");
        const escaped = escapeText(text, separators);
        expect(escaped).not.toMatch(/[|^~&\r\n]/);
        expect(unescapeText(escaped, separators, utf8)).toBe(plain);
      }),
    );
  });
});
