import type { Transaction } from "../../../db/client.ts";
import { findSourceRecord } from "../../../db/queries/imports.ts";
import { MpiError } from "../../../lib/errors.ts";
import type { ScorePair } from "../../decision/pair-scorer.ts";
import type { ImportOutcome } from "../import-record.ts";
import { settleLink } from "../settle-link.ts";
import { settleUnlink } from "../settle-unlink.ts";
import { findIdentity, type Identity, type IdentityRule } from "./patient-identity.ts";
import type { Message, Segment } from "./parse-message.ts";

/** What a message says of two records. */
export interface ActOnTwo {
  readonly kind: "merge" | "link" | "unlink";
  /** Of a merge the record that is given up, and the one to use from now on. */
  readonly pairs: readonly { readonly record: Identity; readonly other: Identity }[];
}

/**
 * The merges of an A40 (one for each PID with its MRG), the link of an A24, the unlink of an A37.
 *
 * @returns what is wrong where it cannot be told who is meant.
 */
export function readAct(kind: ActOnTwo["kind"], message: Message, rule: IdentityRule): ActOnTwo | string {
  return kind === "merge" ? readMerges(message, rule) : readTwo(kind, message, rule);
}

function readMerges(message: Message, rule: IdentityRule): ActOnTwo | string {
  const pairs: { record: Identity; other: Identity }[] = [];
  let pid: Segment | undefined;
  for (const segment of message.segments) {
    if (segment.name === "PID") pid = segment;
    if (segment.name !== "MRG") continue;
    if (pid === undefined) return "MRG stands before any PID";
    const other = findIdentity(pid, 3, message, rule);
    if (typeof other === "string") return other;
    const record = findIdentity(segment, 1, message, rule);
    if (typeof record === "string") return record;
    pairs.push({ record, other });
  }
  return pairs.length === 0 ? "has no MRG, so that nothing says what was merged" : { kind: "merge", pairs };
}

function readTwo(kind: "link" | "unlink", message: Message, rule: IdentityRule): ActOnTwo | string {
  const pids = message.segments.filter(({ name }) => name === "PID");
  if (pids.length !== 2) return `has ${String(pids.length)} PID where a link has two`;
  const [record, other] = pids.map((pid) => findIdentity(pid, 3, message, rule));
  if (typeof record === "string") return record;
  if (typeof other === "string") return other;
  return { kind, pairs: [{ record: record!, other: other! }] };
}

/**
 * Carries out all that one message says, or nothing of it.
 *
 * @param isExpected whether a record that is not here would be, were this no dry run.
 * @throws {MpiError} `conflict` where a record is not here, or a rule refuses.
 */
export async function carryOut(
  tx: Transaction,
  act: ActOnTwo,
  scorePair: ScorePair,
  isExpected: (identity: Identity) => boolean,
): Promise<ImportOutcome> {
  const outcomes: ImportOutcome[] = [];
  for (const { record, other } of act.pairs) {
    if (record.sourceSystem === other.sourceSystem && record.sourceId === other.sourceId) {
      throw new MpiError("conflict", "names the same record twice");
    }
    const ids = await Promise.all(
      [record, other].map((each) => findSourceRecord(tx, each.sourceSystem, each.sourceId)),
    );
    const missing = ids.findIndex((id) => id === undefined);
    if (missing >= 0) {
      if ([record, other].every((each, place) => ids[place] !== undefined || isExpected(each))) {
        outcomes.push(expected[act.kind]);
        continue;
      }
      throw new MpiError("conflict", `names a record that is not here, by ${segments[act.kind][missing]!}`);
    }
    const [a, b] = ids as [string, string];
    outcomes.push(
      act.kind === "unlink"
        ? await settleUnlink(tx, a, b, scorePair)
        : await settleLink(
            tx,
            { record: a, other: b, type: act.kind === "merge" ? "replaced-by" : "seealso" },
            "hl7",
            scorePair,
          ),
    );
  }
  return (
    outcomes.find((outcome) => outcome === "quarantined") ??
    outcomes.find((outcome) => outcome !== "unchanged") ??
    "unchanged"
  );
}

const expected = { merge: "merged", link: "linked", unlink: "unlinked" } as const;
const segments = {
  merge: ["MRG-1", "PID-3"],
  link: ["the first PID", "the second PID"],
  unlink: ["the first PID", "the second PID"],
} as const;
