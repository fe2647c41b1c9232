import { setImmediate } from "node:timers/promises";
import type { Transaction } from "../../db/client.ts";
import { createIdTable } from "../../db/queries/match-changes.ts";
import { insertChangedKeys, setStoredKeys } from "../../db/queries/match-keys.ts";
import { deleteRunLinks, hasPairs, insertRunLinks } from "../../db/queries/match-pairs.ts";
import {
  createPairStage,
  insertFirstPairs,
  mergeStagedPairs,
  stagePairs,
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

const pairsPerBatch = 200;

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
    await insertFirstPairs(tx, storing, batches);
    pairs = { added: scored.scores.pairs.size, changed: 0, superseded: 0 };
  } else {
    await createPairStage(tx);
    await stagePairs(tx, storing, batches);
    pairs = await mergeStagedPairs(tx, run.id, changes === undefined ? "all" : { idsTable: changedTable });
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
  /** Whether an earlier run linked the two records of a scored pair. */
  readonly isLinkedAlready: (pair: number) => boolean;
}

/** The links that the run wants, beside those that earlier runs made. */
function compareLinks(
  { autoLink }: RunToStore,
  { loaded, scores }: ScoredRecords,
  { runLinks }: StandingDecisions,
  { isLinked }: AutomaticLinks,
): LinkChanges {
  const before = new Set(runLinks.map(keyOf));
  const { pairs } = scores;
  const idsOf = (pair: number): IdPair => [loaded.ids.get(pairs.a[pair]!), loaded.ids.get(pairs.b[pair]!)];
  const isLinkedAlready = (pair: number) => before.size > 0 && before.has(keyOf(idsOf(pair)));
  if (!autoLink) return { made: [], withdrawn: [], isLinkedAlready };
  const wanted: IdPair[] = [];
  for (let pair = 0; pair < pairs.size; pair++) if (isLinked[pair] === 1) wanted.push(idsOf(pair));
  const wantedKeys = new Set(wanted.map(keyOf));
  return {
    made: wanted.filter((pair) => !before.has(keyOf(pair))),
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

/** The pairs as rows, some hundreds at a time, the best first. */
async function* makeBatches(
  { model, autoLink }: RunToStore,
  { loaded, scores: { pairs } }: ScoredRecords,
  links: AutomaticLinks,
  isLinkedAlready: (pair: number) => boolean,
): AsyncGenerator<readonly ScoredPairRow[]> {
  const toRow = pairRowMaker(loaded, pairs, {
    model,
    links,
    isLinked: autoLink ? (pair) => links.isLinked[pair] === 1 : isLinkedAlready,
  });
  // The best first; pairs of one weight as they are, in order of their records.
  const order = orderByWeight(pairs.weights);
  for (let start = 0; start < pairs.size; start += pairsPerBatch) {
    // Rows are under way meanwhile: their bytes want to be handed on.
    await setImmediate();
    yield Array.from(order.subarray(start, start + pairsPerBatch), toRow);
  }
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
