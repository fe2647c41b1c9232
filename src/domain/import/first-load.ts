import type { ConnectionTarget, Database } from "../../db/client.ts";
import {
  buildMissing,
  closeFirstLoad,
  findOpenFirstLoad,
  hasPatients,
  insertFirstLoad,
  listMissing,
  lockPatientTables,
  markBuilding,
  setAsideForLoad,
  withFirstLoadLock,
  type SetAsideForLoad,
} from "../../db/queries/first-load.ts";
import { analyzePatientTables } from "../../db/queries/imports.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";

export interface FirstLoadOptions {
  readonly signal: AbortSignal;
  /** Called with what was dropped, and then with each part that is there again. */
  readonly onStep: (
    step: { readonly dropped: SetAsideForLoad } | { readonly built: string; readonly left: number },
  ) => void;
}

/** True while the indexes and references of a first load that was stopped are missing. */
export const isFirstLoadOpen = async (db: Database): Promise<boolean> =>
  (await findOpenFirstLoad(db)) !== undefined;

/**
 * Fills an empty index without the indexes that only searches need and without the references to patients, and builds
 * and checks them afterwards. What a killed first load leaves behind, the next one finishes: an open row of import_runs
 * says so, and what is missing follows from the schema.
 *
 * @throws {MpiError} `conflict` where there are patients already and no first load was left unfinished; `locked` where
 *   somebody holds the tables; `unavailable` for a database role that does not own them.
 */
export async function withFirstLoad<T>(
  db: Database,
  target: ConnectionTarget,
  audit: AuditContext,
  options: FirstLoadOptions,
  load: () => Promise<T>,
): Promise<T> {
  return withFirstLoadLock(target, async () => {
    const unfinished = await findOpenFirstLoad(db);
    if (unfinished?.stage === "building") {
      // The server may still be at a build whose client was killed; it notices within seconds.
      await withTransaction(db, audit, lockPatientTables);
      await build(db, target, audit, unfinished.id, options);
      return load();
    }
    const { id } = unfinished ?? (await begin(db, audit, options));
    const result = await load();
    await withTransaction(db, audit, (tx) => markBuilding(tx, id));
    await build(db, target, audit, id, options);
    return result;
  });
}

const begin = (db: Database, audit: AuditContext, { onStep }: FirstLoadOptions) =>
  withTransaction(
    db,
    audit,
    async (tx) => {
      await lockPatientTables(tx);
      if (await hasPatients(tx)) {
        throw new MpiError("conflict", "A first load fills an empty index, and there are patients already.", {
          hint: "Leave out --first-load.",
        });
      }
      const run = await insertFirstLoad(tx);
      onStep({ dropped: await setAsideForLoad(tx) });
      return run;
    },
    { retries: 0 },
  );

async function build(
  db: Database,
  target: ConnectionTarget,
  audit: AuditContext,
  id: string,
  { signal, onStep }: FirstLoadOptions,
): Promise<void> {
  const missing = await listMissing(target);
  let left = missing.length;
  await buildMissing(target, missing, {
    signal,
    onBuilt: (built) => {
      left -= 1;
      onStep({ built, left });
    },
  });
  await analyzePatientTables(db);
  await withTransaction(db, audit, (tx) => closeFirstLoad(tx, id));
}
