import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import type { ConnectionTarget, Database } from "../../db/client.ts";
import { insertReadAudit } from "../../db/queries/audit-read.ts";
import { countIndexContent, countMatches, selectBestPairs } from "../../db/queries/demo.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { parseCsvMap } from "../import/csv/csv-map.ts";
import { importCsv } from "../import/csv/import-csv.ts";
import { evaluateMatch, type Evaluation } from "../match/evaluate-match.ts";
import { readTruth } from "../match/read-truth.ts";
import { runMatch } from "../match/run-match.ts";
import { listPatientRecords } from "../patient/get-patient-record.ts";
import type { PatientRecord } from "../patient/patient-record.ts";
import { generateSamplePopulation } from "../population/generate-population.ts";
import { SOURCE_COUNT } from "../population/settings.ts";
import { readSources } from "../population/source-system.ts";

/** The population of the demonstration: the same every time. */
export const demoRecords = 5000;

export type DemoStep = "generate" | "import" | "match" | "measure";

export interface DemoOptions {
  readonly model: MatchModel;
  /** Where the maps are that come along. */
  readonly mapFile: string;
  readonly signal: AbortSignal;
  readonly onStep: (step: DemoStep) => void;
  readonly monotonic: () => number;
  readonly audit: (operation: string) => AuditContext;
}

export interface DemoPair {
  readonly probability: number;
  readonly state: string;
  readonly records: readonly [PatientRecord, PatientRecord];
}

export interface DemoResult {
  /** False where an earlier demonstration had brought the records in. */
  readonly imported: boolean;
  readonly records: number;
  readonly persons: number;
  readonly linkedPairs: number;
  readonly waitingPairs: number;
  readonly evaluation: Evaluation;
  readonly bestPairs: readonly DemoPair[];
}

/**
 * Fills an empty index with synthetic records, matches them and measures the result against the known truth. A second time
 * it finds the records there and only measures.
 *
 * @throws {MpiError} `conflict` where the index holds anything else: nobody's records are to be mixed with invented ones.
 */
export async function runDemo(
  db: Database,
  target: ConnectionTarget,
  options: DemoOptions,
): Promise<DemoResult> {
  const sources = readSources(SOURCE_COUNT).map((source) => source.code);
  const before = await countIndexContent(db, sources);
  if (before.others > 0) {
    throw new MpiError(
      "conflict",
      "This database holds records of its own; invented ones are not mixed with them.",
      {
        hint: "Unset DATABASE_URL to try things out on the embedded database, or name an empty one.",
      },
    );
  }
  const folder = await mkdtemp(path.join(tmpdir(), "mpi-demo-"));
  try {
    options.onStep("generate");
    await generateSamplePopulation(folder);
    const isNew = before.records < demoRecords;
    if (isNew) {
      options.onStep("import");
      await importPopulation(db, path.join(folder, "patients.csv"), options);
    }
    if (isNew || before.runs === 0) {
      options.onStep("match");
      await runMatch(db, target, options.audit("MATCH_RUN"), {
        model: options.model,
        full: true,
        autoLink: true,
        dryRun: false,
        signal: options.signal,
        onPhase: () => undefined,
        monotonic: options.monotonic,
      });
    }
    options.onStep("measure");
    const truth = await readTruth(path.join(folder, "truth.csv"), Readable.from([]));
    const evaluation = await evaluateMatch(db, target, truth, options.model, options.signal);
    const matches = await countMatches(db);
    const after = await countIndexContent(db, sources);
    return {
      imported: isNew,
      records: after.records,
      persons: matches.persons,
      linkedPairs: matches.linked,
      waitingPairs: matches.waiting,
      evaluation,
      bestPairs: await readBestPairs(db, options.audit("DEMO")),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function importPopulation(db: Database, file: string, options: DemoOptions): Promise<void> {
  const map = parseCsvMap(await readFile(options.mapFile, "utf8"), path.basename(options.mapFile));
  await importCsv(db, options.audit("IMPORT"), file, Readable.from([]), {
    map,
    source: undefined,
    dryRun: false,
    maxRejects: 0,
    rejectsPath: undefined,
    signal: options.signal,
    onProgress: () => undefined,
  });
}

const shownPairs = 3;

/** The surest pairs, whole: read, and written down as read. */
const readBestPairs = (db: Database, audit: AuditContext): Promise<readonly DemoPair[]> =>
  withTransaction(db, audit, async (tx) => {
    const pairs = await selectBestPairs(tx, shownPairs);
    const ids = pairs.flatMap((pair) => [pair.patientId, pair.candidateId]);
    const records = new Map((await listPatientRecords(tx, ids)).map((record) => [record.id, record]));
    await insertReadAudit(tx, { action: "READ", entityType: "patient", entityIds: [...records.keys()] });
    return pairs.map((pair) => ({
      probability: pair.totalScore,
      state: pair.state,
      records: [records.get(pair.patientId)!, records.get(pair.candidateId)!] as const,
    }));
  });
