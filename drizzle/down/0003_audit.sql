-- Takes back 0003: the audit trail with all its rows. Nothing that is dropped here can be had again.

drop table audit_seals;
--> statement-breakpoint
drop table audit_log;
--> statement-breakpoint
drop function mpi_audit_read(text, text, uuid[], jsonb);
--> statement-breakpoint
drop function mpi_audit_ensure_partitions(integer);
--> statement-breakpoint
drop function mpi_audit_drain_default();
--> statement-breakpoint
drop function mpi_audit_create_partition(date);
--> statement-breakpoint
drop function mpi_audit_protect(regclass);
--> statement-breakpoint
drop function mpi_audit_immutable();
--> statement-breakpoint
drop function mpi_audit_hash(bigint, timestamptz, varchar, varchar, varchar, varchar, uuid, varchar, uuid, varchar, xid8, jsonb, jsonb, text, varchar, varchar);
