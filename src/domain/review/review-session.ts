import type { Database, Transaction } from "../../db/client.ts";
import {
  claimNextPair,
  claimPair,
  countQueue,
  isPairOpen,
  queueKinds,
  releasePairs,
  type QueueFilter,
  type QueueKind,
  type QueueOrder,
} from "../../db/queries/review-queue.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { recordRead, type ReadContext } from "../audit/record-read.ts";
import { createPairScorer } from "../decision/calibrated-scorer.ts";
import type { ActChanges } from "../decision/change-journal.ts";
import { undoChanges } from "../decision/undo-changes.ts";
import { mergePatients } from "../merge/merge-patients.ts";
import { unmergePatient } from "../merge/unmerge-patient.ts";
import { decidePair, type Verdict } from "./decide-pair.ts";
import { loadPairView, type PairView } from "./pair-view.ts";

export interface SessionOptions {
  readonly filter: QueueFilter;
  readonly order: QueueOrder;
  /** How long a pair is held for this steward once it was offered. */
  readonly claimSeconds: number;
  /** The audit context of an operation, for its reason. */
  readonly audit: (operation: string, reason?: string) => ReadContext;
  readonly now: () => Date;
}

/** What was done to the last pair, and how it is taken back. */
interface Done {
  readonly pairId: string;
  readonly what: string;
  readonly back: { readonly changes: ActChanges } | { readonly mergeId: string };
}

export interface Progress {
  readonly decided: number;
  /** Since the first pair was shown. */
  readonly seconds: number;
}

/** So many pairs are counted as left; beyond it, "more than". */
export const leftAtMost = 1000;

/**
 * One steward's way through the queue. Holds the pair on the screen and the next one, which is fetched while the
 * steward looks, so that it is there at once.
 */
export class ReviewSession {
  readonly #db: Database;
  readonly #options: SessionOptions;
  readonly #scorePair = createPairScorer();
  readonly #passed = new Set<string>();
  readonly #done: Done[] = [];
  #prefetched: Promise<PairView | undefined> | undefined;
  #shown: PairView | undefined;
  #decided = 0;
  #startedAt: number | undefined;

  constructor(db: Database, options: SessionOptions) {
    this.#db = db;
    this.#options = options;
  }

  /** The next pair, held for this steward; undefined when nothing is left. That it is shown is written down. */
  async next(): Promise<PairView | undefined> {
    for (;;) {
      const prefetched = this.#prefetched;
      this.#prefetched = undefined;
      // Where nothing was left when it was fetched, something may have come since.
      const view = (await prefetched) ?? (await this.#fetch());
      if (view === undefined) {
        this.#shown = undefined;
        return undefined;
      }
      const fresh = await this.#show(view.id);
      if (fresh !== undefined) return fresh;
      this.#passed.add(view.id);
    }
  }

  /** Fetches the pair after this one; to be called once this one is on the screen. */
  prefetch(): void {
    this.#prefetched ??= this.#fetch();
    // Its failure is met by whoever takes it.
    this.#prefetched.catch(() => undefined);
  }

  async decide(view: PairView, verdict: Verdict, reason: string | null, override = false): Promise<void> {
    const { audit, now } = this.#options;
    const context = audit("REVIEW", reason ?? undefined);
    const result = await withTransaction(this.#db, context, (tx) =>
      decidePair(
        tx,
        context.user,
        { pairId: view.id, verdict, reason, override, evidence: view.evidence },
        now(),
        this.#scorePair,
      ),
    );
    this.#finish({ pairId: view.id, what: verdict, back: { changes: result.changes } });
  }

  /** Merges the two now; `survivor` is the id of the one that stays. */
  async merge(view: PairView, survivor: string, reason: string): Promise<void> {
    const source = survivor === view.a.id ? view.b.id : view.a.id;
    const versions = new Map([view.a, view.b].map((record) => [record.id, record.version]));
    const result = await withTransaction(this.#db, this.#options.audit("MERGE", reason), (tx) =>
      mergePatients(tx, { sources: [source], survivor, reason, versions }),
    );
    this.#finish({ pairId: view.id, what: "merge", back: { mergeId: result.merges[0]!.mergeId } });
  }

  /** Leaves a pair to others, and does not offer it again in this session. */
  async skip(view: PairView): Promise<void> {
    this.#passed.add(view.id);
    const context = this.#options.audit("REVIEW");
    await withTransaction(this.#db, context, (tx) => releasePairs(tx, context.user, [view.id]));
  }

  /**
   * Takes the last decision of this session back, exactly, and shows its pair again.
   *
   * @returns what was taken back; undefined where there is nothing.
   * @throws {MpiError} `conflict` where somebody has changed it since.
   */
  async undo(): Promise<{ readonly what: string; readonly view: PairView | undefined } | undefined> {
    const done = this.#done.at(-1);
    if (done === undefined) return undefined;
    const { audit } = this.#options;
    await withTransaction(this.#db, audit("REVIEW_UNDO"), async (tx) => {
      if ("changes" in done.back) await undoChanges(tx, done.back.changes);
      else {
        await unmergePatient(
          tx,
          { mergeId: done.back.mergeId, reason: "undone in review", allowRematch: true },
          this.#scorePair,
        );
      }
    });
    this.#done.pop();
    this.#decided -= 1;
    this.#passed.delete(done.pairId);
    // What was fetched to follow the pair that this one replaces on the screen is no longer next.
    await this.#prefetched?.catch(() => undefined);
    this.#prefetched = undefined;
    return { what: done.what, view: await this.#show(done.pairId) };
  }

  progress(): Progress {
    const now = this.#options.now().getTime();
    return {
      decided: this.#decided,
      seconds: this.#startedAt === undefined ? 0 : (now - this.#startedAt) / 1000,
    };
  }

  /** What waits, each at most `leftAtMost + 1`: pairs, and what was kept back, which is not decided pair by pair. */
  countLeft(): Promise<{ readonly pairs: number; readonly keptBack: number }> {
    const { filter, audit } = this.#options;
    const kinds = filter.kinds ?? queueKinds;
    const count = (tx: Transaction, wanted: readonly QueueKind[]) =>
      countQueue(tx, { ...filter, kinds: wanted }, leftAtMost + 1);
    return withTransaction(this.#db, audit("REVIEW"), async (tx) => ({
      pairs: await count(
        tx,
        kinds.filter((kind) => kind !== "overlay"),
      ),
      keptBack: await count(
        tx,
        kinds.filter((kind) => kind === "overlay"),
      ),
    }));
  }

  /** Lets go of every pair that is still held. */
  async close(): Promise<void> {
    await this.#prefetched?.catch(() => undefined);
    const context = this.#options.audit("REVIEW");
    await withTransaction(this.#db, context, (tx) => releasePairs(tx, context.user, null));
  }

  #finish(done: Done): void {
    this.#passed.add(done.pairId);
    this.#done.push(done);
    this.#decided += 1;
  }

  /**
   * The pair as it is now, held for this steward from now on; undefined where a decision since has answered it too, or
   * somebody else holds it by now.
   */
  async #show(id: string): Promise<PairView | undefined> {
    const { audit, claimSeconds, filter } = this.#options;
    const context = audit("REVIEW");
    const view = await withTransaction(this.#db, context, async (tx) => {
      if (!(await isPairOpen(tx, id, filter))) return undefined;
      if (!(await claimPair(tx, id, { user: context.user, seconds: claimSeconds }))) return undefined;
      const shown = await loadPairView(tx, id);
      await recordRead(tx, context, { action: "READ", details: { list: "review" } }, [
        shown.a.id,
        shown.b.id,
      ]);
      return shown;
    });
    this.#shown = view;
    if (view !== undefined) this.#startedAt ??= this.#options.now().getTime();
    return view;
  }

  #fetch(): Promise<PairView | undefined> {
    const { filter, order, claimSeconds, audit } = this.#options;
    const context: AuditContext = audit("REVIEW");
    const except = [...this.#passed, ...(this.#shown === undefined ? [] : [this.#shown.id])];
    const claim = { user: context.user, seconds: claimSeconds, order, except };
    return withTransaction(this.#db, context, async (tx) => {
      // What was put off comes last.
      const id =
        (await claimNextPair(tx, { ...filter, deferred: filter.deferred ?? "without" }, claim)) ??
        (filter.deferred === undefined
          ? await claimNextPair(tx, { ...filter, deferred: "only" }, claim)
          : undefined);
      return id === undefined ? undefined : loadPairView(tx, id);
    });
  }
}
