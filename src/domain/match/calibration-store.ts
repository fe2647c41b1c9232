import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Queryable, Transaction } from "../../db/client.ts";
import { findCalibration, insertCalibration, selectCalibrationContent } from "../../db/queries/match-runs.ts";
import type { Calibration } from "../../matching/model/calibration.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";

export interface KeptCalibration {
  readonly id: string;
  readonly calibration: Calibration;
  readonly createdAt: string;
}

/** SHA-256 of a value as JSON with its keys in order: the same model is the same hash, however it was written. */
export const hashOf = (value: unknown): string => createHash("sha256").update(canonical(value)).digest("hex");

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/** The last one read: it is some megabytes, and never changes. */
let lastRead: KeptCalibration | undefined;

export async function findKeptCalibration(
  db: Queryable,
  model: MatchModel,
): Promise<KeptCalibration | undefined> {
  const stored = await findCalibration(db, hashOf(model));
  if (stored === undefined) return undefined;
  if (lastRead?.id !== stored.id) {
    const content = await selectCalibrationContent(db, stored.id);
    // Written by keepCalibration only.
    const calibration = JSON.parse(gunzipSync(content).toString("utf8")) as Calibration;
    lastRead = { id: stored.id, calibration, createdAt: stored.createdAt };
  }
  return lastRead;
}

export async function keepCalibration(
  tx: Transaction,
  model: MatchModel,
  calibration: Calibration,
  origin: "train" | "run" | "decisions",
): Promise<string> {
  const json = JSON.stringify(calibration);
  return insertCalibration(tx, {
    modelVersion: model.version,
    modelHash: hashOf(model),
    model,
    content: gzipSync(json),
    contentHash: createHash("sha256").update(json).digest("hex"),
    recordCount: calibration.records,
    origin,
  });
}
