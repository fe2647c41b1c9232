/** The columns of patients.csv, in order. Their meaning: docs/population.md. */
export const POPULATION_COLUMNS = [
  "source_system",
  "source_id",
  "mrn",
  "prefix",
  "given",
  "middle",
  "family",
  "suffix",
  "maiden_name",
  "gender",
  "birth_date",
  "multiple_birth",
  "birth_order",
  "ssn",
  "address_line1",
  "address_line2",
  "city",
  "state",
  "postal_code",
  "country",
  "phone",
  "email",
  "mother_name",
  "mother_mrn",
  "received_at",
] as const;

export type PopulationColumn = (typeof POPULATION_COLUMNS)[number];

/** One record as it is written; empty where the source knows nothing. */
export type PatientColumns = Readonly<Record<PopulationColumn, string>>;

/** The columns of truth.csv, in order. */
export const TRUTH_COLUMNS = [
  "source_id",
  "cluster",
  "kind",
  "group",
  "household",
  "role",
  "error_count",
  "errors",
] as const;
