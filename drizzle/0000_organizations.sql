-- Organizations, the systems that issue identifiers, and who may see which organization.
-- They come first: patients refer to them.

-- gen_random_uuid() is core since PostgreSQL 13; pgcrypto is asked for all the same, because sites expect
-- it here. An administrator may have made it beforehand.
create extension if not exists pgcrypto;
--> statement-breakpoint
-- The user who acts: what the client claims for this transaction, else the role that logged in.
create function mpi_acting_user() returns varchar
language sql stable parallel safe
as $$ select coalesce(nullif(current_setting('mpi.user_id', true), ''), session_user)::varchar(255) $$;
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"name" varchar(255) NOT NULL,
	"alias" text[] DEFAULT '{}'::text[] NOT NULL,
	"org_type" text[] DEFAULT '{}'::text[] NOT NULL,
	"part_of" uuid,
	"source_system" varchar(255),
	"source_id" varchar(255),
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	"updated_by" varchar(255) DEFAULT mpi_acting_user(),
	"deleted_at" timestamp with time zone,
	"deleted_by" varchar(255),
	CONSTRAINT "organizations_source_key" UNIQUE("source_system","source_id"),
	CONSTRAINT "organizations_part_of_check" CHECK (part_of <> id),
	CONSTRAINT "organizations_name_check" CHECK (btrim(name) <> ''),
	CONSTRAINT "organizations_source_check" CHECK ((source_system is null) = (source_id is null))
);
--> statement-breakpoint
CREATE TABLE "organization_identifiers" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"organization_id" uuid NOT NULL,
	"type" varchar(50) NOT NULL,
	"system" varchar(255) NOT NULL,
	"value" varchar(255) NOT NULL,
	"assigner" varchar(255),
	"use_type" varchar(20),
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	"updated_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "organization_identifiers_system_value_key" UNIQUE("system","value"),
	CONSTRAINT "organization_identifiers_use_type_check" CHECK (use_type = any (array['usual', 'official', 'temp', 'secondary', 'old']))
);
--> statement-breakpoint
CREATE TABLE "organization_addresses" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"organization_id" uuid NOT NULL,
	"line1" text,
	"line2" text,
	"city" varchar(255),
	"state" varchar(100),
	"postal_code" varchar(20),
	"country" varchar(100),
	"use_type" varchar(20),
	"is_primary" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	"updated_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "organization_addresses_use_type_check" CHECK (use_type = any (array['home', 'work', 'temp', 'old', 'billing']))
);
--> statement-breakpoint
CREATE TABLE "organization_contacts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"organization_id" uuid NOT NULL,
	"system" varchar(20) NOT NULL,
	"value" varchar(255) NOT NULL,
	"use_type" varchar(20),
	"is_primary" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	"updated_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "organization_contacts_system_check" CHECK (system = any (array['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other'])),
	CONSTRAINT "organization_contacts_use_type_check" CHECK (use_type = any (array['home', 'work', 'temp', 'old', 'mobile']))
);
--> statement-breakpoint
CREATE TABLE "identifier_domains" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"code" varchar(50) NOT NULL,
	"system" varchar(255) NOT NULL,
	"name" varchar(255) NOT NULL,
	"assigning_authority" varchar(255),
	"is_unique" boolean DEFAULT false NOT NULL,
	"is_authoritative" boolean DEFAULT false NOT NULL,
	"is_single_valued" boolean DEFAULT false NOT NULL,
	"check_digit" varchar(20) DEFAULT 'none' NOT NULL,
	"pattern" text,
	"organization_id" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	"updated_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "identifier_domains_system_key" UNIQUE("system"),
	CONSTRAINT "identifier_domains_code_check" CHECK (code ~ '^[A-Za-z][A-Za-z0-9_.-]*$'),
	CONSTRAINT "identifier_domains_check_digit_check" CHECK (check_digit = any (array['none', 'luhn', 'npi', 'nhs', 'ssn']))
);
--> statement-breakpoint
CREATE TABLE "role_organizations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"role_name" varchar(63) NOT NULL,
	"organization_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	CONSTRAINT "role_organizations_role_organization_key" UNIQUE("role_name","organization_id")
);
--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_part_of_fkey" FOREIGN KEY ("part_of") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "organization_identifiers" ADD CONSTRAINT "organization_identifiers_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "organization_addresses" ADD CONSTRAINT "organization_addresses_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "organization_contacts" ADD CONSTRAINT "organization_contacts_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "identifier_domains" ADD CONSTRAINT "identifier_domains_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "role_organizations" ADD CONSTRAINT "role_organizations_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "idx_organizations_name" ON "organizations" USING btree ("name");
--> statement-breakpoint
CREATE INDEX "idx_organizations_part_of" ON "organizations" USING btree ("part_of");
--> statement-breakpoint
CREATE INDEX "idx_organizations_deleted_at" ON "organizations" USING btree ("deleted_at") WHERE deleted_at is not null;
--> statement-breakpoint
CREATE INDEX "idx_organization_identifiers_organization_id" ON "organization_identifiers" USING btree ("organization_id");
--> statement-breakpoint
CREATE INDEX "idx_organization_addresses_organization_id" ON "organization_addresses" USING btree ("organization_id");
--> statement-breakpoint
CREATE INDEX "idx_organization_contacts_organization_id" ON "organization_contacts" USING btree ("organization_id");
--> statement-breakpoint
CREATE UNIQUE INDEX "identifier_domains_code_key" ON "identifier_domains" USING btree (lower(code));
--> statement-breakpoint
CREATE INDEX "idx_identifier_domains_organization_id" ON "identifier_domains" USING btree ("organization_id");
--> statement-breakpoint
CREATE INDEX "idx_role_organizations_organization_id" ON "role_organizations" USING btree ("organization_id");
--> statement-breakpoint
-- The organizations that whoever logged in may see under row-level security, and all that are part of them. Asks
-- session_user: what a client sets, or SET ROLE, changes nothing.
create function mpi_tenant_organizations() returns uuid[]
language sql stable parallel safe security definer
set search_path = pg_catalog, public, pg_temp
as $$
  with recursive visible as (
    select r.organization_id as id from role_organizations r where r.role_name = session_user
    union
    select o.id from organizations o join visible v on o.part_of = v.id
  )
  select coalesce(array_agg(v.id), '{}') from visible v
$$;
