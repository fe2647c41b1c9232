-- Takes back 0000: organizations and identifier domains. Extensions stay, others may use them.

drop function mpi_tenant_organizations();
--> statement-breakpoint
drop table role_organizations;
--> statement-breakpoint
drop table identifier_domains;
--> statement-breakpoint
drop table organization_contacts;
--> statement-breakpoint
drop table organization_addresses;
--> statement-breakpoint
drop table organization_identifiers;
--> statement-breakpoint
drop table organizations;
--> statement-breakpoint
drop function mpi_acting_user();
