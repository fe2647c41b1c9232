-- Takes back 0004: the triggers, which go with their functions, and the indexes for fuzzy and combined search.

drop function mpi_patients_with_given(text[]);
--> statement-breakpoint
drop function mpi_name_candidates(text, text, boolean, integer);
--> statement-breakpoint
drop function mpi_near_names(text, text, boolean, integer);
--> statement-breakpoint
drop function mpi_sees_all_patients();
--> statement-breakpoint
drop function mpi_refuse_truncate() cascade;
--> statement-breakpoint
drop function mpi_audit_run_changes() cascade;
--> statement-breakpoint
drop function audit_organization_changes() cascade;
--> statement-breakpoint
drop function audit_patient_changes() cascade;
--> statement-breakpoint
drop function mpi_extend_name_dictionary() cascade;
--> statement-breakpoint
drop function mpi_refresh_domain_unique_keys() cascade;
--> statement-breakpoint
drop function mpi_refresh_patient_unique_keys() cascade;
--> statement-breakpoint
drop function mpi_note_unique_systems() cascade;
--> statement-breakpoint
drop function mpi_maintain_unique_key() cascade;
--> statement-breakpoint
drop function mpi_touch_patients() cascade;
--> statement-breakpoint
drop function mpi_audit_content(jsonb);
--> statement-breakpoint
drop function mpi_audit_run_image(jsonb);
--> statement-breakpoint
drop function mpi_audit_image(jsonb);
--> statement-breakpoint
drop function mpi_mark_patient_changed() cascade;
--> statement-breakpoint
drop function mpi_begin_person() cascade;
--> statement-breakpoint
drop function mpi_raise_version() cascade;
--> statement-breakpoint
drop function update_updated_at_column() cascade;
--> statement-breakpoint
drop index idx_patients_birth_date_gender;
--> statement-breakpoint
drop index idx_patients_active_gender;
--> statement-breakpoint
drop index idx_patient_names_given_trgm;
--> statement-breakpoint
drop index idx_patient_names_family_trgm;
--> statement-breakpoint
drop index idx_name_dictionary_reversed;
--> statement-breakpoint
drop index idx_name_dictionary_value;
--> statement-breakpoint
drop index idx_name_dictionary_value_trgm;
