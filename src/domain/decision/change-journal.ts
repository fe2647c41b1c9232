import type { Transaction } from "../../db/client.ts";
import { deleteLinks, insertLinks, updateLink } from "../../db/queries/links.ts";
import { deletePair, insertPair, signPair, updatePair } from "../../db/queries/pairs.ts";
import type {
  PatientLinkInsert,
  PatientLinkRow,
  PatientLinkUpdate,
  PatientMatchScoreInsert,
  PatientMatchScoreRow,
  PatientMatchScoreUpdate,
} from "../../db/rows.ts";
import { recomputePersons, type PersonChange, type PersonName } from "../person/recompute-persons.ts";

/** A row before and after an act; null where there was none. */
export interface RowChange<Row> {
  readonly before: Row | null;
  readonly after: Row | null;
}

/** Everything that an act changed on pairs, links and persons: enough to take it back exactly. Plain JSON. */
export interface ActChanges {
  readonly pairs: readonly RowChange<PatientMatchScoreRow>[];
  readonly links: readonly RowChange<PatientLinkRow>[];
  readonly persons: readonly PersonChange[];
}

interface Change<Row> {
  before: Row | null;
  after: Row | null;
}

/** Writes to pairs, links and persons and remembers what was there: the first state and the last of each row. */
export class ChangeJournal {
  readonly #tx: Transaction;
  readonly #pairs = new Map<string, Change<PatientMatchScoreRow>>();
  readonly #links = new Map<string, Change<PatientLinkRow>>();
  readonly #persons = new Map<string, PersonChange>();

  constructor(tx: Transaction) {
    this.#tx = tx;
  }

  async insertLinks(links: readonly PatientLinkInsert[]): Promise<readonly PatientLinkRow[]> {
    const rows = await insertLinks(this.#tx, links);
    for (const row of rows) note(this.#links, row.id, null, row);
    return rows;
  }

  async updateLink(link: PatientLinkRow, values: PatientLinkUpdate): Promise<PatientLinkRow> {
    const row = await updateLink(this.#tx, link.id, values);
    note(this.#links, row.id, link, row);
    return row;
  }

  async deleteLinks(links: readonly PatientLinkRow[]): Promise<void> {
    await deleteLinks(
      this.#tx,
      links.map((link) => link.id),
    );
    for (const link of links) note(this.#links, link.id, link, null);
  }

  async insertPair(values: PatientMatchScoreInsert): Promise<PatientMatchScoreRow> {
    const row = await insertPair(this.#tx, values);
    note(this.#pairs, row.id, null, row);
    return row;
  }

  async updatePair(
    pair: PatientMatchScoreRow,
    values: PatientMatchScoreUpdate,
  ): Promise<PatientMatchScoreRow> {
    const row = await updatePair(this.#tx, pair.id, values);
    note(this.#pairs, row.id, pair, row);
    return row;
  }

  /** The same, decided now by the acting user. */
  async signPair(pair: PatientMatchScoreRow, values: PatientMatchScoreUpdate): Promise<PatientMatchScoreRow> {
    const row = await signPair(this.#tx, pair.id, values);
    note(this.#pairs, row.id, pair, row);
    return row;
  }

  async deletePair(pair: PatientMatchScoreRow): Promise<void> {
    await deletePair(this.#tx, pair.id);
    note(this.#pairs, pair.id, pair, null);
  }

  /** See recomputePersons. */
  async recomputePersons(
    recordIds: readonly string[],
    restore?: ReadonlyMap<string, PersonName>,
  ): Promise<void> {
    for (const change of await recomputePersons(this.#tx, recordIds, restore)) {
      const known = this.#persons.get(change.recordId);
      this.#persons.set(change.recordId, { ...change, before: known?.before ?? change.before });
    }
  }

  changes(): ActChanges {
    return {
      pairs: [...this.#pairs.values()].filter(isChange),
      links: [...this.#links.values()].filter(isChange),
      persons: [...this.#persons.values()].filter(
        (change) => change.before.enterpriseId !== change.after.enterpriseId,
      ),
    };
  }
}

const isChange = (change: Change<unknown>) => change.before !== null || change.after !== null;

function note<Row>(changes: Map<string, Change<Row>>, id: string, before: Row | null, after: Row | null) {
  const known = changes.get(id);
  if (known === undefined) changes.set(id, { before, after });
  else known.after = after;
}
