import type { Database } from "../../db/client.ts";
import { selectDomainFlags } from "../../db/queries/imports.ts";
import { MpiError } from "../../lib/errors.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { explainPair, type PairExplanation } from "../../matching/score/explain-pair.ts";
import { withAuditedRead, type ReadContext } from "../audit/record-read.ts";
import { getPatientRecord } from "../patient/get-patient-record.ts";
import { resolveRecord, type RecordReference } from "../patient/resolve-record.ts";
import { loadCompiledModel } from "./load-compiled-model.ts";
import { toMatchRecord } from "./to-match-record.ts";

export interface RecordsExplanation {
  readonly ids: readonly [string, string];
  /** Null where nothing was learned yet and the model's own figures were used. */
  readonly calibrationId: string | null;
  readonly model: { readonly name: string; readonly version: string };
  readonly explanation: PairExplanation;
}

/**
 * Why two records weigh what they weigh together, as a run would score them. Both are written to the audit trail as read.
 *
 * @throws {MpiError} `not-found`; `usage` where both references name one record.
 */
export function explainRecords(
  db: Database,
  context: ReadContext,
  references: readonly [RecordReference, RecordReference],
  model: MatchModel,
): Promise<RecordsExplanation> {
  return withAuditedRead(db, context, { action: "READ" }, async (tx) => {
    const a = await resolveRecord(tx, references[0]);
    const b = await resolveRecord(tx, references[1]);
    if (a === b) throw new MpiError("usage", "Both name the same record; a pair is two.");
    const domains = new Map((await selectDomainFlags(tx)).map((flags) => [flags.system, flags]));
    const { compiled, calibrationId } = await loadCompiledModel(tx, model);
    const [first, second] = [
      toMatchRecord(await getPatientRecord(tx, a), domains),
      toMatchRecord(await getPatientRecord(tx, b), domains),
    ];
    return {
      result: {
        ids: [a, b] as const,
        calibrationId,
        model: { name: model.name, version: model.version },
        explanation: explainPair(first, second, compiled),
      },
      ids: [a, b],
    };
  });
}
