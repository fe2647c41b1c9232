import type { Database } from "../../db/client.ts";
import {
  selectAgreement,
  selectFalseMerges,
  selectOpenCounts,
  selectStewardCounts,
  type OpenCountRow,
  type StewardRow,
} from "../../db/queries/review-stats.ts";
import { withTransaction } from "../../db/transaction.ts";
import type { ReadContext } from "../audit/record-read.ts";

/** A share with everything that it is made of. */
export interface Measure {
  readonly name: string;
  readonly definition: string;
  readonly numerator: number;
  readonly denominator: number;
  /** Null where there is nothing to divide by. */
  readonly value: number | null;
}

export interface ReviewStats {
  /** The moment from which decisions count. */
  readonly since: string;
  readonly open: readonly OpenCountRow[];
  readonly stewards: readonly (StewardRow & { readonly perHour: number })[];
  readonly measures: readonly Measure[];
}

/** How the queue stands and how the work at it goes: counts and shares, no patient's data. */
export const readReviewStats = (db: Database, context: ReadContext, since: string): Promise<ReviewStats> =>
  withTransaction(db, context, async (tx) => {
    const stewards = await selectStewardCounts(tx, since);
    const total = (row: StewardRow) => row.same + row.different + row.later + row.merged;
    const decided = stewards.reduce((sum, row) => sum + total(row), 0);
    const hours = stewards.reduce((sum, row) => sum + row.activeHours, 0);
    const agreement = await selectAgreement(tx, since);
    const falseMerges = await selectFalseMerges(tx, since);
    return {
      since,
      open: await selectOpenCounts(tx),
      stewards: stewards.map((row) => ({ ...row, perHour: total(row) / row.activeHours })),
      measures: [
        measure(
          "pairs decided per hour",
          "decisions / hours of the clock in which a steward decided anything",
          decided,
          hours,
        ),
        measure(
          "agreement",
          "pairs on which all stewards who decided said the same / pairs that more than one steward decided",
          agreement.numerator,
          agreement.denominator,
        ),
        measure(
          "false merges",
          "merges that were taken back / merges",
          falseMerges.numerator,
          falseMerges.denominator,
        ),
      ],
    };
  });

const measure = (name: string, definition: string, numerator: number, denominator: number): Measure => ({
  name,
  definition,
  numerator,
  denominator,
  value: denominator === 0 ? null : numerator / denominator,
});
