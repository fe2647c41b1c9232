-- Takes back 0002: everything that hangs on a patient, and what matching and import remember.

drop table import_runs;
--> statement-breakpoint
drop table match_key_changes;
--> statement-breakpoint
drop table match_key_pages;
--> statement-breakpoint
drop table match_key_index;
--> statement-breakpoint
drop table match_calibrations;
--> statement-breakpoint
drop table match_runs;
--> statement-breakpoint
drop table patient_match_scores;
--> statement-breakpoint
drop table patient_quarantine;
--> statement-breakpoint
drop table patient_merges;
--> statement-breakpoint
drop table patient_links;
--> statement-breakpoint
drop table patient_contacts;
--> statement-breakpoint
drop table patient_addresses;
--> statement-breakpoint
drop table patient_identifiers;
--> statement-breakpoint
drop table name_dictionary;
--> statement-breakpoint
drop table patient_names;
--> statement-breakpoint
drop function mpi_normalize_contact(text, text);
--> statement-breakpoint
drop function mpi_normalize_identifier(text);
--> statement-breakpoint
drop function mpi_phonetic_alternate(text);
--> statement-breakpoint
drop function mpi_phonetic(text);
--> statement-breakpoint
drop function mpi_longest_part(text[]);
--> statement-breakpoint
drop function mpi_join_text(text[]);
--> statement-breakpoint
drop function mpi_fold_array(text[]);
--> statement-breakpoint
drop function mpi_fold_family(text);
--> statement-breakpoint
drop function mpi_fold_text(text);
