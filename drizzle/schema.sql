-- The schema as the migrations leave it, written from the catalogue by "npm run schema:dump"; edit the migrations.
-- "mpi migrate verify" compares a database with it. The month partitions of audit_log are left out, and so are
-- NOT NULL constraints by name, which only PostgreSQL 18 knows.

set check_function_bodies = off;

-- [extension] fuzzystrmatch
create extension fuzzystrmatch;

-- [extension] pg_trgm
create extension pg_trgm;

-- [extension] pgcrypto
create extension pgcrypto;

-- [sequence] audit_log_id_seq
create sequence audit_log_id_seq as bigint;

-- [function] audit_organization_changes()
CREATE OR REPLACE FUNCTION public.audit_organization_changes()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET extra_float_digits TO '1'
AS $function$
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
$function$;

-- [function] audit_patient_changes()
CREATE OR REPLACE FUNCTION public.audit_patient_changes()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET extra_float_digits TO '1'
AS $function$
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
$function$;

-- [function] mpi_acting_user()
CREATE OR REPLACE FUNCTION public.mpi_acting_user()
 RETURNS character varying
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select coalesce(nullif(current_setting('mpi.user_id', true), ''), session_user)::varchar(255) $function$;

-- [function] mpi_audit_admin(table_name text, operation text, details jsonb)
CREATE OR REPLACE FUNCTION public.mpi_audit_admin(table_name text, operation text, details jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into public.audit_log (action, entity_type, table_name, operation, new_values, reason, ip_address, user_agent)
    values ('ADMIN', 'audit', table_name, operation, details, nullif(current_setting('mpi.reason', true), ''),
      left(nullif(current_setting('mpi.ip_address', true), ''), 45), left(nullif(current_setting('mpi.user_agent', true), ''), 500));
end
$function$;
revoke execute on function mpi_audit_admin(text,text,jsonb) from public;

-- [function] mpi_audit_content(image jsonb)
CREATE OR REPLACE FUNCTION public.mpi_audit_content(image jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select image - '{family_folded,given_folded,value_normalized,value_masked,unique_key,change_xid,version,updated_at,updated_by,calculated_at,claimed_by,claimed_until}'::text[]
$function$;

-- [function] mpi_audit_create_partition(month date)
CREATE OR REPLACE FUNCTION public.mpi_audit_create_partition(month date)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
declare
  first_day date := date_trunc('month', month::timestamp)::date;
  partition text := format('audit_log_%s', to_char(first_day, 'YYYY_MM'));
begin
  if to_regclass('public.' || partition) is not null then
    return false;
  end if;
  execute format('create table public.%I partition of public.audit_log for values from (%L) to (%L)',
    partition, first_day::text || ' 00:00:00+00', (first_day + interval '1 month')::date::text || ' 00:00:00+00');
  perform public.mpi_audit_protect(('public.' || partition)::regclass);
  return true;
end
$function$;
revoke execute on function mpi_audit_create_partition(date) from public;

-- [function] mpi_audit_drain_default()
CREATE OR REPLACE FUNCTION public.mpi_audit_drain_default()
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
declare
  moved bigint;
  expected bigint;
  name text;
  month date;
begin
  -- The strongest lock at once: a weaker one would have to be raised, and raising it can deadlock.
  lock table public.audit_log in access exclusive mode;
  select count(*) into expected from public.audit_log_default;
  if expected = 0 then
    return 0;
  end if;
  alter table public.audit_log detach partition public.audit_log_default;
  alter table public.audit_log_default rename to audit_log_drained;
  for name in select indexrelid::regclass::text from pg_index where indrelid = 'public.audit_log_drained'::regclass loop
    execute format('alter index public.%I rename to %I', name, replace(name, 'audit_log_default', 'audit_log_drained'));
  end loop;
  create table public.audit_log_default partition of public.audit_log default;
  perform public.mpi_audit_protect('public.audit_log_default');
  for month in select distinct date_trunc('month', "timestamp")::date from public.audit_log_drained order by 1 loop
    perform public.mpi_audit_create_partition(month);
  end loop;
  insert into public.audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id,
      operation, transaction_id, old_values, new_values, reason, ip_address, user_agent, row_hash)
    select id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id,
      operation, transaction_id, old_values, new_values, reason, ip_address, user_agent, row_hash
    from public.audit_log_drained;
  get diagnostics moved = row_count;
  if moved <> expected then
    raise exception 'moved % audit rows of %', moved, expected;
  end if;
  drop table public.audit_log_drained;
  perform public.mpi_audit_admin('audit_log_default', 'AUDIT_DRAIN', jsonb_build_object('rows', moved));
  return moved;
end
$function$;
revoke execute on function mpi_audit_drain_default() from public;

-- [function] mpi_audit_drop_month(month date, row_count bigint, file_name text, file_hash bytea)
CREATE OR REPLACE FUNCTION public.mpi_audit_drop_month(month date, row_count bigint, file_name text, file_hash bytea)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET lock_timeout TO '2s'
AS $function$
declare
  partition text := format('audit_log_%s', to_char(month, 'YYYY_MM'));
  held bigint;
  sealed bigint;
begin
  if month <> date_trunc('month', month) or month >= date_trunc('month', clock_timestamp()) then
    raise exception 'the month % is not over', month using errcode = 'restrict_violation';
  end if;
  -- The strongest lock at once, as in mpi_audit_drain_default().
  lock table public.audit_log in access exclusive mode;
  execute format('select count(*) from public.%I', partition) into held;
  select coalesce(sum(m.row_count), 0) into sealed from public.audit_seal_months m where m.month = mpi_audit_drop_month.month;
  if held <> row_count or sealed <> row_count then
    raise exception '% holds % rows, % are sealed, the archive has %', partition, held, sealed, row_count using errcode = 'restrict_violation';
  end if;
  insert into public.audit_archives (month, row_count, file_name, file_hash) values (month, row_count, file_name, file_hash);
  perform public.mpi_audit_admin(partition, 'AUDIT_ARCHIVE', jsonb_build_object(
    'month', to_char(month, 'YYYY-MM'), 'rows', row_count, 'file', file_name, 'sha256', encode(file_hash, 'hex')));
  execute format('alter table public.audit_log detach partition public.%I', partition);
  execute format('drop table public.%I', partition);
end
$function$;
revoke execute on function mpi_audit_drop_month(date,bigint,text,bytea) from public;

-- [function] mpi_audit_ensure_partitions(months_ahead integer)
CREATE OR REPLACE FUNCTION public.mpi_audit_ensure_partitions(months_ahead integer DEFAULT 12)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET lock_timeout TO '2s'
AS $function$
declare
  made integer := 0;
  step integer;
begin
  if exists (select from public.audit_log_default) then
    perform public.mpi_audit_drain_default();
  end if;
  for step in 0..months_ahead loop
    if public.mpi_audit_create_partition((date_trunc('month', now()) + make_interval(months => step))::date) then
      made := made + 1;
    end if;
  end loop;
  return made;
exception when lock_not_available then
  return 0;
end
$function$;
revoke execute on function mpi_audit_ensure_partitions(integer) from public;

-- [function] mpi_audit_epoch()
CREATE OR REPLACE FUNCTION public.mpi_audit_epoch()
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$ select system_identifier::text from pg_control_system() $function$;

-- [function] mpi_audit_fill_hash()
CREATE OR REPLACE FUNCTION public.mpi_audit_fill_hash()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.row_hash := public.mpi_audit_hash(new.id, new."timestamp", new.user_id, new.database_user, new.action, new.entity_type,
    new.entity_id, new.table_name, new.row_id, new.operation, new.transaction_id, new.old_values, new.new_values,
    new.reason, new.ip_address, new.user_agent);
  return new;
end
$function$;

-- [function] mpi_audit_hash(id bigint, at timestamp with time zone, user_id text, database_user text, action text, entity_type text, entity_id uuid, table_name text, row_id uuid, operation text, transaction_id xid8, old_values jsonb, new_values jsonb, reason text, ip_address text, user_agent text)
CREATE OR REPLACE FUNCTION public.mpi_audit_hash(id bigint, at timestamp with time zone, user_id text, database_user text, action text, entity_type text, entity_id uuid, table_name text, row_id uuid, operation text, transaction_id xid8, old_values jsonb, new_values jsonb, reason text, ip_address text, user_agent text)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select sha256(convert_to(public.mpi_audit_line(id, at,
    public.mpi_audit_statement(transaction_id, user_id, database_user, operation, reason, ip_address, user_agent, action, entity_type, table_name),
    entity_id, row_id, old_values, new_values), 'UTF8'))
$function$;

-- [function] mpi_audit_image(image jsonb)
CREATE OR REPLACE FUNCTION public.mpi_audit_image(image jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select jsonb_strip_nulls(image - '{family_folded,given_folded,value_normalized,value_masked,unique_key,initial_enterprise_id,initial_enterprise_at,change_xid}'::text[])
$function$;

-- [function] mpi_audit_immutable()
CREATE OR REPLACE FUNCTION public.mpi_audit_immutable()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% on %: the audit trail is append-only', tg_op, tg_table_name
    using errcode = 'restrict_violation',
          hint = 'Old months leave through "mpi audit archive".';
end
$function$;

-- [function] mpi_audit_line(id bigint, at timestamp with time zone, statement text, entity_id uuid, row_id uuid, old_values jsonb, new_values jsonb)
CREATE OR REPLACE FUNCTION public.mpi_audit_line(id bigint, at timestamp with time zone, statement text, entity_id uuid, row_id uuid, old_values jsonb, new_values jsonb)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select concat('{"id": ', id, ', "timestamp": "', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), 'Z", ', statement,
    ', "entity_id": ', coalesce('"' || entity_id || '"', 'null'), ', "row_id": ', coalesce('"' || row_id || '"', 'null'),
    ', "old_values": ', coalesce(old_values::text, 'null'), ', "new_values": ', coalesce(new_values::text, 'null'), '}')
$function$;

-- [function] mpi_audit_protect(partition regclass)
CREATE OR REPLACE FUNCTION public.mpi_audit_protect(partition regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  execute format('create trigger audit_log_immutable before update or delete or truncate on %s for each statement execute function public.mpi_audit_immutable()', partition);
  execute format('alter table %s enable always trigger audit_log_immutable', partition);
  if partition <> 'public.audit_log'::regclass then
    execute format('alter table %s enable always trigger audit_log_immutable_row', partition);
  end if;
end
$function$;

-- [function] mpi_audit_read(action text, entity_type text, entity_ids uuid[], details jsonb)
CREATE OR REPLACE FUNCTION public.mpi_audit_read(action text, entity_type text, entity_ids uuid[], details jsonb DEFAULT NULL::jsonb)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  operation text := left(nullif(current_setting('mpi.operation', true), ''), 50);
  reason text := nullif(current_setting('mpi.reason', true), '');
  ip_address text := left(nullif(current_setting('mpi.ip_address', true), ''), 45);
  user_agent text := left(nullif(current_setting('mpi.user_agent', true), ''), 500);
  acting_user text := public.mpi_acting_user();
  xid xid8 := pg_current_xact_id();
  statement text := public.mpi_audit_statement(xid, acting_user, session_user, operation, reason, ip_address, user_agent, action, entity_type, null);
  written bigint;
begin
  if action not in ('READ', 'SEARCH', 'EXPORT') then
    raise exception 'mpi_audit_read writes READ, SEARCH and EXPORT' using errcode = 'invalid_parameter_value';
  end if;
  insert into public.audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, operation,
      transaction_id, new_values, reason, ip_address, user_agent, row_hash)
    select s.id, s.at, acting_user, session_user, action, entity_type, s.entity_id, operation,
      xid, details, reason, ip_address, user_agent,
      sha256(convert_to(public.mpi_audit_line(s.id, s.at, statement, s.entity_id, null, null, details), 'UTF8'))
    from (
      select nextval('public.audit_log_id_seq') as id, clock_timestamp() as at, entity_id
      from unnest(case when cardinality(entity_ids) > 0 then entity_ids else array[null::uuid] end) entity_id
    ) s;
  get diagnostics written = row_count;
  return written;
end
$function$;
revoke execute on function mpi_audit_read(text,text,uuid[],jsonb) from public;

-- [function] mpi_audit_run_changes()
CREATE OR REPLACE FUNCTION public.mpi_audit_run_changes()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET extra_float_digits TO '1'
AS $function$
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
$function$;

-- [function] mpi_audit_run_image(image jsonb)
CREATE OR REPLACE FUNCTION public.mpi_audit_run_image(image jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select jsonb_strip_nulls(image - '{content,model}'::text[])
$function$;

-- [function] mpi_audit_seal()
CREATE OR REPLACE FUNCTION public.mpi_audit_seal()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET lock_timeout TO '10s'
AS $function$
declare
  previous record;
  made integer := 0;
  read_position bigint;
  next_xid xid8;
  search_from bigint;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'mpi_audit_seal needs a snapshot for each of its statements' using errcode = 'invalid_transaction_state';
  end if;
  if not pg_try_advisory_xact_lock(7202611003) then
    raise exception 'another seal is being made' using errcode = 'lock_not_available';
  end if;
  if pg_current_xact_id_if_assigned() is not null then
    raise exception 'mpi_audit_seal comes first in its transaction' using errcode = 'invalid_transaction_state';
  end if;
  -- The position comes before this transaction's own id: one with a later id begins after it and has rows beyond the
  -- position. The snapshot's xmax would not do: it is one more than the last that is over, and younger ones may be at work.
  select case when is_called then last_value else last_value - 1 end into read_position from public.audit_log_id_seq;
  next_xid := (pg_current_xact_id()::text::numeric + 1)::text::xid8;
  select s.id, s.epoch, s.floor_id, s.ceiling_id, s.upper_xid, s.next_xid, s.max_id, s.head into previous
    from public.audit_seals s order by s.id desc limit 1;
  if previous.id is null and exists (select from public.audit_log a where a.transaction_id >= pg_snapshot_xmax(pg_current_snapshot()))
    or previous.ceiling_id is null and (previous.epoch <> public.mpi_audit_epoch() or previous.next_xid > next_xid)
  then
    -- Restored into a server that counts transactions from another start. What the old epoch has left is sealed by
    -- id, with nobody writing for a moment; the new epoch begins behind it.
    lock table public.audit_log in share mode;
    select case when is_called then last_value else last_value - 1 end into read_position from public.audit_log_id_seq;
    perform public.mpi_audit_write_seal(coalesce(previous.id, 0) + 1, coalesce(previous.epoch, 'before'), coalesce(previous.floor_id, 0),
      read_position, coalesce(previous.upper_xid, '0'), coalesce(previous.upper_xid, '0'), next_xid, read_position,
      coalesce(previous.max_id, 0), coalesce(previous.head, decode(repeat('00', 32), 'hex')), coalesce(previous.floor_id, 0));
    made := 1;
    select s.id, s.epoch, s.floor_id, s.ceiling_id, s.upper_xid, s.next_xid, s.max_id, s.head into previous
      from public.audit_seals s order by s.id desc limit 1;
  end if;
  if previous.id is null or previous.ceiling_id is not null then
    if public.mpi_audit_write_seal(coalesce(previous.id, 0) + 1, public.mpi_audit_epoch(), coalesce(previous.ceiling_id, 0), null,
      '0', pg_snapshot_xmin(pg_current_snapshot()), next_xid, read_position, coalesce(previous.ceiling_id, 0),
      coalesce(previous.head, decode(repeat('00', 32), 'hex')), coalesce(previous.ceiling_id, 0))
    then
      made := made + 1;
    end if;
  else
    select coalesce(max(s.position), previous.floor_id) into search_from from public.audit_seals s
      where s.floor_id = previous.floor_id and s.ceiling_id is null and s.next_xid <= previous.upper_xid;
    if public.mpi_audit_write_seal(previous.id + 1, previous.epoch, previous.floor_id, null,
      previous.upper_xid, pg_snapshot_xmin(pg_current_snapshot()), next_xid, read_position, previous.max_id,
      previous.head, search_from)
    then
      made := made + 1;
    end if;
  end if;
  return made;
end
$function$;
revoke execute on function mpi_audit_seal() from public;

-- [function] mpi_audit_statement(transaction_id xid8, user_id text, database_user text, operation text, reason text, ip_address text, user_agent text, action text, entity_type text, table_name text)
CREATE OR REPLACE FUNCTION public.mpi_audit_statement(transaction_id xid8, user_id text, database_user text, operation text, reason text, ip_address text, user_agent text, action text, entity_type text, table_name text)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select concat('"transaction_id": "', transaction_id, '", "user_id": ', coalesce(to_json(user_id)::text, 'null'),
    ', "database_user": ', coalesce(to_json(database_user)::text, 'null'),
    ', "operation": ', coalesce(to_json(operation)::text, 'null'), ', "reason": ', coalesce(to_json(reason)::text, 'null'),
    ', "ip_address": ', coalesce(to_json(ip_address)::text, 'null'), ', "user_agent": ', coalesce(to_json(user_agent)::text, 'null'),
    ', "action": ', coalesce(to_json(action)::text, 'null'), ', "entity_type": ', coalesce(to_json(entity_type)::text, 'null'),
    ', "table_name": ', coalesce(to_json(table_name)::text, 'null'))
$function$;

-- [function] mpi_audit_write_seal(seal_id bigint, epoch text, floor_id bigint, ceiling_id bigint, lower_xid xid8, upper_xid xid8, next_xid xid8, read_position bigint, sealed_to_id bigint, previous_head bytea, search_from bigint)
CREATE OR REPLACE FUNCTION public.mpi_audit_write_seal(seal_id bigint, epoch text, floor_id bigint, ceiling_id bigint, lower_xid xid8, upper_xid xid8, next_xid xid8, read_position bigint, sealed_to_id bigint, previous_head bytea, search_from bigint)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
#variable_conflict use_variable
declare
  sealed_at timestamptz := clock_timestamp();
  sealed_by text := public.mpi_acting_user();
  is_written boolean;
begin
  with covered as (
    select a.id, a."timestamp" as at, date_trunc('month', a."timestamp")::date as month, a.row_hash
    from public.audit_log a
    where a.id > search_from
      and case when ceiling_id is null
        then a.transaction_id >= lower_xid and a.transaction_id < upper_xid
        else a.id <= ceiling_id and (a.transaction_id >= lower_xid or a.id > sealed_to_id)
      end
  ), chunk as materialized (
    select c.month, c.id >> 16 as block, count(*)::integer as row_count,
      min(c.id) as first_id, max(c.id) as last_id, min(c.at) as first_at, max(c.at) as last_at,
      sha256(string_agg(c.row_hash, ''::bytea order by c.id, c.at)) as hash,
      string_agg(int8send(c.id) || timestamptz_send(c.at) || substr(c.row_hash, 1, 8), ''::bytea order by c.id, c.at) as leaves
    from covered c
    group by 1, 2
  ), month as materialized (
    select c.month, sum(c.row_count)::bigint as row_count, min(c.first_id) as first_id, max(c.last_id) as last_id,
      min(c.first_at) as first_at, max(c.last_at) as last_at,
      sha256(string_agg(c.hash, ''::bytea order by c.block)) as hash
    from chunk c
    group by 1
  ), total as (
    select coalesce(sum(m.row_count), 0)::bigint as row_count, greatest(max(m.last_id), sealed_to_id) as max_id,
      coalesce(string_agg(concat('{"month": "', to_char(m.month, 'YYYY-MM'), '", "row_count": ', m.row_count,
        ', "first_id": ', m.first_id, ', "last_id": ', m.last_id,
        ', "first_at": "', to_char(m.first_at, 'YYYY-MM-DD"T"HH24:MI:SS.US'), 'Z", "last_at": "', to_char(m.last_at, 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        'Z", "hash": "', encode(m.hash, 'hex'), '"}'), ', ' order by m.month), '') as months
    from month m
  ), seal as (
    insert into public.audit_seals (id, sealed_at, sealed_by, epoch, floor_id, ceiling_id, lower_xid, upper_xid, next_xid,
        position, max_id, row_count, previous_head, head)
      select seal_id, sealed_at, sealed_by, epoch, floor_id, ceiling_id, lower_xid, upper_xid, next_xid,
        read_position, t.max_id, t.row_count, previous_head,
        sha256(convert_to(concat('{"seal": ', seal_id,
          ', "sealed_at": "', to_char(sealed_at, 'YYYY-MM-DD"T"HH24:MI:SS.US'), 'Z", "sealed_by": ', to_json(sealed_by),
          ', "epoch": ', to_json(epoch), ', "floor_id": ', floor_id, ', "ceiling_id": ', coalesce(ceiling_id::text, 'null'),
          ', "lower_xid": "', lower_xid, '", "upper_xid": "', upper_xid, '", "next_xid": "', next_xid,
          '", "position": ', read_position, ', "max_id": ', t.max_id, ', "row_count": ', t.row_count,
          ', "months": [', t.months, '], "previous_head": "', encode(previous_head, 'hex'), '"}'), 'UTF8'))
      from total t
      where t.row_count > 0 or ceiling_id is not null or (lower_xid = '0' and seal_id > 1)
      returning 1
  ), months_written as (
    insert into public.audit_seal_months (seal_id, month, row_count, first_id, last_id, first_at, last_at, hash)
      select seal_id, m.month, m.row_count, m.first_id, m.last_id, m.first_at, m.last_at, m.hash from month m
  ), chunks_written as (
    insert into public.audit_seal_chunks (seal_id, month, block, row_count, hash, leaves)
      select seal_id, c.month, c.block, c.row_count, c.hash, c.leaves from chunk c
  )
  select exists (select from seal) into is_written;
  return is_written;
end
$function$;
revoke execute on function mpi_audit_write_seal(bigint,text,bigint,bigint,xid8,xid8,xid8,bigint,bigint,bytea,bigint) from public;

-- [function] mpi_begin_person()
CREATE OR REPLACE FUNCTION public.mpi_begin_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.initial_enterprise_id := new.enterprise_id;
  new.initial_enterprise_at := new.enterprise_since;
  return new;
end
$function$;

-- [function] mpi_extend_name_dictionary()
CREATE OR REPLACE FUNCTION public.mpi_extend_name_dictionary()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$;

-- [function] mpi_fold_array(value text[])
CREATE OR REPLACE FUNCTION public.mpi_fold_array(value text[])
 RETURNS text[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare
  folded text := public.mpi_fold_text(array_to_string(value, ' '));
begin
  if char_length(folded) <= 200 then
    return string_to_array(folded, ' ');
  end if;
  return coalesce((select array_agg(left(part, 200) order by place)
    from unnest(string_to_array(folded, ' ')) with ordinality parts (part, place)), '{}');
end
$function$;

-- [function] mpi_fold_family(value text)
CREATE OR REPLACE FUNCTION public.mpi_fold_family(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select left(public.mpi_fold_text(value), 400) $function$;

-- [function] mpi_fold_text(value text)
CREATE OR REPLACE FUNCTION public.mpi_fold_text(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case
    when value ~ '^[A-Za-z0-9]+( [A-Za-z0-9]+)*$' then
      translate(value, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
    else
      nullif(btrim(regexp_replace(regexp_replace(translate(
        replace(replace(replace(replace(
          lower(normalize(translate(value, '´·', ''), NFKD) collate "und-x-icu"), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        'øđðħıł', 'oddhil'),
        '[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed''`.\u02b9-\u02bf\u2018-\u201b\u2032\u2035]', '', 'g'),
        '[^[:alnum:]\u0900-\u0963\u0966-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3099\u309a]+' collate "und-x-icu", ' ', 'g')), '')
  end
$function$;

-- [function] mpi_join_text(value text[])
CREATE OR REPLACE FUNCTION public.mpi_join_text(value text[])
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  return array_to_string(value, ' ');
end
$function$;

-- [function] mpi_longest_part(value text[])
CREATE OR REPLACE FUNCTION public.mpi_longest_part(value text[])
 RETURNS integer
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  -- Without a query: it would take longer than all other checks of a name.
  if cardinality(value) = 0 then
    return 0;
  elsif array_lower(value, 1) = 1 and cardinality(value) <= 2 then
    return coalesce(greatest(char_length(value[1]), char_length(value[2])), 0);
  end if;
  return coalesce((select max(char_length(part)) from unnest(value) part), 0);
end
$function$;

-- [function] mpi_maintain_unique_key()
CREATE OR REPLACE FUNCTION public.mpi_maintain_unique_key()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;

-- [function] mpi_mark_patient_changed()
CREATE OR REPLACE FUNCTION public.mpi_mark_patient_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.change_xid <> pg_current_xact_id() then
    new.version := old.version + 1;
    new.change_xid := pg_current_xact_id();
  end if;
  return new;
end
$function$;

-- [function] mpi_name_candidates(word text, reach text, is_prefix boolean, most integer)
CREATE OR REPLACE FUNCTION public.mpi_name_candidates(word text, reach text, is_prefix boolean, most integer)
 RETURNS TABLE(kind character varying, value text, how text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
$function$;
revoke execute on function mpi_name_candidates(text,text,boolean,integer) from public;

-- [function] mpi_near_names(word text, reach text, is_prefix boolean, most integer)
CREATE OR REPLACE FUNCTION public.mpi_near_names(word text, reach text, is_prefix boolean, most integer)
 RETURNS TABLE(kind character varying, value text, how text, distance integer)
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
$function$;

-- [function] mpi_normalize_contact(system text, value text)
CREATE OR REPLACE FUNCTION public.mpi_normalize_contact(system text, value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select nullif(case
    when system in ('phone', 'sms', 'fax', 'pager')
      then right(regexp_replace(regexp_replace(lower(value), '(x|ext).*$', ''), '[^0-9]', '', 'g'), 10)
    else lower(btrim(value) collate "und-x-icu")
  end, '')
$function$;

-- [function] mpi_normalize_identifier(value text)
CREATE OR REPLACE FUNCTION public.mpi_normalize_identifier(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select nullif(upper(regexp_replace(value, '[^[:alnum:]]' collate "und-x-icu", '', 'g') collate "und-x-icu"), '') $function$;

-- [function] mpi_note_unique_systems()
CREATE OR REPLACE FUNCTION public.mpi_note_unique_systems()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform set_config('mpi.unique_systems',
    (select coalesce(array_agg(d.system), '{}')::text from public.identifier_domains d where d.is_unique), true);
  return null;
end
$function$;

-- [function] mpi_patients_with_given(names text[])
CREATE OR REPLACE FUNCTION public.mpi_patients_with_given(names text[])
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select n.patient_id
  from patient_names n join patients p on p.id = n.patient_id
  where n.given_folded && names
    and ((select mpi_sees_all_patients()) or p.managing_organization_id = any ((select mpi_tenant_organizations())::uuid[]))
$function$;
revoke execute on function mpi_patients_with_given(text[]) from public;

-- [function] mpi_phonetic(value text)
CREATE OR REPLACE FUNCTION public.mpi_phonetic(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select nullif(public.dmetaphone(value), '') $function$;

-- [function] mpi_phonetic_alternate(value text)
CREATE OR REPLACE FUNCTION public.mpi_phonetic_alternate(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select nullif(public.dmetaphone_alt(value), '') $function$;

-- [function] mpi_raise_version()
CREATE OR REPLACE FUNCTION public.mpi_raise_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.version := old.version + 1;
  return new;
end
$function$;

-- [function] mpi_refresh_domain_unique_keys()
CREATE OR REPLACE FUNCTION public.mpi_refresh_domain_unique_keys()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
$function$;

-- [function] mpi_refresh_patient_unique_keys()
CREATE OR REPLACE FUNCTION public.mpi_refresh_patient_unique_keys()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  update patient_identifiers i set unique_key = unique_key
    where i.patient_id = new.id and exists (select from identifier_domains d where d.system = i.system and d.is_unique);
  return null;
end
$function$;

-- [function] mpi_refuse_truncate()
CREATE OR REPLACE FUNCTION public.mpi_refuse_truncate()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'TRUNCATE on %: rows leave by DELETE, so that the audit trail sees them', tg_table_name
    using errcode = 'restrict_violation';
end
$function$;

-- [function] mpi_sees_all_patients()
CREATE OR REPLACE FUNCTION public.mpi_sees_all_patients()
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select not c.relrowsecurity or u.rolsuper or u.rolbypassrls or pg_has_role(u.oid, c.relowner, 'usage')
    or exists (select from pg_policy p cross join lateral unnest(p.polroles) role
      where p.polrelid = c.oid and p.polname = 'mpi_tenant_all' and pg_has_role(u.oid, role, 'usage'))
  from pg_class c cross join pg_roles u
  where c.oid = 'public.patients'::regclass and u.rolname = session_user
$function$;

-- [function] mpi_tenant_organizations()
CREATE OR REPLACE FUNCTION public.mpi_tenant_organizations()
 RETURNS uuid[]
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  with recursive visible as (
    select r.organization_id as id from role_organizations r where r.role_name = session_user
    union
    select o.id from organizations o join visible v on o.part_of = v.id
  )
  select coalesce(array_agg(v.id), '{}') from visible v
$function$;

-- [function] mpi_touch_patients()
CREATE OR REPLACE FUNCTION public.mpi_touch_patients()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
$function$;

-- [function] update_updated_at_column()
CREATE OR REPLACE FUNCTION public.update_updated_at_column()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.updated_at := now();
  new.updated_by := public.mpi_acting_user();
  return new;
end
$function$;

-- [table] audit_archives
create table audit_archives (
  month date not null,
  row_count bigint not null,
  file_name character varying(255) not null,
  file_hash bytea not null,
  archived_at timestamp with time zone default clock_timestamp() not null,
  archived_by character varying(255) default mpi_acting_user() not null,
  constraint audit_archives_pkey PRIMARY KEY (month)
);

-- [table] audit_log
create table audit_log (
  id bigint default nextval('audit_log_id_seq'::regclass) not null,
  "timestamp" timestamp with time zone default clock_timestamp() not null,
  user_id character varying(255) default mpi_acting_user() not null,
  database_user character varying(63) default SESSION_USER not null,
  action character varying(10) not null,
  entity_type character varying(50) not null,
  entity_id uuid,
  table_name character varying(63),
  row_id uuid,
  operation character varying(50),
  transaction_id xid8 default pg_current_xact_id() not null,
  old_values jsonb,
  new_values jsonb,
  reason text,
  ip_address character varying(45),
  user_agent character varying(500),
  row_hash bytea not null,
  constraint idx_audit_log_timestamp PRIMARY KEY ("timestamp", id),
  constraint audit_log_action_check CHECK (((action)::text = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text, 'READ'::text, 'SEARCH'::text, 'EXPORT'::text, 'ADMIN'::text])))
) partition by range ("timestamp");

-- [table] audit_log_default
create table audit_log_default partition of audit_log default;

-- [table] audit_seal_chunks
create table audit_seal_chunks (
  seal_id bigint not null,
  month date not null,
  block bigint not null,
  row_count integer not null,
  hash bytea not null,
  leaves bytea not null,
  constraint audit_seal_chunks_pkey PRIMARY KEY (seal_id, month, block)
);

-- [table] audit_seal_months
create table audit_seal_months (
  seal_id bigint not null,
  month date not null,
  row_count bigint not null,
  first_id bigint not null,
  last_id bigint not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  hash bytea not null,
  constraint audit_seal_months_pkey PRIMARY KEY (seal_id, month)
);

-- [table] audit_seals
create table audit_seals (
  id bigint not null,
  sealed_at timestamp with time zone default clock_timestamp() not null,
  sealed_by character varying(255) default mpi_acting_user() not null,
  epoch character varying(64) not null,
  floor_id bigint not null,
  ceiling_id bigint,
  lower_xid xid8 not null,
  upper_xid xid8 not null,
  next_xid xid8 not null,
  "position" bigint not null,
  max_id bigint not null,
  row_count bigint not null,
  previous_head bytea not null,
  head bytea not null,
  constraint audit_seals_pkey PRIMARY KEY (id),
  constraint audit_seals_previous_head_key UNIQUE (previous_head)
);

-- [table] identifier_domains
create table identifier_domains (
  id uuid default gen_random_uuid() not null,
  code character varying(50) not null,
  system character varying(255) not null,
  name character varying(255) not null,
  assigning_authority character varying(255),
  is_unique boolean default false not null,
  is_authoritative boolean default false not null,
  is_single_valued boolean default false not null,
  check_digit character varying(20) default 'none'::character varying not null,
  pattern text,
  organization_id uuid,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  updated_by character varying(255) default mpi_acting_user(),
  constraint identifier_domains_pkey PRIMARY KEY (id),
  constraint identifier_domains_system_key UNIQUE (system),
  constraint identifier_domains_check_digit_check CHECK (((check_digit)::text = ANY (ARRAY['none'::text, 'luhn'::text, 'npi'::text, 'nhs'::text, 'ssn'::text]))),
  constraint identifier_domains_code_check CHECK (((code)::text ~ '^[A-Za-z][A-Za-z0-9_.-]*$'::text))
);

-- [table] import_runs
create table import_runs (
  id uuid default gen_random_uuid() not null,
  format character varying(10) not null,
  source_system character varying(255) not null,
  fingerprint character varying(64) not null,
  state character varying(10) default 'running'::character varying not null,
  records_done bigint default 0 not null,
  bytes_done bigint default 0 not null,
  counts jsonb default '{}'::jsonb not null,
  started_at timestamp with time zone default now() not null,
  finished_at timestamp with time zone,
  started_by character varying(255) default mpi_acting_user(),
  constraint import_runs_pkey PRIMARY KEY (id),
  constraint import_runs_format_check CHECK (((format)::text = ANY (ARRAY['csv'::text, 'fhir'::text, 'hl7'::text]))),
  constraint import_runs_state_check CHECK (((state)::text = ANY (ARRAY['running'::text, 'succeeded'::text, 'stopped'::text, 'failed'::text])))
);

-- [table] match_calibrations
create table match_calibrations (
  id uuid default gen_random_uuid() not null,
  model_version character varying(100) not null,
  model_hash character varying(64) not null,
  model jsonb not null,
  content bytea not null,
  content_hash character varying(64) not null,
  record_count bigint not null,
  origin character varying(10) not null,
  created_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  constraint match_calibrations_pkey PRIMARY KEY (id),
  constraint match_calibrations_origin_check CHECK (((origin)::text = ANY (ARRAY['train'::text, 'run'::text, 'decisions'::text])))
);

-- [table] match_key_changes
create table match_key_changes (
  build integer not null,
  page integer not null,
  key_check integer not null,
  patient_id uuid not null,
  constraint match_key_changes_pkey PRIMARY KEY (build, page, key_check, patient_id)
);

-- [table] match_key_index
create table match_key_index (
  id smallint default 1 not null,
  build integer not null,
  calibration_id uuid not null,
  page_bits smallint not null,
  record_count bigint not null,
  created_at timestamp with time zone default now() not null,
  constraint match_key_index_pkey PRIMARY KEY (id),
  constraint match_key_index_id_check CHECK ((id = 1))
);

-- [table] match_key_pages
create table match_key_pages (
  build integer not null,
  page integer not null,
  entries bytea not null,
  constraint match_key_pages_pkey PRIMARY KEY (build, page)
);

-- [table] match_runs
create table match_runs (
  id uuid default gen_random_uuid() not null,
  mode character varying(12) not null,
  state character varying(10) default 'running'::character varying not null,
  model_version character varying(100) not null,
  model_hash character varying(64) not null,
  calibration_id uuid,
  watermark xid8,
  epoch character varying(64) not null,
  auto_link boolean default false not null,
  counts jsonb default '{}'::jsonb not null,
  timings jsonb default '{}'::jsonb not null,
  started_at timestamp with time zone default now() not null,
  finished_at timestamp with time zone,
  started_by character varying(255) default mpi_acting_user(),
  error text,
  constraint match_runs_pkey PRIMARY KEY (id),
  constraint match_runs_mode_check CHECK (((mode)::text = ANY (ARRAY['full'::text, 'incremental'::text]))),
  constraint match_runs_state_check CHECK (((state)::text = ANY (ARRAY['running'::text, 'succeeded'::text, 'stopped'::text, 'failed'::text])))
);

-- [table] name_dictionary
create table name_dictionary (
  kind character varying(6) not null,
  value text not null,
  phonetic text generated always as (mpi_phonetic(value)) stored,
  phonetic_alternate text generated always as (mpi_phonetic_alternate(value)) stored,
  constraint name_dictionary_pkey PRIMARY KEY (kind, value),
  constraint name_dictionary_kind_check CHECK (((kind)::text = ANY (ARRAY['family'::text, 'given'::text])))
);

-- [table] organization_addresses
create table organization_addresses (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  line1 text,
  line2 text,
  city character varying(255),
  state character varying(100),
  postal_code character varying(20),
  country character varying(100),
  use_type character varying(20),
  is_primary boolean default false not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  updated_by character varying(255) default mpi_acting_user(),
  constraint organization_addresses_pkey PRIMARY KEY (id),
  constraint organization_addresses_use_type_check CHECK (((use_type)::text = ANY (ARRAY['home'::text, 'work'::text, 'temp'::text, 'old'::text, 'billing'::text])))
);

-- [table] organization_contacts
create table organization_contacts (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  system character varying(20) not null,
  value character varying(255) not null,
  use_type character varying(20),
  is_primary boolean default false not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  updated_by character varying(255) default mpi_acting_user(),
  constraint organization_contacts_pkey PRIMARY KEY (id),
  constraint organization_contacts_system_check CHECK (((system)::text = ANY (ARRAY['phone'::text, 'fax'::text, 'email'::text, 'pager'::text, 'url'::text, 'sms'::text, 'other'::text]))),
  constraint organization_contacts_use_type_check CHECK (((use_type)::text = ANY (ARRAY['home'::text, 'work'::text, 'temp'::text, 'old'::text, 'mobile'::text])))
);

-- [table] organization_identifiers
create table organization_identifiers (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  type character varying(50) not null,
  system character varying(255) not null,
  value character varying(255) not null,
  assigner character varying(255),
  use_type character varying(20),
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  updated_by character varying(255) default mpi_acting_user(),
  constraint organization_identifiers_pkey PRIMARY KEY (id),
  constraint organization_identifiers_system_value_key UNIQUE (system, value),
  constraint organization_identifiers_use_type_check CHECK (((use_type)::text = ANY (ARRAY['usual'::text, 'official'::text, 'temp'::text, 'secondary'::text, 'old'::text])))
);

-- [table] organizations
create table organizations (
  id uuid default gen_random_uuid() not null,
  active boolean default true not null,
  name character varying(255) not null,
  alias text[] default '{}'::text[] not null,
  org_type text[] default '{}'::text[] not null,
  part_of uuid,
  source_system character varying(255),
  source_id character varying(255),
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  updated_by character varying(255) default mpi_acting_user(),
  deleted_at timestamp with time zone,
  deleted_by character varying(255),
  constraint organizations_pkey PRIMARY KEY (id),
  constraint organizations_source_key UNIQUE (source_system, source_id),
  constraint organizations_name_check CHECK ((btrim((name)::text) <> ''::text)),
  constraint organizations_part_of_check CHECK ((part_of <> id)),
  constraint organizations_source_check CHECK (((source_system IS NULL) = (source_id IS NULL)))
);

-- [table] patient_addresses
create table patient_addresses (
  id uuid default gen_random_uuid() not null,
  patient_id uuid not null,
  line1 text,
  line2 text,
  city character varying(255),
  state character varying(100),
  postal_code character varying(20),
  country character varying(100),
  use_type character varying(20),
  is_primary boolean default false not null,
  origin_patient_id uuid,
  merge_id uuid,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  updated_by character varying(255) default mpi_acting_user(),
  constraint patient_addresses_pkey PRIMARY KEY (id),
  constraint patient_addresses_length_check CHECK (((char_length(line1) <= 1000) AND (char_length(line2) <= 1000))),
  constraint patient_addresses_use_type_check CHECK (((use_type)::text = ANY (ARRAY['home'::text, 'work'::text, 'temp'::text, 'old'::text, 'billing'::text])))
);

-- [table] patient_contacts
create table patient_contacts (
  id uuid default gen_random_uuid() not null,
  patient_id uuid not null,
  system character varying(20) not null,
  value character varying(255) not null,
  use_type character varying(20),
  is_primary boolean default false not null,
  origin_patient_id uuid,
  merge_id uuid,
  value_normalized text generated always as (mpi_normalize_contact((system)::text, (value)::text)) stored,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  updated_by character varying(255) default mpi_acting_user(),
  constraint patient_contacts_pkey PRIMARY KEY (id),
  constraint patient_contacts_system_check CHECK (((system)::text = ANY (ARRAY['phone'::text, 'fax'::text, 'email'::text, 'pager'::text, 'url'::text, 'sms'::text, 'other'::text]))),
  constraint patient_contacts_use_type_check CHECK (((use_type)::text = ANY (ARRAY['home'::text, 'work'::text, 'temp'::text, 'old'::text, 'mobile'::text]))),
  constraint patient_contacts_value_check CHECK ((btrim((value)::text) <> ''::text))
);

-- [table] patient_identifiers
create table patient_identifiers (
  id uuid default gen_random_uuid() not null,
  patient_id uuid not null,
  type character varying(50) not null,
  system character varying(255) not null,
  value character varying(255) not null,
  assigner character varying(255),
  use_type character varying(20),
  origin_patient_id uuid,
  merge_id uuid,
  value_normalized text generated always as (mpi_normalize_identifier((value)::text)) stored,
  value_masked text generated always as ( CASE WHEN (char_length((value)::text) > 4) THEN ('****'::text || "right"((value)::text, 4)) ELSE '****'::text END) stored,
  unique_key text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  updated_by character varying(255) default mpi_acting_user(),
  constraint patient_identifiers_pkey PRIMARY KEY (id),
  constraint patient_identifiers_patient_system_value_key UNIQUE (patient_id, system, value),
  constraint patient_identifiers_use_type_check CHECK (((use_type)::text = ANY (ARRAY['usual'::text, 'official'::text, 'temp'::text, 'secondary'::text, 'old'::text]))),
  constraint patient_identifiers_value_check CHECK ((btrim((value)::text) <> ''::text))
);

-- [table] patient_links
create table patient_links (
  id uuid default gen_random_uuid() not null,
  patient_id uuid not null,
  other_patient_id uuid not null,
  link_type character varying(20) not null,
  origin character varying(10) default 'steward'::character varying not null,
  run_id uuid,
  merge_id uuid,
  reason text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  updated_by character varying(255) default mpi_acting_user(),
  constraint patient_links_pkey PRIMARY KEY (id),
  constraint patient_links_pair_key UNIQUE (patient_id, other_patient_id, link_type),
  constraint patient_links_link_type_check CHECK (((link_type)::text = ANY (ARRAY['replaced_by'::text, 'replaces'::text, 'refer'::text, 'seealso'::text]))),
  constraint patient_links_origin_check CHECK (((origin)::text = ANY (ARRAY['steward'::text, 'run'::text, 'import'::text, 'merge'::text]))),
  constraint patient_links_self_check CHECK ((patient_id <> other_patient_id))
);

-- [table] patient_match_scores
create table patient_match_scores (
  id uuid default gen_random_uuid() not null,
  patient_id uuid not null,
  candidate_id uuid not null,
  total_score numeric(8,7) not null,
  name_score numeric(5,4),
  birth_date_score numeric(5,4),
  gender_score numeric(5,4),
  address_score numeric(5,4),
  identifier_score numeric(5,4),
  match_weight double precision default 0 not null,
  levels smallint[] default '{}'::smallint[] not null,
  rules_fired text[] default '{}'::text[] not null,
  state character varying(12) default 'pending'::character varying not null,
  kind character varying(14) default 'duplicate'::character varying not null,
  model_version character varying(100),
  calibration_id uuid,
  run_id uuid,
  decided_by character varying(255),
  decided_at timestamp with time zone,
  decision_origin character varying(10),
  reason text,
  basis_fingerprint character varying(64),
  merge_id uuid,
  assigned_to character varying(255),
  claimed_by character varying(255),
  claimed_until timestamp with time zone,
  calculated_at timestamp with time zone default now() not null,
  constraint patient_match_scores_pkey PRIMARY KEY (id),
  constraint patient_match_scores_pair_key UNIQUE (patient_id, candidate_id),
  constraint patient_match_scores_decision_check CHECK ((((state)::text <> ALL (ARRAY['confirmed'::text, 'rejected'::text, 'deferred'::text])) OR ((decided_by IS NOT NULL) AND (decided_at IS NOT NULL)))),
  constraint patient_match_scores_decision_origin_check CHECK (((decision_origin)::text = ANY (ARRAY['review'::text, 'link'::text, 'unlink'::text, 'merge'::text, 'unmerge'::text, 'import'::text]))),
  constraint patient_match_scores_kind_check CHECK (((kind)::text = ANY (ARRAY['duplicate'::text, 'conflict'::text, 'basis_changed'::text]))),
  constraint patient_match_scores_order_check CHECK ((patient_id < candidate_id)),
  constraint patient_match_scores_range_check CHECK (((total_score >= (0)::numeric) AND (total_score <= (1)::numeric) AND (name_score >= (0)::numeric) AND (name_score <= (1)::numeric) AND (birth_date_score >= (0)::numeric) AND (birth_date_score <= (1)::numeric) AND (gender_score >= (0)::numeric) AND (gender_score <= (1)::numeric) AND (address_score >= (0)::numeric) AND (address_score <= (1)::numeric) AND (identifier_score >= (0)::numeric) AND (identifier_score <= (1)::numeric))),
  constraint patient_match_scores_state_check CHECK (((state)::text = ANY (ARRAY['pending'::text, 'auto_linked'::text, 'confirmed'::text, 'rejected'::text, 'deferred'::text, 'merged'::text, 'superseded'::text])))
);

-- [table] patient_merges
create table patient_merges (
  id uuid default gen_random_uuid() not null,
  group_id uuid not null,
  patient_id uuid not null,
  survivor_id uuid not null,
  merged_at timestamp with time zone default now() not null,
  merged_by character varying(255) default mpi_acting_user() not null,
  reason text,
  rule text,
  match_weight double precision,
  inverse jsonb not null,
  unmerged_at timestamp with time zone,
  unmerged_by character varying(255),
  unmerge_reason text,
  constraint patient_merges_pkey PRIMARY KEY (id),
  constraint patient_merges_self_check CHECK ((patient_id <> survivor_id))
);

-- [table] patient_names
create table patient_names (
  id uuid default gen_random_uuid() not null,
  patient_id uuid not null,
  family text,
  given text[] default '{}'::text[] not null,
  prefix text[] default '{}'::text[] not null,
  suffix text[] default '{}'::text[] not null,
  use_type character varying(20),
  is_primary boolean default false not null,
  origin_patient_id uuid,
  merge_id uuid,
  family_folded text generated always as (mpi_fold_family(family)) stored,
  given_folded text[] generated always as (mpi_fold_array(given)) stored,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  updated_by character varying(255) default mpi_acting_user(),
  constraint patient_names_pkey PRIMARY KEY (id),
  constraint patient_names_empty_check CHECK (((btrim(COALESCE(family, ''::text)) <> ''::text) OR (btrim(mpi_join_text(given)) <> ''::text))),
  constraint patient_names_length_check CHECK (((char_length(family) <= 1000) AND (mpi_longest_part(given) <= 1000) AND (mpi_longest_part(prefix) <= 1000) AND (mpi_longest_part(suffix) <= 1000))),
  constraint patient_names_use_type_check CHECK (((use_type)::text = ANY (ARRAY['usual'::text, 'official'::text, 'temp'::text, 'nickname'::text, 'anonymous'::text, 'old'::text, 'maiden'::text])))
);

-- [table] patient_quarantine
create table patient_quarantine (
  id uuid default gen_random_uuid() not null,
  patient_id uuid not null,
  kind character varying(20) not null,
  payload jsonb not null,
  fields text[] default '{}'::text[] not null,
  origin character varying(20) not null,
  state character varying(20) default 'pending'::character varying not null,
  decided_by character varying(255),
  decided_at timestamp with time zone,
  reason text,
  created_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  constraint patient_quarantine_pkey PRIMARY KEY (id),
  constraint patient_quarantine_kind_check CHECK (((kind)::text = ANY (ARRAY['overlay'::text, 'merge'::text, 'link'::text, 'unlink'::text]))),
  constraint patient_quarantine_origin_check CHECK (((origin)::text = ANY (ARRAY['edit'::text, 'csv'::text, 'fhir'::text, 'hl7'::text]))),
  constraint patient_quarantine_state_check CHECK (((state)::text = ANY (ARRAY['pending'::text, 'applied'::text, 'rejected'::text, 'split'::text])))
);

-- [table] patients
create table patients (
  id uuid default gen_random_uuid() not null,
  active boolean default true not null,
  gender character varying(10),
  birth_date date,
  birth_date_precision character varying(5) default 'day'::character varying not null,
  deceased boolean default false not null,
  deceased_datetime timestamp with time zone,
  marital_status character varying(50),
  multiple_birth boolean,
  birth_order smallint,
  mother_name text,
  mother_identifier character varying(255),
  managing_organization_id uuid,
  source_system character varying(255),
  source_id character varying(255),
  received_at timestamp with time zone default now() not null,
  enterprise_id uuid default gen_random_uuid() not null,
  enterprise_since timestamp with time zone default now() not null,
  initial_enterprise_id uuid default gen_random_uuid() not null,
  initial_enterprise_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  change_xid xid8 default pg_current_xact_id() not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  updated_by character varying(255) default mpi_acting_user(),
  deleted_at timestamp with time zone,
  deleted_by character varying(255),
  constraint patients_pkey PRIMARY KEY (id),
  constraint patients_source_key UNIQUE (source_system, source_id),
  constraint patients_birth_date_check CHECK (((birth_date >= '0001-01-01'::date) AND (birth_date <= '9999-12-31'::date))),
  constraint patients_birth_date_precision_check CHECK (((birth_date_precision)::text = ANY (ARRAY['day'::text, 'month'::text, 'year'::text]))),
  constraint patients_birth_order_check CHECK (((birth_order >= 1) AND (birth_order <= 20))),
  constraint patients_gender_check CHECK (((gender)::text = ANY (ARRAY['male'::text, 'female'::text, 'other'::text, 'unknown'::text]))),
  constraint patients_source_check CHECK (((source_system IS NULL) = (source_id IS NULL)))
);

-- [table] role_organizations
create table role_organizations (
  id uuid default gen_random_uuid() not null,
  role_name character varying(63) not null,
  organization_id uuid not null,
  created_at timestamp with time zone default now() not null,
  created_by character varying(255) default mpi_acting_user(),
  constraint role_organizations_pkey PRIMARY KEY (id),
  constraint role_organizations_role_organization_key UNIQUE (role_name, organization_id)
);

-- [constraint] audit_seal_chunks.audit_seal_chunks_seal_id_fkey
alter table audit_seal_chunks add constraint audit_seal_chunks_seal_id_fkey FOREIGN KEY (seal_id, month) REFERENCES audit_seal_months(seal_id, month);

-- [constraint] audit_seal_months.audit_seal_months_seal_id_fkey
alter table audit_seal_months add constraint audit_seal_months_seal_id_fkey FOREIGN KEY (seal_id) REFERENCES audit_seals(id);

-- [constraint] identifier_domains.identifier_domains_organization_id_fkey
alter table identifier_domains add constraint identifier_domains_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id);

-- [constraint] match_key_index.match_key_index_calibration_id_fkey
alter table match_key_index add constraint match_key_index_calibration_id_fkey FOREIGN KEY (calibration_id) REFERENCES match_calibrations(id);

-- [constraint] organization_addresses.organization_addresses_organization_id_fkey
alter table organization_addresses add constraint organization_addresses_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;

-- [constraint] organization_contacts.organization_contacts_organization_id_fkey
alter table organization_contacts add constraint organization_contacts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;

-- [constraint] organization_identifiers.organization_identifiers_organization_id_fkey
alter table organization_identifiers add constraint organization_identifiers_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;

-- [constraint] organizations.organizations_part_of_fkey
alter table organizations add constraint organizations_part_of_fkey FOREIGN KEY (part_of) REFERENCES organizations(id);

-- [constraint] patient_addresses.patient_addresses_patient_id_fkey
alter table patient_addresses add constraint patient_addresses_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patients(id) ON DELETE CASCADE;

-- [constraint] patient_contacts.patient_contacts_patient_id_fkey
alter table patient_contacts add constraint patient_contacts_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patients(id) ON DELETE CASCADE;

-- [constraint] patient_identifiers.patient_identifiers_patient_id_fkey
alter table patient_identifiers add constraint patient_identifiers_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patients(id) ON DELETE CASCADE;

-- [constraint] patient_links.patient_links_other_patient_id_fkey
alter table patient_links add constraint patient_links_other_patient_id_fkey FOREIGN KEY (other_patient_id) REFERENCES patients(id) ON DELETE CASCADE;

-- [constraint] patient_links.patient_links_patient_id_fkey
alter table patient_links add constraint patient_links_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patients(id) ON DELETE CASCADE;

-- [constraint] patient_match_scores.patient_match_scores_candidate_id_fkey
alter table patient_match_scores add constraint patient_match_scores_candidate_id_fkey FOREIGN KEY (candidate_id) REFERENCES patients(id) ON DELETE CASCADE;

-- [constraint] patient_match_scores.patient_match_scores_patient_id_fkey
alter table patient_match_scores add constraint patient_match_scores_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patients(id) ON DELETE CASCADE;

-- [constraint] patient_merges.patient_merges_patient_id_fkey
alter table patient_merges add constraint patient_merges_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patients(id) ON DELETE CASCADE;

-- [constraint] patient_merges.patient_merges_survivor_id_fkey
alter table patient_merges add constraint patient_merges_survivor_id_fkey FOREIGN KEY (survivor_id) REFERENCES patients(id) ON DELETE CASCADE;

-- [constraint] patient_names.patient_names_patient_id_fkey
alter table patient_names add constraint patient_names_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patients(id) ON DELETE CASCADE;

-- [constraint] patient_quarantine.patient_quarantine_patient_id_fkey
alter table patient_quarantine add constraint patient_quarantine_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patients(id) ON DELETE CASCADE;

-- [constraint] patients.patients_managing_organization_id_fkey
alter table patients add constraint patients_managing_organization_id_fkey FOREIGN KEY (managing_organization_id) REFERENCES organizations(id);

-- [constraint] role_organizations.role_organizations_organization_id_fkey
alter table role_organizations add constraint role_organizations_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;

-- [sequence owner] audit_log_id_seq
alter sequence audit_log_id_seq owned by audit_log.id;

-- [index] audit_log.idx_audit_log_action
CREATE INDEX idx_audit_log_action ON audit_log USING btree (action, "timestamp") WHERE ((action)::text <> 'INSERT'::text);

-- [index] audit_log.idx_audit_log_entity
CREATE INDEX idx_audit_log_entity ON audit_log USING btree (entity_id);

-- [index] audit_log.idx_audit_log_id
CREATE INDEX idx_audit_log_id ON audit_log USING brin (id) WITH (autosummarize='true');

-- [index] audit_log.idx_audit_log_transaction
CREATE INDEX idx_audit_log_transaction ON audit_log USING btree (transaction_id);

-- [index] audit_log.idx_audit_log_user_id
CREATE INDEX idx_audit_log_user_id ON audit_log USING btree (user_id, "timestamp");

-- [index] identifier_domains.identifier_domains_code_key
CREATE UNIQUE INDEX identifier_domains_code_key ON identifier_domains USING btree (lower((code)::text));

-- [index] identifier_domains.idx_identifier_domains_organization_id
CREATE INDEX idx_identifier_domains_organization_id ON identifier_domains USING btree (organization_id);

-- [index] import_runs.import_runs_one_open
CREATE UNIQUE INDEX import_runs_one_open ON import_runs USING btree (fingerprint) WHERE ((state)::text <> 'succeeded'::text);

-- [index] match_runs.idx_match_runs_started_at
CREATE INDEX idx_match_runs_started_at ON match_runs USING btree (started_at DESC);

-- [index] name_dictionary.idx_name_dictionary_phonetic
CREATE INDEX idx_name_dictionary_phonetic ON name_dictionary USING btree (phonetic, kind);

-- [index] name_dictionary.idx_name_dictionary_phonetic_alternate
CREATE INDEX idx_name_dictionary_phonetic_alternate ON name_dictionary USING btree (phonetic_alternate, kind);

-- [index] name_dictionary.idx_name_dictionary_reversed
CREATE INDEX idx_name_dictionary_reversed ON name_dictionary USING btree (reverse(value) text_pattern_ops, value, kind);

-- [index] name_dictionary.idx_name_dictionary_value
CREATE INDEX idx_name_dictionary_value ON name_dictionary USING btree (value text_pattern_ops, kind);

-- [index] name_dictionary.idx_name_dictionary_value_trgm
CREATE INDEX idx_name_dictionary_value_trgm ON name_dictionary USING gin (value gin_trgm_ops);

-- [index] organization_addresses.idx_organization_addresses_organization_id
CREATE INDEX idx_organization_addresses_organization_id ON organization_addresses USING btree (organization_id);

-- [index] organization_contacts.idx_organization_contacts_organization_id
CREATE INDEX idx_organization_contacts_organization_id ON organization_contacts USING btree (organization_id);

-- [index] organization_identifiers.idx_organization_identifiers_organization_id
CREATE INDEX idx_organization_identifiers_organization_id ON organization_identifiers USING btree (organization_id);

-- [index] organizations.idx_organizations_deleted_at
CREATE INDEX idx_organizations_deleted_at ON organizations USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);

-- [index] organizations.idx_organizations_name
CREATE INDEX idx_organizations_name ON organizations USING btree (name);

-- [index] organizations.idx_organizations_part_of
CREATE INDEX idx_organizations_part_of ON organizations USING btree (part_of);

-- [index] patient_addresses.idx_patient_addresses_city_state
CREATE INDEX idx_patient_addresses_city_state ON patient_addresses USING btree (city, state);

-- [index] patient_addresses.idx_patient_addresses_patient_id
CREATE INDEX idx_patient_addresses_patient_id ON patient_addresses USING btree (patient_id);

-- [index] patient_addresses.idx_patient_addresses_postal_code
CREATE INDEX idx_patient_addresses_postal_code ON patient_addresses USING btree (postal_code);

-- [index] patient_contacts.idx_patient_contacts_patient_id
CREATE INDEX idx_patient_contacts_patient_id ON patient_contacts USING btree (patient_id);

-- [index] patient_contacts.idx_patient_contacts_value_normalized
CREATE INDEX idx_patient_contacts_value_normalized ON patient_contacts USING btree (value_normalized);

-- [index] patient_identifiers.idx_patient_identifiers_system_value
CREATE INDEX idx_patient_identifiers_system_value ON patient_identifiers USING btree (system, value);

-- [index] patient_identifiers.idx_patient_identifiers_type
CREATE INDEX idx_patient_identifiers_type ON patient_identifiers USING btree (type);

-- [index] patient_identifiers.idx_patient_identifiers_value
CREATE INDEX idx_patient_identifiers_value ON patient_identifiers USING btree (value);

-- [index] patient_identifiers.idx_patient_identifiers_value_normalized
CREATE INDEX idx_patient_identifiers_value_normalized ON patient_identifiers USING btree (value_normalized text_pattern_ops, patient_id);

-- [index] patient_identifiers.patient_identifiers_unique_key
CREATE UNIQUE INDEX patient_identifiers_unique_key ON patient_identifiers USING btree (unique_key) WHERE (unique_key IS NOT NULL);

-- [index] patient_links.idx_patient_links_other_patient_id
CREATE INDEX idx_patient_links_other_patient_id ON patient_links USING btree (other_patient_id);

-- [index] patient_match_scores.idx_match_scores_basis_changed
CREATE INDEX idx_match_scores_basis_changed ON patient_match_scores USING btree (total_score DESC, id) WHERE ((kind)::text = 'basis_changed'::text);

-- [index] patient_match_scores.idx_match_scores_calculated_at
CREATE INDEX idx_match_scores_calculated_at ON patient_match_scores USING btree (calculated_at);

-- [index] patient_match_scores.idx_match_scores_candidate_id
CREATE INDEX idx_match_scores_candidate_id ON patient_match_scores USING btree (candidate_id);

-- [index] patient_match_scores.idx_match_scores_queue
CREATE INDEX idx_match_scores_queue ON patient_match_scores USING btree (total_score DESC, id) WHERE ((state)::text = ANY (ARRAY['pending'::text, 'deferred'::text]));

-- [index] patient_match_scores.idx_match_scores_queue_oldest
CREATE INDEX idx_match_scores_queue_oldest ON patient_match_scores USING btree (calculated_at, id) WHERE ((state)::text = ANY (ARRAY['pending'::text, 'deferred'::text]));

-- [index] patient_match_scores.idx_match_scores_total_score
CREATE INDEX idx_match_scores_total_score ON patient_match_scores USING btree (total_score DESC);

-- [index] patient_merges.idx_patient_merges_patient_id
CREATE INDEX idx_patient_merges_patient_id ON patient_merges USING btree (patient_id);

-- [index] patient_merges.idx_patient_merges_survivor_id
CREATE INDEX idx_patient_merges_survivor_id ON patient_merges USING btree (survivor_id);

-- [index] patient_merges.patient_merges_one_open
CREATE UNIQUE INDEX patient_merges_one_open ON patient_merges USING btree (patient_id) WHERE (unmerged_at IS NULL);

-- [index] patient_names.idx_patient_names_family
CREATE INDEX idx_patient_names_family ON patient_names USING btree (family);

-- [index] patient_names.idx_patient_names_family_trgm
CREATE INDEX idx_patient_names_family_trgm ON patient_names USING gin (family gin_trgm_ops);

-- [index] patient_names.idx_patient_names_folded
CREATE INDEX idx_patient_names_folded ON patient_names USING btree (family_folded, (given_folded[1]));

-- [index] patient_names.idx_patient_names_given_folded
CREATE INDEX idx_patient_names_given_folded ON patient_names USING gin (given_folded);

-- [index] patient_names.idx_patient_names_given_trgm
CREATE INDEX idx_patient_names_given_trgm ON patient_names USING gin (mpi_join_text(given) gin_trgm_ops);

-- [index] patient_names.idx_patient_names_patient_id
CREATE INDEX idx_patient_names_patient_id ON patient_names USING btree (patient_id);

-- [index] patient_names.patient_names_one_primary
CREATE UNIQUE INDEX patient_names_one_primary ON patient_names USING btree (patient_id) WHERE is_primary;

-- [index] patient_quarantine.idx_patient_quarantine_patient_id
CREATE INDEX idx_patient_quarantine_patient_id ON patient_quarantine USING btree (patient_id);

-- [index] patient_quarantine.idx_patient_quarantine_pending
CREATE INDEX idx_patient_quarantine_pending ON patient_quarantine USING btree (created_at) WHERE ((state)::text = 'pending'::text);

-- [index] patients.idx_patients_active
CREATE INDEX idx_patients_active ON patients USING btree (active);

-- [index] patients.idx_patients_active_gender
CREATE INDEX idx_patients_active_gender ON patients USING btree (active, gender) WHERE (deleted_at IS NULL);

-- [index] patients.idx_patients_birth_date
CREATE INDEX idx_patients_birth_date ON patients USING btree (birth_date);

-- [index] patients.idx_patients_birth_date_gender
CREATE INDEX idx_patients_birth_date_gender ON patients USING btree (birth_date, gender) WHERE (deleted_at IS NULL);

-- [index] patients.idx_patients_change_xid
CREATE INDEX idx_patients_change_xid ON patients USING btree (change_xid);

-- [index] patients.idx_patients_deleted_at
CREATE INDEX idx_patients_deleted_at ON patients USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);

-- [index] patients.idx_patients_enterprise_id
CREATE INDEX idx_patients_enterprise_id ON patients USING btree (enterprise_id);

-- [index] patients.idx_patients_gender
CREATE INDEX idx_patients_gender ON patients USING btree (gender);

-- [index] patients.idx_patients_organization
CREATE INDEX idx_patients_organization ON patients USING btree (managing_organization_id);

-- [index] role_organizations.idx_role_organizations_organization_id
CREATE INDEX idx_role_organizations_organization_id ON role_organizations USING btree (organization_id);

-- [trigger] audit_archives.audit_archives_immutable
CREATE TRIGGER audit_archives_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_archives FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_immutable(); alter table audit_archives enable always trigger audit_archives_immutable;

-- [trigger] audit_log.audit_log_fill_hash
CREATE TRIGGER audit_log_fill_hash BEFORE INSERT ON audit_log FOR EACH ROW WHEN ((new.row_hash IS NULL)) EXECUTE FUNCTION mpi_audit_fill_hash();

-- [trigger] audit_log.audit_log_immutable
CREATE TRIGGER audit_log_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_immutable(); alter table audit_log enable always trigger audit_log_immutable;

-- [trigger] audit_log.audit_log_immutable_row
CREATE TRIGGER audit_log_immutable_row BEFORE DELETE OR UPDATE ON audit_log FOR EACH ROW EXECUTE FUNCTION mpi_audit_immutable(); alter table audit_log enable always trigger audit_log_immutable_row;

-- [trigger] audit_log_default.audit_log_immutable
CREATE TRIGGER audit_log_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_log_default FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_immutable(); alter table audit_log_default enable always trigger audit_log_immutable;

-- [trigger] audit_seal_chunks.audit_seal_chunks_immutable
CREATE TRIGGER audit_seal_chunks_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_seal_chunks FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_immutable(); alter table audit_seal_chunks enable always trigger audit_seal_chunks_immutable;

-- [trigger] audit_seal_months.audit_seal_months_immutable
CREATE TRIGGER audit_seal_months_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_seal_months FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_immutable(); alter table audit_seal_months enable always trigger audit_seal_months_immutable;

-- [trigger] audit_seals.audit_seals_immutable
CREATE TRIGGER audit_seals_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_seals FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_immutable(); alter table audit_seals enable always trigger audit_seals_immutable;

-- [trigger] identifier_domains.identifier_domains_audit_delete
CREATE TRIGGER identifier_domains_audit_delete AFTER DELETE ON identifier_domains REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] identifier_domains.identifier_domains_audit_insert
CREATE TRIGGER identifier_domains_audit_insert AFTER INSERT ON identifier_domains REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] identifier_domains.identifier_domains_audit_update
CREATE TRIGGER identifier_domains_audit_update AFTER UPDATE ON identifier_domains REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] identifier_domains.identifier_domains_raise_version
CREATE TRIGGER identifier_domains_raise_version BEFORE UPDATE ON identifier_domains FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION mpi_raise_version();

-- [trigger] identifier_domains.identifier_domains_refresh_on_delete
CREATE TRIGGER identifier_domains_refresh_on_delete AFTER DELETE ON identifier_domains FOR EACH ROW WHEN (old.is_unique) EXECUTE FUNCTION mpi_refresh_domain_unique_keys();

-- [trigger] identifier_domains.identifier_domains_refresh_on_insert
CREATE TRIGGER identifier_domains_refresh_on_insert AFTER INSERT ON identifier_domains FOR EACH ROW WHEN (new.is_unique) EXECUTE FUNCTION mpi_refresh_domain_unique_keys();

-- [trigger] identifier_domains.identifier_domains_refresh_on_update
CREATE TRIGGER identifier_domains_refresh_on_update AFTER UPDATE ON identifier_domains FOR EACH ROW WHEN (((old.is_unique <> new.is_unique) OR ((old.system)::text <> (new.system)::text))) EXECUTE FUNCTION mpi_refresh_domain_unique_keys();

-- [trigger] identifier_domains.identifier_domains_refuse_truncate
CREATE TRIGGER identifier_domains_refuse_truncate BEFORE TRUNCATE ON identifier_domains FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] identifier_domains.identifier_domains_updated_at
CREATE TRIGGER identifier_domains_updated_at BEFORE UPDATE ON identifier_domains FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- [trigger] import_runs.import_runs_audit_delete
CREATE TRIGGER import_runs_audit_delete AFTER DELETE ON import_runs REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_run_changes('import_run');

-- [trigger] import_runs.import_runs_audit_insert
CREATE TRIGGER import_runs_audit_insert AFTER INSERT ON import_runs REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_run_changes('import_run');

-- [trigger] import_runs.import_runs_audit_update
CREATE TRIGGER import_runs_audit_update AFTER UPDATE ON import_runs REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_run_changes('import_run');

-- [trigger] import_runs.import_runs_refuse_truncate
CREATE TRIGGER import_runs_refuse_truncate BEFORE TRUNCATE ON import_runs FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] match_calibrations.match_calibrations_audit_delete
CREATE TRIGGER match_calibrations_audit_delete AFTER DELETE ON match_calibrations REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_run_changes('match_calibration');

-- [trigger] match_calibrations.match_calibrations_audit_insert
CREATE TRIGGER match_calibrations_audit_insert AFTER INSERT ON match_calibrations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_run_changes('match_calibration');

-- [trigger] match_calibrations.match_calibrations_audit_update
CREATE TRIGGER match_calibrations_audit_update AFTER UPDATE ON match_calibrations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_run_changes('match_calibration');

-- [trigger] match_calibrations.match_calibrations_refuse_truncate
CREATE TRIGGER match_calibrations_refuse_truncate BEFORE TRUNCATE ON match_calibrations FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] match_runs.match_runs_audit_delete
CREATE TRIGGER match_runs_audit_delete AFTER DELETE ON match_runs REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_run_changes('match_run');

-- [trigger] match_runs.match_runs_audit_insert
CREATE TRIGGER match_runs_audit_insert AFTER INSERT ON match_runs REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_run_changes('match_run');

-- [trigger] match_runs.match_runs_audit_update
CREATE TRIGGER match_runs_audit_update AFTER UPDATE ON match_runs REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_audit_run_changes('match_run');

-- [trigger] match_runs.match_runs_refuse_truncate
CREATE TRIGGER match_runs_refuse_truncate BEFORE TRUNCATE ON match_runs FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] organization_addresses.organization_addresses_audit_delete
CREATE TRIGGER organization_addresses_audit_delete AFTER DELETE ON organization_addresses REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] organization_addresses.organization_addresses_audit_insert
CREATE TRIGGER organization_addresses_audit_insert AFTER INSERT ON organization_addresses REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] organization_addresses.organization_addresses_audit_update
CREATE TRIGGER organization_addresses_audit_update AFTER UPDATE ON organization_addresses REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] organization_addresses.organization_addresses_refuse_truncate
CREATE TRIGGER organization_addresses_refuse_truncate BEFORE TRUNCATE ON organization_addresses FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] organization_addresses.organization_addresses_updated_at
CREATE TRIGGER organization_addresses_updated_at BEFORE UPDATE ON organization_addresses FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- [trigger] organization_contacts.organization_contacts_audit_delete
CREATE TRIGGER organization_contacts_audit_delete AFTER DELETE ON organization_contacts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] organization_contacts.organization_contacts_audit_insert
CREATE TRIGGER organization_contacts_audit_insert AFTER INSERT ON organization_contacts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] organization_contacts.organization_contacts_audit_update
CREATE TRIGGER organization_contacts_audit_update AFTER UPDATE ON organization_contacts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] organization_contacts.organization_contacts_refuse_truncate
CREATE TRIGGER organization_contacts_refuse_truncate BEFORE TRUNCATE ON organization_contacts FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] organization_contacts.organization_contacts_updated_at
CREATE TRIGGER organization_contacts_updated_at BEFORE UPDATE ON organization_contacts FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- [trigger] organization_identifiers.organization_identifiers_audit_delete
CREATE TRIGGER organization_identifiers_audit_delete AFTER DELETE ON organization_identifiers REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] organization_identifiers.organization_identifiers_audit_insert
CREATE TRIGGER organization_identifiers_audit_insert AFTER INSERT ON organization_identifiers REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] organization_identifiers.organization_identifiers_audit_update
CREATE TRIGGER organization_identifiers_audit_update AFTER UPDATE ON organization_identifiers REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] organization_identifiers.organization_identifiers_refuse_truncate
CREATE TRIGGER organization_identifiers_refuse_truncate BEFORE TRUNCATE ON organization_identifiers FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] organization_identifiers.organization_identifiers_updated_at
CREATE TRIGGER organization_identifiers_updated_at BEFORE UPDATE ON organization_identifiers FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- [trigger] organizations.organizations_audit_delete
CREATE TRIGGER organizations_audit_delete AFTER DELETE ON organizations REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] organizations.organizations_audit_insert
CREATE TRIGGER organizations_audit_insert AFTER INSERT ON organizations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] organizations.organizations_audit_update
CREATE TRIGGER organizations_audit_update AFTER UPDATE ON organizations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] organizations.organizations_raise_version
CREATE TRIGGER organizations_raise_version BEFORE UPDATE ON organizations FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION mpi_raise_version();

-- [trigger] organizations.organizations_refuse_truncate
CREATE TRIGGER organizations_refuse_truncate BEFORE TRUNCATE ON organizations FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] organizations.organizations_updated_at
CREATE TRIGGER organizations_updated_at BEFORE UPDATE ON organizations FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- [trigger] patient_addresses.patient_addresses_audit_delete
CREATE TRIGGER patient_addresses_audit_delete AFTER DELETE ON patient_addresses REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_addresses.patient_addresses_audit_insert
CREATE TRIGGER patient_addresses_audit_insert AFTER INSERT ON patient_addresses REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_addresses.patient_addresses_audit_update
CREATE TRIGGER patient_addresses_audit_update AFTER UPDATE ON patient_addresses REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_addresses.patient_addresses_refuse_truncate
CREATE TRIGGER patient_addresses_refuse_truncate BEFORE TRUNCATE ON patient_addresses FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] patient_addresses.patient_addresses_touch_delete
CREATE TRIGGER patient_addresses_touch_delete AFTER DELETE ON patient_addresses REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_touch_patients();

-- [trigger] patient_addresses.patient_addresses_touch_insert
CREATE TRIGGER patient_addresses_touch_insert AFTER INSERT ON patient_addresses REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_touch_patients();

-- [trigger] patient_addresses.patient_addresses_touch_update
CREATE TRIGGER patient_addresses_touch_update AFTER UPDATE ON patient_addresses REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_touch_patients();

-- [trigger] patient_addresses.patient_addresses_updated_at
CREATE TRIGGER patient_addresses_updated_at BEFORE UPDATE ON patient_addresses FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- [trigger] patient_contacts.patient_contacts_audit_delete
CREATE TRIGGER patient_contacts_audit_delete AFTER DELETE ON patient_contacts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_contacts.patient_contacts_audit_insert
CREATE TRIGGER patient_contacts_audit_insert AFTER INSERT ON patient_contacts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_contacts.patient_contacts_audit_update
CREATE TRIGGER patient_contacts_audit_update AFTER UPDATE ON patient_contacts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_contacts.patient_contacts_refuse_truncate
CREATE TRIGGER patient_contacts_refuse_truncate BEFORE TRUNCATE ON patient_contacts FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] patient_contacts.patient_contacts_touch_delete
CREATE TRIGGER patient_contacts_touch_delete AFTER DELETE ON patient_contacts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_touch_patients();

-- [trigger] patient_contacts.patient_contacts_touch_insert
CREATE TRIGGER patient_contacts_touch_insert AFTER INSERT ON patient_contacts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_touch_patients();

-- [trigger] patient_contacts.patient_contacts_touch_update
CREATE TRIGGER patient_contacts_touch_update AFTER UPDATE ON patient_contacts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_touch_patients();

-- [trigger] patient_contacts.patient_contacts_updated_at
CREATE TRIGGER patient_contacts_updated_at BEFORE UPDATE ON patient_contacts FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- [trigger] patient_identifiers.patient_identifiers_audit_delete
CREATE TRIGGER patient_identifiers_audit_delete AFTER DELETE ON patient_identifiers REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_identifiers.patient_identifiers_audit_insert
CREATE TRIGGER patient_identifiers_audit_insert AFTER INSERT ON patient_identifiers REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_identifiers.patient_identifiers_audit_update
CREATE TRIGGER patient_identifiers_audit_update AFTER UPDATE ON patient_identifiers REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_identifiers.patient_identifiers_refuse_truncate
CREATE TRIGGER patient_identifiers_refuse_truncate BEFORE TRUNCATE ON patient_identifiers FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] patient_identifiers.patient_identifiers_touch_delete
CREATE TRIGGER patient_identifiers_touch_delete AFTER DELETE ON patient_identifiers REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_touch_patients();

-- [trigger] patient_identifiers.patient_identifiers_touch_insert
CREATE TRIGGER patient_identifiers_touch_insert AFTER INSERT ON patient_identifiers REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_touch_patients();

-- [trigger] patient_identifiers.patient_identifiers_touch_update
CREATE TRIGGER patient_identifiers_touch_update AFTER UPDATE ON patient_identifiers REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_touch_patients();

-- [trigger] patient_identifiers.patient_identifiers_unique_key
CREATE TRIGGER patient_identifiers_unique_key BEFORE INSERT OR UPDATE ON patient_identifiers FOR EACH ROW WHEN (((new.unique_key IS NOT NULL) OR COALESCE(((new.system)::text = ANY ((NULLIF(current_setting('mpi.unique_systems'::text, true), ''::text))::text[])), true))) EXECUTE FUNCTION mpi_maintain_unique_key();

-- [trigger] patient_identifiers.patient_identifiers_unique_systems
CREATE TRIGGER patient_identifiers_unique_systems BEFORE INSERT OR UPDATE ON patient_identifiers FOR EACH STATEMENT EXECUTE FUNCTION mpi_note_unique_systems();

-- [trigger] patient_identifiers.patient_identifiers_updated_at
CREATE TRIGGER patient_identifiers_updated_at BEFORE UPDATE ON patient_identifiers FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- [trigger] patient_links.patient_links_audit_delete
CREATE TRIGGER patient_links_audit_delete AFTER DELETE ON patient_links REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_links.patient_links_audit_insert
CREATE TRIGGER patient_links_audit_insert AFTER INSERT ON patient_links REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_links.patient_links_audit_update
CREATE TRIGGER patient_links_audit_update AFTER UPDATE ON patient_links REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_links.patient_links_refuse_truncate
CREATE TRIGGER patient_links_refuse_truncate BEFORE TRUNCATE ON patient_links FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] patient_links.patient_links_updated_at
CREATE TRIGGER patient_links_updated_at BEFORE UPDATE ON patient_links FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- [trigger] patient_match_scores.patient_match_scores_audit_delete
CREATE TRIGGER patient_match_scores_audit_delete AFTER DELETE ON patient_match_scores REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_match_scores.patient_match_scores_audit_insert
CREATE TRIGGER patient_match_scores_audit_insert AFTER INSERT ON patient_match_scores REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_match_scores.patient_match_scores_audit_update
CREATE TRIGGER patient_match_scores_audit_update AFTER UPDATE ON patient_match_scores REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_match_scores.patient_match_scores_refuse_truncate
CREATE TRIGGER patient_match_scores_refuse_truncate BEFORE TRUNCATE ON patient_match_scores FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] patient_merges.patient_merges_audit_delete
CREATE TRIGGER patient_merges_audit_delete AFTER DELETE ON patient_merges REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_merges.patient_merges_audit_insert
CREATE TRIGGER patient_merges_audit_insert AFTER INSERT ON patient_merges REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_merges.patient_merges_audit_update
CREATE TRIGGER patient_merges_audit_update AFTER UPDATE ON patient_merges REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_merges.patient_merges_refuse_truncate
CREATE TRIGGER patient_merges_refuse_truncate BEFORE TRUNCATE ON patient_merges FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] patient_names.patient_names_audit_delete
CREATE TRIGGER patient_names_audit_delete AFTER DELETE ON patient_names REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_names.patient_names_audit_insert
CREATE TRIGGER patient_names_audit_insert AFTER INSERT ON patient_names REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_names.patient_names_audit_update
CREATE TRIGGER patient_names_audit_update AFTER UPDATE ON patient_names REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_names.patient_names_dictionary_insert
CREATE TRIGGER patient_names_dictionary_insert AFTER INSERT ON patient_names REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_extend_name_dictionary();

-- [trigger] patient_names.patient_names_dictionary_update
CREATE TRIGGER patient_names_dictionary_update AFTER UPDATE ON patient_names REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_extend_name_dictionary();

-- [trigger] patient_names.patient_names_refuse_truncate
CREATE TRIGGER patient_names_refuse_truncate BEFORE TRUNCATE ON patient_names FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] patient_names.patient_names_touch_delete
CREATE TRIGGER patient_names_touch_delete AFTER DELETE ON patient_names REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_touch_patients();

-- [trigger] patient_names.patient_names_touch_insert
CREATE TRIGGER patient_names_touch_insert AFTER INSERT ON patient_names REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_touch_patients();

-- [trigger] patient_names.patient_names_touch_update
CREATE TRIGGER patient_names_touch_update AFTER UPDATE ON patient_names REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mpi_touch_patients();

-- [trigger] patient_names.patient_names_updated_at
CREATE TRIGGER patient_names_updated_at BEFORE UPDATE ON patient_names FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- [trigger] patient_quarantine.patient_quarantine_audit_delete
CREATE TRIGGER patient_quarantine_audit_delete AFTER DELETE ON patient_quarantine REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_quarantine.patient_quarantine_audit_insert
CREATE TRIGGER patient_quarantine_audit_insert AFTER INSERT ON patient_quarantine REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_quarantine.patient_quarantine_audit_update
CREATE TRIGGER patient_quarantine_audit_update AFTER UPDATE ON patient_quarantine REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patient_quarantine.patient_quarantine_refuse_truncate
CREATE TRIGGER patient_quarantine_refuse_truncate BEFORE TRUNCATE ON patient_quarantine FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] patients.patients_audit_delete
CREATE TRIGGER patients_audit_delete AFTER DELETE ON patients REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patients.patients_audit_insert
CREATE TRIGGER patients_audit_insert AFTER INSERT ON patients REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patients.patients_audit_update
CREATE TRIGGER patients_audit_update AFTER UPDATE ON patients REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_patient_changes();

-- [trigger] patients.patients_begin_person
CREATE TRIGGER patients_begin_person BEFORE INSERT ON patients FOR EACH ROW WHEN (((new.initial_enterprise_id IS DISTINCT FROM new.enterprise_id) OR (new.initial_enterprise_at IS DISTINCT FROM new.enterprise_since))) EXECUTE FUNCTION mpi_begin_person();

-- [trigger] patients.patients_mark_changed
CREATE TRIGGER patients_mark_changed BEFORE UPDATE ON patients FOR EACH ROW WHEN (((old.active IS DISTINCT FROM new.active) OR ((old.gender)::text IS DISTINCT FROM (new.gender)::text) OR (old.birth_date IS DISTINCT FROM new.birth_date) OR ((old.birth_date_precision)::text IS DISTINCT FROM (new.birth_date_precision)::text) OR (old.deceased IS DISTINCT FROM new.deceased) OR (old.deceased_datetime IS DISTINCT FROM new.deceased_datetime) OR ((old.marital_status)::text IS DISTINCT FROM (new.marital_status)::text) OR (old.multiple_birth IS DISTINCT FROM new.multiple_birth) OR (old.birth_order IS DISTINCT FROM new.birth_order) OR (old.mother_name IS DISTINCT FROM new.mother_name) OR ((old.mother_identifier)::text IS DISTINCT FROM (new.mother_identifier)::text) OR (old.managing_organization_id IS DISTINCT FROM new.managing_organization_id) OR ((old.source_system)::text IS DISTINCT FROM (new.source_system)::text) OR ((old.source_id)::text IS DISTINCT FROM (new.source_id)::text) OR (old.received_at IS DISTINCT FROM new.received_at) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION mpi_mark_patient_changed();

-- [trigger] patients.patients_refresh_unique_keys
CREATE TRIGGER patients_refresh_unique_keys AFTER UPDATE ON patients FOR EACH ROW WHEN (((old.active IS DISTINCT FROM new.active) OR ((old.deleted_at IS NULL) <> (new.deleted_at IS NULL)))) EXECUTE FUNCTION mpi_refresh_patient_unique_keys();

-- [trigger] patients.patients_refuse_truncate
CREATE TRIGGER patients_refuse_truncate BEFORE TRUNCATE ON patients FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();

-- [trigger] patients.patients_updated_at
CREATE TRIGGER patients_updated_at BEFORE UPDATE ON patients FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- [trigger] role_organizations.role_organizations_audit_delete
CREATE TRIGGER role_organizations_audit_delete AFTER DELETE ON role_organizations REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] role_organizations.role_organizations_audit_insert
CREATE TRIGGER role_organizations_audit_insert AFTER INSERT ON role_organizations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] role_organizations.role_organizations_audit_update
CREATE TRIGGER role_organizations_audit_update AFTER UPDATE ON role_organizations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_organization_changes();

-- [trigger] role_organizations.role_organizations_refuse_truncate
CREATE TRIGGER role_organizations_refuse_truncate BEFORE TRUNCATE ON role_organizations FOR EACH STATEMENT EXECUTE FUNCTION mpi_refuse_truncate();
