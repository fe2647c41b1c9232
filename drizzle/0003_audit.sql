-- The audit trail: append only, partitioned by month, each row with a hash of its own.

create sequence audit_log_id_seq as bigint;
--> statement-breakpoint
-- The hash of one row, over a text that no session setting changes: the moment as microseconds since 1970,
-- everything else as JSON text. `audit verify` computes it again.
create function mpi_audit_hash(
  id bigint, at timestamptz, user_id varchar, database_user varchar, action varchar, entity_type varchar,
  entity_id uuid, table_name varchar, row_id uuid, operation varchar, transaction_id xid8,
  old_values jsonb, new_values jsonb, reason text, ip_address varchar, user_agent varchar
) returns bytea
language plpgsql immutable parallel safe
as $$
begin
  return sha256(convert_to(jsonb_build_array(
    id, (extract(epoch from at - timestamptz '1970-01-01 00:00:00+00') * 1000000)::bigint, user_id, database_user,
    action, entity_type, entity_id, table_name, row_id, operation, transaction_id::text,
    old_values, new_values, reason, ip_address, user_agent)::text, 'UTF8'));
end
$$;
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" bigint DEFAULT nextval('audit_log_id_seq'::regclass) NOT NULL,
	"timestamp" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"user_id" varchar(255) DEFAULT mpi_acting_user() NOT NULL,
	"database_user" varchar(63) DEFAULT session_user NOT NULL,
	"action" varchar(10) NOT NULL,
	"entity_type" varchar(50) NOT NULL,
	"entity_id" uuid,
	"table_name" varchar(63),
	"row_id" uuid,
	"operation" varchar(50),
	"transaction_id" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"old_values" jsonb,
	"new_values" jsonb,
	"reason" text,
	"ip_address" varchar(45),
	"user_agent" varchar(500),
	"row_hash" "bytea" GENERATED ALWAYS AS (mpi_audit_hash(id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id, operation, transaction_id, old_values, new_values, reason, ip_address, user_agent)) STORED,
	CONSTRAINT "audit_log_pkey" PRIMARY KEY("id","timestamp"),
	CONSTRAINT "audit_log_action_check" CHECK (action = any (array['INSERT', 'UPDATE', 'DELETE', 'READ', 'SEARCH', 'EXPORT', 'ADMIN']))
) PARTITION BY RANGE ("timestamp");
--> statement-breakpoint
CREATE TABLE "audit_seals" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_seals_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"sealed_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"sealed_by" varchar(255) DEFAULT mpi_acting_user() NOT NULL,
	"lower_xid" "xid8" NOT NULL,
	"upper_xid" "xid8" NOT NULL,
	"row_count" bigint NOT NULL,
	"previous_head" "bytea" NOT NULL,
	"head" "bytea" NOT NULL,
	CONSTRAINT "audit_seals_upper_xid_key" UNIQUE("upper_xid")
);
--> statement-breakpoint
CREATE INDEX "idx_audit_log_timestamp" ON "audit_log" USING btree ("timestamp");
--> statement-breakpoint
CREATE INDEX "idx_audit_log_entity" ON "audit_log" USING btree ("entity_type","entity_id","timestamp");
--> statement-breakpoint
CREATE INDEX "idx_audit_log_user_id" ON "audit_log" USING btree ("user_id","timestamp");
--> statement-breakpoint
CREATE INDEX "idx_audit_log_action" ON "audit_log" USING btree ("action","timestamp");
--> statement-breakpoint
CREATE INDEX "idx_audit_log_transaction_id" ON "audit_log" USING btree ("transaction_id");
--> statement-breakpoint
alter sequence audit_log_id_seq owned by audit_log.id;
--> statement-breakpoint
create function mpi_audit_immutable() returns trigger
language plpgsql
as $$
begin
  raise exception '% on %: the audit trail is append-only', tg_op, tg_table_name
    using errcode = 'restrict_violation',
          hint = 'Old months leave through "mpi audit archive".';
end
$$;
--> statement-breakpoint
-- A parent's statement triggers do not fire for a statement that names a partition, and row triggers do not
-- see TRUNCATE or a statement that finds no row: so both, and the statement trigger on each partition.
create trigger audit_log_immutable_row before update or delete on audit_log
  for each row execute function mpi_audit_immutable();
--> statement-breakpoint
alter table audit_log enable always trigger audit_log_immutable_row;
--> statement-breakpoint
create function mpi_audit_protect(partition regclass) returns void
language plpgsql
as $$
begin
  execute format('create trigger audit_log_immutable before update or delete or truncate on %s for each statement execute function public.mpi_audit_immutable()', partition);
  execute format('alter table %s enable always trigger audit_log_immutable', partition);
  if partition <> 'public.audit_log'::regclass then
    execute format('alter table %s enable always trigger audit_log_immutable_row', partition);
  end if;
end
$$;
--> statement-breakpoint
select mpi_audit_protect('audit_log');
--> statement-breakpoint
create trigger audit_seals_immutable before update or delete or truncate on audit_seals
  for each statement execute function mpi_audit_immutable();
--> statement-breakpoint
alter table audit_seals enable always trigger audit_seals_immutable;
--> statement-breakpoint
-- Where a row goes whose month has no partition yet: late, but not lost.
create table audit_log_default partition of audit_log default;
--> statement-breakpoint
select mpi_audit_protect('audit_log_default');
--> statement-breakpoint
-- Makes the partition of one month; months are UTC.
create function mpi_audit_create_partition(month date) returns boolean
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
as $$
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
$$;
--> statement-breakpoint
-- Rows that fell into the default partition are taken to their months: the old default is detached, its rows
-- inserted again under the same ids and times (their hashes stay the same), and it is dropped once the counts agree.
create function mpi_audit_drain_default() returns bigint
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
as $$
declare
  moved bigint;
  expected bigint;
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
  alter index public.audit_log_default_pkey rename to audit_log_drained_pkey;
  create table public.audit_log_default partition of public.audit_log default;
  perform public.mpi_audit_protect('public.audit_log_default');
  for month in select distinct date_trunc('month', "timestamp")::date from public.audit_log_drained order by 1 loop
    perform public.mpi_audit_create_partition(month);
  end loop;
  insert into public.audit_log (id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id,
      operation, transaction_id, old_values, new_values, reason, ip_address, user_agent)
    select id, "timestamp", user_id, database_user, action, entity_type, entity_id, table_name, row_id,
      operation, transaction_id, old_values, new_values, reason, ip_address, user_agent
    from public.audit_log_drained;
  get diagnostics moved = row_count;
  if moved <> expected then
    raise exception 'moved % audit rows of %', moved, expected;
  end if;
  drop table public.audit_log_drained;
  insert into public.audit_log (action, entity_type, table_name, operation, new_values)
    values ('ADMIN', 'audit', 'audit_log_default', 'AUDIT_DRAIN', jsonb_build_object('rows', moved));
  return moved;
end
$$;
--> statement-breakpoint
-- This month and the next ones, so many; returns how many were made. A new partition needs the log for itself
-- for a moment. Where a long transaction has it, this gives up at once, so that nobody queues behind us: there
-- are months to try again, and the default partition takes what comes too early.
create function mpi_audit_ensure_partitions(months_ahead integer default 12) returns integer
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
set lock_timeout = '2s'
as $$
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
$$;
--> statement-breakpoint
select mpi_audit_ensure_partitions(12);
--> statement-breakpoint
-- Writes who looked at whom, one row for each record shown, set-based, under the transaction's id. A search
-- that found nobody is one row without an entity. Search terms come as keyed hashes in `details`.
create function mpi_audit_read(
  action text, entity_type text, entity_ids uuid[], details jsonb default null
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
  written bigint;
begin
  if action not in ('READ', 'SEARCH', 'EXPORT') then
    raise exception 'mpi_audit_read writes READ, SEARCH and EXPORT' using errcode = 'invalid_parameter_value';
  end if;
  insert into public.audit_log (action, entity_type, entity_id, operation, new_values, reason, ip_address, user_agent)
    select action, entity_type, entity_id, left(nullif(current_setting('mpi.operation', true), ''), 50), details,
      nullif(current_setting('mpi.reason', true), ''), left(nullif(current_setting('mpi.ip_address', true), ''), 45),
      left(nullif(current_setting('mpi.user_agent', true), ''), 500)
    from unnest(case when cardinality(entity_ids) > 0 then entity_ids else array[null::uuid] end) entity_id;
  get diagnostics written = row_count;
  return written;
end
$$;
--> statement-breakpoint
-- They act as the owner, so not everybody may call them; "mpi migrate roles" says who.
revoke execute on function mpi_audit_create_partition(date), mpi_audit_drain_default(),
  mpi_audit_ensure_partitions(integer), mpi_audit_read(text, text, uuid[], jsonb) from public;
