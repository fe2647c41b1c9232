CREATE TABLE "patients" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"gender" varchar(10),
	"birth_date" date,
	"birth_date_precision" varchar(5) DEFAULT 'day' NOT NULL,
	"deceased" boolean DEFAULT false NOT NULL,
	"deceased_datetime" timestamp with time zone,
	"marital_status" varchar(50),
	"multiple_birth" boolean,
	"birth_order" smallint,
	"mother_name" text,
	"mother_identifier" varchar(255),
	"managing_organization_id" uuid,
	"source_system" varchar(255),
	"source_id" varchar(255),
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"enterprise_id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"enterprise_since" timestamp with time zone DEFAULT now() NOT NULL,
	"initial_enterprise_id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"initial_enterprise_at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"change_xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" varchar(255) DEFAULT mpi_acting_user(),
	"updated_by" varchar(255) DEFAULT mpi_acting_user(),
	"deleted_at" timestamp with time zone,
	"deleted_by" varchar(255),
	CONSTRAINT "patients_source_key" UNIQUE("source_system","source_id"),
	CONSTRAINT "patients_birth_date_check" CHECK (birth_date >= '0001-01-01' and birth_date <= '9999-12-31'),
	CONSTRAINT "patients_gender_check" CHECK (gender = any (array['male', 'female', 'other', 'unknown'])),
	CONSTRAINT "patients_birth_date_precision_check" CHECK (birth_date_precision = any (array['day', 'month', 'year'])),
	CONSTRAINT "patients_birth_order_check" CHECK (birth_order >= 1 and birth_order <= 20),
	CONSTRAINT "patients_source_check" CHECK ((source_system is null) = (source_id is null))
);
--> statement-breakpoint
ALTER TABLE "patients" ADD CONSTRAINT "patients_managing_organization_id_fkey" FOREIGN KEY ("managing_organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "idx_patients_birth_date" ON "patients" USING btree ("birth_date");
--> statement-breakpoint
CREATE INDEX "idx_patients_gender" ON "patients" USING btree ("gender");
--> statement-breakpoint
CREATE INDEX "idx_patients_active" ON "patients" USING btree ("active");
--> statement-breakpoint
CREATE INDEX "idx_patients_organization" ON "patients" USING btree ("managing_organization_id");
--> statement-breakpoint
CREATE INDEX "idx_patients_deleted_at" ON "patients" USING btree ("deleted_at") WHERE deleted_at is not null;
--> statement-breakpoint
CREATE INDEX "idx_patients_enterprise_id" ON "patients" USING btree ("enterprise_id");
--> statement-breakpoint
CREATE INDEX "idx_patients_change_xid" ON "patients" USING btree ("change_xid");
