import type { Draft } from "./draft.ts";
import type { Person } from "./person.ts";
import type { Random } from "./random.ts";
import type { PopulationTables } from "./tables.ts";

/** What an error may draw on beside the record itself. */
export interface ErrorContext {
  readonly random: Random;
  readonly tables: PopulationTables;
  readonly person: Person;
  /** The persons made together with this one: her household, and those a hard case ties to her. */
  readonly relatives: readonly Person[];
  /** The number of the source's own front desk. */
  readonly frontDesk: string;
}

/** Changes the record; false, and the record as it was, where there is nothing that it could change. */
export type ApplyError = (draft: Draft, context: ErrorContext) => boolean;
