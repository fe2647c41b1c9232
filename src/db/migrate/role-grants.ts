/** The roles of `mpi migrate roles`, without their prefix. */
export const roleNames = ["owner", "steward", "matcher", "auditor", "reader"] as const;
export type RoleName = (typeof roleNames)[number];

/** What each is for: becomes the role's comment. */
export const roleComments: Readonly<Record<RoleName, string>> = {
  owner: "owns the schema and runs migrations",
  steward: "finds, edits, links and merges records",
  matcher: "runs the matching and links automatically; merges nothing",
  auditor: "reads, seals and archives the audit trail",
  reader: "reads records, identifiers masked",
};

/** Roles that get grants; the owner needs none. */
export type GrantedRole = Exclude<RoleName, "owner">;
export const grantedRoles: readonly GrantedRole[] = ["steward", "matcher", "auditor", "reader"];

/** Privileges on one table, as GRANT takes them; a list of columns narrows one. `except` stands for all but these. */
export interface TableGrant {
  readonly privileges: string;
  /** Columns that are left out of `select`. */
  readonly except?: readonly string[];
}

const read: TableGrant = { privileges: "select" };
const write: TableGrant = { privileges: "select, insert, update" };
const writeAndDelete: TableGrant = { privileges: "select, insert, update, delete" };

/**
 * Who may do what with each table; a role that is not named may do nothing. Nobody is given the audit trail to
 * write: triggers and functions write it as the owner. Records are deleted softly, so nobody may delete one;
 * rows below them move by delete and insert.
 */
export const tableGrants: Readonly<Record<string, Readonly<Partial<Record<GrantedRole, TableGrant>>>>> = {
  organizations: { steward: write, matcher: read, auditor: read, reader: read },
  organization_identifiers: { steward: writeAndDelete, reader: read },
  organization_addresses: { steward: writeAndDelete, reader: read },
  organization_contacts: { steward: writeAndDelete, reader: read },
  identifier_domains: { steward: write, matcher: read, auditor: read, reader: read },
  role_organizations: { auditor: read },
  patients: {
    steward: write,
    matcher: { privileges: "select, update (enterprise_id, enterprise_since)" },
    auditor: read,
    reader: { privileges: "select", except: ["mother_identifier"] },
  },
  patient_names: { steward: writeAndDelete, matcher: read, reader: read },
  patient_identifiers: {
    steward: writeAndDelete,
    matcher: read,
    auditor: read,
    reader: { privileges: "select", except: ["value", "value_normalized", "unique_key"] },
  },
  patient_addresses: { steward: writeAndDelete, matcher: read, reader: read },
  patient_contacts: { steward: writeAndDelete, matcher: read, reader: read },
  patient_links: { steward: writeAndDelete, matcher: writeAndDelete, auditor: read, reader: read },
  patient_merges: {
    steward: write,
    matcher: { privileges: "select", except: ["inverse"] },
    auditor: read,
    // The inverse holds the rows that a merge moved, values and all.
    reader: { privileges: "select", except: ["inverse"] },
  },
  patient_quarantine: { steward: write },
  patient_match_scores: { steward: writeAndDelete, matcher: writeAndDelete, auditor: read, reader: read },
  name_dictionary: { steward: read, matcher: read, reader: read },
  match_runs: { steward: read, matcher: write, auditor: read, reader: read },
  // Frequent values are names and dates.
  match_calibrations: { steward: read, matcher: { privileges: "select, insert" } },
  match_key_index: { matcher: writeAndDelete },
  match_key_pages: { matcher: writeAndDelete },
  match_key_changes: { matcher: writeAndDelete },
  import_runs: { steward: write, auditor: read },
  audit_log: {
    steward: read,
    // Which records' links and decisions changed, not to what.
    matcher: {
      privileges: "select",
      except: ["old_values", "new_values", "ip_address", "user_agent", "reason", "row_hash", "user_id"],
    },
    auditor: read,
  },
  audit_seals: { auditor: read },
  audit_seal_months: { auditor: read },
  audit_seal_chunks: { auditor: read },
  audit_archives: { steward: read, auditor: read },
  mpi_migrations: { steward: read, matcher: read, auditor: read, reader: read },
  mpi_migration_events: { auditor: read },
};

/** Who may call the functions that act as the owner. All others may be called by everybody. */
export const functionGrants: Readonly<Record<string, readonly GrantedRole[]>> = {
  "mpi_name_candidates(text, text, boolean, integer)": ["steward", "matcher", "reader"],
  "mpi_patients_with_given(text[])": ["steward", "matcher", "reader"],
  "mpi_audit_read(text, text, uuid[], jsonb)": ["steward", "matcher", "auditor", "reader"],
  "mpi_audit_ensure_partitions(integer)": ["matcher", "auditor"],
  "mpi_audit_drain_default()": ["auditor"],
  "mpi_audit_seal()": ["auditor"],
  "mpi_audit_drop_month(date, bigint, text, bytea)": ["auditor"],
};
