import type { TestDatabase } from "../support/database.ts";

/**
 * Fills a database with 100,000 patients and what belongs to them, skewed as names are, by a few statements without
 * triggers, and lets the planner know. Needs a superuser. The same rows every time, but for moments.
 */
export async function loadLargeIndex({ sql }: TestDatabase): Promise<void> {
  const connection = await sql.reserve();
  try {
    await connection.unsafe("set session_replication_role = replica");
    // One transaction each: a long one would hold back the horizon of the whole server, for which other tests wait.
    for (const statement of statements.split(/;\s*$/m)) await connection.unsafe(statement);
    await connection.unsafe("reset session_replication_role");
  } finally {
    connection.release();
  }
  await sql.unsafe("vacuum analyze");
}

const statements = `
  insert into organizations (id, name, part_of, deleted_at)
    select ('00000000-0000-4000-9000-' || lpad(to_hex(i), 12, '0'))::uuid, 'Hospital ' || i,
      case when i > 10 then ('00000000-0000-4000-9000-' || lpad(to_hex(i % 10 + 1), 12, '0'))::uuid end,
      case when i % 100 = 0 then now() end
    from generate_series(1, 2000) i;
  insert into organization_identifiers (organization_id, type, system, value) select id, 'NPI', 'urn:npi', name from organizations;
  insert into organization_addresses (organization_id, city) select id, name from organizations;
  insert into organization_contacts (organization_id, system, value) select id, 'phone', name from organizations;
  insert into identifier_domains (code, system, name, organization_id) select 'D' || row_number() over (order by id), 'urn:d' || row_number() over (order by id), name, id from organizations;
  insert into role_organizations (role_name, organization_id) select 'role ' || right(name, 1), id from organizations;
  insert into patients (id, active, gender, birth_date, managing_organization_id, source_system, source_id, enterprise_id, change_xid, deleted_at)
    select ('00000000-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, i % 50 > 0,
      (array['male', 'female', 'other', 'unknown'])[case when i % 100 > 1 then i % 2 + 1 else i % 100 + 3 end],
      date '1920-01-01' + (hashint4(i) & 65535) % 38000, ('00000000-0000-4000-9000-' || lpad(to_hex(i % 500 + 1), 12, '0'))::uuid,
      'his', i::text, ('00000000-0000-4000-a000-' || lpad(to_hex(i - i % 3 / 2), 12, '0'))::uuid, (i / 100 + 1)::text::xid8,
      case when i % 1000 = 0 then now() end
    from generate_series(1, 100000) i;
  insert into patient_names (patient_id, family, given, is_primary)
    select id, initcap(translate(to_hex(4096 + (power((hashint4(n) & 65535) / 65536.0, 3) * 20000)::int), '0123456789', 'ghijklmnop')),
      array[initcap(translate(to_hex(4096 + (power((hashint4(n + 1) & 65535) / 65536.0, 3) * 3000)::int), '0123456789', 'qrstuvwxyz'))], true
    from (select id, source_id::int as n from patients) p;
  insert into name_dictionary (kind, value)
    select distinct 'family', family_folded from patient_names union select distinct 'given', unnest(given_folded) from patient_names;
  insert into patient_identifiers (patient_id, type, system, value, use_type, unique_key)
    select id, 'MR', 'urn:mrn', 'M' || source_id, case when active then 'official' else 'old' end, 'urn:mrn|M' || source_id from patients
    union all select id, case when source_id like '%77' then 'PPN' else 'SS' end, 'urn:ssn', lpad(((hashint4(source_id::int) & 2147483647) % 999999999)::text, 9, '0'), 'official', null from patients;
  insert into patient_addresses (patient_id, line1, city, state, postal_code)
    select id, source_id || ' Elm Street', 'City ' || source_id::int % 800, 'S' || source_id::int % 50, lpad((source_id::int % 4000)::text, 5, '0') from patients;
  insert into patient_contacts (patient_id, system, value) select id, 'phone', '217-555-' || lpad(source_id, 6, '0') from patients;
  insert into patient_links (patient_id, other_patient_id, link_type)
    select a.id, b.id, 'seealso' from patients a join patients b on b.source_id::int = a.source_id::int + 1 where a.source_id::int % 5 = 0;
  insert into patient_merges (group_id, patient_id, survivor_id, inverse, unmerged_at)
    select a.id, a.id, b.id, '{}', case when a.source_id::int % 2 = 0 then now() end from patients a join patients b on b.source_id::int = a.source_id::int + 2 where a.source_id::int % 50 = 0 or a.source_id::int % 51 = 0;
  insert into patient_quarantine (patient_id, kind, payload, origin, state, created_at)
    select id, 'overlay', '{}', 'csv', case when source_id::int % 1000 = 0 then 'pending' else 'applied' end, now() - make_interval(mins => source_id::int) from patients where source_id::int % 20 = 0;
  insert into patient_match_scores (patient_id, candidate_id, total_score, state, calculated_at, decided_by, decided_at)
    select least(a.id, b.id), greatest(a.id, b.id), (a.source_id::int % 1000) / 1000.0, case when a.source_id::int % 7 = 0 then 'pending' else 'superseded' end, now() - make_interval(mins => a.source_id::int), 'x', now()
    from patients a join patients b on b.source_id::int = a.source_id::int + 7 where a.source_id::int % 2 = 0;
  insert into match_runs (mode, model_version, model_hash, epoch, started_at, state) select 'incremental', '1', 'h', 'e', now() - make_interval(mins => i), 'succeeded' from generate_series(1, 20000) i;
  insert into import_runs (format, source_system, fingerprint, state) select 'csv', 's', 'f' || i, case when i % 10 = 0 then 'stopped' else 'succeeded' end from generate_series(1, 20000) i;
  insert into audit_log (id, "timestamp", user_id, action, entity_type, entity_id, row_hash)
    select i, date_trunc('month', now()) + make_interval(secs => i * 20), 'user ' || i % 300, (array['READ', 'UPDATE', 'INSERT', 'INSERT', 'SEARCH'])[i % 5 + 1], 'patient',
      ('00000000-0000-4000-8000-' || lpad(to_hex(i % 100000), 12, '0'))::uuid, ''
    from generate_series(1, 300000) i;
  insert into audit_seals (id, epoch, floor_id, lower_xid, upper_xid, next_xid, position, max_id, row_count, previous_head, head)
    select i, 'e', 0, i::text::xid8, i::text::xid8, i::text::xid8, i, i, 1, int8send(i), int8send(i + 1) from generate_series(1, 5000) i;
`;
