import type { ConnectionTarget, Database, Transaction } from "../../db/client.ts";
import { withCopyConnection } from "../../db/copy.ts";
import { withMatchLock } from "../../db/match-lock.ts";
import { createIdTable, selectMatchChanges } from "../../db/queries/match-changes.ts";
import {
  clearOldKeys,
  copyKeyPages,
  countChangedKeys,
  findStoredKeys,
  insertChangedKeys,
  setStoredKeys,
} from "../../db/queries/match-keys.ts";
import {
  countWaitingPairs,
  createPairStage,
  deleteRunLinks,
  insertRunLinks,
  insertStagedPairs,
  mergeStagedPairs,
  type PairCounts,
  type ScoredPairRow,
} from "../../db/queries/match-pairs.ts";
import {
  findLastRun,
  finishMatchRun,
  insertMatchRun,
  hasChangedSince,
  selectRunHorizon,
  type CoveredBefore,
  type RunHorizon,
} from "../../db/queries/match-runs.ts";
import { lockRecords } from "../../db/queries/persons.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { decideAutomaticLinks, type AutomaticLinks } from "../../matching/decide/automatic-links.ts";
import { pageBitsFor, type KeyPages } from "../../matching/blocking/key-pages.ts";
import type { StoreScores } from "../../matching/bulk/score-store.ts";
import { componentsPerPair, levelsPerPair } from "../../matching/bulk/scored-pairs.ts";
import { compileModel, probabilityOfWeight } from "../../matching/model/compile-model.ts";
import type { Calibration } from "../../matching/model/calibration.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { describeStore } from "../../matching/compare/store-traits.ts";
import { compileRules, listRules } from "../../matching/score/rules.ts";
import { defaultTrainingOptions, trainModel } from "../../matching/training/train.ts";
import { topUpAuditPartitions } from "../audit/partitions.ts";
import { recomputePersons } from "../person/recompute-persons.ts";
import { findKeptCalibration, hashOf, keepCalibration, type KeptCalibration } from "./calibration-store.ts";
import { loadChangedRecords, type ChangedRecords } from "./changed-records.ts";
import { loadDomainFacts, loadStore, type LoadedRecords } from "./load-store.ts";
import { loadDecisions, type StandingDecisions } from "./person-decisions.ts";
import { chooseThreads, scoreRecords } from "./score-records.ts";

export interface MatchRunOptions {
  readonly model: MatchModel;
  /** All records; else what changed since the last run, against all. */
  readonly full: boolean;
  readonly autoLink: boolean;
  readonly dryRun: boolean;
  /** Threads that score; absent: as many as are worth it. */
  readonly threads?: number;
  readonly signal: AbortSignal;
  /** Called when a phase begins, and with its progress where it has any. */
  readonly onPhase: (phase: MatchPhase, done?: number) => void;
  /** Seconds on a clock that only goes forward. */
  readonly monotonic: () => number;
}

export const matchPhases = ["load", "train", "score", "keys", "link", "store"] as const;
export type MatchPhase = (typeof matchPhases)[number];

export interface MatchRunResult {
  readonly runId: string;
  readonly mode: "full" | "incremental";
  readonly records: number;
  /** Records that were looked at anew; all of them in a full run. */
  readonly changedRecords: number;
  readonly candidatePairs: number;
  readonly pairsByRule: Readonly<Record<string, number>>;
  /** Pairs at or above the review line. */
  readonly reviewPairs: number;
  readonly possiblePairs: number;
  readonly pairs: PairCounts;
  /** Pairs of the whole index that wait for a person's decision, after the run. */
  readonly waitingPairs: number;
  readonly conflicts: number;
  readonly links: { readonly made: number; readonly withdrawn: number };
  /** True where this run learned the calibration, because there was none. */
  readonly calibrated: boolean;
  /** Records now for each one that the calibration was learned from: how far it has drifted. Null where not all were read. */
  readonly growthSinceCalibration: number | null;
  /** Seconds. */
  readonly timings: Readonly<Partial<Record<MatchPhase, number>>>;
}

/**
 * Finds the records that belong to one person. Nothing is stored until everything is known; then pairs, links, enterprise
 * ids and the run's own row are committed together.
 *
 * @throws {MpiError} `locked` while another run is at work; `limit` where more would be linked than the model allows
 *   in one run; `cancelled`.
 */
export function runMatch(
  db: Database,
  target: ConnectionTarget,
  audit: AuditContext,
  options: MatchRunOptions,
): Promise<MatchRunResult> {
  return withMatchLock(target, async () => {
    if (!options.dryRun) await topUpAuditPartitions(db, audit);
    const run = await begin(db, audit, options);
    try {
      return await new MatchRun(db, target, audit, options, run).execute();
    } catch (error) {
      const reason =
        options.signal.aborted && !(error instanceof MpiError) ? stopReason(options.signal) : error;
      if (!options.dryRun) await giveUp(db, audit, run, reason);
      throw reason;
    }
  });
}

const stopReason = ({ reason }: AbortSignal): MpiError =>
  reason instanceof MpiError ? reason : new MpiError("cancelled", "Stopped; this run changed nothing.");

interface BegunRun {
  readonly id: string;
  readonly horizon: RunHorizon;
  readonly before: CoveredBefore | undefined;
  readonly kept: KeptCalibration | undefined;
  /** Nothing that matching reads has changed since the run before, which linked as this one would. */
  readonly isUpToDate: boolean;
}

const begin = (db: Database, audit: AuditContext, options: MatchRunOptions): Promise<BegunRun> =>
  withTransaction(
    db,
    audit,
    async (tx) => {
      const horizon = await selectRunHorizon(tx);
      const modelHash = hashOf(options.model);
      const kept = await findKeptCalibration(tx, options.model);
      const last = options.full ? undefined : await findLastRun(tx, { epoch: horizon.epoch, modelHash });
      // Another calibration scores every pair anew.
      const before = last !== undefined && last.calibrationId === kept?.id ? last : undefined;
      const id = await insertMatchRun(tx, {
        mode: before === undefined ? "full" : "incremental",
        modelVersion: options.model.version,
        modelHash,
        epoch: horizon.epoch,
        autoLink: options.autoLink,
      });
      const isUpToDate =
        before !== undefined &&
        before.autoLink === options.autoLink &&
        !(await hasChangedSince(tx, before.watermark));
      return { id, horizon, before, kept, isUpToDate };
    },
    { dryRun: options.dryRun },
  );

async function giveUp(db: Database, audit: AuditContext, run: BegunRun, error: unknown): Promise<void> {
  const stopped = error instanceof MpiError && (error.code === "limit" || error.code === "cancelled");
  await withTransaction(db, audit, (tx) =>
    finishMatchRun(tx, run.id, {
      state: stopped ? "stopped" : "failed",
      watermark: null,
      calibrationId: null,
      counts: {},
      timings: {},
      error: error instanceof MpiError ? error.code : "unexpected",
    }),
  ).catch(() => undefined);
}

const pairsPerStatement = 10_000;

/** Up to so many changed records, or this share of all, are looked at by themselves; beyond it, all are. */
const fewestForAll = 5_000;
const shareForAll = 0.05;
/** Keys written down since the last full run, per record, beyond which it is time for another. */
const mostKeysPerRecord = 3;

const changedTable = "match_changed";
const touchedTable = "match_touched";

interface ScoredRecords {
  /** All records, or those that the changes touch. */
  readonly loaded: LoadedRecords;
  readonly scores: StoreScores;
  readonly calibration: Calibration;
  /** Present where only changes were looked at. */
  readonly changes?: ChangedRecords & { readonly build: number };
  /** Present where the keys of all records were stored anew. */
  readonly build?: number;
}

/** The ids of what changed, for the statements that store it. */
async function createIdTables(tx: Transaction, changes: ChangedRecords): Promise<void> {
  await createIdTable(tx, changedTable, changes.changed);
  await createIdTable(tx, touchedTable, changes.touched);
}

class MatchRun {
  readonly #db: Database;
  readonly #target: ConnectionTarget;
  readonly #audit: AuditContext;
  readonly #options: MatchRunOptions;
  readonly #run: BegunRun;
  readonly #timings: Partial<Record<MatchPhase, number>> = {};

  constructor(
    db: Database,
    target: ConnectionTarget,
    audit: AuditContext,
    options: MatchRunOptions,
    run: BegunRun,
  ) {
    this.#db = db;
    this.#target = target;
    this.#audit = audit;
    this.#options = options;
    this.#run = run;
  }

  async execute(): Promise<MatchRunResult> {
    if (this.#run.isUpToDate) return this.#finishUnchanged();
    const scored = (await this.#scoreChanges()) ?? (await this.#scoreAll());
    return withTransaction(
      this.#db,
      this.#audit,
      async (tx) => {
        const calibrationId =
          this.#run.kept?.id ?? (await keepCalibration(tx, this.#options.model, scored.calibration, "run"));
        const { changes, loaded } = scored;
        if (changes !== undefined) await createIdTables(tx, changes);
        const scope = changes === undefined ? "all" : { idsTable: touchedTable };
        const decisions = await loadDecisions(tx, loaded.ids, scope);
        const links = await this.#phase("link", () => this.#decide(loaded, scored.scores, decisions));
        return this.#phase("store", () => this.#store(tx, scored, decisions, links, calibrationId));
      },
      { dryRun: this.#options.dryRun, retries: 0 },
    );
  }

  /** What changed against everything; undefined where everything has to be looked at. */
  async #scoreChanges(): Promise<ScoredRecords | undefined> {
    const { before, kept } = this.#run;
    const { model, signal, autoLink } = this.#options;
    if (before === undefined || kept === undefined || before.autoLink !== autoLink) return undefined;
    const stored = await findStoredKeys(this.#db);
    if (stored === undefined || stored.calibrationId !== kept.id) return undefined;
    const most = Math.max(fewestForAll, stored.recordCount * shareForAll);
    return withCopyConnection(this.#target, async (connection) => {
      await connection.query("begin isolation level repeatable read");
      const found = await this.#phase("load", () => selectMatchChanges(connection, before.watermark, most));
      if (found === undefined || found.hasOtherDomains || found.decided.length > most) return undefined;
      if ((await countChangedKeys(connection, stored.build)) > stored.recordCount * mostKeysPerRecord) {
        return undefined;
      }
      const domains = await loadDomainFacts(this.#db);
      const compiled = compileModel(model, kept.calibration);
      const changes = await this.#phase("score", () =>
        loadChangedRecords(connection, found, stored, compiled, domains, signal),
      );
      const { loaded, scores } = changes;
      return { loaded, scores, calibration: kept.calibration, changes: { ...changes, build: stored.build } };
    });
  }

  async #scoreAll(): Promise<ScoredRecords> {
    const { model, signal, threads } = this.#options;
    const loaded = await this.#phase("load", () => loadStore(this.#db, this.#target, model, signal));
    const traits = await this.#phase("load", () => describeStore(loaded.store));
    const calibration =
      this.#run.kept?.calibration ??
      (await this.#phase(
        "train",
        () => trainModel(loaded.store, model, defaultTrainingOptions, traits).calibration,
      ));
    const pages: KeyPages[] = [];
    const scores = await this.#phase("score", () =>
      scoreRecords(loaded, compileModel(model, calibration), {
        traits,
        keepFrom: model.thresholds.review,
        threads: threads ?? chooseThreads(loaded.store.size),
        signal,
        onKeys: this.#options.dryRun ? undefined : (each) => pages.push(each),
      }),
    );
    const build = this.#options.dryRun ? undefined : await this.#phase("keys", () => this.#keepKeys(pages));
    return { loaded, scores, calibration, ...(build === undefined ? {} : { build }) };
  }

  /** Nobody reads the pages before this run has succeeded: what a killed run leaves, the next one clears away. */
  #keepKeys(pages: readonly KeyPages[]): Promise<number> {
    return withCopyConnection(this.#target, async (connection) => {
      const build = await clearOldKeys(connection);
      await copyKeyPages(connection, build, pages);
      return build;
    });
  }

  /** The watermark moves on, so that the next run looks at less. */
  #finishUnchanged(): Promise<MatchRunResult> {
    const { id, horizon, before } = this.#run;
    const result: MatchRunResult = {
      runId: id,
      mode: "incremental",
      records: 0,
      changedRecords: 0,
      candidatePairs: 0,
      pairsByRule: {},
      reviewPairs: 0,
      possiblePairs: 0,
      pairs: { added: 0, changed: 0, superseded: 0 },
      waitingPairs: 0,
      conflicts: 0,
      links: { made: 0, withdrawn: 0 },
      calibrated: false,
      growthSinceCalibration: null,
      timings: {},
    };
    return withTransaction(
      this.#db,
      this.#audit,
      async (tx) => {
        await finishMatchRun(tx, id, {
          state: "succeeded",
          watermark: horizon.watermark,
          calibrationId: before?.calibrationId ?? null,
          counts: {},
          timings: {},
        });
        return { ...result, waitingPairs: await countWaitingPairs(tx) };
      },
      { dryRun: this.#options.dryRun },
    );
  }

  async #phase<T>(phase: MatchPhase, work: () => T | Promise<T>): Promise<T> {
    this.#stopIfTold();
    this.#options.onPhase(phase);
    const started = this.#options.monotonic();
    const result = await work();
    // Once it is stored, it is done.
    if (phase !== "store") this.#stopIfTold();
    this.#timings[phase] = (this.#timings[phase] ?? 0) + this.#options.monotonic() - started;
    return result;
  }

  #stopIfTold(): void {
    if (this.#options.signal.aborted) throw stopReason(this.#options.signal);
  }

  #decide(loaded: LoadedRecords, scores: StoreScores, decisions: StandingDecisions): AutomaticLinks {
    return decideAutomaticLinks(loaded.store.size, scores.pairs, this.#options.model, decisions);
  }

  async #store(
    tx: Transaction,
    { loaded, scores, calibration, changes, build }: ScoredRecords,
    decisions: StandingDecisions,
    links: AutomaticLinks,
    calibrationId: string,
  ): Promise<MatchRunResult> {
    const { model, autoLink } = this.#options;
    const { pairs: kept } = scores;
    const keyOf = ([a, b]: readonly [string, string]) => `${a}|${b}`;
    const linkedBefore = new Set(decisions.runLinks.map(keyOf));
    const wanted: (readonly [string, string])[] = [];
    for (let pair = 0; pair < kept.size; pair++) {
      if (links.isLinked[pair] === 1)
        wanted.push([loaded.ids.get(kept.a[pair]!), loaded.ids.get(kept.b[pair]!)]);
    }
    const made = autoLink ? wanted.filter((pair) => !linkedBefore.has(keyOf(pair))) : [];
    this.#refuseTooMany(made.length, loaded.store.size);
    const wantedKeys = new Set(wanted.map(keyOf));
    const withdrawn = autoLink ? decisions.runLinks.filter((pair) => !wantedKeys.has(keyOf(pair))) : [];

    await createPairStage(tx);
    const toRow = this.#rowMaker(loaded, scores, links, (pair) => linkedBefore.has(keyOf(pair)));
    for (let start = 0; start < kept.size; start += pairsPerStatement) {
      const length = Math.min(pairsPerStatement, kept.size - start);
      await insertStagedPairs(
        tx,
        Array.from({ length }, (_, offset) => toRow(start + offset)),
      );
    }
    const pairs = await mergeStagedPairs(
      tx,
      { runId: this.#run.id, modelVersion: model.version, calibrationId },
      changes === undefined ? "all" : { idsTable: changedTable },
    );

    const touched = [...new Set([...made, ...withdrawn].flat())];
    await lockRecords(tx, touched);
    await deleteRunLinks(tx, withdrawn);
    await insertRunLinks(tx, this.#run.id, made);
    await recomputePersons(tx, touched);

    if (build !== undefined) {
      const recordCount = loaded.store.size;
      await setStoredKeys(tx, { build, calibrationId, pageBits: pageBitsFor(recordCount), recordCount });
    }
    if (changes !== undefined) await insertChangedKeys(tx, changes.build, changes.keys);

    const result: MatchRunResult = {
      runId: this.#run.id,
      mode: this.#run.before === undefined ? "full" : "incremental",
      records: loaded.store.size,
      changedRecords: changes?.changed.length ?? loaded.store.size,
      candidatePairs: scores.pairsByRule.reduce((sum, each) => sum + each, 0),
      pairsByRule: Object.fromEntries(
        model.blocking.map((rule, place) => [rule.name, scores.pairsByRule[place] ?? 0]),
      ),
      reviewPairs: kept.size,
      possiblePairs: scores.possible,
      pairs,
      waitingPairs: await countWaitingPairs(tx),
      conflicts: links.isConflict.reduce((sum, each) => sum + each, 0),
      links: { made: made.length, withdrawn: withdrawn.length },
      calibrated: this.#run.kept === undefined,
      growthSinceCalibration:
        changes === undefined ? loaded.store.size / Math.max(1, calibration.records) : null,
      timings: this.#timings,
    };
    const { timings, ...counts } = result;
    await finishMatchRun(tx, this.#run.id, {
      state: "succeeded",
      watermark: this.#run.horizon.watermark,
      calibrationId,
      counts,
      timings: { ...timings },
    });
    return result;
  }

  /** Scored pairs as rows of patient_match_scores. */
  #rowMaker(
    { ids }: LoadedRecords,
    { pairs }: StoreScores,
    links: AutomaticLinks,
    wasLinked: (pair: readonly [string, string]) => boolean,
  ): (pair: number) => ScoredPairRow {
    const { model, autoLink } = this.#options;
    const rules = compileRules(model);
    const namesOf = new Map<number, readonly string[]>();
    const rulesOf = (fired: number) => {
      let names = namesOf.get(fired);
      if (names === undefined) {
        names = listRules(rules, fired).map((rule) => rule.name);
        namesOf.set(fired, names);
      }
      return names;
    };
    return (pair) => {
      const patientId = ids.get(pairs.a[pair]!);
      const candidateId = ids.get(pairs.b[pair]!);
      const component = (place: number) => {
        const score = pairs.components[pair * componentsPerPair + place]!;
        return Number.isNaN(score) ? null : score;
      };
      const weight = pairs.weights[pair]!;
      const isLinked = autoLink ? links.isLinked[pair] === 1 : wasLinked([patientId, candidateId]);
      return {
        patientId,
        candidateId,
        totalScore: probabilityOfWeight(weight),
        matchWeight: weight,
        nameScore: component(0),
        birthDateScore: component(1),
        genderScore: component(2),
        addressScore: component(3),
        identifierScore: component(4),
        levels: pairs.levels.subarray(pair * levelsPerPair, (pair + 1) * levelsPerPair),
        rulesFired: rulesOf(pairs.rules[pair]!),
        state: isLinked ? "auto_linked" : "pending",
        kind: links.isConflict[pair] === 1 ? "conflict" : "duplicate",
      };
    };
  }

  /** Hazard 10: a change of rules must not link thousands by mistake. */
  #refuseTooMany(links: number, records: number): void {
    const { linksPerRun, linksPerRecord } = this.#options.model.limits;
    const limit = Math.min(linksPerRun, Math.ceil(linksPerRecord * records));
    if (links <= limit) return;
    throw new MpiError(
      "limit",
      `This run would link ${links} pairs, more than the ${limit} that the model allows; nothing was changed.`,
      {
        hint: "Look at the pairs with --dry-run; raise limits.linksPerRun in the model if they are right.",
      },
    );
  }
}
