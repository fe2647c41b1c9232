import { describe, expect, it } from "vitest";
import { createTestDatabase } from "../support/database.ts";

describe("the sample statements that the schema was asked for with", () => {
  it("run word for word, the patient's id put in, and give what they should", async () => {
    const { sql } = await createTestDatabase();

    await sql.unsafe("INSERT INTO organizations (name, active) VALUES ('General Hospital', true);");

    await sql.unsafe(`INSERT INTO patients (gender, birth_date, active)
VALUES ('male', '1980-01-15', true);`);
    const [patient] = await sql<{ id: string }[]>`select id from patients`;

    await sql.unsafe(
      `INSERT INTO patient_names (patient_id, family, given, is_primary)
VALUES ('...patient-uuid...', 'Smith', ARRAY['John', 'Robert'], true);`.replace(
        "...patient-uuid...",
        patient!.id,
      ),
    );

    const joined = await sql.unsafe(`SELECT p.*, pn.family, pn.given
FROM patients p
JOIN patient_names pn ON p.id = pn.patient_id
WHERE p.deleted_at IS NULL
AND pn.is_primary = true;`);
    expect(joined).toMatchObject([
      { id: patient!.id, gender: "male", active: true, family: "Smith", given: ["John", "Robert"] },
    ]);

    const trail = await sql.unsafe(`SELECT * FROM audit_log
WHERE entity_type = 'patient'
ORDER BY timestamp DESC
LIMIT 10;`);
    expect(trail).toMatchObject([
      { action: "INSERT", table_name: "patient_names", entity_id: patient!.id },
      { action: "INSERT", table_name: "patients", entity_id: patient!.id },
    ]);
  });

  it("find every table, column and index under the names they were asked for by", async () => {
    const { sql } = await createTestDatabase();
    const columns: Readonly<Record<string, string>> = {
      patients:
        "id active gender birth_date deceased deceased_datetime marital_status multiple_birth managing_organization_id created_at updated_at created_by updated_by deleted_at deleted_by",
      patient_names:
        "family given prefix suffix use_type is_primary created_at updated_at created_by updated_by",
      patient_identifiers: "type system value assigner created_at updated_at created_by updated_by",
      patient_addresses:
        "line1 line2 city state postal_code country use_type is_primary created_at updated_at created_by updated_by",
      patient_contacts: "system value use_type is_primary created_at updated_at created_by updated_by",
      patient_links: "other_patient_id link_type created_at updated_at created_by updated_by",
      patient_match_scores:
        "patient_id candidate_id total_score name_score birth_date_score gender_score address_score identifier_score calculated_at",
      organizations:
        "id active name alias org_type part_of created_at updated_at created_by updated_by deleted_at deleted_by",
      organization_identifiers: "type system value created_at updated_at created_by updated_by",
      organization_addresses: "line1 city created_at updated_at created_by updated_by",
      organization_contacts: "system value created_at updated_at created_by updated_by",
      audit_log: "user_id timestamp action entity_type entity_id old_values new_values ip_address user_agent",
      match_runs: "id",
    };
    for (const [table, wanted] of Object.entries(columns)) {
      const found = await sql<{ name: string }[]>`
        select column_name as name from information_schema.columns where table_schema = 'public' and table_name = ${table}`;
      expect(
        found.map(({ name }) => name),
        table,
      ).toEqual(expect.arrayContaining(wanted.split(" ")));
    }
    const indexes =
      "idx_patients_birth_date idx_patients_gender idx_patients_active idx_patients_organization idx_patients_deleted_at idx_patients_active_gender idx_patients_birth_date_gender idx_patient_names_family idx_patient_names_family_trgm idx_patient_names_given_trgm idx_patient_identifiers_type idx_patient_identifiers_value idx_patient_identifiers_system_value idx_patient_addresses_postal_code idx_patient_addresses_city_state idx_match_scores_total_score idx_match_scores_calculated_at idx_audit_log_timestamp idx_audit_log_entity idx_audit_log_user_id idx_audit_log_action idx_organizations_deleted_at";
    const found = await sql<
      { name: string }[]
    >`select indexname as name from pg_indexes where schemaname = 'public'`;
    expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(indexes.split(" ")));
    const types = await sql`
      select column_name as name, data_type as type from information_schema.columns
      where table_name = 'patients' and column_name in ('id', 'birth_date', 'deceased_datetime', 'gender') order by 1`;
    expect(types).toEqual([
      { name: "birth_date", type: "date" },
      { name: "deceased_datetime", type: "timestamp with time zone" },
      { name: "gender", type: "character varying" },
      { name: "id", type: "uuid" },
    ]);
  });
});
