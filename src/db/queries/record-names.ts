import { sql } from "drizzle-orm";
import type { Queryable } from "../client.ts";

/** What a record is known by outside: its source's id, and the numbers that came with it. */
export interface RecordNames {
  readonly id: string;
  readonly sourceSystem: string | null;
  readonly sourceId: string | null;
  readonly identifiers: readonly {
    readonly type: string;
    readonly system: string;
    readonly value: string;
    readonly assigner: string | null;
  }[];
  [column: string]: unknown;
}

/**
 * What records are known by. An identifier that a merge moved is still the one's that it came with.
 *
 * @param types of the identifiers that are wanted.
 */
export async function selectRecordNames(
  db: Queryable,
  ids: readonly string[],
  types: readonly string[],
): Promise<ReadonlyMap<string, RecordNames>> {
  if (ids.length === 0) return new Map();
  const rows = await db.execute<RecordNames>(sql`
    select p.id, p.source_system as "sourceSystem", p.source_id as "sourceId", coalesce((
        select jsonb_agg(jsonb_build_object('type', i.type, 'system', i.system, 'value', i.value, 'assigner', i.assigner)
          order by i.type, i.system, i.value)
        from (
          select own.type, own.system, own.value, own.assigner from patient_identifiers own
            where own.patient_id = p.id and own.origin_patient_id is null and own.use_type is distinct from 'old'
          union
          select moved.type, moved.system, moved.value, moved.assigner
            from patient_merges m join patient_identifiers moved on moved.merge_id = m.id and moved.origin_patient_id = p.id
            where m.patient_id = p.id
        ) i
        where i.type = any(${sql.param([...types])}::text[])), '[]'::jsonb) as identifiers
    from patients p where p.id = any(${sql.param([...ids])}::uuid[])`);
  return new Map(rows.map((row) => [row.id, row]));
}
