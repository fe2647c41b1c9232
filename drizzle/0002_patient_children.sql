-- Everything that hangs on a patient, and what matching and import remember.

create extension if not exists fuzzystrmatch;
--> statement-breakpoint
-- How text is folded before it is looked up: case, accents, punctuation and Unicode form do not matter.
-- Accents, Hebrew points, Arabic vowel signs, apostrophes and full stops vanish; signs that are part of a
-- letter in Indian, South-East Asian and Japanese writing stay; everything else that is no letter or digit
-- parts words. The ICU root collation is named because lower() and [[:alnum:]] would otherwise follow the
-- database's own, and a "C" database would lose every letter beyond ASCII.
create function mpi_fold_text(value text) returns text
language sql immutable parallel safe
as $$
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
$$;
--> statement-breakpoint
-- A folded name as it is looked up. Beyond 400 characters the index would refuse it, and nobody types that much.
create function mpi_fold_family(value text) returns text
language sql immutable parallel safe
as $$ select left(public.mpi_fold_text(value), 400) $$;
--> statement-breakpoint
-- The parts of a list of names, folded, one word each: {"Mary Ann","J."} gives {mary,ann,j}.
create function mpi_fold_array(value text[]) returns text[]
language plpgsql immutable parallel safe
as $$
declare
  folded text := public.mpi_fold_text(array_to_string(value, ' '));
begin
  if char_length(folded) <= 200 then
    return string_to_array(folded, ' ');
  end if;
  return coalesce((select array_agg(left(part, 200) order by place)
    from unnest(string_to_array(folded, ' ')) with ordinality parts (part, place)), '{}');
end
$$;
--> statement-breakpoint
-- array_to_string is declared stable for the sake of other types; for text it is immutable.
create function mpi_join_text(value text[]) returns text
language plpgsql immutable parallel safe
as $$
begin
  return array_to_string(value, ' ');
end
$$;
--> statement-breakpoint
create function mpi_longest_part(value text[]) returns integer
language plpgsql immutable parallel safe
as $$
begin
  -- Without a query: it would take longer than all other checks of a name.
  if cardinality(value) = 0 then
    return 0;
  elsif array_lower(value, 1) = 1 and cardinality(value) <= 2 then
    return coalesce(greatest(char_length(value[1]), char_length(value[2])), 0);
  end if;
  return coalesce((select max(char_length(part)) from unnest(value) part), 0);
end
$$;
--> statement-breakpoint
create function mpi_phonetic(value text) returns text
language sql immutable parallel safe
as $$ select nullif(public.dmetaphone(value), '') $$;
--> statement-breakpoint
create function mpi_phonetic_alternate(value text) returns text
language sql immutable parallel safe
as $$ select nullif(public.dmetaphone_alt(value), '') $$;
--> statement-breakpoint
-- Letters and digits only, upper case: "12-34 a" and "1234A" are the same number.
create function mpi_normalize_identifier(value text) returns text
language sql immutable parallel safe
as $$ select nullif(upper(regexp_replace(value, '[^[:alnum:]]' collate "und-x-icu", '', 'g') collate "und-x-icu"), '') $$;
--> statement-breakpoint
-- Telephone numbers by their last ten digits, without an extension; everything else trimmed, in lower case.
create function mpi_normalize_contact(system text, value text) returns text
language sql immutable parallel safe
as $$
  select nullif(case
    when system in ('phone', 'sms', 'fax', 'pager')
      then right(regexp_replace(regexp_replace(lower(value), '(x|ext).*$', ''), '[^0-9]', '', 'g'), 10)
    else lower(btrim(value) collate "und-x-icu")
  end, '')
$$;
--> statement-breakpoint
CREATE TABLE "patient_names" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"family" text,
	"given" text[] DEFAULT '{}'::text[] NOT NULL,
	"prefix" text[] DEFAULT '{}'::text[] NOT NULL,
	"suffix" text[] DEFAULT '{}'::text[] NOT NULL,
	"use_type" varchar(20),
	"is_primary" boolean DEFAULT false NOT NULL,
	"origin_patient_id" uuid,
	"merge_id" uuid,
	"family_folded" text GENERATED ALWAYS AS (mpi_fold_family(family)) STORED,
	"given_folded" text[] GENERATED ALWAYS AS (mpi_fold_array(given)) STORED,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	"updated_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "patient_names_use_type_check" CHECK (use_type = any (array['usual', 'official', 'temp', 'nickname', 'anonymous', 'old', 'maiden'])),
	CONSTRAINT "patient_names_length_check" CHECK (char_length(family) <= 1000 and mpi_longest_part(given) <= 1000 and mpi_longest_part(prefix) <= 1000 and mpi_longest_part(suffix) <= 1000),
	CONSTRAINT "patient_names_empty_check" CHECK (btrim(coalesce(family, '')) <> '' or btrim(mpi_join_text(given)) <> '')
);
--> statement-breakpoint
CREATE TABLE "name_dictionary" (
	"kind" varchar(6) NOT NULL,
	"value" text NOT NULL,
	"phonetic" text GENERATED ALWAYS AS (mpi_phonetic(value)) STORED,
	"phonetic_alternate" text GENERATED ALWAYS AS (mpi_phonetic_alternate(value)) STORED,
	CONSTRAINT "name_dictionary_pkey" PRIMARY KEY("kind","value"),
	CONSTRAINT "name_dictionary_kind_check" CHECK (kind = any (array['family', 'given']))
);
--> statement-breakpoint
CREATE TABLE "patient_identifiers" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"type" varchar(50) NOT NULL,
	"system" varchar(255) NOT NULL,
	"value" varchar(255) NOT NULL,
	"assigner" varchar(255),
	"use_type" varchar(20),
	"origin_patient_id" uuid,
	"merge_id" uuid,
	"value_normalized" text GENERATED ALWAYS AS (mpi_normalize_identifier(value)) STORED,
	"value_masked" text GENERATED ALWAYS AS (case when char_length(value) > 4 then '****' || right(value, 4) else '****' end) STORED,
	"unique_key" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	"updated_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "patient_identifiers_patient_system_value_key" UNIQUE("patient_id","system","value"),
	CONSTRAINT "patient_identifiers_use_type_check" CHECK (use_type = any (array['usual', 'official', 'temp', 'secondary', 'old'])),
	CONSTRAINT "patient_identifiers_value_check" CHECK (btrim(value) <> '')
);
--> statement-breakpoint
CREATE TABLE "patient_addresses" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"line1" text,
	"line2" text,
	"city" varchar(255),
	"state" varchar(100),
	"postal_code" varchar(20),
	"country" varchar(100),
	"use_type" varchar(20),
	"is_primary" boolean DEFAULT false NOT NULL,
	"origin_patient_id" uuid,
	"merge_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	"updated_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "patient_addresses_use_type_check" CHECK (use_type = any (array['home', 'work', 'temp', 'old', 'billing'])),
	CONSTRAINT "patient_addresses_length_check" CHECK (char_length(line1) <= 1000 and char_length(line2) <= 1000)
);
--> statement-breakpoint
CREATE TABLE "patient_contacts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"system" varchar(20) NOT NULL,
	"value" varchar(255) NOT NULL,
	"use_type" varchar(20),
	"is_primary" boolean DEFAULT false NOT NULL,
	"origin_patient_id" uuid,
	"merge_id" uuid,
	"value_normalized" text GENERATED ALWAYS AS (mpi_normalize_contact(system, value)) STORED,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	"updated_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "patient_contacts_system_check" CHECK (system = any (array['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other'])),
	CONSTRAINT "patient_contacts_use_type_check" CHECK (use_type = any (array['home', 'work', 'temp', 'old', 'mobile'])),
	CONSTRAINT "patient_contacts_value_check" CHECK (btrim(value) <> '')
);
--> statement-breakpoint
CREATE TABLE "patient_links" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"other_patient_id" uuid NOT NULL,
	"link_type" varchar(20) NOT NULL,
	"origin" varchar(10) DEFAULT 'steward' NOT NULL,
	"run_id" uuid,
	"merge_id" uuid,
	"reason" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	"updated_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "patient_links_pair_key" UNIQUE("patient_id","other_patient_id","link_type"),
	CONSTRAINT "patient_links_self_check" CHECK (patient_id <> other_patient_id),
	CONSTRAINT "patient_links_link_type_check" CHECK (link_type = any (array['replaced_by', 'replaces', 'refer', 'seealso'])),
	CONSTRAINT "patient_links_origin_check" CHECK (origin = any (array['steward', 'run', 'import', 'merge']))
);
--> statement-breakpoint
CREATE TABLE "patient_merges" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"group_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"survivor_id" uuid NOT NULL,
	"merged_at" timestamp with time zone DEFAULT now() NOT NULL,
	"merged_by" varchar(255) DEFAULT mpi_acting_user() NOT NULL,
	"reason" text,
	"rule" text,
	"match_weight" double precision,
	"inverse" jsonb NOT NULL,
	"unmerged_at" timestamp with time zone,
	"unmerged_by" varchar(255),
	"unmerge_reason" text,
	CONSTRAINT "patient_merges_self_check" CHECK (patient_id <> survivor_id)
);
--> statement-breakpoint
CREATE TABLE "patient_quarantine" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"kind" varchar(20) NOT NULL,
	"payload" jsonb NOT NULL,
	"fields" text[] DEFAULT '{}'::text[] NOT NULL,
	"origin" varchar(20) NOT NULL,
	"state" varchar(20) DEFAULT 'pending' NOT NULL,
	"decided_by" varchar(255),
	"decided_at" timestamp with time zone,
	"reason" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "patient_quarantine_kind_check" CHECK (kind = any (array['overlay', 'merge', 'link', 'unlink'])),
	CONSTRAINT "patient_quarantine_origin_check" CHECK (origin = any (array['edit', 'csv', 'fhir', 'hl7'])),
	CONSTRAINT "patient_quarantine_state_check" CHECK (state = any (array['pending', 'applied', 'rejected', 'split']))
);
--> statement-breakpoint
CREATE TABLE "patient_match_scores" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"candidate_id" uuid NOT NULL,
	"total_score" numeric(8, 7) NOT NULL,
	"name_score" numeric(5, 4),
	"birth_date_score" numeric(5, 4),
	"gender_score" numeric(5, 4),
	"address_score" numeric(5, 4),
	"identifier_score" numeric(5, 4),
	"match_weight" double precision DEFAULT 0 NOT NULL,
	"levels" smallint[] DEFAULT '{}'::smallint[] NOT NULL,
	"rules_fired" text[] DEFAULT '{}'::text[] NOT NULL,
	"state" varchar(12) DEFAULT 'pending' NOT NULL,
	"kind" varchar(14) DEFAULT 'duplicate' NOT NULL,
	"model_version" varchar(100),
	"calibration_id" uuid,
	"run_id" uuid,
	"decided_by" varchar(255),
	"decided_at" timestamp with time zone,
	"decision_origin" varchar(10),
	"reason" text,
	"basis_fingerprint" varchar(64),
	"merge_id" uuid,
	"assigned_to" varchar(255),
	"claimed_by" varchar(255),
	"claimed_until" timestamp with time zone,
	"calculated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "patient_match_scores_pair_key" UNIQUE("patient_id","candidate_id"),
	CONSTRAINT "patient_match_scores_order_check" CHECK (patient_id < candidate_id),
	CONSTRAINT "patient_match_scores_range_check" CHECK (total_score >= 0 and total_score <= 1 and name_score >= 0 and name_score <= 1 and birth_date_score >= 0 and birth_date_score <= 1 and gender_score >= 0 and gender_score <= 1 and address_score >= 0 and address_score <= 1 and identifier_score >= 0 and identifier_score <= 1),
	CONSTRAINT "patient_match_scores_state_check" CHECK (state = any (array['pending', 'auto_linked', 'confirmed', 'rejected', 'deferred', 'merged', 'superseded'])),
	CONSTRAINT "patient_match_scores_kind_check" CHECK (kind = any (array['duplicate', 'conflict', 'basis_changed'])),
	CONSTRAINT "patient_match_scores_decision_check" CHECK (state <> all (array['confirmed', 'rejected', 'deferred']) or (decided_by is not null and decided_at is not null)),
	CONSTRAINT "patient_match_scores_decision_origin_check" CHECK (decision_origin = any (array['review', 'link', 'unlink', 'merge', 'unmerge', 'import']))
);
--> statement-breakpoint
CREATE TABLE "match_runs" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"mode" varchar(12) NOT NULL,
	"state" varchar(10) DEFAULT 'running' NOT NULL,
	"model_version" varchar(100) NOT NULL,
	"model_hash" varchar(64) NOT NULL,
	"calibration_id" uuid,
	"watermark" "xid8",
	"epoch" varchar(64) NOT NULL,
	"auto_link" boolean DEFAULT false NOT NULL,
	"counts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"timings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"started_by" varchar(255) DEFAULT mpi_acting_user(),
	"error" text,
	CONSTRAINT "match_runs_mode_check" CHECK (mode = any (array['full', 'incremental'])),
	CONSTRAINT "match_runs_state_check" CHECK (state = any (array['running', 'succeeded', 'stopped', 'failed']))
);
--> statement-breakpoint
CREATE TABLE "match_calibrations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"model_version" varchar(100) NOT NULL,
	"model_hash" varchar(64) NOT NULL,
	"model" jsonb NOT NULL,
	"content" "bytea" NOT NULL,
	"content_hash" varchar(64) NOT NULL,
	"record_count" bigint NOT NULL,
	"origin" varchar(10) NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "match_calibrations_origin_check" CHECK (origin = any (array['train', 'run', 'decisions']))
);
--> statement-breakpoint
CREATE TABLE "match_key_index" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"build" integer NOT NULL,
	"calibration_id" uuid NOT NULL,
	"page_bits" smallint NOT NULL,
	"record_count" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "match_key_index_id_check" CHECK (id = 1)
);
--> statement-breakpoint
CREATE TABLE "match_key_pages" (
	"build" integer NOT NULL,
	"page" integer NOT NULL,
	"entries" "bytea" NOT NULL,
	CONSTRAINT "match_key_pages_pkey" PRIMARY KEY("build","page")
);
--> statement-breakpoint
CREATE TABLE "match_key_changes" (
	"build" integer NOT NULL,
	"page" integer NOT NULL,
	"key_check" integer NOT NULL,
	"patient_id" uuid NOT NULL,
	CONSTRAINT "match_key_changes_pkey" PRIMARY KEY("build","page","key_check","patient_id")
);
--> statement-breakpoint
CREATE TABLE "import_runs" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"format" varchar(10) NOT NULL,
	"source_system" varchar(255) NOT NULL,
	"fingerprint" varchar(64) NOT NULL,
	"state" varchar(10) DEFAULT 'running' NOT NULL,
	"records_done" bigint DEFAULT 0 NOT NULL,
	"bytes_done" bigint DEFAULT 0 NOT NULL,
	"counts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"started_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "import_runs_format_check" CHECK (format = any (array['csv', 'fhir', 'hl7'])),
	CONSTRAINT "import_runs_state_check" CHECK (state = any (array['running', 'succeeded', 'stopped', 'failed']))
);
--> statement-breakpoint
ALTER TABLE "patient_names" ADD CONSTRAINT "patient_names_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "public"."patients"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "patient_identifiers" ADD CONSTRAINT "patient_identifiers_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "public"."patients"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "patient_addresses" ADD CONSTRAINT "patient_addresses_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "public"."patients"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "patient_contacts" ADD CONSTRAINT "patient_contacts_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "public"."patients"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "patient_links" ADD CONSTRAINT "patient_links_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "public"."patients"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "patient_links" ADD CONSTRAINT "patient_links_other_patient_id_fkey" FOREIGN KEY ("other_patient_id") REFERENCES "public"."patients"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "patient_merges" ADD CONSTRAINT "patient_merges_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "public"."patients"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "patient_merges" ADD CONSTRAINT "patient_merges_survivor_id_fkey" FOREIGN KEY ("survivor_id") REFERENCES "public"."patients"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "patient_quarantine" ADD CONSTRAINT "patient_quarantine_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "public"."patients"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "patient_match_scores" ADD CONSTRAINT "patient_match_scores_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "public"."patients"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "match_key_index" ADD CONSTRAINT "match_key_index_calibration_id_fkey" FOREIGN KEY ("calibration_id") REFERENCES "public"."match_calibrations"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "patient_match_scores" ADD CONSTRAINT "patient_match_scores_candidate_id_fkey" FOREIGN KEY ("candidate_id") REFERENCES "public"."patients"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "idx_patient_names_patient_id" ON "patient_names" USING btree ("patient_id");
--> statement-breakpoint
CREATE INDEX "idx_patient_names_family" ON "patient_names" USING btree ("family");
--> statement-breakpoint
CREATE INDEX "idx_patient_names_folded" ON "patient_names" USING btree ("family_folded",(given_folded[1]));
--> statement-breakpoint
CREATE INDEX "idx_patient_names_given_folded" ON "patient_names" USING gin ("given_folded");
--> statement-breakpoint
CREATE UNIQUE INDEX "patient_names_one_primary" ON "patient_names" USING btree ("patient_id") WHERE is_primary;
--> statement-breakpoint
CREATE INDEX "idx_name_dictionary_phonetic" ON "name_dictionary" USING btree ("phonetic","kind");
--> statement-breakpoint
CREATE INDEX "idx_name_dictionary_phonetic_alternate" ON "name_dictionary" USING btree ("phonetic_alternate","kind");
--> statement-breakpoint
CREATE INDEX "idx_patient_identifiers_type" ON "patient_identifiers" USING btree ("type");
--> statement-breakpoint
CREATE INDEX "idx_patient_identifiers_value" ON "patient_identifiers" USING btree ("value");
--> statement-breakpoint
CREATE INDEX "idx_patient_identifiers_system_value" ON "patient_identifiers" USING btree ("system","value");
--> statement-breakpoint
CREATE INDEX "idx_patient_identifiers_value_normalized" ON "patient_identifiers" USING btree ("value_normalized" text_pattern_ops,"patient_id");
--> statement-breakpoint
CREATE UNIQUE INDEX "patient_identifiers_unique_key" ON "patient_identifiers" USING btree ("unique_key") WHERE unique_key is not null;
--> statement-breakpoint
CREATE INDEX "idx_patient_addresses_patient_id" ON "patient_addresses" USING btree ("patient_id");
--> statement-breakpoint
CREATE INDEX "idx_patient_addresses_postal_code" ON "patient_addresses" USING btree ("postal_code");
--> statement-breakpoint
CREATE INDEX "idx_patient_addresses_city_state" ON "patient_addresses" USING btree ("city","state");
--> statement-breakpoint
CREATE INDEX "idx_patient_contacts_patient_id" ON "patient_contacts" USING btree ("patient_id");
--> statement-breakpoint
CREATE INDEX "idx_patient_contacts_value_normalized" ON "patient_contacts" USING btree ("value_normalized");
--> statement-breakpoint
CREATE INDEX "idx_patient_links_other_patient_id" ON "patient_links" USING btree ("other_patient_id");
--> statement-breakpoint
CREATE UNIQUE INDEX "patient_merges_one_open" ON "patient_merges" USING btree ("patient_id") WHERE unmerged_at is null;
--> statement-breakpoint
CREATE INDEX "idx_patient_merges_patient_id" ON "patient_merges" USING btree ("patient_id");
--> statement-breakpoint
CREATE INDEX "idx_patient_merges_survivor_id" ON "patient_merges" USING btree ("survivor_id");
--> statement-breakpoint
CREATE INDEX "idx_patient_quarantine_patient_id" ON "patient_quarantine" USING btree ("patient_id");
--> statement-breakpoint
CREATE INDEX "idx_patient_quarantine_pending" ON "patient_quarantine" USING btree ("created_at") WHERE state = 'pending';
--> statement-breakpoint
CREATE INDEX "idx_match_scores_total_score" ON "patient_match_scores" USING btree ("total_score" DESC NULLS FIRST);
--> statement-breakpoint
CREATE INDEX "idx_match_scores_calculated_at" ON "patient_match_scores" USING btree ("calculated_at");
--> statement-breakpoint
CREATE INDEX "idx_match_scores_candidate_id" ON "patient_match_scores" USING btree ("candidate_id");
--> statement-breakpoint
CREATE INDEX "idx_match_scores_queue_oldest" ON "patient_match_scores" USING btree ("calculated_at","id") WHERE state = any (array['pending', 'deferred']);
--> statement-breakpoint
CREATE INDEX "idx_match_scores_basis_changed" ON "patient_match_scores" USING btree ("total_score" DESC NULLS FIRST,"id") WHERE kind = 'basis_changed';
--> statement-breakpoint
CREATE INDEX "idx_match_scores_queue" ON "patient_match_scores" USING btree ("total_score" DESC NULLS FIRST,"id") WHERE state = any (array['pending', 'deferred']);
--> statement-breakpoint
CREATE INDEX "idx_match_runs_started_at" ON "match_runs" USING btree ("started_at" DESC NULLS FIRST);
--> statement-breakpoint
CREATE UNIQUE INDEX "import_runs_one_open" ON "import_runs" USING btree ("fingerprint") WHERE state <> 'succeeded';

