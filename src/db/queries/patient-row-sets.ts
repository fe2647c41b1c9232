import { sql, type SQL } from "drizzle-orm";
import type { Queryable } from "../client.ts";
import type {
  PatientAddressRow,
  PatientContactRow,
  PatientIdentifierRow,
  PatientNameRow,
  PatientRow,
} from "../rows.ts";

type Origin = "id" | "useType" | "originPatientId" | "mergeId";

/** A patient's row with all its children, each list in a stable order: primary first, then by age and id. */
export interface PatientRowSet {
  readonly patient: Omit<PatientRow, "changeXid" | "initialEnterpriseId" | "initialEnterpriseAt">;
  readonly names: readonly Pick<
    PatientNameRow,
    Origin | "family" | "given" | "prefix" | "suffix" | "isPrimary"
  >[];
  /** By type, system and value. */
  readonly identifiers: readonly Pick<
    PatientIdentifierRow,
    Origin | "type" | "system" | "value" | "assigner"
  >[];
  readonly addresses: readonly Pick<
    PatientAddressRow,
    Origin | "line1" | "line2" | "city" | "state" | "postalCode" | "country" | "isPrimary"
  >[];
  readonly contacts: readonly Pick<PatientContactRow, Origin | "system" | "value" | "isPrimary">[];
}

type Row = PatientRowSet["patient"] & Omit<PatientRowSet, "patient"> & { readonly [column: string]: unknown };

const children = (table: SQL, columns: SQL, order: SQL) => sql`coalesce((
  select jsonb_agg(jsonb_build_object('id', c.id, 'useType', c.use_type, 'originPatientId', c.origin_patient_id,
    'mergeId', c.merge_id, ${columns}) order by ${order})
  from ${table} c where c.patient_id = p.id), '[]')`;

const primaryFirst = sql`c.is_primary desc, c.created_at, c.id`;

/**
 * Reads whole records, deleted and retired ones included, in one statement; ids that do not exist are simply not in the
 * result. Names no table of the schema module: what shows a record need not load it.
 */
export async function selectPatientRowSets(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PatientRowSet>> {
  if (ids.length === 0) return new Map();
  const rows = await db.execute<Row>(sql`
    select p.id, p.active, p.gender, p.birth_date as "birthDate", p.birth_date_precision as "birthDatePrecision",
      p.deceased, p.deceased_datetime as "deceasedDatetime", p.marital_status as "maritalStatus",
      p.multiple_birth as "multipleBirth", p.birth_order as "birthOrder", p.mother_name as "motherName",
      p.mother_identifier as "motherIdentifier", p.managing_organization_id as "managingOrganizationId",
      p.source_system as "sourceSystem", p.source_id as "sourceId", p.received_at as "receivedAt",
      p.enterprise_id as "enterpriseId", p.enterprise_since as "enterpriseSince", p.version,
      p.created_at as "createdAt", p.updated_at as "updatedAt", p.created_by as "createdBy", p.updated_by as "updatedBy",
      p.deleted_at as "deletedAt", p.deleted_by as "deletedBy",
      ${children(
        sql`patient_names`,
        sql`'family', c.family, 'given', c.given, 'prefix', c.prefix, 'suffix', c.suffix, 'isPrimary', c.is_primary`,
        primaryFirst,
      )} as names,
      ${children(
        sql`patient_identifiers`,
        sql`'type', c.type, 'system', c.system, 'value', c.value, 'assigner', c.assigner`,
        sql`c.type, c.system, c.value`,
      )} as identifiers,
      ${children(
        sql`patient_addresses`,
        sql`'line1', c.line1, 'line2', c.line2, 'city', c.city, 'state', c.state, 'postalCode', c.postal_code,
          'country', c.country, 'isPrimary', c.is_primary`,
        primaryFirst,
      )} as addresses,
      ${children(
        sql`patient_contacts`,
        sql`'system', c.system, 'value', c.value, 'isPrimary', c.is_primary`,
        primaryFirst,
      )} as contacts
    from patients p where p.id = any(${sql.param([...ids])}::uuid[])`);
  return new Map(
    rows.map(({ names, identifiers, addresses, contacts, ...patient }) => [
      patient.id,
      { patient, names, identifiers, addresses, contacts },
    ]),
  );
}
