-- The audit trail: append only, partitioned by month, each row with a hash of its own.

create sequence audit_log_id_seq as bigint;
--> statement-breakpoint
-- What all rows of one statement have in common, as a part of the text below.
create function mpi_audit_statement(
  transaction_id xid8, user_id text, database_user text, operation text, reason text, ip_address text, user_agent text,
  action text, entity_type text, table_name text
) returns text
language sql stable parallel safe
as $$
  select concat('"transaction_id": "', transaction_id, '", "user_id": ', coalesce(to_json(user_id)::text, 'null'),
    ', "database_user": ', coalesce(to_json(database_user)::text, 'null'),
    ', "operation": ', coalesce(to_json(operation)::text, 'null'), ', "reason": ', coalesce(to_json(reason)::text, 'null'),
    ', "ip_address": ', coalesce(to_json(ip_address)::text, 'null'), ', "user_agent": ', coalesce(to_json(user_agent)::text, 'null'),
    ', "action": ', coalesce(to_json(action)::text, 'null'), ', "entity_type": ', coalesce(to_json(entity_type)::text, 'null'),
    ', "table_name": ', coalesce(to_json(table_name)::text, 'null'))
$$;
--> statement-breakpoint
-- One row as a line of JSON: what its hash is taken over, and what an archive holds. No session setting changes it.
-- "mpi audit verify" has the same text in src/db/queries/audit-line.ts, so that it need not trust this function.
create function mpi_audit_line(
  id bigint, at timestamptz, statement text, entity_id uuid, row_id uuid, old_values jsonb, new_values jsonb
) returns text
language sql stable parallel safe
as $$
  select concat('{"id": ', id, ', "timestamp": "', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), 'Z", ', statement,
    ', "entity_id": ', coalesce('"' || entity_id || '"', 'null'), ', "row_id": ', coalesce('"' || row_id || '"', 'null'),
    ', "old_values": ', coalesce(old_values::text, 'null'), ', "new_values": ', coalesce(new_values::text, 'null'), '}')
$$;
--> statement-breakpoint
create function mpi_audit_hash(
  id bigint, at timestamptz, user_id text, database_user text, action text, entity_type text,
  entity_id uuid, table_name text, row_id uuid, operation text, transaction_id xid8,
  old_values jsonb, new_values jsonb, reason text, ip_address text, user_agent text
) returns bytea
language sql stable parallel safe
as $$
  select sha256(convert_to(public.mpi_audit_line(id, at,
    public.mpi_audit_statement(transaction_id, user_id, database_user, operation, reason, ip_address, user_agent, action, entity_type, table_name),
    entity_id, row_id, old_values, new_values), 'UTF8'))
$$;
--> statement-breakpoint
-- The primary key serves every question about a time, so it bears the name of that index.
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
	"row_hash" "bytea" NOT NULL,
	CONSTRAINT "idx_audit_log_timestamp" PRIMARY KEY("timestamp","id"),
	CONSTRAINT "audit_log_action_check" CHECK (action = any (array['INSERT', 'UPDATE', 'DELETE', 'READ', 'SEARCH', 'EXPORT', 'ADMIN']))
) PARTITION BY RANGE ("timestamp");
--> statement-breakpoint
CREATE TABLE "audit_seals" (
	"id" bigint PRIMARY KEY NOT NULL,
	"sealed_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"sealed_by" varchar(255) DEFAULT mpi_acting_user() NOT NULL,
	"epoch" varchar(64) NOT NULL,
	"floor_id" bigint NOT NULL,
	"ceiling_id" bigint,
	"lower_xid" "xid8" NOT NULL,
	"upper_xid" "xid8" NOT NULL,
	"next_xid" "xid8" NOT NULL,
	"position" bigint NOT NULL,
	"max_id" bigint NOT NULL,
	"row_count" bigint NOT NULL,
	"previous_head" "bytea" NOT NULL,
	"head" "bytea" NOT NULL,
	CONSTRAINT "audit_seals_previous_head_key" UNIQUE("previous_head")
);
--> statement-breakpoint
CREATE TABLE "audit_seal_months" (
	"seal_id" bigint NOT NULL,
	"month" date NOT NULL,
	"row_count" bigint NOT NULL,
	"first_id" bigint NOT NULL,
	"last_id" bigint NOT NULL,
	"first_at" timestamp with time zone NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "audit_seal_months_pkey" PRIMARY KEY("seal_id","month")
);
--> statement-breakpoint
CREATE TABLE "audit_seal_chunks" (
	"seal_id" bigint NOT NULL,
	"month" date NOT NULL,
	"block" bigint NOT NULL,
	"row_count" integer NOT NULL,
	"hash" "bytea" NOT NULL,
	"leaves" "bytea" NOT NULL,
	CONSTRAINT "audit_seal_chunks_pkey" PRIMARY KEY("seal_id","month","block")
);
--> statement-breakpoint
CREATE TABLE "audit_archives" (
	"month" date PRIMARY KEY NOT NULL,
	"row_count" bigint NOT NULL,
	"file_name" varchar(255) NOT NULL,
	"file_hash" "bytea" NOT NULL,
	"archived_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"archived_by" varchar(255) DEFAULT mpi_acting_user() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "audit_seal_months" ADD CONSTRAINT "audit_seal_months_seal_id_fkey" FOREIGN KEY ("seal_id") REFERENCES "public"."audit_seals"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "audit_seal_chunks" ADD CONSTRAINT "audit_seal_chunks_seal_id_fkey" FOREIGN KEY ("seal_id","month") REFERENCES "public"."audit_seal_months"("seal_id","month") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "idx_audit_log_entity" ON "audit_log" USING btree ("entity_id");
--> statement-breakpoint
CREATE INDEX "idx_audit_log_user_id" ON "audit_log" USING btree ("user_id","timestamp");
--> statement-breakpoint
CREATE INDEX "idx_audit_log_action" ON "audit_log" USING btree ("action","timestamp") WHERE action <> 'INSERT';
--> statement-breakpoint
CREATE INDEX "idx_audit_log_transaction" ON "audit_log" USING btree ("transaction_id");
--> statement-breakpoint
CREATE INDEX "idx_audit_log_id" ON "audit_log" USING brin ("id") WITH (autosummarize=true);
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
create trigger audit_seal_months_immutable before update or delete or truncate on audit_seal_months
  for each statement execute function mpi_audit_immutable();
--> statement-breakpoint
alter table audit_seal_months enable always trigger audit_seal_months_immutable;
--> statement-breakpoint
create trigger audit_seal_chunks_immutable before update or delete or truncate on audit_seal_chunks
  for each statement execute function mpi_audit_immutable();
--> statement-breakpoint
alter table audit_seal_chunks enable always trigger audit_seal_chunks_immutable;
--> statement-breakpoint
create trigger audit_archives_immutable before update or delete or truncate on audit_archives
  for each statement execute function mpi_audit_immutable();
--> statement-breakpoint
alter table audit_archives enable always trigger audit_archives_immutable;
--> statement-breakpoint
-- Whoever inserts a row without its hash gets it here. The triggers of 0004 bring theirs along: computed within
-- their statement it costs 4 microseconds a row, in a trigger's call or a generated column 11.
create function mpi_audit_fill_hash() returns trigger
language plpgsql
as $$
begin
  new.row_hash := public.mpi_audit_hash(new.id, new."timestamp", new.user_id, new.database_user, new.action, new.entity_type,
    new.entity_id, new.table_name, new.row_id, new.operation, new.transaction_id, new.old_values, new.new_values,
    new.reason, new.ip_address, new.user_agent);
  return new;
end
$$;
--> statement-breakpoint
create trigger audit_log_fill_hash before insert on audit_log
  for each row when (new.row_hash is null) execute function mpi_audit_fill_hash();
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
-- Writes that the audit trail itself, or who may do what, was changed.
create function mpi_audit_admin(table_name text, operation text, details jsonb) returns void
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into public.audit_log (action, entity_type, table_name, operation, new_values, reason, ip_address, user_agent)
    values ('ADMIN', 'audit', table_name, operation, details, nullif(current_setting('mpi.reason', true), ''),
      left(nullif(current_setting('mpi.ip_address', true), ''), 45), left(nullif(current_setting('mpi.user_agent', true), ''), 500));
end
$$;
--> statement-breakpoint
-- Rows that fell into the default partition are taken to their months: the old default is detached, its rows
-- inserted again as they are, hashes included, and it is dropped once the counts agree.
create function mpi_audit_drain_default() returns bigint
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
as $$
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
$$;
--> statement-breakpoint
-- Names the server whose transaction ids the rows bear: after a restore into another one they start anew.
create function mpi_audit_epoch() returns text
language sql stable
as $$ select system_identifier::text from pg_control_system() $$;
--> statement-breakpoint
-- Writes one link of the chain in one statement: chunks of 65,536 ids each, a hash over the chunks of each month
-- (which stays when the month is archived), and the head over all of it. Of every row the leaves keep id, time and
-- 8 bytes of its hash: enough to name the row that was tampered with. Covers the rows of the given transactions
-- beyond `search_from`; with a ceiling, all that its epoch has left up to that id. Returns false, and writes nothing,
-- where there is no such row, unless it ends an epoch or begins the next.
create function mpi_audit_write_seal(
  seal_id bigint, epoch text, floor_id bigint, ceiling_id bigint, lower_xid xid8, upper_xid xid8, next_xid xid8,
  read_position bigint, sealed_to_id bigint, previous_head bytea, search_from bigint
) returns boolean
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
as $$
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
$$;
--> statement-breakpoint
-- Seals every row of a transaction that is over and was not sealed yet. Transaction ids below the snapshot's xmin
-- belong to such; one that is open now is covered by a later seal. Returns how many links were added: none where
-- nothing is new, two after a restore.
create function mpi_audit_seal() returns integer
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
set lock_timeout = '10s'
as $$
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
$$;
--> statement-breakpoint
-- The end of a month's way: its rows stand in a file that was read back and compared with the seals. Refuses where
-- the month is not over, not wholly sealed, or holds other rows than the file.
create function mpi_audit_drop_month(month date, row_count bigint, file_name text, file_hash bytea) returns void
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
set lock_timeout = '2s'
as $$
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
$$;
--> statement-breakpoint
-- They act as the owner, so not everybody may call them; "mpi migrate roles" says who.
revoke execute on function mpi_audit_create_partition(date), mpi_audit_drain_default(),
  mpi_audit_ensure_partitions(integer), mpi_audit_read(text, text, uuid[], jsonb), mpi_audit_admin(text, text, jsonb),
  mpi_audit_write_seal(bigint, text, bigint, bigint, xid8, xid8, xid8, bigint, bigint, bytea, bigint),
  mpi_audit_seal(), mpi_audit_drop_month(date, bigint, text, bytea) from public;
