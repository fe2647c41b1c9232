import type { Queryable } from "../../../db/client.ts";
import { findSourceRecord } from "../../../db/queries/imports.ts";
import {
  findOrganizationIdBySource,
  findOrganizationRow,
  selectOrganizationIdsByIdentifier,
} from "../../../db/queries/organizations.ts";
import { findPatientRow } from "../../../db/queries/patient-records.ts";
import { selectPatientsByIdentifier } from "../../../db/queries/resolve.ts";
import type { ReferenceTarget } from "./identity.ts";

/** The patient record that a reference means; undefined where it is not here, or an identifier names several. */
export async function findPatientTarget(
  db: Queryable,
  targets: readonly ReferenceTarget[],
): Promise<string | undefined> {
  for (const target of targets) {
    const found = await findPatient(db, target);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findPatient(db: Queryable, target: ReferenceTarget): Promise<string | undefined> {
  switch (target.by) {
    case "source":
      return findSourceRecord(db, target.system, target.id);
    case "id":
      return (await findPatientRow(db, target.id))?.id;
    case "identifier": {
      const found = await selectPatientsByIdentifier(db, target.system, target.value, 3);
      const inUse = found.filter((each) => each.active && !each.deleted);
      return inUse.length === 1 ? inUse[0]!.patientId : undefined;
    }
  }
}

/** The organization that a reference means; undefined where it is not here. */
export async function findOrganizationTarget(
  db: Queryable,
  targets: readonly ReferenceTarget[],
): Promise<string | undefined> {
  for (const target of targets) {
    const found = await findOrganization(db, target);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findOrganization(db: Queryable, target: ReferenceTarget): Promise<string | undefined> {
  switch (target.by) {
    case "source":
      return findOrganizationIdBySource(db, target.system, target.id);
    case "id":
      return (await findOrganizationRow(db, target.id))?.id;
    case "identifier": {
      const ids = await selectOrganizationIdsByIdentifier(db, target.system, target.value, 2);
      return ids.length === 1 ? ids[0] : undefined;
    }
  }
}

/** Remembers which organizations references mean; what was not here is looked for again after one came in. */
export class OrganizationDirectory {
  readonly #db: Queryable;
  readonly #found = new Map<string, string | null>();

  constructor(db: Queryable) {
    this.#db = db;
  }

  async find(targets: readonly ReferenceTarget[]): Promise<string | null> {
    const key = JSON.stringify(targets);
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const found = (await findOrganizationTarget(this.#db, targets)) ?? null;
    this.#found.set(key, found);
    return found;
  }

  /** An organization has come in. */
  forgetMissing(): void {
    for (const [key, id] of this.#found) if (id === null) this.#found.delete(key);
  }
}
