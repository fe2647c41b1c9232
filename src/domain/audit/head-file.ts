import { createHash } from "node:crypto";
import { MpiError } from "../../lib/errors.ts";
import { sealText, type Seal } from "./seal-chain.ts";

/** A head that is kept outside of the database. */
export interface KeptHead {
  readonly sealId: number;
  readonly head: string;
}

/** One line for safe keeping: what the seal says, and its head. */
export const formatHead = (seal: Seal): string => `${sealText(seal).slice(0, -1)}, "head": "${seal.head}"}`;

const tail = /, "head": "(?<head>[0-9a-f]{64})"\}$/;

/**
 * Reads what `formatHead` wrote, one line for each seal. Each line proves itself: its text hashes to its head.
 *
 * @throws {MpiError} `usage` for a line that is no head or was changed.
 */
export function parseHeads(text: string, source: string): readonly KeptHead[] {
  return text.split("\n").flatMap((raw, index): readonly KeptHead[] => {
    const line = raw.trim();
    if (line === "") return [];
    const match = tail.exec(line);
    const sealed = match === null ? "" : `${line.slice(0, match.index)}}`;
    const sealId = Number(/^\{"seal": (?<id>[1-9]\d*),/.exec(line)?.groups?.["id"]);
    const head = match?.groups?.["head"];
    if (
      head === undefined ||
      !Number.isSafeInteger(sealId) ||
      createHash("sha256").update(sealed).digest("hex") !== head
    ) {
      throw new MpiError(
        "usage",
        `Line ${String(index + 1)} of ${source} is not a head as "mpi audit seal" writes it.`,
        {
          hint: "A line that was changed by hand or cut short proves nothing; use another copy.",
        },
      );
    }
    return [{ sealId, head }];
  });
}

/** Kept heads that the seals in the database contradict: another head, or a seal that is not there. */
export function compareHeads(
  kept: readonly KeptHead[],
  seals: readonly Pick<Seal, "id" | "head">[],
): readonly number[] {
  const heads = new Map(seals.map(({ id, head }) => [id, head]));
  return kept.filter(({ sealId, head }) => heads.get(sealId) !== head).map(({ sealId }) => sealId);
}
