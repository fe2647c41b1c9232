import type postgres from "postgres";

/** A row of a child table, as much of it as the invariants ask about. */
export interface StateRow {
  readonly id: string;
  readonly patient_id: string;
  readonly origin_patient_id: string | null;
  readonly merge_id: string | null;
  readonly value: string;
  readonly [column: string]: unknown;
}

/** Everything about some records, stamps of the last update aside, in one stable order. */
export interface HistoryState {
  readonly patients: readonly {
    readonly id: string;
    readonly active: boolean;
    readonly gender: string | null;
    readonly marital_status: string | null;
    readonly enterprise_id: string;
    readonly initial_enterprise_id: string;
    readonly initial_enterprise_at: string;
    readonly [column: string]: unknown;
  }[];
  readonly names: readonly StateRow[];
  readonly identifiers: readonly StateRow[];
  readonly contacts: readonly StateRow[];
  readonly links: readonly {
    readonly id: string;
    readonly patient_id: string;
    readonly other_patient_id: string;
    readonly link_type: string;
    readonly merge_id: string | null;
    readonly [column: string]: unknown;
  }[];
  readonly pairs: readonly {
    readonly id: string;
    readonly patient_id: string;
    readonly candidate_id: string;
    readonly state: string;
    readonly merge_id: string | null;
    readonly [column: string]: unknown;
  }[];
  readonly merges: readonly {
    readonly id: string;
    readonly patient_id: string;
    readonly survivor_id: string;
    readonly unmerged: boolean;
  }[];
}

const stamps = ["updated_at", "updated_by", "version", "change_xid", "calculated_at"];

/** Reads the state of the records `ids` in one statement. */
export async function readState(sql: postgres.Sql, ids: readonly string[]): Promise<HistoryState> {
  const list = [...ids];
  const rows = (table: string, key: string) => sql`
    (select coalesce(jsonb_agg(to_jsonb(t) - ${stamps}::text[] order by t.id), '[]')
     from ${sql(table)} t where ${sql(key)} = any(${list}::uuid[]))`;
  const [found] = await sql<{ state: HistoryState }[]>`
    select jsonb_build_object(
      'patients', ${rows("patients", "id")},
      'names', ${rows("patient_names", "patient_id")},
      'identifiers', ${rows("patient_identifiers", "patient_id")},
      'contacts', ${rows("patient_contacts", "patient_id")},
      'links', ${rows("patient_links", "patient_id")},
      'pairs', ${rows("patient_match_scores", "patient_id")},
      'merges', (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'patient_id', patient_id,
          'survivor_id', survivor_id, 'unmerged', unmerged_at is not null) order by id), '[]')
        from patient_merges where patient_id = any(${list}::uuid[]))) as state`;
  return found!.state;
}
