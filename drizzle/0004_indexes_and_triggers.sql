-- Indexes for fuzzy and combined search, and the triggers.

-- The extension must exist before the first trigram index.
create extension if not exists pg_trgm;
--> statement-breakpoint
CREATE INDEX "idx_name_dictionary_value_trgm" ON "name_dictionary" USING gin ("value" gin_trgm_ops);
--> statement-breakpoint
CREATE INDEX "idx_name_dictionary_value" ON "name_dictionary" USING btree ("value" text_pattern_ops,"kind");
--> statement-breakpoint
CREATE INDEX "idx_name_dictionary_reversed" ON "name_dictionary" USING btree (reverse(value) text_pattern_ops,"value","kind");
--> statement-breakpoint
CREATE INDEX "idx_patient_names_family_trgm" ON "patient_names" USING gin ("family" gin_trgm_ops);
--> statement-breakpoint
CREATE INDEX "idx_patient_names_given_trgm" ON "patient_names" USING gin (mpi_join_text(given) gin_trgm_ops);
--> statement-breakpoint
CREATE INDEX "idx_patients_active_gender" ON "patients" USING btree ("active","gender") WHERE deleted_at is null;
--> statement-breakpoint
CREATE INDEX "idx_patients_birth_date_gender" ON "patients" USING btree ("birth_date","gender") WHERE deleted_at is null;
--> statement-breakpoint
create function update_updated_at_column() returns trigger
language plpgsql
as $$
begin
  new.updated_at := now();
  new.updated_by := public.mpi_acting_user();
  return new;
end
$$;
--> statement-breakpoint
create trigger organizations_updated_at before update on organizations
  for each row execute function update_updated_at_column();
--> statement-breakpoint
create trigger organization_identifiers_updated_at before update on organization_identifiers
  for each row execute function update_updated_at_column();
--> statement-breakpoint
create trigger organization_addresses_updated_at before update on organization_addresses
  for each row execute function update_updated_at_column();
--> statement-breakpoint
create trigger organization_contacts_updated_at before update on organization_contacts
  for each row execute function update_updated_at_column();
--> statement-breakpoint
create trigger patients_updated_at before update on patients
  for each row execute function update_updated_at_column();
--> statement-breakpoint
create trigger patient_names_updated_at before update on patient_names
  for each row execute function update_updated_at_column();
--> statement-breakpoint
create trigger patient_identifiers_updated_at before update on patient_identifiers
  for each row execute function update_updated_at_column();
--> statement-breakpoint
create trigger patient_addresses_updated_at before update on patient_addresses
  for each row execute function update_updated_at_column();
--> statement-breakpoint
create trigger patient_contacts_updated_at before update on patient_contacts
  for each row execute function update_updated_at_column();
--> statement-breakpoint
create trigger patient_links_updated_at before update on patient_links
  for each row execute function update_updated_at_column();
--> statement-breakpoint
create trigger identifier_domains_updated_at before update on identifier_domains
  for each row execute function update_updated_at_column();
--> statement-breakpoint
-- Any change of an organization or an identifier domain is a new version of it.
create function mpi_raise_version() returns trigger
language plpgsql
as $$
begin
  new.version := old.version + 1;
  return new;
end
$$;
--> statement-breakpoint
create trigger organizations_raise_version before update on organizations
  for each row when (old.* is distinct from new.*) execute function mpi_raise_version();
--> statement-breakpoint
create trigger identifier_domains_raise_version before update on identifier_domains
  for each row when (old.* is distinct from new.*) execute function mpi_raise_version();
--> statement-breakpoint
-- A record is born into a person of its own, under the id it will get back whenever it stands alone again. A bulk load
-- says so itself.
create function mpi_begin_person() returns trigger
language plpgsql
as $$
begin
  new.initial_enterprise_id := new.enterprise_id;
  new.initial_enterprise_at := new.enterprise_since;
  return new;
end
$$;
--> statement-breakpoint
create trigger patients_begin_person before insert on patients
  for each row
  when (new.initial_enterprise_id is distinct from new.enterprise_id
    or new.initial_enterprise_at is distinct from new.enterprise_since)
  execute function mpi_begin_person();
--> statement-breakpoint
-- The change marker and the version follow content, once per transaction; the person a record belongs to is
-- not content, so that a run's own links never look like changes.
create function mpi_mark_patient_changed() returns trigger
language plpgsql
as $$
begin
  if new.change_xid <> pg_current_xact_id() then
    new.version := old.version + 1;
    new.change_xid := pg_current_xact_id();
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger patients_mark_changed before update on patients
  for each row
  when (old.active is distinct from new.active
    or old.gender is distinct from new.gender
    or old.birth_date is distinct from new.birth_date
    or old.birth_date_precision is distinct from new.birth_date_precision
    or old.deceased is distinct from new.deceased
    or old.deceased_datetime is distinct from new.deceased_datetime
    or old.marital_status is distinct from new.marital_status
    or old.multiple_birth is distinct from new.multiple_birth
    or old.birth_order is distinct from new.birth_order
    or old.mother_name is distinct from new.mother_name
    or old.mother_identifier is distinct from new.mother_identifier
    or old.managing_organization_id is distinct from new.managing_organization_id
    or old.source_system is distinct from new.source_system
    or old.source_id is distinct from new.source_id
    or old.received_at is distinct from new.received_at
    or old.deleted_at is distinct from new.deleted_at)
  execute function mpi_mark_patient_changed();
--> statement-breakpoint
-- The image of a row in the audit trail: nulls and what can be computed again are left out.
create function mpi_audit_image(image jsonb) returns jsonb
language sql immutable parallel safe
as $$
  select jsonb_strip_nulls(image - '{family_folded,given_folded,value_normalized,value_masked,unique_key,initial_enterprise_id,initial_enterprise_at,change_xid}'::text[])
$$;
--> statement-breakpoint
-- The same of a run or calibration, without the model and the statistics, which have hashes of their own.
create function mpi_audit_run_image(image jsonb) returns jsonb
language sql immutable parallel safe
as $$
  select jsonb_strip_nulls(image - '{content,model}'::text[])
$$;
--> statement-breakpoint
-- What an update must change to be worth a row: not the stamps, the version or the change marker.
create function mpi_audit_content(image jsonb) returns jsonb
language sql immutable parallel safe
as $$
  select image - '{family_folded,given_folded,value_normalized,value_masked,unique_key,change_xid,version,updated_at,updated_by,calculated_at,claimed_by,claimed_until}'::text[]
$$;
--> statement-breakpoint
-- A change of a child is a change of its record. What is only kept for the machine (a unique key) is not. An insert
-- is planned each time: a plan that was kept from when the table was small would go through all of it in a first load.
-- Records that this transaction has written, in a load all of them, are read side by side and not looked up one by one.
create function mpi_touch_patients() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    execute 'update patients p set version = p.version + 1, change_xid = pg_current_xact_id()
      where p.change_xid <> pg_current_xact_id() and p.id in (
        select patient_id from new_rows
        except
        (select id from patients where change_xid = pg_current_xact_id() limit $1))'
      using (select 2 * count(*) from new_rows);
  elsif tg_op = 'DELETE' then
    update patients p set version = p.version + 1, change_xid = pg_current_xact_id()
      where p.id in (select patient_id from old_rows) and p.change_xid <> pg_current_xact_id();
  else
    update patients p set version = p.version + 1, change_xid = pg_current_xact_id()
      where p.change_xid <> pg_current_xact_id() and p.id in (
        select unnest(array[o.patient_id, n.patient_id])
        from old_rows o full join new_rows n on n.id = o.id
        where mpi_audit_content(to_jsonb(o)) is distinct from mpi_audit_content(to_jsonb(n)));
  end if;
  return null;
end
$$;
--> statement-breakpoint
create trigger patient_names_touch_insert after insert on patient_names
  referencing new table as new_rows
  for each statement execute function mpi_touch_patients();
--> statement-breakpoint
create trigger patient_names_touch_update after update on patient_names
  referencing old table as old_rows new table as new_rows
  for each statement execute function mpi_touch_patients();
--> statement-breakpoint
create trigger patient_names_touch_delete after delete on patient_names
  referencing old table as old_rows
  for each statement execute function mpi_touch_patients();
--> statement-breakpoint
create trigger patient_identifiers_touch_insert after insert on patient_identifiers
  referencing new table as new_rows
  for each statement execute function mpi_touch_patients();
--> statement-breakpoint
create trigger patient_identifiers_touch_update after update on patient_identifiers
  referencing old table as old_rows new table as new_rows
  for each statement execute function mpi_touch_patients();
--> statement-breakpoint
create trigger patient_identifiers_touch_delete after delete on patient_identifiers
  referencing old table as old_rows
  for each statement execute function mpi_touch_patients();
--> statement-breakpoint
create trigger patient_addresses_touch_insert after insert on patient_addresses
  referencing new table as new_rows
  for each statement execute function mpi_touch_patients();
--> statement-breakpoint
create trigger patient_addresses_touch_update after update on patient_addresses
  referencing old table as old_rows new table as new_rows
  for each statement execute function mpi_touch_patients();
--> statement-breakpoint
create trigger patient_addresses_touch_delete after delete on patient_addresses
  referencing old table as old_rows
  for each statement execute function mpi_touch_patients();
--> statement-breakpoint
create trigger patient_contacts_touch_insert after insert on patient_contacts
  referencing new table as new_rows
  for each statement execute function mpi_touch_patients();
--> statement-breakpoint
create trigger patient_contacts_touch_update after update on patient_contacts
  referencing old table as old_rows new table as new_rows
  for each statement execute function mpi_touch_patients();
--> statement-breakpoint
create trigger patient_contacts_touch_delete after delete on patient_contacts
  referencing old table as old_rows
  for each statement execute function mpi_touch_patients();
--> statement-breakpoint
-- Keeps unique_key: set where the domain wants one active record per value, null for retired values and for
-- records that are merged away or deleted. A partial index cannot say this, the facts are in three tables.
-- The record's row is locked, so that one that is being retired at this moment is waited for.
create function mpi_maintain_unique_key() returns trigger
language plpgsql
as $$
begin
  new.unique_key := null;
  if new.use_type is distinct from 'old'
    and exists (select from public.identifier_domains d where d.system = new.system and d.is_unique)
  then
    perform from public.patients p
      where p.id = new.patient_id and p.active and p.deleted_at is null
      for no key update;
    if found then
      new.unique_key := new.system || '|' || public.mpi_normalize_identifier(new.value);
    end if;
  end if;
  return new;
end
$$;
--> statement-breakpoint
-- Which systems are unique is asked once a statement: asked for each identifier it would be a twentieth of what a load
-- costs the server. Without a SET clause, which would take the answer back.
create function mpi_note_unique_systems() returns trigger
language plpgsql
as $$
begin
  perform set_config('mpi.unique_systems',
    (select coalesce(array_agg(d.system), '{}')::text from public.identifier_domains d where d.is_unique), true);
  return null;
end
$$;
--> statement-breakpoint
create trigger patient_identifiers_unique_systems before insert or update on patient_identifiers
  for each statement execute function mpi_note_unique_systems();
--> statement-breakpoint
create trigger patient_identifiers_unique_key before insert or update on patient_identifiers
  for each row
  when (new.unique_key is not null
    or coalesce(new.system::text = any (nullif(current_setting('mpi.unique_systems', true), '')::text[]), true))
  execute function mpi_maintain_unique_key();
--> statement-breakpoint
create function mpi_refresh_patient_unique_keys() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
  update patient_identifiers i set unique_key = unique_key
    where i.patient_id = new.id and exists (select from identifier_domains d where d.system = i.system and d.is_unique);
  return null;
end
$$;
--> statement-breakpoint
create trigger patients_refresh_unique_keys after update on patients
  for each row when (old.active is distinct from new.active or (old.deleted_at is null) <> (new.deleted_at is null))
  execute function mpi_refresh_patient_unique_keys();
--> statement-breakpoint
-- A domain that becomes unique, or stops to be, changes the key of every value in it. The lock keeps a value
-- that arrives meanwhile from slipping past.
create function mpi_refresh_domain_unique_keys() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
  lock table patient_identifiers in share row exclusive mode;
  if tg_op = 'INSERT' then
    update patient_identifiers set unique_key = unique_key where system = new.system;
  elsif tg_op = 'DELETE' then
    update patient_identifiers set unique_key = unique_key where system = old.system and unique_key is not null;
  else
    update patient_identifiers set unique_key = unique_key where system in (old.system, new.system);
  end if;
  return null;
end
$$;
--> statement-breakpoint
create trigger identifier_domains_refresh_on_insert after insert on identifier_domains
  for each row when (new.is_unique) execute function mpi_refresh_domain_unique_keys();
--> statement-breakpoint
create trigger identifier_domains_refresh_on_update after update on identifier_domains
  for each row when (old.is_unique <> new.is_unique or old.system <> new.system)
  execute function mpi_refresh_domain_unique_keys();
--> statement-breakpoint
create trigger identifier_domains_refresh_on_delete after delete on identifier_domains
  for each row when (old.is_unique) execute function mpi_refresh_domain_unique_keys();
--> statement-breakpoint
-- New names enter the dictionary. In order, so that two loads wait for each other and do not deadlock; each looked up
-- by itself, because a statement brings few names and the dictionary has many.
create function mpi_extend_name_dictionary() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
begin
  insert into name_dictionary (kind, value)
    select n.kind, n.value
    from (
      select 'family' as kind, family_folded as value from new_rows where family_folded is not null
      union
      select 'given', part from new_rows cross join lateral unnest(given_folded) part
    ) n
    where not exists (select from name_dictionary d where d.kind = n.kind and d.value = n.value)
    order by n.kind, n.value
    on conflict do nothing;
  return null;
end
$$;
--> statement-breakpoint
create trigger patient_names_dictionary_insert after insert on patient_names
  referencing new table as new_rows
  for each statement execute function mpi_extend_name_dictionary();
--> statement-breakpoint
create trigger patient_names_dictionary_update after update on patient_names
  referencing new table as new_rows
  for each statement execute function mpi_extend_name_dictionary();
--> statement-breakpoint
-- Every change to a patient and all that hangs on it, one row for each row changed, before and after. A row
-- about two records (a link, a merge, a pair's state) is written once for each, so that either history is whole.
-- For inserts into the five tables of a bulk load everything that all rows have in common is made once: the time is
-- the statement's, and what mpi_audit_line() would say of it stands ready (together a quarter of what such an insert
-- costs). Their columns are listed, because that halves the cost of their images, in the order in which jsonb keeps
-- them, shortest first, which spares sorting them (a new column belongs here too; a test misses it); there, stamps that
-- say what the audit row says are left out. Pairs are filtered before their images are made: a run writes hundreds of
-- thousands of scores. No setting of the session changes an image.
create function audit_patient_changes() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
set extra_float_digits = 1
as $$
-- Links, merges and pairs have a column "reason" too.
#variable_conflict use_variable
declare
  operation text := left(nullif(current_setting('mpi.operation', true), ''), 50);
  reason text := nullif(current_setting('mpi.reason', true), '');
  ip_address text := left(nullif(current_setting('mpi.ip_address', true), ''), 45);
  user_agent text := left(nullif(current_setting('mpi.user_agent', true), ''), 500);
  acting_user text := mpi_acting_user();
  xid xid8 := pg_current_xact_id();
  statement text := mpi_audit_statement(xid, acting_user, session_user, operation, reason, ip_address, user_agent, tg_op, 'patient', tg_table_name);
  at timestamptz := clock_timestamp();
  line_middle text := concat(', "timestamp": "', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), 'Z", ', statement, ', "entity_id": "');
  entity_columns text[] := case tg_table_name
    when 'patients' then '{id}'
    when 'patient_links' then '{patient_id,other_patient_id}'
    when 'patient_merges' then '{patient_id,survivor_id}'
    else '{patient_id}' end;
begin
  if tg_op = 'INSERT' and tg_table_name = 'patients' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, at, acting_user, session_user, tg_op, 'patient', s.entity_id, tg_table_name, s.row_id, operation, xid, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(concat('{"id": ', s.id, line_middle, s.entity_id, '", "row_id": "', s.row_id, '", "old_values": null, "new_values": ', s.new_image, '}'), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, n.id as entity_id, n.id as row_id,
          jsonb_strip_nulls(to_jsonb((select image from (select
            n.id, n.active, n.gender, n.version, n.deceased, n.source_id, n.birth_date, nullif(n.created_at,
            now()) as created_at, nullif(n.created_by, acting_user) as created_by, n.deleted_at, n.deleted_by,
            nullif(n.updated_at, now()) as updated_at, nullif(n.updated_by, acting_user) as updated_by, n.birth_order,
            n.mother_name, n.received_at, n.enterprise_id, n.source_system, n.marital_status, n.multiple_birth,
            n.enterprise_since, n.deceased_datetime, n.mother_identifier, n.birth_date_precision,
            n.managing_organization_id
          ) image))) as new_image
        from new_rows n
      ) s;
  elsif tg_op = 'INSERT' and tg_table_name = 'patient_names' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, at, acting_user, session_user, tg_op, 'patient', s.entity_id, tg_table_name, s.row_id, operation, xid, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(concat('{"id": ', s.id, line_middle, s.entity_id, '", "row_id": "', s.row_id, '", "old_values": null, "new_values": ', s.new_image, '}'), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, n.patient_id as entity_id, n.id as row_id,
          jsonb_strip_nulls(to_jsonb((select image from (select
            n.id, n.given, n.family, n.prefix, n.suffix, n.merge_id, n.use_type, nullif(n.created_at,
            now()) as created_at, nullif(n.created_by, acting_user) as created_by, n.is_primary, n.patient_id,
            nullif(n.updated_at, now()) as updated_at, nullif(n.updated_by, acting_user) as updated_by,
            n.origin_patient_id
          ) image))) as new_image
        from new_rows n
      ) s;
  elsif tg_op = 'INSERT' and tg_table_name = 'patient_identifiers' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, at, acting_user, session_user, tg_op, 'patient', s.entity_id, tg_table_name, s.row_id, operation, xid, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(concat('{"id": ', s.id, line_middle, s.entity_id, '", "row_id": "', s.row_id, '", "old_values": null, "new_values": ', s.new_image, '}'), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, n.patient_id as entity_id, n.id as row_id,
          jsonb_strip_nulls(to_jsonb((select image from (select
            n.id, n.type, n.value, n.system, n.assigner, n.merge_id, n.use_type, nullif(n.created_at,
            now()) as created_at, nullif(n.created_by, acting_user) as created_by, n.patient_id, nullif(n.updated_at,
            now()) as updated_at, nullif(n.updated_by, acting_user) as updated_by, n.origin_patient_id
          ) image))) as new_image
        from new_rows n
      ) s;
  elsif tg_op = 'INSERT' and tg_table_name = 'patient_addresses' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, at, acting_user, session_user, tg_op, 'patient', s.entity_id, tg_table_name, s.row_id, operation, xid, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(concat('{"id": ', s.id, line_middle, s.entity_id, '", "row_id": "', s.row_id, '", "old_values": null, "new_values": ', s.new_image, '}'), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, n.patient_id as entity_id, n.id as row_id,
          jsonb_strip_nulls(to_jsonb((select image from (select
            n.id, n.city, n.line1, n.line2, n.state, n.country, n.merge_id, n.use_type, nullif(n.created_at,
            now()) as created_at, nullif(n.created_by, acting_user) as created_by, n.is_primary, n.patient_id,
            nullif(n.updated_at, now()) as updated_at, nullif(n.updated_by, acting_user) as updated_by, n.postal_code,
            n.origin_patient_id
          ) image))) as new_image
        from new_rows n
      ) s;
  elsif tg_op = 'INSERT' and tg_table_name = 'patient_contacts' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, at, acting_user, session_user, tg_op, 'patient', s.entity_id, tg_table_name, s.row_id, operation, xid, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(concat('{"id": ', s.id, line_middle, s.entity_id, '", "row_id": "', s.row_id, '", "old_values": null, "new_values": ', s.new_image, '}'), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, n.patient_id as entity_id, n.id as row_id,
          jsonb_strip_nulls(to_jsonb((select image from (select
            n.id, n.value, n.system, n.merge_id, n.use_type, nullif(n.created_at, now()) as created_at,
            nullif(n.created_by, acting_user) as created_by, n.is_primary, n.patient_id, nullif(n.updated_at,
            now()) as updated_at, nullif(n.updated_by, acting_user) as updated_by, n.origin_patient_id
          ) image))) as new_image
        from new_rows n
      ) s;
  elsif tg_table_name = 'patient_match_scores' and tg_op = 'INSERT' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, s.at, acting_user, session_user, tg_op, 'patient', s.entity_id, tg_table_name, s.row_id, operation, xid, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(mpi_audit_line(s.id, s.at, statement, s.entity_id, s.row_id, null, s.new_image), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, clock_timestamp() as at, e.entity_id, n.id as row_id, n.image as new_image
        from (select r.id, r.patient_id, r.candidate_id, mpi_audit_image(to_jsonb(r)) as image from new_rows r
          where r.state in ('confirmed', 'rejected', 'deferred', 'merged') offset 0) n
        cross join lateral (values (n.patient_id), (n.candidate_id)) e (entity_id)
      ) s;
  elsif tg_table_name = 'patient_match_scores' and tg_op = 'UPDATE' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, old_values, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, s.at, acting_user, session_user, tg_op, 'patient', s.entity_id, tg_table_name, s.row_id, operation, xid, s.old_image, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(mpi_audit_line(s.id, s.at, statement, s.entity_id, s.row_id, s.old_image, s.new_image), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, clock_timestamp() as at, e.entity_id, c.row_id, c.old_image, c.new_image
        from (
          select coalesce(n.id, o.id) as row_id, array[o.patient_id, o.candidate_id, n.patient_id, n.candidate_id] as entities,
            mpi_audit_image(to_jsonb(o)) as old_image, mpi_audit_image(to_jsonb(n)) as new_image
          from old_rows o full join new_rows n on n.id = o.id
          where (o.id, o.patient_id, o.candidate_id, o.state, o.kind, o.decided_by, o.decided_at, o.reason, o.assigned_to)
            is distinct from (n.id, n.patient_id, n.candidate_id, n.state, n.kind, n.decided_by, n.decided_at, n.reason, n.assigned_to)
          offset 0
        ) c
        cross join lateral (select distinct entity_id from unnest(c.entities) entity_id where entity_id is not null) e
      ) s;
  elsif tg_table_name = 'patient_match_scores' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, old_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, s.at, acting_user, session_user, tg_op, 'patient', s.entity_id, tg_table_name, s.row_id, operation, xid, s.old_image, reason, ip_address, user_agent,
        sha256(convert_to(mpi_audit_line(s.id, s.at, statement, s.entity_id, s.row_id, s.old_image, null), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, clock_timestamp() as at, e.entity_id, o.id as row_id, o.image as old_image
        from (select r.id, r.patient_id, r.candidate_id, mpi_audit_image(to_jsonb(r)) as image from old_rows r
          where r.state in ('confirmed', 'rejected', 'deferred', 'merged') offset 0) o
        cross join lateral (values (o.patient_id), (o.candidate_id)) e (entity_id)
      ) s;
  elsif tg_op = 'INSERT' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, s.at, acting_user, session_user, tg_op, 'patient', s.entity_id, tg_table_name, s.row_id, operation, xid, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(mpi_audit_line(s.id, s.at, statement, s.entity_id, s.row_id, null, s.new_image), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, clock_timestamp() as at, e.entity_id, (n.row ->> 'id')::uuid as row_id, n.image as new_image
        from (select w.row, mpi_audit_image(w.row) as image from (select to_jsonb(r) as row from new_rows r offset 0) w offset 0) n
        cross join lateral (select (n.row ->> entity_column)::uuid as entity_id from unnest(entity_columns) entity_column) e
      ) s;
  elsif tg_op = 'UPDATE' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, old_values, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, s.at, acting_user, session_user, tg_op, 'patient', s.entity_id, tg_table_name, s.row_id, operation, xid, s.old_image, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(mpi_audit_line(s.id, s.at, statement, s.entity_id, s.row_id, s.old_image, s.new_image), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, clock_timestamp() as at, e.entity_id, coalesce(c.new_row ->> 'id', c.old_row ->> 'id')::uuid as row_id,
          mpi_audit_image(c.old_row) as old_image, mpi_audit_image(c.new_row) as new_image
        from (select to_jsonb(o) as old_row, to_jsonb(n) as new_row from old_rows o full join new_rows n on n.id = o.id offset 0) c
        cross join lateral (
          select distinct (version.row ->> entity_column)::uuid as entity_id
          from unnest(entity_columns) entity_column cross join (values (c.old_row), (c.new_row)) version (row)
          where version.row is not null
        ) e
        where mpi_audit_content(c.old_row) is distinct from mpi_audit_content(c.new_row)
      ) s;
  else
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, old_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, s.at, acting_user, session_user, tg_op, 'patient', s.entity_id, tg_table_name, s.row_id, operation, xid, s.old_image, reason, ip_address, user_agent,
        sha256(convert_to(mpi_audit_line(s.id, s.at, statement, s.entity_id, s.row_id, s.old_image, null), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, clock_timestamp() as at, e.entity_id, (o.row ->> 'id')::uuid as row_id, o.image as old_image
        from (select w.row, mpi_audit_image(w.row) as image from (select to_jsonb(r) as row from old_rows r offset 0) w offset 0) o
        cross join lateral (select (o.row ->> entity_column)::uuid as entity_id from unnest(entity_columns) entity_column) e
      ) s;
  end if;
  return null;
end
$$;
--> statement-breakpoint
create function audit_organization_changes() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
set extra_float_digits = 1
as $$
declare
  operation text := left(nullif(current_setting('mpi.operation', true), ''), 50);
  reason text := nullif(current_setting('mpi.reason', true), '');
  ip_address text := left(nullif(current_setting('mpi.ip_address', true), ''), 45);
  user_agent text := left(nullif(current_setting('mpi.user_agent', true), ''), 500);
  acting_user text := mpi_acting_user();
  xid xid8 := pg_current_xact_id();
  entity_type text := case tg_table_name when 'identifier_domains' then 'identifier_domain' else 'organization' end;
  statement text := mpi_audit_statement(xid, acting_user, session_user, operation, reason, ip_address, user_agent, tg_op, entity_type, tg_table_name);
  entity_columns text[] := case when tg_table_name in ('organizations', 'identifier_domains') then '{id}' else '{organization_id}' end;
begin
  if tg_op = 'INSERT' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, s.at, acting_user, session_user, tg_op, entity_type, s.entity_id, tg_table_name, s.row_id, operation, xid, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(mpi_audit_line(s.id, s.at, statement, s.entity_id, s.row_id, null, s.new_image), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, clock_timestamp() as at, e.entity_id, (n.row ->> 'id')::uuid as row_id, n.image as new_image
        from (select w.row, mpi_audit_image(w.row) as image from (select to_jsonb(r) as row from new_rows r offset 0) w offset 0) n
        cross join lateral (select (n.row ->> entity_column)::uuid as entity_id from unnest(entity_columns) entity_column) e
      ) s;
  elsif tg_op = 'UPDATE' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, old_values, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, s.at, acting_user, session_user, tg_op, entity_type, s.entity_id, tg_table_name, s.row_id, operation, xid, s.old_image, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(mpi_audit_line(s.id, s.at, statement, s.entity_id, s.row_id, s.old_image, s.new_image), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, clock_timestamp() as at, e.entity_id, coalesce(c.new_row ->> 'id', c.old_row ->> 'id')::uuid as row_id,
          mpi_audit_image(c.old_row) as old_image, mpi_audit_image(c.new_row) as new_image
        from (select to_jsonb(o) as old_row, to_jsonb(n) as new_row from old_rows o full join new_rows n on n.id = o.id offset 0) c
        cross join lateral (
          select distinct (version.row ->> entity_column)::uuid as entity_id
          from unnest(entity_columns) entity_column cross join (values (c.old_row), (c.new_row)) version (row)
          where version.row is not null
        ) e
        where mpi_audit_content(c.old_row) is distinct from mpi_audit_content(c.new_row)
      ) s;
  else
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, old_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, s.at, acting_user, session_user, tg_op, entity_type, s.entity_id, tg_table_name, s.row_id, operation, xid, s.old_image, reason, ip_address, user_agent,
        sha256(convert_to(mpi_audit_line(s.id, s.at, statement, s.entity_id, s.row_id, s.old_image, null), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, clock_timestamp() as at, e.entity_id, (o.row ->> 'id')::uuid as row_id, o.image as old_image
        from (select w.row, mpi_audit_image(w.row) as image from (select to_jsonb(r) as row from old_rows r offset 0) w offset 0) o
        cross join lateral (select (o.row ->> entity_column)::uuid as entity_id from unnest(entity_columns) entity_column) e
      ) s;
  end if;
  return null;
end
$$;
--> statement-breakpoint
-- Runs of matching and import, and calibrations: that they were made, and how they ended.
create function mpi_audit_run_changes() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
set extra_float_digits = 1
as $$
declare
  operation text := left(nullif(current_setting('mpi.operation', true), ''), 50);
  reason text := nullif(current_setting('mpi.reason', true), '');
  ip_address text := left(nullif(current_setting('mpi.ip_address', true), ''), 45);
  user_agent text := left(nullif(current_setting('mpi.user_agent', true), ''), 500);
  acting_user text := mpi_acting_user();
  xid xid8 := pg_current_xact_id();
  statement text := mpi_audit_statement(xid, acting_user, session_user, operation, reason, ip_address, user_agent, tg_op, tg_argv[0], tg_table_name);
  entity_columns text[] := '{id}';
begin
  if tg_op = 'INSERT' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, s.at, acting_user, session_user, tg_op, tg_argv[0], s.entity_id, tg_table_name, s.row_id, operation, xid, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(mpi_audit_line(s.id, s.at, statement, s.entity_id, s.row_id, null, s.new_image), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, clock_timestamp() as at, e.entity_id, (n.row ->> 'id')::uuid as row_id, n.image as new_image
        from (select w.row, mpi_audit_run_image(w.row) as image from (select to_jsonb(r) as row from new_rows r offset 0) w offset 0) n
        cross join lateral (select (n.row ->> entity_column)::uuid as entity_id from unnest(entity_columns) entity_column) e
      ) s;
  elsif tg_op = 'UPDATE' then
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, old_values, new_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, s.at, acting_user, session_user, tg_op, tg_argv[0], s.entity_id, tg_table_name, s.row_id, operation, xid, s.old_image, s.new_image, reason, ip_address, user_agent,
        sha256(convert_to(mpi_audit_line(s.id, s.at, statement, s.entity_id, s.row_id, s.old_image, s.new_image), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, clock_timestamp() as at, e.entity_id, coalesce(c.new_row ->> 'id', c.old_row ->> 'id')::uuid as row_id,
          mpi_audit_run_image(c.old_row) as old_image, mpi_audit_run_image(c.new_row) as new_image
        from (select to_jsonb(o) as old_row, to_jsonb(n) as new_row from old_rows o full join new_rows n on n.id = o.id offset 0) c
        cross join lateral (
          select distinct (version.row ->> entity_column)::uuid as entity_id
          from unnest(entity_columns) entity_column cross join (values (c.old_row), (c.new_row)) version (row)
          where version.row is not null
        ) e
        where c.old_row is null or c.new_row is null or c.old_row ->> 'state' is distinct from c.new_row ->> 'state'
      ) s;
  else
    insert into audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, old_values,
        reason, ip_address, user_agent, row_hash)
      select s.id, s.at, acting_user, session_user, tg_op, tg_argv[0], s.entity_id, tg_table_name, s.row_id, operation, xid, s.old_image, reason, ip_address, user_agent,
        sha256(convert_to(mpi_audit_line(s.id, s.at, statement, s.entity_id, s.row_id, s.old_image, null), 'UTF8'))
      from (
        select nextval('audit_log_id_seq') as id, clock_timestamp() as at, e.entity_id, (o.row ->> 'id')::uuid as row_id, o.image as old_image
        from (select w.row, mpi_audit_run_image(w.row) as image from (select to_jsonb(r) as row from old_rows r offset 0) w offset 0) o
        cross join lateral (select (o.row ->> entity_column)::uuid as entity_id from unnest(entity_columns) entity_column) e
      ) s;
  end if;
  return null;
end
$$;
--> statement-breakpoint
create trigger patients_audit_insert after insert on patients
  referencing new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patients_audit_update after update on patients
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patients_audit_delete after delete on patients
  referencing old table as old_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_names_audit_insert after insert on patient_names
  referencing new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_names_audit_update after update on patient_names
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_names_audit_delete after delete on patient_names
  referencing old table as old_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_identifiers_audit_insert after insert on patient_identifiers
  referencing new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_identifiers_audit_update after update on patient_identifiers
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_identifiers_audit_delete after delete on patient_identifiers
  referencing old table as old_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_addresses_audit_insert after insert on patient_addresses
  referencing new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_addresses_audit_update after update on patient_addresses
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_addresses_audit_delete after delete on patient_addresses
  referencing old table as old_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_contacts_audit_insert after insert on patient_contacts
  referencing new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_contacts_audit_update after update on patient_contacts
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_contacts_audit_delete after delete on patient_contacts
  referencing old table as old_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_links_audit_insert after insert on patient_links
  referencing new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_links_audit_update after update on patient_links
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_links_audit_delete after delete on patient_links
  referencing old table as old_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_merges_audit_insert after insert on patient_merges
  referencing new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_merges_audit_update after update on patient_merges
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_merges_audit_delete after delete on patient_merges
  referencing old table as old_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_quarantine_audit_insert after insert on patient_quarantine
  referencing new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_quarantine_audit_update after update on patient_quarantine
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_quarantine_audit_delete after delete on patient_quarantine
  referencing old table as old_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_match_scores_audit_insert after insert on patient_match_scores
  referencing new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_match_scores_audit_update after update on patient_match_scores
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger patient_match_scores_audit_delete after delete on patient_match_scores
  referencing old table as old_rows
  for each statement execute function audit_patient_changes();
--> statement-breakpoint
create trigger organizations_audit_insert after insert on organizations
  referencing new table as new_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger organizations_audit_update after update on organizations
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger organizations_audit_delete after delete on organizations
  referencing old table as old_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger organization_identifiers_audit_insert after insert on organization_identifiers
  referencing new table as new_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger organization_identifiers_audit_update after update on organization_identifiers
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger organization_identifiers_audit_delete after delete on organization_identifiers
  referencing old table as old_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger organization_addresses_audit_insert after insert on organization_addresses
  referencing new table as new_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger organization_addresses_audit_update after update on organization_addresses
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger organization_addresses_audit_delete after delete on organization_addresses
  referencing old table as old_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger organization_contacts_audit_insert after insert on organization_contacts
  referencing new table as new_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger organization_contacts_audit_update after update on organization_contacts
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger organization_contacts_audit_delete after delete on organization_contacts
  referencing old table as old_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger identifier_domains_audit_insert after insert on identifier_domains
  referencing new table as new_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger identifier_domains_audit_update after update on identifier_domains
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger identifier_domains_audit_delete after delete on identifier_domains
  referencing old table as old_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger role_organizations_audit_insert after insert on role_organizations
  referencing new table as new_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger role_organizations_audit_update after update on role_organizations
  referencing old table as old_rows new table as new_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger role_organizations_audit_delete after delete on role_organizations
  referencing old table as old_rows
  for each statement execute function audit_organization_changes();
--> statement-breakpoint
create trigger match_runs_audit_insert after insert on match_runs
  referencing new table as new_rows
  for each statement execute function mpi_audit_run_changes('match_run');
--> statement-breakpoint
create trigger match_runs_audit_update after update on match_runs
  referencing old table as old_rows new table as new_rows
  for each statement execute function mpi_audit_run_changes('match_run');
--> statement-breakpoint
create trigger match_runs_audit_delete after delete on match_runs
  referencing old table as old_rows
  for each statement execute function mpi_audit_run_changes('match_run');
--> statement-breakpoint
create trigger match_calibrations_audit_insert after insert on match_calibrations
  referencing new table as new_rows
  for each statement execute function mpi_audit_run_changes('match_calibration');
--> statement-breakpoint
create trigger match_calibrations_audit_update after update on match_calibrations
  referencing old table as old_rows new table as new_rows
  for each statement execute function mpi_audit_run_changes('match_calibration');
--> statement-breakpoint
create trigger match_calibrations_audit_delete after delete on match_calibrations
  referencing old table as old_rows
  for each statement execute function mpi_audit_run_changes('match_calibration');
--> statement-breakpoint
create trigger import_runs_audit_insert after insert on import_runs
  referencing new table as new_rows
  for each statement execute function mpi_audit_run_changes('import_run');
--> statement-breakpoint
create trigger import_runs_audit_update after update on import_runs
  referencing old table as old_rows new table as new_rows
  for each statement execute function mpi_audit_run_changes('import_run');
--> statement-breakpoint
create trigger import_runs_audit_delete after delete on import_runs
  referencing old table as old_rows
  for each statement execute function mpi_audit_run_changes('import_run');
--> statement-breakpoint
-- TRUNCATE fires no row or transition trigger: the rows would go without a trace.
create function mpi_refuse_truncate() returns trigger
language plpgsql
as $$
begin
  raise exception 'TRUNCATE on %: rows leave by DELETE, so that the audit trail sees them', tg_table_name
    using errcode = 'restrict_violation';
end
$$;
--> statement-breakpoint
create trigger organizations_refuse_truncate before truncate on organizations
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger organization_identifiers_refuse_truncate before truncate on organization_identifiers
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger organization_addresses_refuse_truncate before truncate on organization_addresses
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger organization_contacts_refuse_truncate before truncate on organization_contacts
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger identifier_domains_refuse_truncate before truncate on identifier_domains
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger role_organizations_refuse_truncate before truncate on role_organizations
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger patients_refuse_truncate before truncate on patients
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger patient_names_refuse_truncate before truncate on patient_names
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger patient_identifiers_refuse_truncate before truncate on patient_identifiers
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger patient_addresses_refuse_truncate before truncate on patient_addresses
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger patient_contacts_refuse_truncate before truncate on patient_contacts
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger patient_links_refuse_truncate before truncate on patient_links
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger patient_merges_refuse_truncate before truncate on patient_merges
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger patient_quarantine_refuse_truncate before truncate on patient_quarantine
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger patient_match_scores_refuse_truncate before truncate on patient_match_scores
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger match_runs_refuse_truncate before truncate on match_runs
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger match_calibrations_refuse_truncate before truncate on match_calibrations
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
create trigger import_runs_refuse_truncate before truncate on import_runs
  for each statement execute function mpi_refuse_truncate();
--> statement-breakpoint
-- Row-level security is off unless "mpi migrate rls enable" switches it on. These are for it: operators that are not
-- leakproof (trigrams, arrays) cannot use an index below a policy, so the search asks functions that act as the
-- owner and answer with no more than the policies would show. True for whoever sees every record.
create function mpi_sees_all_patients() returns boolean
language sql stable parallel safe security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select not c.relrowsecurity or u.rolsuper or u.rolbypassrls or pg_has_role(u.oid, c.relowner, 'usage')
    or exists (select from pg_policy p cross join lateral unnest(p.polroles) role
      where p.polrelid = c.oid and p.polname = 'mpi_tenant_all' and pg_has_role(u.oid, role, 'usage'))
  from pg_class c cross join pg_roles u
  where c.oid = 'public.patients'::regclass and u.rolname = session_user
$$;
--> statement-breakpoint
-- The names of the dictionary that a folded word may mean, of each kind and way at most so many, the nearest by edit
-- distance. Reach 'exact': the word itself; 'near': double names with the word in them, names that sound alike, and those
-- at most two letters away of which the first three letters are the same, or the last three (four of a long word), each
-- found by a range of an index; 'far': whatever shares trigrams. In PL/pgSQL because it computes once what every row is
-- compared with, and plans once in a session. levenshtein() refuses more than 255 letters.
create function mpi_near_names(word text, reach text, is_prefix boolean, most integer)
returns table (kind varchar, value text, how text, distance integer)
language plpgsql stable parallel safe
-- Otherwise it is planned anew for each word, which takes longer than to look it up.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  letters constant integer := char_length(word);
  edits constant integer := least(2, letters - 2);
  shortest constant integer := letters - 2;
  longest constant integer := least(letters + 2, 255);
  cut constant text := left(word, 255);
  mirrored constant text := reverse(word);
  head constant text := left(word, 3);
  -- Many names end alike. With four letters of eight, a mistake is still found wherever it is, two letters swapped too.
  tail constant text := left(mirrored, case when letters >= 8 then 4 else 3 end);
  last constant text := chr(1114111);
  sounds constant text[] := array[mpi_phonetic(word), mpi_phonetic_alternate(word)];
begin
  if reach = 'far' then
    return query
      select r.kind, r.value, 'similar', r.distance
      from (
        select n.kind, n.value, n.distance, row_number() over (partition by n.kind order by n.distance, n.value) as place
        from (
          select d.kind, d.value, levenshtein(left(d.value, 255), cut) as distance
          from name_dictionary d where d.value % word
        ) n
      ) r
      where r.place <= most;
    return;
  end if;
  return query
    select d.kind, d.value, 'exact', 0 from name_dictionary d where d.kind in ('family', 'given') and d.value = word;
  if is_prefix then
    return query
      select r.kind, r.value, 'prefix', r.distance
      from (
        select n.kind, n.value, n.distance, row_number() over (partition by n.kind order by n.distance, n.value) as place
        from (
          select d.kind, d.value, char_length(d.value) - letters as distance
          from name_dictionary d where d.value ~>=~ word and d.value ~<~ (word || last) and d.value <> word
        ) n
      ) r
      where r.place <= most;
  end if;
  if reach <> 'near' or letters < 2 then
    return;
  end if;
  return query
    select r.kind, r.value, (array['similar', 'part', 'phonetic'])[r.way], r.distance
    from (
      select n.kind, n.value, n.way, n.distance,
        row_number() over (partition by n.way, n.is_given order by n.distance, n.value) as place
      from (
        select d.kind, d.value, 1 as way, d.kind = 'given' as is_given, levenshtein(left(d.value, 255), cut) as distance
        from name_dictionary d
        where d.value ~>=~ head and d.value ~<~ (head || last) and d.value <> word
          and case when char_length(d.value) between shortest and longest
            then levenshtein_less_equal(d.value, word, edits) <= edits else false end
        union all
        select d.kind, d.value, 1, d.kind = 'given', levenshtein(left(d.value, 255), cut)
        from name_dictionary d
        where reverse(d.value) ~>=~ tail and reverse(d.value) ~<~ (tail || last) and left(d.value, 3) <> head
          and case when char_length(d.value) between shortest and longest
            then levenshtein_less_equal(d.value, word, edits) <= edits else false end
        union all
        select d.kind, d.value, 2, d.kind = 'given', levenshtein(left(d.value, 255), cut)
        from name_dictionary d
        where d.value ~>=~ (word || ' ') and d.value ~<~ (word || ' ' || last)
        union all
        select d.kind, d.value, 2, d.kind = 'given', levenshtein(left(d.value, 255), cut)
        from name_dictionary d
        where reverse(d.value) ~>=~ (mirrored || ' ') and reverse(d.value) ~<~ (mirrored || ' ' || last)
        union all
        select d.kind, d.value, 3, d.kind = 'given', levenshtein(left(d.value, 255), cut)
        from name_dictionary d
        where d.value <> word and abs(char_length(d.value) - letters) <= 4
          and (d.phonetic = any (sounds) or d.phonetic_alternate = any (sounds))
          -- The code keeps little of a word: without a letter in three in common nobody hears one name for the other.
          and 10 * levenshtein(left(d.value, 255), cut) <= 7 * greatest(char_length(d.value), letters)
      ) n
    ) r
    where r.place <= most;
end
$$;
--> statement-breakpoint
-- The same as far as a record that may be seen bears them, of each kind and way the nearest.
create function mpi_name_candidates(word text, reach text, is_prefix boolean, most integer)
returns table (kind varchar, value text, how text)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
  with scope as materialized (
    select mpi_sees_all_patients() as everything, mpi_tenant_organizations() as organizations
  ), seen as (
    select m.kind, m.value, m.how,
      row_number() over (partition by m.kind, m.how order by m.distance, m.value) as place
    from mpi_near_names(word, reach, is_prefix, 2147483647) m cross join scope s
    where s.everything
      or m.kind = 'family' and exists (select from patient_names n join patients p on p.id = n.patient_id
        where n.family_folded = m.value and p.managing_organization_id = any (s.organizations))
      or m.kind = 'given' and exists (select from patient_names n join patients p on p.id = n.patient_id
        where n.given_folded @> array[m.value] and p.managing_organization_id = any (s.organizations))
  )
  select s.kind, s.value, s.how from seen s where s.place <= most
$$;
--> statement-breakpoint
-- The records that may be seen and bear any of these folded given names.
create function mpi_patients_with_given(names text[]) returns setof uuid
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select n.patient_id
  from patient_names n join patients p on p.id = n.patient_id
  where n.given_folded && names
    and ((select mpi_sees_all_patients()) or p.managing_organization_id = any ((select mpi_tenant_organizations())::uuid[]))
$$;
--> statement-breakpoint
revoke execute on function mpi_name_candidates(text, text, boolean, integer), mpi_patients_with_given(text[]) from public;
