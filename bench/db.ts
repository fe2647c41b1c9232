/**
 * How fast the database answers, beside what was asked for: npm run bench:db -- --patients 1000000
 *
 * Uses (and makes, once) the database of bench/benchmark-database.ts: on the server that DATABASE_URL names, else the
 * embedded one. Every figure is the whole use case as a command calls it, in the client's clock, audit rows and
 * their commit included; every cache is warm. With --row-security the questions about patients are asked once more,
 * as a steward who may see every second one. Run it on a machine that does nothing else.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { eq } from "drizzle-orm";
import { openDatabase, type Database } from "../src/db/client.ts";
import { withCopyConnection } from "../src/db/copy.ts";
import { patients as patientsTable } from "../src/db/schema.ts";
import { withTransaction } from "../src/db/transaction.ts";
import { readAuditHistory } from "../src/domain/audit/audit-history.ts";
import type { ReadContext } from "../src/domain/audit/record-read.ts";
import { sealAudit } from "../src/domain/audit/seal-audit.ts";
import { importInBatches } from "../src/domain/import/batch-import.ts";
import { parseCsvMap } from "../src/domain/import/csv/csv-map.ts";
import { createRowReader } from "../src/domain/import/csv/row-content.ts";
import type { ImportRecord } from "../src/domain/import/import-record.ts";
import { createLikelyMatchFinder } from "../src/domain/match/find-likely-matches.ts";
import { findPatients } from "../src/domain/patient/find/find-patients.ts";
import { recordSearch } from "../src/domain/patient/find/record-search.ts";
import type { PatientSearch } from "../src/domain/patient/find/search-query.ts";
import { getPatientRecord } from "../src/domain/patient/get-patient-record.ts";
import { POPULATION_COLUMNS } from "../src/domain/population/columns.ts";
import { generateRecords } from "../src/domain/population/record-generator.ts";
import { resolvePopulationOptions } from "../src/domain/population/settings.ts";
import { defaultModel } from "../src/matching/model/default-model.ts";
import { auditUsers, countAuditRows, fillAuditTrail } from "./audit-rows.ts";
import { prepareBenchmarkDatabase } from "./benchmark-database.ts";
import { formatMeasured, measure, timeEach, type Measured } from "./measure.ts";
import { drawNames } from "./name-mix.ts";
import { withRowSecurity } from "./row-security.ts";
import { auditBytes, formatSizes } from "./sizes.ts";

const { values } = parseArgs({
  options: {
    patients: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    "audit-rows": { type: "string", default: "5000000" },
    batches: { type: "string", default: "20" },
    "row-security": { type: "boolean", default: false },
  },
});
const patients = Number(values.patients);
const seed = Number(values.seed);
const auditRows = Number(values["audit-rows"]);
const log = (text: string) => process.stderr.write(`${text}\n`);
const reader: ReadContext = { user: "bench", operation: "BENCH" };
const questions = 200;

const target = await prepareBenchmarkDatabase({ patients, seed });
if ((await countAuditRows(target)) < auditRows * 0.9) {
  log(`Writing about ${auditRows.toLocaleString("en")} audit rows.`);
  await fillAuditTrail(target, auditRows, log);
}
const ids = await withCopyConnection(target, async (connection) => {
  const rows = await connection.query<{ id: string }>(
    `select id::text as id from patients order by md5(id::text) limit ${String(questions)}`,
  );
  return rows.map(({ id }) => id);
});
const identifiers = await withCopyConnection(target, (connection) =>
  connection.query<{ value: string; system: string }>(
    `select value, system from patient_identifiers where patient_id = any ($1::uuid[]) order by id limit ${String(questions)}`,
    [ids],
  ),
);
const names = await drawNames(target, questions);

const handle = await openDatabase(target);
try {
  await report(handle.db);
} finally {
  await handle.close();
}

/** What people ask about patients. */
async function patientQuestions(db: Database, seen: readonly string[]): Promise<readonly Measured[]> {
  const find = (search: PatientSearch) =>
    findPatients(
      db,
      reader,
      search,
      { exact: false, prefix: false, includeDeleted: false, limit: 20, offset: 0, countAll: false },
      recordSearch(reader, search, false),
    );
  const rows: Measured[] = [
    await measure("patient by id", 1, seen, (id) =>
      db.select().from(patientsTable).where(eq(patientsTable.id, id)),
    ),
    await measure("  of it with names, addresses and all", 1, seen, (id) => getPatientRecord(db, id)),
    await measure("find by name", 10, names.all, (words) => find({ words })),
  ];
  for (const [kind, words] of Object.entries(names.byKind))
    rows.push(await measure(`  of it ${kind}`, 10, words, (each) => find({ words: each })));
  const contents = [...newRecords(questions, seed)];
  const findLikelyMatches = createLikelyMatchFinder(defaultModel);
  return [
    ...rows,
    await measure("find by identifier", 5, identifiers, (identifier) => find({ identifier })),
    await measure("matching query with scoring", 100, contents, ({ content }) =>
      withTransaction(db, reader, (tx) => findLikelyMatches(tx, content), { parallelism: "none" }),
    ),
  ];
}

async function report(db: Database): Promise<void> {
  const questionRows = [...(await patientQuestions(db, ids)), ...(await auditQuestions(db))];
  const before = await auditBytes(target);
  const rows = [...questionRows, await bulkInsert(db)];
  const perPatient = ((await auditBytes(target)) - before) / (1000 * Number(values.batches));
  const seal = await timeSeal(db);

  console.log(`${patients.toLocaleString("en")} patients, cache warm; names: ${names.description}\n`);
  console.log(formatMeasured(rows));
  console.log(`\n${seal}\n`);
  console.log(await formatSizes(target));
  console.log(
    `\naudit of one added patient, indexes included: ${perPatient.toFixed(0)} bytes; ` +
      `10 M patients added: ${((perPatient * 1e7) / 1e9).toFixed(1)} GB (asked for: 10 to 20 GB a year)`,
  );
  if (!values["row-security"]) return;
  const restricted = await withRowSecurity(target, async (login) => {
    const own = await openDatabase(login);
    // What somebody may not see is not there; half of the ids are.
    return patientQuestions(
      own.db,
      ids.filter((id) => id > "8"),
    ).finally(() => own.close());
  });
  console.log(`\nUnder row-level security, every second patient seen:\n\n${formatMeasured(restricted)}`);
}

async function auditQuestions(db: Database): Promise<readonly Measured[]> {
  const ask = (filter: Partial<Parameters<typeof readAuditHistory>[2]>) =>
    readAuditHistory(db, reader, { limit: 50, reveal: false, ...filter });
  const users = Array.from({ length: 50 }, (_, n) => `user ${String((n * 7) % auditUsers)}`);
  const day = 86_400_000;
  const windows = Array.from({ length: 50 }, (_, n) => {
    const start = Date.now() - (n + 1) * 7 * day;
    return { since: new Date(start).toISOString(), until: new Date(start + day / 24).toISOString() };
  });
  return [
    await measure("audit by patient", 10, ids, (id) => ask({ patient: { kind: "id", prefix: id } })),
    await measure("audit by user, newest 50", 10, users, (user) => ask({ user })),
    await measure("audit by hour, newest 50", 10, windows, ask),
  ];
}

/** Batches of a thousand new records as an import writes them, each committed. */
async function bulkInsert(db: Database): Promise<Measured> {
  const batches = Number(values.batches);
  const records = [...newRecords(1000 * (batches + 1), seed + 1)];
  const write = async (batch: readonly ImportRecord[]) => {
    const written = importInBatches(db, { user: "bench", operation: "IMPORT" }, asStream(batch), {
      origin: "csv",
      dryRun: false,
      batchSize: 1000,
      lanes: 1,
      signal: new AbortController().signal,
      from: 0,
      onWritten: () => Promise.resolve(),
    });
    for await (const { counts } of written)
      if (counts.added !== batch.length) throw new Error("not every record of the batch was new");
  };
  const slices = Array.from({ length: batches + 1 }, (_, n) => records.slice(n * 1000, (n + 1) * 1000));
  await write(slices[0]!);
  return timeEach("add 1,000 patients with children, triggers, audit", 1000, slices.slice(1), write);
}

async function* asStream<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

/** Records of the population with another seed, under source ids that no run before this one used. */
function* newRecords(count: number, otherSeed: number): Generator<ImportRecord> {
  const file = new URL("../data/maps/population.json", import.meta.url);
  const readRow = createRowReader(parseCsvMap(readFileSync(file, "utf8"), "population"), POPULATION_COLUMNS);
  const run = String(Date.now());
  let line = 0;
  for (const { columns } of generateRecords(resolvePopulationOptions({ patients: count, seed: otherSeed }))) {
    line += 1;
    const row = readRow(POPULATION_COLUMNS.map((column) => columns[column]));
    const sourceId = `${row.sourceId}-${run}`;
    yield {
      sourceSystem: "bench",
      sourceId,
      receivedAt: row.receivedAt,
      content: row.content,
      line,
      raw: "",
    };
  }
}

async function timeSeal(db: Database): Promise<string> {
  const started = performance.now();
  const { made } = await sealAudit(db, { user: "bench", operation: "AUDIT_SEAL" }, { dryRun: true });
  const seconds = (performance.now() - started) / 1000;
  const rows = made.reduce((sum, { rowCount }) => sum + Number(rowCount), 0);
  return (
    `seal of ${rows.toLocaleString("en")} audit rows: ${seconds.toFixed(1)} s, ` +
    `${((seconds * 1e6) / rows).toFixed(1)} s a million (asked for: < 15)`
  );
}
