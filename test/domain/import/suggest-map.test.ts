import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseCsvMap } from "../../../src/domain/import/csv/csv-map.ts";
import { createRowReader } from "../../../src/domain/import/csv/row-content.ts";
import { findMeaning } from "../../../src/domain/import/csv/suggest/column-names.ts";
import { suggestDates } from "../../../src/domain/import/csv/suggest/suggest-dates.ts";
import { suggestMap } from "../../../src/domain/import/csv/suggest/suggest-map.ts";

const suggest = async (content: string | Buffer) => {
  const folder = await mkdtemp(path.join(tmpdir(), "mpi-suggest-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, "in.csv");
  await writeFile(file, content);
  const { map, notes } = await suggestMap(file, Readable.from([]));
  // Whatever is proposed must be a map.
  return { map, notes: notes.join("\n"), read: parseCsvMap(JSON.stringify(map), "proposed") };
};

describe("suggesting a map", () => {
  it("maps what headings and data say, so that rows can be read with it", async () => {
    const { map, notes, read } = await suggest(
      [
        "Patient ID;Last Name;First Name;Middle Name;DOB;Sex;SSN;Street No;Street;City;State;ZIP;Home Phone;E-Mail;Ward",
        "p1;Quillfeather;Wilma;;03/25/1980;F;219-09-9999;12;Elm Street;Springfield;IL;62701;217-555-0100;w@example.org;7",
        "p2;Thistlewood;Ada;M.;03/04/1981;F;;;;;;;;;",
      ].join("\n"),
    );
    expect(map).toMatchObject({
      delimiter: ";",
      dateFormat: "MM/DD/YYYY",
      sourceId: "Patient ID",
      names: [{ use: "official", family: "Last Name", given: ["First Name", "Middle Name"] }],
      birthDate: "DOB",
      gender: "Sex",
      identifiers: [{ type: "SSN", system: "http://hl7.org/fhir/sid/us-ssn", value: "SSN" }],
      addresses: [
        { use: "home", line1: ["Street No", "Street"], city: "City", state: "State", postalCode: "ZIP" },
      ],
      contacts: [
        { system: "phone", use: "home", value: "Home Phone" },
        { system: "email", value: "E-Mail" },
      ],
    });
    expect(notes).toBe('Not used: Ward. Map them, or list them under "ignore".');
    const header = [
      "Patient ID",
      "Last Name",
      "First Name",
      "Middle Name",
      "DOB",
      "Sex",
      "SSN",
      "Street No",
      "Street",
    ];
    const rest = ["City", "State", "ZIP", "Home Phone", "E-Mail", "Ward"];
    const row = createRowReader(read, [...header, ...rest])(
      "p2;Thistlewood;Ada;M.;03/04/1981;F;;;;;;;;;".split(";"),
    );
    expect(row).toMatchObject({ sourceId: "p2", problems: [] });
    expect(row.content).toMatchObject({ birthDate: { date: "1981-03-04" }, gender: "female" });
  });

  it("leaves a date out, and says so, where no value tells day from month", async () => {
    const { map, notes, read } = await suggest("id,surname,dob\n1,A,03/04/1980\n2,B,11/12/1979\n");
    expect(read.birthDate).toBeUndefined();
    expect(notes).toContain("dob can be read as MM/DD/YYYY or as DD/MM/YYYY and no value tells which");
    expect(map["description"]).toContain("ask the source");
  });

  it("declares a format of its own where columns differ, and both where one column mixes looks", async () => {
    const { map } = await suggest(
      "id,surname,dob,date of death\n1,A,1980-03-25,25.03.2020\n2,B,19790131,31.12.2021\n3,C,1979-02-01,\n",
    );
    expect(map).toMatchObject({
      birthDate: { column: "dob", format: ["YYYY-MM-DD", "YYYYMMDD"] },
      deceasedAt: { column: "date of death", format: "DD.MM.YYYY" },
    });
  });

  it("leaves out codes it does not know and names how many there are", async () => {
    const { map, notes } = await suggest("id,nachname,geschlecht\n1,A,W\n2,B,M\n");
    expect(map["gender"]).toBeUndefined();
    expect(notes).toContain("geschlecht has 1 codes that are not known");
  });

  it("takes Latin-1, a byte-order mark, tabs, and words for nothing that several columns share", async () => {
    const latin = await suggest(Buffer.from("id\tNachname\tOrt\n1\tM\u00fcller\tK\u00f6ln\n", "latin1"));
    expect(latin.map).toMatchObject({ encoding: "latin1", delimiter: "\t", names: [{ family: "Nachname" }] });
    const empty = await suggest("\uFEFFid,surname,city,zip\n1,A,NULL,NULL\n2,NA,X,1\n");
    expect(empty.map).toMatchObject({ empty: ["NULL"], sourceId: "id" });
  });

  it("names a column for the source's id only where the data bear it out, and asks otherwise", async () => {
    expect((await suggest("id,mrn,surname\n1,7,A\n1,8,B\n")).read.sourceId).toBe("mrn");
    const repeated = await suggest("id,surname\n1,A\n1,B\n");
    expect(repeated.notes).toContain("id is empty or repeated in some rows");
    await expect(suggest("surname,city\nA,X\nA,X\n")).rejects.toMatchObject({ code: "usage" });
    await expect(suggest("")).rejects.toMatchObject({ code: "usage" });
  });
});

describe("the formats of dates", () => {
  it.each([
    { values: ["25/03/1980", "03/04/1980"], formats: ["DD/MM/YYYY"], ambiguous: [] },
    { values: ["03/25/1980", "03/04/1980"], formats: ["MM/DD/YYYY"], ambiguous: [] },
    { values: ["03/04/1980", "05/05/1980"], formats: [], ambiguous: ["MM/DD/YYYY", "DD/MM/YYYY"] },
    { values: ["25/03/1980", "03/25/1980"], formats: [], ambiguous: ["MM/DD/YYYY", "DD/MM/YYYY"] },
    { values: ["03-04-1980", "31-12-1980"], formats: ["DD-MM-YYYY"], ambiguous: [] },
    { values: ["1980", "1981"], formats: ["YYYY-MM-DD"], ambiguous: [] },
    { values: ["1980-03-25T08:30:00Z"], formats: ["YYYY-MM-DD"], ambiguous: [] },
    { values: ["3/4/80", "12/31/80"], formats: ["MM/DD/YY"], ambiguous: [] },
    { values: ["yes", "no"], formats: [], ambiguous: [] },
    { values: [], formats: [], ambiguous: [] },
  ])(
    "of $values are $formats, or $ambiguous where the data do not tell",
    ({ values, formats, ambiguous }) => {
      expect(suggestDates(values)).toMatchObject({ formats, ambiguous });
    },
  );

  it("bear a stray value among very many, and count what does not fit", () => {
    const many = Array.from(
      { length: 300 },
      (_, place) => `${String((place % 12) + 1)}/${String(13 + (place % 15))}/1980`,
    );
    expect(suggestDates([...many, "25/03/1980"])).toEqual({
      formats: ["MM/DD/YYYY"],
      ambiguous: [],
      unreadable: 1,
      values: 301,
    });
  });
});

describe("headings", () => {
  it.each([
    ["Patient Last Name", "family"],
    ["pat_vorname", "given"],
    ["Date Of Birth", "birthDate"],
    ["Pr\u00e9nom", "given"],
    ["ZIP Code", "postalCode"],
    ["birth", "birthDate"],
    ["comment", undefined],
  ])("%s means %s", (heading, meaning) => {
    expect(findMeaning(heading)).toBe(meaning);
  });
});
