import type { Transaction } from "../../db/client.ts";
import { insertQuarantine } from "../../db/queries/imports.ts";
import { selectLinksFrom } from "../../db/queries/links.ts";
import { findPatientRow } from "../../db/queries/patient-records.ts";
import { MpiError } from "../../lib/errors.ts";
import { decideSame } from "../decision/decide-same.ts";
import type { ScorePair } from "../decision/pair-scorer.ts";
import { mergePatients } from "../merge/merge-patients.ts";
import type { ImportOrigin } from "./import-record.ts";

/** What a source says of two records: that both are one person's, or that one was given up for the other. */
export interface SourceLink {
  readonly record: string;
  /** For `replaced-by` the survivor, for `refer` the one with the main information. */
  readonly other: string;
  readonly type: "seealso" | "refer" | "replaced-by";
}

export type LinkOutcome = "linked" | "merged" | "unchanged" | "quarantined";

/**
 * Does what a source says of two records that are both here. Saying it again changes nothing. Against a decision
 * "different" nothing is done: it waits in quarantine for a steward.
 *
 * @throws {MpiError} `conflict` where a rule refuses: a record was deleted, or merged into another one.
 */
export async function settleLink(
  tx: Transaction,
  link: SourceLink,
  origin: ImportOrigin,
  scorePair: ScorePair,
): Promise<LinkOutcome> {
  if (link.record === link.other) return "unchanged";
  const between = (await selectLinksFrom(tx, [link.record, link.other])).filter((each) =>
    [each.patientId, each.otherPatientId].every((id) => id === link.record || id === link.other),
  );
  const isSaid = between.some(
    (each) =>
      each.linkType === link.type.replace("-", "_") &&
      (each.patientId === link.record || link.type === "seealso"),
  );
  if (isSaid) return "unchanged";
  try {
    return link.type === "replaced-by" ? await merge(tx, link) : await join(tx, link, scorePair);
  } catch (error) {
    if (!(error instanceof MpiError)) throw error;
    const reason = error.details?.["reason"];
    // One was merged into the other, by whatever way: they are one person's.
    if (reason === "already-linked" || reason === "already-merged") return "unchanged";
    if (reason !== "decided-different") throw error;
    await quarantine(tx, link, origin);
    return "quarantined";
  }
}

async function join(tx: Transaction, link: SourceLink, scorePair: ScorePair): Promise<"linked"> {
  await decideSame(
    tx,
    {
      a: link.record,
      b: link.other,
      linkType: link.type === "refer" ? "refer" : "seealso",
      origin: "import",
      reason: "as its source says",
    },
    scorePair,
  );
  return "linked";
}

async function merge(tx: Transaction, { record, other }: SourceLink): Promise<"merged"> {
  const source = await findPatientRow(tx, record);
  const isMerged = (await selectLinksFrom(tx, [record])).some((each) => each.linkType === "replaced_by");
  await mergePatients(tx, {
    sources: [record],
    survivor: other,
    reason: "as its source says",
    // A record that came in retired has given what it had to give before it was exported.
    isDone: source?.active === false && source.deletedAt === null && !isMerged,
  });
  return "merged";
}

async function quarantine(tx: Transaction, link: SourceLink, origin: ImportOrigin): Promise<void> {
  await insertQuarantine(tx, {
    patientId: link.record,
    kind: link.type === "replaced-by" ? "merge" : "link",
    payload: { source: link.record, other: link.other, linkType: link.type },
    fields: [],
    origin,
  });
}
