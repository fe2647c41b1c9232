import { setImmediate } from "node:timers/promises";
import type { Transaction } from "../../db/client.ts";
import { createIdTable } from "../../db/queries/match-changes.ts";
import { insertChangedKeys, setStoredKeys } from "../../db/queries/match-keys.ts";
import { deleteRunLinks, hasPairs, insertRunLinks } from "../../db/queries/match-pairs.ts";
import {
  createPairStage,
  insertFirstPairs,
  insertStagedPairs,
  mergeStagedPairs,
  type PairCounts,
  type ScoredPairRow,
} from "../../db/queries/match-stage.ts";
import { lockRecords } from "../../db/queries/persons.ts";
import { bringBack, setAsideIndexes } from "../../db/queries/set-aside.ts";
import { MpiError } from "../../lib/errors.ts";
import { pageBitsFor } from "../../matching/blocking/key-pages.ts";
import { orderByWeight } from "../../matching/cluster/order-by-weight.ts";
import type { AutomaticLinks } from "../../matching/decide/automatic-links.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { recomputePersons } from "../person/recompute-persons.ts";
import type { ChangedRecords } from "./changed-records.ts";
import { pairRowMaker } from "./pair-rows.ts";
import type { StandingDecisions } from "./person-decisions.ts";
import type { ScoredRecords } from "./score-run.ts";

const pairsPerStatement = 10_000;
/** One that the server is at, and one that waits for it. */
const statementsUnderWay = 2;
const pairsPerTurn = 100;

const changedTable = "match_changed";
/** Has the ids of all records that the changes touch, once createIdTables has run. */
export const touchedTable = "match_touched";

/** The ids of what changed, for the statements that store it. */
export async function createIdTables(tx: Transaction, changes: ChangedRecords): Promise<void> {
  await createIdTable(tx, changedTable, changes.changed);
  await createIdTable(tx, touchedTable, changes.touched);
}

export interface RunToStore {
  readonly id: string;
  readonly calibrationId: string;
  readonly model: MatchModel;
  /** False where the run scores only: links that runs made stay as they are. */
  readonly autoLink: boolean;
  /** True where nobody uses the index yet: the pairs are stored with the tables to itself, if they can be had. */
  readonly isFirst: boolean;
}

export interface StoredCounts {
  readonly pairs: PairCounts;
  readonly links: { readonly made: number; readonly withdrawn: number };
  /** True where the pairs were stored with the tables to itself. */
  readonly storedAlone: boolean;
}

/**
 * Stores pairs, links, enterprise ids and keys of a run, in its transaction.
 *
 * @throws {MpiError} `limit` where more would be linked than the model allows in one run.
 */
export async function storeRun(
  tx: Transaction,
  run: RunToStore,
  scored: ScoredRecords,
  decisions: StandingDecisions,
  links: AutomaticLinks,
): Promise<StoredCounts> {
  const { loaded, changes } = scored;
  const linkChanges = compareLinks(run, scored, decisions, links);
  refuseTooMany(run.model, linkChanges.made.length, loaded.store.size);

  const storing = { runId: run.id, modelVersion: run.model.version, calibrationId: run.calibrationId };
  const batches = makeBatches(run, scored, links, linkChanges.isLinkedAlready);
  const aside = run.isFirst ? await setAsideIndexes(tx, "patient_match_scores") : undefined;
  let pairs: PairCounts;
  if (aside !== undefined && !(await hasPairs(tx))) {
    await sendBatches(batches, (rows) => insertFirstPairs(tx, storing, rows));
    pairs = { added: scored.scores.pairs.size, changed: 0, superseded: 0 };
  } else {
    await createPairStage(tx);
    await sendBatches(batches, (rows) => insertStagedPairs(tx, rows));
    pairs = await mergeStagedPairs(tx, storing, changes === undefined ? "all" : { idsTable: changedTable });
  }
  if (aside !== undefined) await bringBack(tx, aside);

  const { made, withdrawn } = linkChanges;
  const relinked = [...new Set([...made, ...withdrawn].flat())];
  await lockRecords(tx, relinked);
  await deleteRunLinks(tx, withdrawn);
  await insertRunLinks(tx, run.id, made);
  await recomputePersons(tx, relinked);

  await storeKeys(tx, run.calibrationId, scored);
  return {
    pairs,
    links: { made: made.length, withdrawn: withdrawn.length },
    storedAlone: aside !== undefined,
  };
}

type IdPair = readonly [string, string];
const keyOf = ([a, b]: IdPair) => `${a}|${b}`;

interface LinkChanges {
  readonly made: readonly IdPair[];
  readonly withdrawn: readonly IdPair[];
  readonly isLinkedAlready: (pair: IdPair) => boolean;
}

/** The links that the run wants, beside those that earlier runs made. */
function compareLinks(
  { autoLink }: RunToStore,
  { loaded, scores }: ScoredRecords,
  { runLinks }: StandingDecisions,
  { isLinked }: AutomaticLinks,
): LinkChanges {
  const before = new Set(runLinks.map(keyOf));
  const isLinkedAlready = (pair: IdPair) => before.has(keyOf(pair));
  if (!autoLink) return { made: [], withdrawn: [], isLinkedAlready };
  const wanted: IdPair[] = [];
  for (let pair = 0; pair < scores.pairs.size; pair++) {
    if (isLinked[pair] !== 1) continue;
    wanted.push([loaded.ids.get(scores.pairs.a[pair]!), loaded.ids.get(scores.pairs.b[pair]!)]);
  }
  const wantedKeys = new Set(wanted.map(keyOf));
  return {
    made: wanted.filter((pair) => !isLinkedAlready(pair)),
    withdrawn: runLinks.filter((pair) => !wantedKeys.has(keyOf(pair))),
    isLinkedAlready,
  };
}

/** Hazard 10: a change of rules must not link thousands by mistake. */
function refuseTooMany({ limits }: MatchModel, links: number, records: number): void {
  const limit = Math.min(limits.linksPerRun, Math.ceil(limits.linksPerRecord * records));
  if (links <= limit) return;
  throw new MpiError(
    "limit",
    `This run would link ${links} pairs, more than the ${limit} that the model allows; nothing was changed.`,
    {
      hint: "Look at the pairs with --dry-run; raise limits.linksPerRun in the model if they are right.",
    },
  );
}

/** The pairs as rows, some thousand at a time, the best first. */
async function* makeBatches(
  { model, autoLink }: RunToStore,
  { loaded, scores: { pairs } }: ScoredRecords,
  links: AutomaticLinks,
  isLinkedAlready: (pair: IdPair) => boolean,
): AsyncGenerator<readonly ScoredPairRow[]> {
  const toRow = pairRowMaker(loaded, pairs, {
    model,
    links,
    isLinked: (pair, ...ids) => (autoLink ? links.isLinked[pair] === 1 : isLinkedAlready(ids)),
  });
  // The best first; pairs of one weight as they are, in order of their records.
  const order = orderByWeight(pairs.weights);
  for (let start = 0; start < pairs.size; start += pairsPerStatement) {
    const rows: ScoredPairRow[] = [];
    for (const pair of order.subarray(start, start + pairsPerStatement)) {
      // Statements are under way meanwhile: their bytes want to be handed on.
      if (rows.length % pairsPerTurn === 0) await setImmediate();
      rows.push(toRow(pair));
    }
    yield rows;
  }
}

async function sendBatches(
  batches: AsyncIterable<readonly ScoredPairRow[]>,
  send: (rows: readonly ScoredPairRow[]) => Promise<void>,
): Promise<void> {
  const underWay: Promise<void>[] = [];
  for await (const rows of batches) {
    if (underWay.length === statementsUnderWay) await underWay.shift();
    const isSent = send(rows);
    // Whatever ends this first: that it fails is told when it is waited for.
    isSent.catch(() => undefined);
    underWay.push(isSent);
  }
  for (const isSent of underWay) await isSent;
}

async function storeKeys(
  tx: Transaction,
  calibrationId: string,
  { loaded, changes, build }: ScoredRecords,
): Promise<void> {
  if (build !== undefined) {
    const recordCount = loaded.store.size;
    const keys = { calibrationId, pageBits: pageBitsFor(recordCount), recordCount };
    await setStoredKeys(tx, { ...keys, build: await build });
  }
  if (changes !== undefined) await insertChangedKeys(tx, changes.build, changes.keys);
}
