import type { Database } from "../../db/client.ts";
import {
  assignPairs,
  claimNextPair,
  claimPair,
  releasePairs,
  selectQueue,
  type QueueFilter,
  type QueueOrder,
} from "../../db/queries/review-queue.ts";
import { withTransaction, type TransactionOptions } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import type { ReadContext } from "../audit/record-read.ts";

/** Which pairs: by their ids, or so many from the head of the queue. */
export type PairChoice =
  | { readonly ids: readonly string[] }
  | { readonly next: number; readonly filter: QueueFilter; readonly order: QueueOrder };

/** Assigns pairs to a steward, or to nobody; an assigned pair is offered to nobody else. Returns the pairs changed. */
export const runAssign = (
  db: Database,
  context: ReadContext,
  choice: PairChoice,
  user: string | null,
  options: Pick<TransactionOptions, "dryRun"> = {},
): Promise<readonly string[]> =>
  withTransaction(
    db,
    context,
    async (tx) => {
      const ids =
        "ids" in choice
          ? choice.ids
          : (
              await selectQueue(
                tx,
                { kinds: ["duplicate", "conflict", "basis_changed"], ...choice.filter },
                { order: choice.order, limit: choice.next, offset: 0 },
              )
            ).map((entry) => entry.id);
      return assignPairs(tx, ids, user);
    },
    options,
  );

/**
 * Holds a pair for the acting steward: this one, or the first that is free. While it is held nobody else is offered
 * it.
 *
 * @returns the pair's id; undefined where the queue has nothing for this steward.
 * @throws {MpiError} `conflict` where somebody else holds the pair, or it is assigned to somebody else.
 */
export const runClaim = (
  db: Database,
  context: ReadContext,
  which: { readonly id: string } | { readonly filter: QueueFilter; readonly order: QueueOrder },
  seconds: number,
): Promise<string | undefined> =>
  withTransaction(db, context, async (tx) => {
    const claim = { user: context.user, seconds };
    if ("id" in which) {
      if (await claimPair(tx, which.id, claim)) return which.id;
      throw new MpiError("conflict", "That pair is held by somebody else, or assigned to somebody else.", {
        hint: "mpi review show tells by whom and until when.",
        details: { reason: "claimed" },
      });
    }
    return claimNextPair(tx, which.filter, { ...claim, order: which.order, except: [] });
  });

/** Lets go of pairs that the acting steward holds; of all where no ids are given. Returns how many. */
export const runRelease = (
  db: Database,
  context: ReadContext,
  ids: readonly string[] | null,
): Promise<number> => withTransaction(db, context, (tx) => releasePairs(tx, context.user, ids));
