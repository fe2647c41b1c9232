-- Indexes for fuzzy and combined search, and the triggers.

-- The extension must exist before the first trigram index.
create extension if not exists pg_trgm;
--> statement-breakpoint
CREATE INDEX "idx_name_dictionary_value_trgm" ON "name_dictionary" USING gin ("value" gin_trgm_ops);
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
-- A record is born into a person of its own, under the id it will get back whenever it stands alone again.
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
  for each row execute function mpi_begin_person();
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
  select jsonb_strip_nulls(image - '{family_folded,given_folded,value_normalized,unique_key,initial_enterprise_id,initial_enterprise_at,change_xid}'::text[])
$$;
--> statement-breakpoint
-- What an update must change to be worth a row: not the stamps, the version or the change marker.
create function mpi_audit_content(image jsonb) returns jsonb
language sql immutable parallel safe
as $$
  select image - '{family_folded,given_folded,value_normalized,unique_key,change_xid,version,updated_at,updated_by,calculated_at,claimed_by,claimed_until}'::text[]
$$;
--> statement-breakpoint
-- A change of a child is a change of its record. What is only kept for the machine (a unique key) is not.
create function mpi_touch_patients() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    update patients p set version = p.version + 1, change_xid = pg_current_xact_id()
      where p.id in (select patient_id from new_rows) and p.change_xid <> pg_current_xact_id();
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
create trigger patient_identifiers_unique_key before insert or update on patient_identifiers
  for each row execute function mpi_maintain_unique_key();
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
-- New names enter the dictionary. In order, so that two loads wait for each other and do not deadlock.
create function mpi_extend_name_dictionary() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
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
-- The full join is for an update that changes an id: it would slip through an inner one.
create function audit_patient_changes() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
as $$
-- Links, merges and pairs have a column "reason" too.
#variable_conflict use_variable
declare
  operation text := left(nullif(current_setting('mpi.operation', true), ''), 50);
  reason text := nullif(current_setting('mpi.reason', true), '');
  ip_address text := left(nullif(current_setting('mpi.ip_address', true), ''), 45);
  user_agent text := left(nullif(current_setting('mpi.user_agent', true), ''), 500);
begin
  if tg_table_name = 'patients' then
    if tg_op = 'INSERT' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'INSERT', 'patient', n.id, tg_table_name, n.id, operation, reason, ip_address, user_agent,
          null, mpi_audit_image(to_jsonb(n))
        from new_rows n;
    elsif tg_op = 'UPDATE' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'UPDATE', 'patient', coalesce(n.id, o.id), tg_table_name, coalesce(n.id, o.id), operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), mpi_audit_image(to_jsonb(n))
        from old_rows o full join new_rows n on n.id = o.id
        where mpi_audit_content(to_jsonb(o)) is distinct from mpi_audit_content(to_jsonb(n));
    else
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'DELETE', 'patient', o.id, tg_table_name, o.id, operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), null
        from old_rows o;
    end if;
  elsif tg_table_name = 'patient_links' then
    if tg_op = 'INSERT' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'INSERT', 'patient', e.entity_id, tg_table_name, n.id, operation, reason, ip_address, user_agent,
          null, mpi_audit_image(to_jsonb(n))
        from new_rows n
        cross join lateral (values (n.patient_id), (n.other_patient_id)) e (entity_id);
    elsif tg_op = 'UPDATE' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'UPDATE', 'patient', e.entity_id, tg_table_name, coalesce(n.id, o.id), operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), mpi_audit_image(to_jsonb(n))
        from old_rows o full join new_rows n on n.id = o.id
        cross join lateral (select o.patient_id union select o.other_patient_id union select n.patient_id union select n.other_patient_id) e (entity_id)
        where e.entity_id is not null and mpi_audit_content(to_jsonb(o)) is distinct from mpi_audit_content(to_jsonb(n));
    else
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'DELETE', 'patient', e.entity_id, tg_table_name, o.id, operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), null
        from old_rows o
        cross join lateral (values (o.patient_id), (o.other_patient_id)) e (entity_id);
    end if;
  elsif tg_table_name = 'patient_merges' then
    if tg_op = 'INSERT' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'INSERT', 'patient', e.entity_id, tg_table_name, n.id, operation, reason, ip_address, user_agent,
          null, mpi_audit_image(to_jsonb(n))
        from new_rows n
        cross join lateral (values (n.patient_id), (n.survivor_id)) e (entity_id);
    elsif tg_op = 'UPDATE' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'UPDATE', 'patient', e.entity_id, tg_table_name, coalesce(n.id, o.id), operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), mpi_audit_image(to_jsonb(n))
        from old_rows o full join new_rows n on n.id = o.id
        cross join lateral (select o.patient_id union select o.survivor_id union select n.patient_id union select n.survivor_id) e (entity_id)
        where e.entity_id is not null and mpi_audit_content(to_jsonb(o)) is distinct from mpi_audit_content(to_jsonb(n));
    else
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'DELETE', 'patient', e.entity_id, tg_table_name, o.id, operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), null
        from old_rows o
        cross join lateral (values (o.patient_id), (o.survivor_id)) e (entity_id);
    end if;
  elsif tg_table_name = 'patient_match_scores' then
    if tg_op = 'INSERT' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'INSERT', 'patient', e.entity_id, tg_table_name, n.id, operation, reason, ip_address, user_agent,
          null, mpi_audit_image(to_jsonb(n))
        from new_rows n
        cross join lateral (values (n.patient_id), (n.candidate_id)) e (entity_id)
        where n.state in ('confirmed', 'rejected', 'deferred', 'merged');
    elsif tg_op = 'UPDATE' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'UPDATE', 'patient', e.entity_id, tg_table_name, coalesce(n.id, o.id), operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), mpi_audit_image(to_jsonb(n))
        from old_rows o full join new_rows n on n.id = o.id
        cross join lateral (select o.patient_id union select o.candidate_id union select n.patient_id union select n.candidate_id) e (entity_id)
        where e.entity_id is not null
          and (o.id, o.patient_id, o.candidate_id, o.state, o.kind, o.decided_by, o.decided_at, o.reason, o.assigned_to)
            is distinct from (n.id, n.patient_id, n.candidate_id, n.state, n.kind, n.decided_by, n.decided_at, n.reason, n.assigned_to);
    else
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'DELETE', 'patient', e.entity_id, tg_table_name, o.id, operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), null
        from old_rows o
        cross join lateral (values (o.patient_id), (o.candidate_id)) e (entity_id)
        where o.state in ('confirmed', 'rejected', 'deferred', 'merged');
    end if;
  else
    if tg_op = 'INSERT' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'INSERT', 'patient', n.patient_id, tg_table_name, n.id, operation, reason, ip_address, user_agent,
          null, mpi_audit_image(to_jsonb(n))
        from new_rows n;
    elsif tg_op = 'UPDATE' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'UPDATE', 'patient', e.entity_id, tg_table_name, coalesce(n.id, o.id), operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), mpi_audit_image(to_jsonb(n))
        from old_rows o full join new_rows n on n.id = o.id
        cross join lateral (values (n.patient_id), (case when o.patient_id is distinct from n.patient_id then o.patient_id end)) e (entity_id)
        where e.entity_id is not null and mpi_audit_content(to_jsonb(o)) is distinct from mpi_audit_content(to_jsonb(n));
    else
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'DELETE', 'patient', o.patient_id, tg_table_name, o.id, operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), null
        from old_rows o;
    end if;
  end if;
  return null;
end
$$;
--> statement-breakpoint
create function audit_organization_changes() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
as $$
declare
  operation text := left(nullif(current_setting('mpi.operation', true), ''), 50);
  reason text := nullif(current_setting('mpi.reason', true), '');
  ip_address text := left(nullif(current_setting('mpi.ip_address', true), ''), 45);
  user_agent text := left(nullif(current_setting('mpi.user_agent', true), ''), 500);
begin
  if tg_table_name = 'organizations' then
    if tg_op = 'INSERT' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'INSERT', 'organization', n.id, tg_table_name, n.id, operation, reason, ip_address, user_agent,
          null, mpi_audit_image(to_jsonb(n))
        from new_rows n;
    elsif tg_op = 'UPDATE' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'UPDATE', 'organization', coalesce(n.id, o.id), tg_table_name, coalesce(n.id, o.id), operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), mpi_audit_image(to_jsonb(n))
        from old_rows o full join new_rows n on n.id = o.id
        where mpi_audit_content(to_jsonb(o)) is distinct from mpi_audit_content(to_jsonb(n));
    else
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'DELETE', 'organization', o.id, tg_table_name, o.id, operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), null
        from old_rows o;
    end if;
  elsif tg_table_name = 'identifier_domains' then
    if tg_op = 'INSERT' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'INSERT', 'identifier_domain', n.id, tg_table_name, n.id, operation, reason, ip_address, user_agent,
          null, mpi_audit_image(to_jsonb(n))
        from new_rows n;
    elsif tg_op = 'UPDATE' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'UPDATE', 'identifier_domain', coalesce(n.id, o.id), tg_table_name, coalesce(n.id, o.id), operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), mpi_audit_image(to_jsonb(n))
        from old_rows o full join new_rows n on n.id = o.id
        where mpi_audit_content(to_jsonb(o)) is distinct from mpi_audit_content(to_jsonb(n));
    else
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'DELETE', 'identifier_domain', o.id, tg_table_name, o.id, operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), null
        from old_rows o;
    end if;
  else
    if tg_op = 'INSERT' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'INSERT', 'organization', n.organization_id, tg_table_name, n.id, operation, reason, ip_address, user_agent,
          null, mpi_audit_image(to_jsonb(n))
        from new_rows n;
    elsif tg_op = 'UPDATE' then
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'UPDATE', 'organization', e.entity_id, tg_table_name, coalesce(n.id, o.id), operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), mpi_audit_image(to_jsonb(n))
        from old_rows o full join new_rows n on n.id = o.id
        cross join lateral (values (n.organization_id), (case when o.organization_id is distinct from n.organization_id then o.organization_id end)) e (entity_id)
        where e.entity_id is not null and mpi_audit_content(to_jsonb(o)) is distinct from mpi_audit_content(to_jsonb(n));
    else
      insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
        select 'DELETE', 'organization', o.organization_id, tg_table_name, o.id, operation, reason, ip_address, user_agent,
          mpi_audit_image(to_jsonb(o)), null
        from old_rows o;
    end if;
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
as $$
declare
  operation text := left(nullif(current_setting('mpi.operation', true), ''), 50);
  reason text := nullif(current_setting('mpi.reason', true), '');
  ip_address text := left(nullif(current_setting('mpi.ip_address', true), ''), 45);
  user_agent text := left(nullif(current_setting('mpi.user_agent', true), ''), 500);
begin
  if tg_op = 'INSERT' then
    insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
      select 'INSERT', tg_argv[0], n.id, tg_table_name, n.id, operation, reason, ip_address, user_agent,
        null, jsonb_strip_nulls(to_jsonb(n) - '{content,model}'::text[])
      from new_rows n;
  elsif tg_op = 'UPDATE' then
    insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
      select 'UPDATE', tg_argv[0], coalesce(n.id, o.id), tg_table_name, coalesce(n.id, o.id), operation, reason, ip_address, user_agent,
        jsonb_strip_nulls(to_jsonb(o) - '{content,model}'::text[]), jsonb_strip_nulls(to_jsonb(n) - '{content,model}'::text[])
      from old_rows o full join new_rows n on n.id = o.id
      where n.id is null or o.id is null or to_jsonb(o) ->> 'state' is distinct from to_jsonb(n) ->> 'state';
  else
    insert into audit_log (action, entity_type, entity_id, table_name, row_id, operation, reason, ip_address, user_agent, old_values, new_values)
      select 'DELETE', tg_argv[0], o.id, tg_table_name, o.id, operation, reason, ip_address, user_agent,
        jsonb_strip_nulls(to_jsonb(o) - '{content,model}'::text[]), null
      from old_rows o;
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
