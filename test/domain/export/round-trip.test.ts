import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import type { Database } from "../../../src/db/client.ts";
import { openDatabase } from "../../../src/db/client.ts";
import { withTransaction } from "../../../src/db/transaction.ts";
import { decideSame } from "../../../src/domain/decision/decide-same.ts";
import { exportFhir, exportTypes } from "../../../src/domain/export/export-fhir.ts";
import { importFhir } from "../../../src/domain/import/fhir/import-fhir.ts";
import { unmergePatient } from "../../../src/domain/merge/unmerge-patient.ts";
import { mergePatients } from "../../../src/domain/merge/merge-patients.ts";
import { addOrganization } from "../../../src/domain/organization/change-organization.ts";
import { insertPatient } from "../../../src/domain/patient/insert-patient.ts";
import {
  addressUses,
  contactSystems,
  contactUses,
  genders,
  identifierUses,
  nameUses,
  type PatientContent,
} from "../../../src/domain/patient/patient-record.ts";
import { MpiError } from "../../../src/lib/errors.ts";
import { createTestDatabase } from "../../support/database.ts";
import { findSchemaErrors } from "../../support/fhir-schema.ts";
import { fc } from "../../support/properties.ts";

const audit = { user: "tester", operation: "TEST" };

/** Text as PostgreSQL and FHIR can keep it: no NUL, no blanks at its ends or other than spaces. */
const word = fc
  .oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom("Ada", "O'Brien", "李", "Müller-Lüdenscheidt", "=1+1", "ﬁn", "a|b", '"q"'),
    },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 }) },
  )
  .map((text) => text.replace(/[\p{Cs}\p{Cc}]|(?! )\s/gu, "").trim())
  .filter((text) => text !== "");
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const use = <T extends string>(values: readonly T[]) => nullable(fc.constantFrom(...values));

const birthDate = fc.oneof(
  fc.constant(null),
  fc.constantFrom(
    { date: "1980-02-29", precision: "day" } as const,
    { date: "1980-02-01", precision: "month" } as const,
    { date: "0999-01-01", precision: "year" } as const,
  ),
);

const content: fc.Arbitrary<PatientContent> = fc
  .record({
    gender: use(genders),
    birthDate,
    deceased: fc.boolean(),
    deceasedAt: nullable(fc.constantFrom("2020-01-02T03:04:05.678901Z", "2020-01-02T00:00:00Z")),
    maritalStatus: nullable(fc.oneof(fc.constantFrom("M", "S", "married since"), word)),
    multipleBirth: nullable(fc.boolean()),
    birthOrder: nullable(fc.integer({ min: 1, max: 20 })),
    motherName: nullable(word),
    motherIdentifier: nullable(word),
    managingOrganizationId: fc.constant(null),
    names: fc.array(
      fc.record({
        family: word,
        given: fc.array(word, { maxLength: 2 }),
        prefix: fc.array(word, { maxLength: 1 }),
        suffix: fc.array(word, { maxLength: 1 }),
        use: use(nameUses),
        isPrimary: fc.constant(false),
      }),
      { maxLength: 3 },
    ),
    identifiers: fc.uniqueArray(
      fc.record({
        type: fc.constantFrom("MRN", "SSN", "MR", "OTHER", "an odd  type"),
        system: fc.constantFrom("urn:mrn", "a system with spaces", "http://hl7.org/fhir/sid/us-ssn"),
        value: word,
        assigner: nullable(word),
        use: use(identifierUses),
      }),
      { maxLength: 3, selector: (each) => `${each.system}\n${each.value}` },
    ),
    addresses: fc.array(
      fc.record({
        line1: word,
        line2: nullable(word),
        city: nullable(word),
        state: nullable(word),
        postalCode: nullable(word),
        country: nullable(word),
        use: use(addressUses),
        isPrimary: fc.constant(false),
      }),
      { maxLength: 2 },
    ),
    contacts: fc.array(
      fc.record({
        system: fc.constantFrom(...contactSystems),
        value: word,
        use: use(contactUses),
        isPrimary: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
  })
  // A time of death says that somebody died; FHIR has one element for both.
  .map((each) => ({ ...each, deceased: each.deceased || each.deceasedAt !== null }));

const act = fc.record({
  kind: fc.constantFrom("seealso", "refer", "merge", "merge", "unmerge"),
  a: fc.nat(),
  b: fc.nat(),
});

/** All of an index as FHIR, each line checked against the published schema, without the time of its last change. */
async function exportLines(db: Database, layout: "ndjson" | "bundle" = "ndjson"): Promise<readonly string[]> {
  const chunks: string[] = [];
  await exportFhir(
    db,
    audit,
    { write: (text) => Promise.resolve(void chunks.push(text)) },
    {
      filter: { sources: [], organizationId: null, since: null, activeOnly: false },
      disguise: null,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      layout,
      types: exportTypes,
    },
  );
  return chunks.join("").trimEnd().split("\n");
}

const withoutStamp = (line: string) => line.replace(/"lastUpdated":"[^"]*",?/, "");

const importInto = async (db: Database, text: string) => {
  const folder = await mkdtemp(path.join(tmpdir(), "mpi-round-trip-"));
  try {
    const file = path.join(folder, "in.ndjson");
    await writeFile(file, text);
    const [result] = await importFhir(db, audit, [file], new PassThrough(), () => ({
      source: undefined,
      strict: true,
      dryRun: false,
      maxRejects: undefined,
      rejectsPath: undefined,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    }));
    return result!;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

it(
  "comes in again as the same records: export, import into an empty index, export",
  { timeout: 240_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ content, hasSource: fc.boolean() }), { minLength: 1, maxLength: 6 }),
        fc.array(act, { maxLength: 6 }),
        fc.constantFrom("ndjson" as const, "bundle" as const),
        async (patients, acts, layout) => {
          const [from, to] = [await createTestDatabase(), await createTestDatabase()];
          const [source, target] = [await openDatabase(from.target), await openDatabase(to.target)];
          try {
            const organization = await addOrganization(
              source.db,
              audit,
              {
                name: "East",
                identifiers: [],
                addresses: [],
                contacts: [],
                remove: [],
                alias: ["E"],
                orgType: ["dept", "odd one"],
              },
              { dryRun: false },
            );
            const ids: string[] = [];
            for (const [index, each] of patients.entries()) {
              const managed = index % 2 === 0 ? organization.organization.id : null;
              ids.push(
                await withTransaction(source.db, audit, (tx) =>
                  insertPatient(
                    tx,
                    { ...each.content, managingOrganizationId: managed },
                    each.hasSource ? { system: "clinic east", id: `#${index}/ä` } : null,
                  ),
                ),
              );
            }
            for (const { kind, a, b } of acts) {
              const [merge] =
                await from.sql`select id from patient_merges where unmerged_at is null order by id`;
              const mergeId = merge?.["id"] as string | undefined;
              if (kind === "unmerge" && mergeId === undefined) continue;
              await perform(source.db, kind, ids[a % ids.length]!, ids[b % ids.length]!, mergeId);
            }

            const out = await exportLines(source.db);
            for (const line of out) expect(findSchemaErrors(JSON.parse(line))).toEqual([]);
            const sent = layout === "ndjson" ? out : await exportLines(source.db, layout);
            const result = await importInto(target.db, sent.join("\n"));
            expect(result.rejections).toEqual([]);
            expect(result).toMatchObject({ counts: { rejected: 0, quarantined: 0 }, unmapped: {} });
            expect(result.links).toMatchObject({ rejected: 0, quarantined: 0 });
            const back = await exportLines(target.db);
            expect(back.map(withoutStamp)).toEqual(out.map(withoutStamp));

            const again = await importInto(target.db, sent.join("\n"));
            expect(again.counts).toMatchObject({ added: 0, updated: 0, rejected: 0 });
            expect((await exportLines(target.db)).map(withoutStamp)).toEqual(out.map(withoutStamp));
          } finally {
            await source.close();
            await target.close();
            await from.drop();
            await to.drop();
          }
        },
      ),
      { numRuns: 10, seed: 77, endOnFailure: true },
    );
  },
);

/** One act of a steward; what a rule refuses is no act. */
async function perform(
  db: Database,
  kind: string,
  a: string,
  b: string,
  mergeId: string | undefined,
): Promise<void> {
  try {
    await withTransaction(db, audit, async (tx) => {
      if (kind === "merge") await mergePatients(tx, { sources: [a], survivor: b, reason: null });
      else if (kind === "unmerge") await unmergePatient(tx, { mergeId: mergeId!, reason: null });
      else
        await decideSame(tx, {
          a,
          b,
          linkType: kind === "refer" ? "refer" : "seealso",
          origin: "link",
          reason: null,
        });
    });
  } catch (error) {
    if (!(error instanceof MpiError)) throw error;
  }
}
