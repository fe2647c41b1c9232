import { beforeAll, describe, expect, it } from "vitest";
import { translateDatabaseError } from "../../src/db/errors.ts";
import { shareTestDatabase } from "../support/database.ts";

const org = "00000000-0000-4000-8000-0000000000a1";
const a = "00000000-0000-4000-8000-0000000000b1";
const b = "00000000-0000-4000-8000-0000000000b2";
const c = "00000000-0000-4000-8000-0000000000b3";
const nobody = "00000000-0000-4000-8000-0000000000ff";

const seal = (id: number, previousHead: string) =>
  `insert into audit_seals (id, epoch, floor_id, lower_xid, upper_xid, next_xid, position, max_id, row_count, previous_head, head) values (${String(id)}, 'e', 0, '1', '2', '3', 0, 0, 0, ${previousHead}, '')`;
const sealMonth = "seal_id, month, row_count, first_id, last_id, first_at, last_at, hash";
const sealChunk = "seal_id, month, block, row_count, hash, leaves";

/** Rows that the cases collide with; each table has one whose id is that of its first patient or organization. */
const rows = `
  insert into organizations (id, name, source_system, source_id) values ('${org}', 'General Hospital', 's', '1');
  insert into organization_identifiers (id, organization_id, type, system, value) values ('${org}', '${org}', 'NPI', 'urn:npi', '1234567893');
  insert into organization_addresses (id, organization_id) values ('${org}', '${org}');
  insert into organization_contacts (id, organization_id, system, value) values ('${org}', '${org}', 'phone', '1');
  insert into identifier_domains (id, code, system, name, is_unique) values ('${org}', 'MRN', 'urn:mrn', 'Record numbers', true);
  insert into role_organizations (id, role_name, organization_id) values ('${org}', 'r', '${org}');
  insert into patients (id, source_system, source_id) values ('${a}', 's', '1'), ('${b}', null, null), ('${c}', null, null);
  insert into patient_names (id, patient_id, family, is_primary) values ('${a}', '${a}', 'Smith', true);
  insert into patient_identifiers (id, patient_id, type, system, value) values ('${a}', '${a}', 'MR', 'urn:mrn', '1');
  insert into patient_addresses (id, patient_id) values ('${a}', '${a}');
  insert into patient_contacts (id, patient_id, system, value) values ('${a}', '${a}', 'phone', '1');
  insert into patient_links (id, patient_id, other_patient_id, link_type) values ('${a}', '${a}', '${b}', 'seealso');
  insert into patient_merges (id, group_id, patient_id, survivor_id, inverse) values ('${a}', '${a}', '${a}', '${b}', '{}');
  insert into patient_quarantine (id, patient_id, kind, payload, origin) values ('${a}', '${a}', 'overlay', '{}', 'csv');
  insert into patient_match_scores (id, patient_id, candidate_id, total_score) values ('${a}', '${a}', '${b}', 0.5);
  insert into match_runs (id, mode, model_version, model_hash, epoch) values ('${a}', 'full', '1', 'h', 'e');
  insert into match_calibrations (id, model_version, model_hash, model, content, content_hash, record_count, origin) values ('${a}', '1', 'h', '{}', '', 'h', 0, 'train');
  insert into match_key_index (build, calibration_id, page_bits, record_count) values (1, '${a}', 0, 0);
  insert into match_key_pages (build, page, entries) values (1, 1, '');
  insert into match_key_changes (build, page, key_check, patient_id) values (1, 1, 1, '${a}');
  insert into import_runs (id, format, source_system, fingerprint) values ('${a}', 'csv', 's', 'f');
  insert into audit_log (id, "timestamp", action, entity_type) values (0, '2000-01-01', 'READ', 'patient');
  ${seal(1, "'one'")};
  insert into audit_seal_months (${sealMonth}) values (1, '2000-01-01', 1, 1, 1, now(), now(), '');
  insert into audit_seal_chunks (${sealChunk}) values (1, '2000-01-01', 0, 1, '', '');
  insert into audit_archives (month, row_count, file_name, file_hash) values ('2000-01-01', 1, 'f', '');`;

const organization = (columns: string, values: string) =>
  `insert into organizations (${columns}) values (${values})`;
const orgChild = (table: string, columns: string, values: string, owner = org) =>
  `insert into organization_${table} (organization_id, ${columns}) values ('${owner}', ${values})`;
const domain = (columns: string, values: string) =>
  `insert into identifier_domains (code, system, name${columns}) values (${values})`;
const patient = (columns: string, values: string) => `insert into patients (${columns}) values (${values})`;
const child = (table: string, columns: string, values: string, owner = b) =>
  `insert into patient_${table} (patient_id, ${columns}) values ('${owner}', ${values})`;
const score = (columns: string, values: string, first = a, second = c) =>
  `insert into patient_match_scores (patient_id, candidate_id, total_score${columns}) values ('${first}', '${second}', ${values})`;
const run = (columns: string, values: string) =>
  `insert into match_runs (mode, model_version, model_hash, epoch${columns}) values (${values})`;
const calibration = (id: string, origin: string) =>
  `insert into match_calibrations (id, model_version, model_hash, model, content, content_hash, record_count, origin) values ('${id}', '1', 'h', '{}', '', 'h', 0, '${origin}')`;
const importRun = (columns: string, values: string) =>
  `insert into import_runs (source_system, format, fingerprint${columns}) values ('s', ${values})`;
const quarantine = (columns: string, values: string) =>
  child("quarantine", `payload, kind, origin${columns}`, `'{}', ${values}`);

const long = "repeat('x', 1001)";

/** What the database must refuse, and by which rule. */
const refused: readonly (readonly [constraint: string, sql: string])[] = [
  ["organizations_pkey", organization("id, name", `'${org}', 'x'`)],
  ["organizations_source_key", organization("name, source_system, source_id", "'x', 's', '1'")],
  ["organizations_source_check", organization("name, source_system", "'x', 's'")],
  ["organizations_name_check", organization("name", "' '")],
  ["organizations_part_of_check", `update organizations set part_of = id`],
  ["organizations_part_of_fkey", organization("name, part_of", `'x', '${nobody}'`)],
  [
    "organization_identifiers_pkey",
    orgChild("identifiers", "id, type, system, value", `'${org}', 't', 's', 'v'`),
  ],
  [
    "organization_identifiers_system_value_key",
    orgChild("identifiers", "type, system, value", "'t', 'urn:npi', '1234567893'"),
  ],
  [
    "organization_identifiers_use_type_check",
    orgChild("identifiers", "type, system, value, use_type", "'t', 's', 'v', 'home'"),
  ],
  [
    "organization_identifiers_organization_id_fkey",
    orgChild("identifiers", "type, system, value", "'t', 's', 'v'", nobody),
  ],
  ["organization_addresses_pkey", orgChild("addresses", "id", `'${org}'`)],
  ["organization_addresses_use_type_check", orgChild("addresses", "use_type", "'official'")],
  ["organization_addresses_organization_id_fkey", orgChild("addresses", "city", "'x'", nobody)],
  ["organization_contacts_pkey", orgChild("contacts", "id, system, value", `'${org}', 'phone', '1'`)],
  ["organization_contacts_system_check", orgChild("contacts", "system, value", "'telex', '1'")],
  [
    "organization_contacts_use_type_check",
    orgChild("contacts", "system, value, use_type", "'phone', '1', 'billing'"),
  ],
  [
    "organization_contacts_organization_id_fkey",
    orgChild("contacts", "system, value", "'phone', '1'", nobody),
  ],
  ["identifier_domains_pkey", domain(", id", `'X', 'urn:x', 'x', '${org}'`)],
  ["identifier_domains_code_key", domain("", "'mrn', 'urn:x', 'x'")],
  ["identifier_domains_system_key", domain("", "'X', 'urn:mrn', 'x'")],
  ["identifier_domains_code_check", domain("", "'1:x', 'urn:x', 'x'")],
  ["identifier_domains_check_digit_check", domain(", check_digit", "'X', 'urn:x', 'x', 'mod11'")],
  ["identifier_domains_organization_id_fkey", domain(", organization_id", `'X', 'urn:x', 'x', '${nobody}'`)],
  [
    "role_organizations_pkey",
    `insert into role_organizations (id, role_name, organization_id) values ('${org}', 'q', '${org}')`,
  ],
  [
    "role_organizations_role_organization_key",
    `insert into role_organizations (role_name, organization_id) values ('r', '${org}')`,
  ],
  [
    "role_organizations_organization_id_fkey",
    `insert into role_organizations (role_name, organization_id) values ('r', '${nobody}')`,
  ],
  ["patients_pkey", patient("id", `'${a}'`)],
  ["patients_source_key", patient("source_system, source_id", "'s', '1'")],
  ["patients_source_check", patient("source_id", "'1'")],
  ["patients_gender_check", patient("gender", "'m'")],
  ["patients_birth_date_check", patient("birth_date", "'infinity'")],
  ["patients_birth_date_check", patient("birth_date", "'0044-03-15 BC'")],
  ["patients_birth_date_precision_check", patient("birth_date_precision", "'hour'")],
  ["patients_birth_order_check", patient("birth_order", "0")],
  ["patients_birth_order_check", patient("birth_order", "21")],
  ["patients_managing_organization_id_fkey", patient("managing_organization_id", `'${nobody}'`)],
  ["patient_names_pkey", child("names", "id, family", `'${a}', 'x'`)],
  ["patient_names_use_type_check", child("names", "family, use_type", "'x', 'home'")],
  ["patient_names_length_check", child("names", "family", long)],
  ["patient_names_length_check", child("names", "given", `array['x', ${long}]`)],
  ["patient_names_length_check", child("names", "family, prefix", `'x', array[${long}]`)],
  ["patient_names_length_check", child("names", "family, suffix", `'x', array[${long}]`)],
  ["patient_names_empty_check", child("names", "family, given", "' ', array['', null]")],
  ["patient_names_one_primary", child("names", "family, is_primary", "'x', true", a)],
  ["patient_names_patient_id_fkey", child("names", "family", "'x'", nobody)],
  ["name_dictionary_pkey", "insert into name_dictionary (kind, value) values ('family', 'smith')"],
  ["name_dictionary_kind_check", "insert into name_dictionary (kind, value) values ('middle', 'x')"],
  ["patient_identifiers_pkey", child("identifiers", "id, type, system, value", `'${a}', 't', 's', 'v'`)],
  [
    "patient_identifiers_patient_system_value_key",
    child("identifiers", "type, system, value", "'other', 'urn:mrn', '1'", a),
  ],
  [
    "patient_identifiers_use_type_check",
    child("identifiers", "type, system, value, use_type", "'t', 's', 'v', 'home'"),
  ],
  ["patient_identifiers_value_check", child("identifiers", "type, system, value", "'t', 's', ' '")],
  ["patient_identifiers_unique_key", child("identifiers", "type, system, value", "'MR', 'urn:mrn', '1'")],
  [
    "patient_identifiers_patient_id_fkey",
    child("identifiers", "type, system, value", "'t', 's', 'v'", nobody),
  ],
  ["patient_addresses_pkey", child("addresses", "id", `'${a}'`)],
  ["patient_addresses_use_type_check", child("addresses", "use_type", "'official'")],
  ["patient_addresses_length_check", child("addresses", "line1", long)],
  ["patient_addresses_length_check", child("addresses", "line2", long)],
  ["patient_addresses_patient_id_fkey", child("addresses", "city", "'x'", nobody)],
  ["patient_contacts_pkey", child("contacts", "id, system, value", `'${a}', 'phone', '1'`)],
  ["patient_contacts_system_check", child("contacts", "system, value", "'telex', '1'")],
  [
    "patient_contacts_use_type_check",
    child("contacts", "system, value, use_type", "'phone', '1', 'billing'"),
  ],
  ["patient_contacts_value_check", child("contacts", "system, value", "'phone', ''")],
  ["patient_contacts_patient_id_fkey", child("contacts", "system, value", "'phone', '1'", nobody)],
  ["patient_links_pkey", child("links", "id, other_patient_id, link_type", `'${a}', '${a}', 'refer'`)],
  ["patient_links_pair_key", child("links", "other_patient_id, link_type", `'${b}', 'seealso'`, a)],
  ["patient_links_self_check", child("links", "other_patient_id, link_type", `'${b}', 'refer'`)],
  ["patient_links_link_type_check", child("links", "other_patient_id, link_type", `'${a}', 'replaced-by'`)],
  [
    "patient_links_origin_check",
    child("links", "other_patient_id, link_type, origin", `'${a}', 'refer', 'machine'`),
  ],
  ["patient_links_patient_id_fkey", child("links", "other_patient_id, link_type", `'${a}', 'refer'`, nobody)],
  [
    "patient_links_other_patient_id_fkey",
    child("links", "other_patient_id, link_type", `'${nobody}', 'refer'`),
  ],
  [
    "patient_merges_pkey",
    child("merges", "id, group_id, survivor_id, inverse", `'${a}', '${a}', '${c}', '{}'`),
  ],
  ["patient_merges_self_check", child("merges", "group_id, survivor_id, inverse", `'${a}', '${b}', '{}'`)],
  ["patient_merges_one_open", child("merges", "group_id, survivor_id, inverse", `'${a}', '${c}', '{}'`, a)],
  [
    "patient_merges_patient_id_fkey",
    child("merges", "group_id, survivor_id, inverse", `'${a}', '${c}', '{}'`, nobody),
  ],
  [
    "patient_merges_survivor_id_fkey",
    child("merges", "group_id, survivor_id, inverse", `'${a}', '${nobody}', '{}'`),
  ],
  ["patient_quarantine_pkey", quarantine(", id", `'overlay', 'csv', '${a}'`)],
  ["patient_quarantine_kind_check", quarantine("", "'rumour', 'csv'")],
  ["patient_quarantine_origin_check", quarantine("", "'overlay', 'xml'")],
  ["patient_quarantine_state_check", quarantine(", state", "'overlay', 'csv', 'lost'")],
  [
    "patient_quarantine_patient_id_fkey",
    child("quarantine", "payload, kind, origin", "'{}', 'overlay', 'csv'", nobody),
  ],
  ["patient_match_scores_pkey", score(", id", `0.5, '${a}'`)],
  ["patient_match_scores_pair_key", score("", "0.5", a, b)],
  ["patient_match_scores_order_check", score("", "0.5", b, a)],
  ["patient_match_scores_order_check", score("", "0.5", a, a)],
  ["patient_match_scores_range_check", score("", "1.0000001")],
  ["patient_match_scores_range_check", score("", "-0.1")],
  ...["name", "birth_date", "gender", "address", "identifier"].flatMap((part) => [
    ["patient_match_scores_range_check", score(`, ${part}_score`, "0.5, 1.1")] as const,
    ["patient_match_scores_range_check", score(`, ${part}_score`, "0.5, -0.1")] as const,
  ]),
  ["patient_match_scores_state_check", score(", state", "0.5, 'maybe'")],
  ["patient_match_scores_kind_check", score(", kind", "0.5, 'rumour'")],
  ["patient_match_scores_decision_check", score(", state, decided_at", "0.5, 'confirmed', now()")],
  ["patient_match_scores_decision_check", score(", state, decided_by", "0.5, 'rejected', 'x'")],
  ["patient_match_scores_decision_check", score(", state", "0.5, 'deferred'")],
  ["patient_match_scores_decision_origin_check", score(", decision_origin", "0.5, 'guess'")],
  ["patient_match_scores_patient_id_fkey", score("", "0.5", "00000000-0000-4000-8000-000000000001", b)],
  ["patient_match_scores_candidate_id_fkey", score("", "0.5", a, nobody)],
  ["match_runs_pkey", run(", id", `'full', '1', 'h', 'e', '${a}'`)],
  ["match_runs_mode_check", run("", "'partial', '1', 'h', 'e'")],
  ["match_runs_state_check", run(", state", "'full', '1', 'h', 'e', 'lost'")],
  ["match_calibrations_pkey", calibration(a, "run")],
  ["match_calibrations_origin_check", calibration(b, "guess")],
  [
    "match_key_index_pkey",
    `insert into match_key_index (build, calibration_id, page_bits, record_count) values (2, '${a}', 0, 0)`,
  ],
  [
    "match_key_index_id_check",
    `insert into match_key_index (id, build, calibration_id, page_bits, record_count) values (2, 2, '${a}', 0, 0)`,
  ],
  ["match_key_index_calibration_id_fkey", `update match_key_index set calibration_id = '${nobody}'`],
  ["match_key_pages_pkey", "insert into match_key_pages (build, page, entries) values (1, 1, '')"],
  [
    "match_key_changes_pkey",
    `insert into match_key_changes (build, page, key_check, patient_id) values (1, 1, 1, '${a}')`,
  ],
  ["import_runs_pkey", importRun(", id", `'csv', 'g', '${a}'`)],
  ["import_runs_format_check", importRun("", "'xml', 'g'")],
  ["import_runs_state_check", importRun(", state", "'csv', 'g', 'lost'")],
  ["import_runs_one_open", importRun("", "'csv', 'f'")],
  [
    "idx_audit_log_timestamp",
    `insert into audit_log (id, "timestamp", action, entity_type) values (0, '2000-01-01', 'READ', 'patient')`,
  ],
  ["audit_log_action_check", "insert into audit_log (action, entity_type) values ('LOOK', 'patient')"],
  ["audit_seals_pkey", seal(1, "'two'")],
  ["audit_seals_previous_head_key", seal(2, "'one'")],
  [
    "audit_seal_months_pkey",
    `insert into audit_seal_months (${sealMonth}) values (1, '2000-01-01', 1, 1, 1, now(), now(), '')`,
  ],
  [
    "audit_seal_months_seal_id_fkey",
    `insert into audit_seal_months (${sealMonth}) values (9, '2000-01-01', 1, 1, 1, now(), now(), '')`,
  ],
  [
    "audit_seal_chunks_pkey",
    `insert into audit_seal_chunks (${sealChunk}) values (1, '2000-01-01', 0, 1, '', '')`,
  ],
  [
    "audit_seal_chunks_seal_id_fkey",
    `insert into audit_seal_chunks (${sealChunk}) values (1, '2000-02-01', 0, 1, '', '')`,
  ],
  [
    "audit_archives_pkey",
    "insert into audit_archives (month, row_count, file_name, file_hash) values ('2000-01-01', 1, 'f', '')",
  ],
];

/** What looks like the above and is allowed. */
const allowed: readonly (readonly [what: string, sql: string])[] = [
  [
    "a second record with the same evidence in a domain that is not unique",
    child("identifiers", "type, system, value", "'SS', 'urn:ssn', '1'", a) +
      ";" +
      child("identifiers", "type, system, value", "'SS', 'urn:ssn', '1'"),
  ],
  [
    "a family name of a thousand letters that do not compress",
    child(
      "names",
      "family",
      "(select string_agg(chr(97 + (hashint4(i) & 32767) % 26), '' order by i) from generate_series(1, 1000) i)",
    ),
  ],
  [
    "a thousand given names",
    child("names", "given", "(select array_agg('n' || i) from generate_series(1, 1000) i)"),
  ],
  [
    "a given name of a thousand Chinese characters",
    child(
      "names",
      "given",
      "array[(select string_agg(chr(19968 + (hashint4(i) & 65535) % 20000), '' order by i) from generate_series(1, 1000) i)]",
    ),
  ],
  [
    "many names that are not primary",
    child("names", "family", "'x'", a) + ";" + child("names", "family", "'y'", a),
  ],
  ["a name without a family", child("names", "given", "array['Madonna']")],
  ["missing component scores", score("", "0")],
  [
    "a merge after the earlier one was undone",
    `update patient_merges set unmerged_at = now(); ` +
      child("merges", "group_id, survivor_id, inverse", `'${a}', '${c}', '{}'`, a),
  ],
  [
    "the same file again once its import succeeded",
    "update import_runs set state = 'succeeded'; " + importRun("", "'csv', 'f'"),
  ],
  ["two records without a source", patient("gender", "'male'") + ";" + patient("gender", "'male'")],
  ["both links between two records", child("links", "other_patient_id, link_type", `'${a}', 'seealso'`)],
];

class RollBack extends Error {}

describe("the database", () => {
  const shared = shareTestDatabase();
  beforeAll(async () => {
    await shared().sql.unsafe(rows);
  });

  const attempt = (sql: string) =>
    shared()
      .sql.begin(async (transaction) => {
        await transaction.unsafe(sql);
        throw new RollBack();
      })
      .catch((error: unknown) => (error as { constraint_name?: string }).constraint_name ?? error);

  it.each(refused)("refuses by %s: %s", async (constraint, sql) => {
    // A partition's constraint bears the partition's name.
    const broken = await attempt(sql);
    expect(broken === "audit_log_default_pkey" ? "idx_audit_log_timestamp" : broken).toBe(constraint);
  });

  it.each(allowed)("allows %s", async (_what, sql) => {
    expect(await attempt(sql)).toBeInstanceOf(RollBack);
  });

  it("has no constraint and no unique index that the cases above leave out", async () => {
    const known = await shared().sql<{ name: string }[]>`
      select conname as name from pg_constraint
      where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'c', 'f', 'x') and conparentid = 0 and coninhcount = 0
        and conrelid::regclass::text not like 'mpi_migration%'
      union
      select indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
      where indisunique and c.relnamespace = 'public'::regnamespace and not c.relispartition
        and indrelid::regclass::text not like 'mpi_migration%'`;
    const tried = new Set(refused.map(([constraint]) => constraint));
    expect(known.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
  });
});

describe("deleting", () => {
  it("a patient takes everything that hangs on him with it, in both directions of a link", async () => {
    const { sql } = whole();
    await sql.unsafe(rows);
    await sql`delete from patients where id = ${a}`;
    for (const table of [
      "names",
      "identifiers",
      "addresses",
      "contacts",
      "links",
      "merges",
      "quarantine",
      "match_scores",
    ]) {
      const [row] = await sql.unsafe(`select count(*)::int as left from patient_${table}`);
      expect(row, table).toEqual({ left: 0 });
    }
  });

  it("an organization takes its children with it, but not where patients are its own", async () => {
    const { sql } = whole();
    await sql`update patients set managing_organization_id = ${org} where id = ${b}`;
    await expect(sql`delete from organizations`).rejects.toMatchObject({
      constraint_name: "patients_managing_organization_id_fkey",
    });
    await sql`update patients set managing_organization_id = null`;
    await sql`delete from organizations`;
    for (const table of [
      "organization_identifiers",
      "organization_addresses",
      "organization_contacts",
      "role_organizations",
    ]) {
      const [row] = await sql.unsafe(`select count(*)::int as left from ${table}`);
      expect(row, table).toEqual({ left: 0 });
    }
  });

  const whole = shareTestDatabase();
});

describe("a name too long for any index", () => {
  const whole = shareTestDatabase();

  it("is refused in words that say what to do", async () => {
    const { sql } = whole();
    await sql.unsafe(`insert into patients (id) values ('${b}')`);
    const failure = await sql
      .unsafe(
        child(
          "names",
          "family",
          "(select string_agg(chr(19968 + (hashint4(i) & 65535) % 20000), '' order by i) from generate_series(1, 1000) i)",
        ),
      )
      .catch((error: unknown) => error);
    expect(translateDatabaseError(failure)).toMatchObject({
      code: "rejected",
      message: "A value is too long to be indexed in table patient_names.",
    });
  });
});
