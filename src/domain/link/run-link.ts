import type { Database } from "../../db/client.ts";
import { withTransaction, type TransactionOptions } from "../../db/transaction.ts";
import type { ReadContext } from "../audit/record-read.ts";
import { createPairScorer } from "../decision/calibrated-scorer.ts";
import type { DecisionResult } from "../decision/write-decision.ts";
import { linkPatients, type LinkRequest } from "./link-patients.ts";
import { unlinkPatient, type UnlinkRequest, type UnlinkResult } from "./unlink-patient.ts";

type Options = Pick<TransactionOptions, "dryRun">;

/** Links in a transaction of its own; see linkPatients. */
export const runLink = (
  db: Database,
  context: ReadContext,
  request: LinkRequest,
  options: Options = {},
): Promise<DecisionResult | undefined> =>
  withTransaction(db, context, (tx) => linkPatients(tx, request, createPairScorer()), options);

/** Unlinks in a transaction of its own; see unlinkPatient. */
export const runUnlink = (
  db: Database,
  context: ReadContext,
  request: UnlinkRequest,
  options: Options = {},
): Promise<UnlinkResult> =>
  withTransaction(db, context, (tx) => unlinkPatient(tx, request, createPairScorer()), options);
