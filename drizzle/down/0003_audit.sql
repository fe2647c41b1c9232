-- Takes back 0003: the audit trail with all its rows. Nothing that is dropped here can be had again.

drop table audit_archives;
--> statement-breakpoint
drop table audit_seal_chunks;
--> statement-breakpoint
drop table audit_seal_months;
--> statement-breakpoint
drop function mpi_audit_drop_month(date, bigint, text, bytea);
--> statement-breakpoint
drop function mpi_audit_seal();
--> statement-breakpoint
drop function mpi_audit_write_seal(bigint, text, bigint, bigint, xid8, xid8, xid8, bigint, bigint, bytea, bigint);
--> statement-breakpoint
drop function mpi_audit_epoch();
--> statement-breakpoint
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
drop function mpi_audit_admin(text, text, jsonb);
--> statement-breakpoint
drop function mpi_audit_create_partition(date);
--> statement-breakpoint
drop function mpi_audit_protect(regclass);
--> statement-breakpoint
drop function mpi_audit_immutable();
--> statement-breakpoint
drop function mpi_audit_fill_hash();
--> statement-breakpoint
drop function mpi_audit_hash(bigint, timestamptz, text, text, text, text, uuid, text, uuid, text, xid8, jsonb, jsonb, text, text, text);
--> statement-breakpoint
drop function mpi_audit_line(bigint, timestamptz, text, uuid, uuid, jsonb, jsonb);
--> statement-breakpoint
drop function mpi_audit_statement(xid8, text, text, text, text, text, text, text, text, text);
