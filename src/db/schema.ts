/**
 * The one schema module: every table, column, constraint and index of the index, as the migrations in
 * drizzle/ build them. A test compares it with the live catalogue both ways. What Drizzle cannot say
 * (partitions, triggers, functions, grants) lives in the migrations alone. docs/database-schema.md explains.
 */
import { relations, sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
  varchar,
  type AnyPgColumn,
} from "drizzle-orm/pg-core";
import { bytea, instant, softDelete, stamps, xid8 } from "./columns.ts";

const id = () =>
  uuid("id")
    .primaryKey()
    .default(sql`gen_random_uuid()`);
const textArray = (name: string) =>
  text(name)
    .array()
    .notNull()
    .default(sql`'{}'::text[]`);
const currentTransaction = sql`pg_current_xact_id()`;

// ── organizations ────────────────────────────────────────────────────────────────────────────────

export const organizations = pgTable(
  "organizations",
  {
    id: id(),
    active: boolean("active").notNull().default(true),
    name: varchar("name", { length: 255 }).notNull(),
    alias: textArray("alias"),
    orgType: textArray("org_type"),
    partOf: uuid("part_of"),
    sourceSystem: varchar("source_system", { length: 255 }),
    sourceId: varchar("source_id", { length: 255 }),
    version: integer("version").notNull().default(1),
    ...stamps(),
    ...softDelete(),
  },
  (t) => [
    foreignKey({ name: "organizations_part_of_fkey", columns: [t.partOf], foreignColumns: [t.id] }),
    unique("organizations_source_key").on(t.sourceSystem, t.sourceId),
    check("organizations_part_of_check", sql`part_of <> id`),
    check("organizations_name_check", sql`btrim(name) <> ''`),
    check("organizations_source_check", sql`(source_system is null) = (source_id is null)`),
    index("idx_organizations_name").on(t.name),
    index("idx_organizations_part_of").on(t.partOf),
    index("idx_organizations_deleted_at")
      .on(t.deletedAt)
      .where(sql`deleted_at is not null`),
  ],
);

const organizationId = () => uuid("organization_id").notNull();
const organizationKey = (table: string, column: AnyPgColumn) =>
  foreignKey({
    name: `${table}_organization_id_fkey`,
    columns: [column],
    foreignColumns: [organizations.id],
  }).onDelete("cascade");

export const organizationIdentifiers = pgTable(
  "organization_identifiers",
  {
    id: id(),
    organizationId: organizationId(),
    type: varchar("type", { length: 50 }).notNull(),
    system: varchar("system", { length: 255 }).notNull(),
    value: varchar("value", { length: 255 }).notNull(),
    assigner: varchar("assigner", { length: 255 }),
    useType: varchar("use_type", { length: 20 }),
    ...stamps(),
  },
  (t) => [
    organizationKey("organization_identifiers", t.organizationId),
    unique("organization_identifiers_system_value_key").on(t.system, t.value),
    check(
      "organization_identifiers_use_type_check",
      sql`use_type = any (array['usual', 'official', 'temp', 'secondary', 'old'])`,
    ),
    index("idx_organization_identifiers_organization_id").on(t.organizationId),
  ],
);

export const organizationAddresses = pgTable(
  "organization_addresses",
  {
    id: id(),
    organizationId: organizationId(),
    line1: text("line1"),
    line2: text("line2"),
    city: varchar("city", { length: 255 }),
    state: varchar("state", { length: 100 }),
    postalCode: varchar("postal_code", { length: 20 }),
    country: varchar("country", { length: 100 }),
    useType: varchar("use_type", { length: 20 }),
    isPrimary: boolean("is_primary").notNull().default(false),
    ...stamps(),
  },
  (t) => [
    organizationKey("organization_addresses", t.organizationId),
    check(
      "organization_addresses_use_type_check",
      sql`use_type = any (array['home', 'work', 'temp', 'old', 'billing'])`,
    ),
    index("idx_organization_addresses_organization_id").on(t.organizationId),
  ],
);

export const organizationContacts = pgTable(
  "organization_contacts",
  {
    id: id(),
    organizationId: organizationId(),
    system: varchar("system", { length: 20 }).notNull(),
    value: varchar("value", { length: 255 }).notNull(),
    useType: varchar("use_type", { length: 20 }),
    isPrimary: boolean("is_primary").notNull().default(false),
    ...stamps(),
  },
  (t) => [
    organizationKey("organization_contacts", t.organizationId),
    check(
      "organization_contacts_system_check",
      sql`system = any (array['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other'])`,
    ),
    check(
      "organization_contacts_use_type_check",
      sql`use_type = any (array['home', 'work', 'temp', 'old', 'mobile'])`,
    ),
    index("idx_organization_contacts_organization_id").on(t.organizationId),
  ],
);

/** What is known about the systems that issue identifiers. A system without a row here is plain evidence. */
export const identifierDomains = pgTable(
  "identifier_domains",
  {
    id: id(),
    code: varchar("code", { length: 50 }).notNull(),
    system: varchar("system", { length: 255 }).notNull(),
    name: varchar("name", { length: 255 }).notNull(),
    assigningAuthority: varchar("assigning_authority", { length: 255 }),
    /** No two active records may carry the same value (a hospital's own numbers). */
    isUnique: boolean("is_unique").notNull().default(false),
    /** One value names one person for sure. */
    isAuthoritative: boolean("is_authoritative").notNull().default(false),
    /** A person has at most one current value (a national number; not a card number). */
    isSingleValued: boolean("is_single_valued").notNull().default(false),
    checkDigit: varchar("check_digit", { length: 20 }).notNull().default("none"),
    pattern: text("pattern"),
    organizationId: uuid("organization_id"),
    version: integer("version").notNull().default(1),
    ...stamps(),
  },
  (t) => [
    uniqueIndex("identifier_domains_code_key").on(sql`lower(code)`),
    unique("identifier_domains_system_key").on(t.system),
    check("identifier_domains_code_check", sql`code ~ '^[A-Za-z][A-Za-z0-9_.-]*$'`),
    check(
      "identifier_domains_check_digit_check",
      sql`check_digit = any (array['none', 'luhn', 'npi', 'nhs', 'ssn'])`,
    ),
    foreignKey({
      name: "identifier_domains_organization_id_fkey",
      columns: [t.organizationId],
      foreignColumns: [organizations.id],
    }),
    index("idx_identifier_domains_organization_id").on(t.organizationId),
  ],
);

// ── patients ─────────────────────────────────────────────────────────────────────────────────────

export const patients = pgTable(
  "patients",
  {
    id: id(),
    active: boolean("active").notNull().default(true),
    gender: varchar("gender", { length: 10 }),
    birthDate: date("birth_date", { mode: "string" }),
    birthDatePrecision: varchar("birth_date_precision", { length: 5 }).notNull().default("day"),
    deceased: boolean("deceased").notNull().default(false),
    deceasedDatetime: instant("deceased_datetime"),
    maritalStatus: varchar("marital_status", { length: 50 }),
    multipleBirth: boolean("multiple_birth"),
    birthOrder: smallint("birth_order"),
    motherName: text("mother_name"),
    motherIdentifier: varchar("mother_identifier", { length: 255 }),
    managingOrganizationId: uuid("managing_organization_id"),
    sourceSystem: varchar("source_system", { length: 255 }),
    sourceId: varchar("source_id", { length: 255 }),
    receivedAt: instant("received_at").notNull().defaultNow(),
    /** The name of the person this record belongs to. */
    enterpriseId: uuid("enterprise_id")
      .notNull()
      .default(sql`gen_random_uuid()`),
    enterpriseSince: instant("enterprise_since").notNull().defaultNow(),
    /** The enterprise id the record started with, and gets back when it stands alone; set by a trigger on insert. */
    initialEnterpriseId: uuid("initial_enterprise_id")
      .notNull()
      .default(sql`gen_random_uuid()`),
    initialEnterpriseAt: instant("initial_enterprise_at").notNull().defaultNow(),
    /** Rises with any change of content, children included; once per transaction. */
    version: integer("version").notNull().default(1),
    /** The transaction of the last such change. */
    changeXid: xid8("change_xid").notNull().default(currentTransaction),
    ...stamps(),
    ...softDelete(),
  },
  (t) => [
    foreignKey({
      name: "patients_managing_organization_id_fkey",
      columns: [t.managingOrganizationId],
      foreignColumns: [organizations.id],
    }),
    unique("patients_source_key").on(t.sourceSystem, t.sourceId),
    check("patients_birth_date_check", sql`birth_date >= '0001-01-01' and birth_date <= '9999-12-31'`),
    check("patients_gender_check", sql`gender = any (array['male', 'female', 'other', 'unknown'])`),
    check(
      "patients_birth_date_precision_check",
      sql`birth_date_precision = any (array['day', 'month', 'year'])`,
    ),
    check("patients_birth_order_check", sql`birth_order >= 1 and birth_order <= 20`),
    check("patients_source_check", sql`(source_system is null) = (source_id is null)`),
    index("idx_patients_birth_date").on(t.birthDate),
    index("idx_patients_gender").on(t.gender),
    index("idx_patients_active").on(t.active),
    index("idx_patients_organization").on(t.managingOrganizationId),
    index("idx_patients_deleted_at")
      .on(t.deletedAt)
      .where(sql`deleted_at is not null`),
    index("idx_patients_active_gender")
      .on(t.active, t.gender)
      .where(sql`deleted_at is null`),
    index("idx_patients_birth_date_gender")
      .on(t.birthDate, t.gender)
      .where(sql`deleted_at is null`),
    index("idx_patients_enterprise_id").on(t.enterpriseId),
    index("idx_patients_change_xid").on(t.changeXid),
  ],
);

const patientId = () => uuid("patient_id").notNull();
const patientKey = (table: string, column: AnyPgColumn) =>
  foreignKey({
    name: `${table}_patient_id_fkey`,
    columns: [column],
    foreignColumns: [patients.id],
  }).onDelete("cascade");

/** On rows that a merge moved, or that arrived for a retired record: where they belong, and by which merge. */
const origin = () => ({
  originPatientId: uuid("origin_patient_id"),
  mergeId: uuid("merge_id"),
});

export const patientNames = pgTable(
  "patient_names",
  {
    id: id(),
    patientId: patientId(),
    family: text("family"),
    given: textArray("given"),
    prefix: textArray("prefix"),
    suffix: textArray("suffix"),
    useType: varchar("use_type", { length: 20 }),
    isPrimary: boolean("is_primary").notNull().default(false),
    ...origin(),
    familyFolded: text("family_folded").generatedAlwaysAs(sql`mpi_fold_family(family)`),
    givenFolded: text("given_folded")
      .array()
      .generatedAlwaysAs(sql`mpi_fold_array(given)`),
    ...stamps(),
  },
  (t) => [
    patientKey("patient_names", t.patientId),
    check(
      "patient_names_use_type_check",
      sql`use_type = any (array['usual', 'official', 'temp', 'nickname', 'anonymous', 'old', 'maiden'])`,
    ),
    check(
      "patient_names_length_check",
      sql`char_length(family) <= 1000 and mpi_longest_part(given) <= 1000 and mpi_longest_part(prefix) <= 1000 and mpi_longest_part(suffix) <= 1000`,
    ),
    check(
      "patient_names_empty_check",
      sql`btrim(coalesce(family, '')) <> '' or btrim(mpi_join_text(given)) <> ''`,
    ),
    index("idx_patient_names_patient_id").on(t.patientId),
    index("idx_patient_names_family").on(t.family),
    index("idx_patient_names_family_trgm").using("gin", t.family.op("gin_trgm_ops")),
    index("idx_patient_names_given_trgm").using("gin", sql`mpi_join_text(given) gin_trgm_ops`),
    index("idx_patient_names_folded").on(t.familyFolded, sql`(given_folded[1])`),
    index("idx_patient_names_given_folded").using("gin", t.givenFolded),
    uniqueIndex("patient_names_one_primary")
      .on(t.patientId)
      .where(sql`is_primary`),
  ],
);

/** Every distinct folded name: fuzzy search looks here first, then joins back by equality. */
export const nameDictionary = pgTable(
  "name_dictionary",
  {
    kind: varchar("kind", { length: 6 }).notNull(),
    value: text("value").notNull(),
    phonetic: text("phonetic").generatedAlwaysAs(sql`mpi_phonetic(value)`),
    phoneticAlternate: text("phonetic_alternate").generatedAlwaysAs(sql`mpi_phonetic_alternate(value)`),
  },
  (t) => [
    primaryKey({ name: "name_dictionary_pkey", columns: [t.kind, t.value] }),
    check("name_dictionary_kind_check", sql`kind = any (array['family', 'given'])`),
    index("idx_name_dictionary_value_trgm").using("gin", t.value.op("gin_trgm_ops")),
    index("idx_name_dictionary_value").on(t.value.op("text_pattern_ops"), t.kind),
    index("idx_name_dictionary_reversed").on(sql`reverse(value) text_pattern_ops`, t.value, t.kind),
    index("idx_name_dictionary_phonetic").on(t.phonetic, t.kind),
    index("idx_name_dictionary_phonetic_alternate").on(t.phoneticAlternate, t.kind),
  ],
);

export const patientIdentifiers = pgTable(
  "patient_identifiers",
  {
    id: id(),
    patientId: patientId(),
    type: varchar("type", { length: 50 }).notNull(),
    system: varchar("system", { length: 255 }).notNull(),
    value: varchar("value", { length: 255 }).notNull(),
    assigner: varchar("assigner", { length: 255 }),
    useType: varchar("use_type", { length: 20 }),
    ...origin(),
    valueNormalized: text("value_normalized").generatedAlwaysAs(sql`mpi_normalize_identifier(value)`),
    /** What those may see who may not see the value. */
    valueMasked: text("value_masked").generatedAlwaysAs(
      sql`case when char_length(value) > 4 then '****' || right(value, 4) else '****' end`,
    ),
    /** Kept by a trigger; null where the domain does not ask for uniqueness, or the record or value is retired. */
    uniqueKey: text("unique_key"),
    ...stamps(),
  },
  (t) => [
    patientKey("patient_identifiers", t.patientId),
    unique("patient_identifiers_patient_system_value_key").on(t.patientId, t.system, t.value),
    check(
      "patient_identifiers_use_type_check",
      sql`use_type = any (array['usual', 'official', 'temp', 'secondary', 'old'])`,
    ),
    check("patient_identifiers_value_check", sql`btrim(value) <> ''`),
    index("idx_patient_identifiers_type").on(t.type),
    index("idx_patient_identifiers_value").on(t.value),
    index("idx_patient_identifiers_system_value").on(t.system, t.value),
    index("idx_patient_identifiers_value_normalized").on(
      t.valueNormalized.op("text_pattern_ops"),
      t.patientId,
    ),
    // Partial: most identifiers are of domains that are not unique, and have no key.
    uniqueIndex("patient_identifiers_unique_key")
      .on(t.uniqueKey)
      .where(sql`unique_key is not null`),
  ],
);

export const patientAddresses = pgTable(
  "patient_addresses",
  {
    id: id(),
    patientId: patientId(),
    line1: text("line1"),
    line2: text("line2"),
    city: varchar("city", { length: 255 }),
    state: varchar("state", { length: 100 }),
    postalCode: varchar("postal_code", { length: 20 }),
    country: varchar("country", { length: 100 }),
    useType: varchar("use_type", { length: 20 }),
    isPrimary: boolean("is_primary").notNull().default(false),
    ...origin(),
    ...stamps(),
  },
  (t) => [
    patientKey("patient_addresses", t.patientId),
    check(
      "patient_addresses_use_type_check",
      sql`use_type = any (array['home', 'work', 'temp', 'old', 'billing'])`,
    ),
    check("patient_addresses_length_check", sql`char_length(line1) <= 1000 and char_length(line2) <= 1000`),
    index("idx_patient_addresses_patient_id").on(t.patientId),
    index("idx_patient_addresses_postal_code").on(t.postalCode),
    index("idx_patient_addresses_city_state").on(t.city, t.state),
  ],
);

export const patientContacts = pgTable(
  "patient_contacts",
  {
    id: id(),
    patientId: patientId(),
    system: varchar("system", { length: 20 }).notNull(),
    value: varchar("value", { length: 255 }).notNull(),
    useType: varchar("use_type", { length: 20 }),
    isPrimary: boolean("is_primary").notNull().default(false),
    ...origin(),
    valueNormalized: text("value_normalized").generatedAlwaysAs(sql`mpi_normalize_contact(system, value)`),
    ...stamps(),
  },
  (t) => [
    patientKey("patient_contacts", t.patientId),
    check(
      "patient_contacts_system_check",
      sql`system = any (array['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other'])`,
    ),
    check(
      "patient_contacts_use_type_check",
      sql`use_type = any (array['home', 'work', 'temp', 'old', 'mobile'])`,
    ),
    check("patient_contacts_value_check", sql`btrim(value) <> ''`),
    index("idx_patient_contacts_patient_id").on(t.patientId),
    index("idx_patient_contacts_value_normalized").on(t.valueNormalized),
  ],
);

export const patientLinks = pgTable(
  "patient_links",
  {
    id: id(),
    patientId: patientId(),
    otherPatientId: uuid("other_patient_id").notNull(),
    linkType: varchar("link_type", { length: 20 }).notNull(),
    origin: varchar("origin", { length: 10 }).notNull().default("steward"),
    runId: uuid("run_id"),
    mergeId: uuid("merge_id"),
    reason: text("reason"),
    ...stamps(),
  },
  (t) => [
    patientKey("patient_links", t.patientId),
    foreignKey({
      name: "patient_links_other_patient_id_fkey",
      columns: [t.otherPatientId],
      foreignColumns: [patients.id],
    }).onDelete("cascade"),
    unique("patient_links_pair_key").on(t.patientId, t.otherPatientId, t.linkType),
    check("patient_links_self_check", sql`patient_id <> other_patient_id`),
    check(
      "patient_links_link_type_check",
      sql`link_type = any (array['replaced_by', 'replaces', 'refer', 'seealso'])`,
    ),
    check("patient_links_origin_check", sql`origin = any (array['steward', 'run', 'import', 'merge'])`),
    index("idx_patient_links_other_patient_id").on(t.otherPatientId),
  ],
);

/** One row per merge: who, when, why, and the inverse operations. */
export const patientMerges = pgTable(
  "patient_merges",
  {
    id: id(),
    /** Merges made by one command share it. */
    groupId: uuid("group_id").notNull(),
    /** The retired record. */
    patientId: patientId(),
    survivorId: uuid("survivor_id").notNull(),
    mergedAt: instant("merged_at").notNull().defaultNow(),
    mergedBy: varchar("merged_by", { length: 255 })
      .notNull()
      .default(sql`mpi_acting_user()`),
    reason: text("reason"),
    rule: text("rule"),
    matchWeight: doublePrecision("match_weight"),
    /** Moved rows by table and id, previous values, choices field by field: what unmerge reads. */
    inverse: jsonb("inverse").notNull(),
    unmergedAt: instant("unmerged_at"),
    unmergedBy: varchar("unmerged_by", { length: 255 }),
    unmergeReason: text("unmerge_reason"),
  },
  (t) => [
    patientKey("patient_merges", t.patientId),
    foreignKey({
      name: "patient_merges_survivor_id_fkey",
      columns: [t.survivorId],
      foreignColumns: [patients.id],
    }).onDelete("cascade"),
    check("patient_merges_self_check", sql`patient_id <> survivor_id`),
    uniqueIndex("patient_merges_one_open")
      .on(t.patientId)
      .where(sql`unmerged_at is null`),
    index("idx_patient_merges_patient_id").on(t.patientId),
    index("idx_patient_merges_survivor_id").on(t.survivorId),
  ],
);

/** An update that was kept but not applied (overlay, or against a decision): a steward decides. */
export const patientQuarantine = pgTable(
  "patient_quarantine",
  {
    id: id(),
    patientId: patientId(),
    kind: varchar("kind", { length: 20 }).notNull(),
    /** What was to be done, whole, as the domain's own input. */
    payload: jsonb("payload").notNull(),
    /** Names of the fields that caused it; never values. */
    fields: textArray("fields"),
    origin: varchar("origin", { length: 20 }).notNull(),
    state: varchar("state", { length: 20 }).notNull().default("pending"),
    decidedBy: varchar("decided_by", { length: 255 }),
    decidedAt: instant("decided_at"),
    reason: text("reason"),
    createdAt: instant("created_at").notNull().defaultNow(),
    createdBy: varchar("created_by", { length: 255 }).default(sql`mpi_acting_user()`),
  },
  (t) => [
    patientKey("patient_quarantine", t.patientId),
    check("patient_quarantine_kind_check", sql`kind = any (array['overlay', 'merge', 'link', 'unlink'])`),
    check("patient_quarantine_origin_check", sql`origin = any (array['edit', 'csv', 'fhir', 'hl7'])`),
    check(
      "patient_quarantine_state_check",
      sql`state = any (array['pending', 'applied', 'rejected', 'split'])`,
    ),
    index("idx_patient_quarantine_patient_id").on(t.patientId),
    index("idx_patient_quarantine_pending")
      .on(t.createdAt)
      .where(sql`state = 'pending'`),
  ],
);

// ── matching ─────────────────────────────────────────────────────────────────────────────────────

const component = (name: string) => numeric(name, { precision: 5, scale: 4, mode: "number" });

/** A scored pair, once: patient_id is the smaller id. The human decision about the pair lives here too. */
export const patientMatchScores = pgTable(
  "patient_match_scores",
  {
    id: id(),
    patientId: patientId(),
    candidateId: uuid("candidate_id").notNull(),
    /** Probability that the two records are one person. */
    totalScore: numeric("total_score", { precision: 8, scale: 7, mode: "number" }).notNull(),
    nameScore: component("name_score"),
    birthDateScore: component("birth_date_score"),
    genderScore: component("gender_score"),
    addressScore: component("address_score"),
    identifierScore: component("identifier_score"),
    /** log2 of the odds; what total_score is computed from. */
    matchWeight: doublePrecision("match_weight").notNull().default(0),
    /** The level of each comparison, in the model's order; -1 is unavailable. */
    levels: smallint("levels")
      .array()
      .notNull()
      .default(sql`'{}'::smallint[]`),
    rulesFired: textArray("rules_fired"),
    state: varchar("state", { length: 12 }).notNull().default("pending"),
    /** Why the pair is in the queue. */
    kind: varchar("kind", { length: 14 }).notNull().default("duplicate"),
    modelVersion: varchar("model_version", { length: 100 }),
    calibrationId: uuid("calibration_id"),
    runId: uuid("run_id"),
    decidedBy: varchar("decided_by", { length: 255 }),
    decidedAt: instant("decided_at"),
    decisionOrigin: varchar("decision_origin", { length: 10 }),
    reason: text("reason"),
    /** Keyed hash of the values a decision was based on. */
    basisFingerprint: varchar("basis_fingerprint", { length: 64 }),
    mergeId: uuid("merge_id"),
    assignedTo: varchar("assigned_to", { length: 255 }),
    claimedBy: varchar("claimed_by", { length: 255 }),
    claimedUntil: instant("claimed_until"),
    calculatedAt: instant("calculated_at").notNull().defaultNow(),
  },
  (t) => [
    patientKey("patient_match_scores", t.patientId),
    foreignKey({
      name: "patient_match_scores_candidate_id_fkey",
      columns: [t.candidateId],
      foreignColumns: [patients.id],
    }).onDelete("cascade"),
    unique("patient_match_scores_pair_key").on(t.patientId, t.candidateId),
    check("patient_match_scores_order_check", sql`patient_id < candidate_id`),
    check(
      "patient_match_scores_range_check",
      sql`total_score >= 0 and total_score <= 1 and name_score >= 0 and name_score <= 1 and birth_date_score >= 0 and birth_date_score <= 1 and gender_score >= 0 and gender_score <= 1 and address_score >= 0 and address_score <= 1 and identifier_score >= 0 and identifier_score <= 1`,
    ),
    check(
      "patient_match_scores_state_check",
      sql`state = any (array['pending', 'auto_linked', 'confirmed', 'rejected', 'deferred', 'merged', 'superseded'])`,
    ),
    check(
      "patient_match_scores_kind_check",
      sql`kind = any (array['duplicate', 'conflict', 'basis_changed'])`,
    ),
    check(
      "patient_match_scores_decision_check",
      sql`state <> all (array['confirmed', 'rejected', 'deferred']) or (decided_by is not null and decided_at is not null)`,
    ),
    check(
      "patient_match_scores_decision_origin_check",
      sql`decision_origin = any (array['review', 'link', 'unlink', 'merge', 'unmerge', 'import'])`,
    ),
    index("idx_match_scores_total_score").on(t.totalScore.desc().nullsFirst()),
    index("idx_match_scores_calculated_at").on(t.calculatedAt),
    index("idx_match_scores_candidate_id").on(t.candidateId),
    index("idx_match_scores_queue_oldest")
      .on(t.calculatedAt, t.id)
      .where(sql`state = any (array['pending', 'deferred'])`),
    index("idx_match_scores_basis_changed")
      .on(t.totalScore.desc().nullsFirst(), t.id)
      .where(sql`kind = 'basis_changed'`),
    index("idx_match_scores_queue")
      .on(t.totalScore.desc().nullsFirst(), t.id)
      .where(sql`state = any (array['pending', 'deferred'])`),
  ],
);

/** One row per `mpi match run`. */
export const matchRuns = pgTable(
  "match_runs",
  {
    id: id(),
    mode: varchar("mode", { length: 12 }).notNull(),
    state: varchar("state", { length: 10 }).notNull().default("running"),
    modelVersion: varchar("model_version", { length: 100 }).notNull(),
    modelHash: varchar("model_hash", { length: 64 }).notNull(),
    calibrationId: uuid("calibration_id"),
    /** Changes below it are covered by this run. */
    watermark: xid8("watermark"),
    /** Names the database the watermark belongs to: a restore starts a new one. */
    epoch: varchar("epoch", { length: 64 }).notNull(),
    autoLink: boolean("auto_link").notNull().default(false),
    counts: jsonb("counts")
      .notNull()
      .default(sql`'{}'::jsonb`),
    timings: jsonb("timings")
      .notNull()
      .default(sql`'{}'::jsonb`),
    startedAt: instant("started_at").notNull().defaultNow(),
    finishedAt: instant("finished_at"),
    startedBy: varchar("started_by", { length: 255 }).default(sql`mpi_acting_user()`),
    error: text("error"),
  },
  (t) => [
    check("match_runs_mode_check", sql`mode = any (array['full', 'incremental'])`),
    check("match_runs_state_check", sql`state = any (array['running', 'succeeded', 'stopped', 'failed'])`),
    index("idx_match_runs_started_at").on(t.startedAt.desc().nullsFirst()),
  ],
);

/** What a run scores with: a score depends on two records, the model and one of these alone. */
export const matchCalibrations = pgTable(
  "match_calibrations",
  {
    id: id(),
    modelVersion: varchar("model_version", { length: 100 }).notNull(),
    modelHash: varchar("model_hash", { length: 64 }).notNull(),
    model: jsonb("model").notNull(),
    /** Compressed JSON: prior, m and u, term frequencies, frequent values, block limits. */
    content: bytea("content").notNull(),
    contentHash: varchar("content_hash", { length: 64 }).notNull(),
    recordCount: bigint("record_count", { mode: "number" }).notNull(),
    origin: varchar("origin", { length: 10 }).notNull(),
    createdAt: instant("created_at").notNull().defaultNow(),
    createdBy: varchar("created_by", { length: 255 }).default(sql`mpi_acting_user()`),
  },
  () => [check("match_calibrations_origin_check", sql`origin = any (array['train', 'run', 'decisions'])`)],
);

/** Which build of the blocking keys is the current one: of which calibration, in pages of which number. One row. */
export const matchKeyIndex = pgTable(
  "match_key_index",
  {
    id: smallint("id").primaryKey().default(1),
    build: integer("build").notNull(),
    calibrationId: uuid("calibration_id").notNull(),
    pageBits: smallint("page_bits").notNull(),
    recordCount: bigint("record_count", { mode: "number" }).notNull(),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (t) => [
    check("match_key_index_id_check", sql`id = 1`),
    foreignKey({
      name: "match_key_index_calibration_id_fkey",
      columns: [t.calibrationId],
      foreignColumns: [matchCalibrations.id],
    }),
  ],
);

/** The blocking keys of all records, as the last full run found them: hashes and beginnings of ids, some sixty a page. */
export const matchKeyPages = pgTable(
  "match_key_pages",
  {
    build: integer("build").notNull(),
    page: integer("page").notNull(),
    /** Twelve bytes each: a hash of the key, the first eight bytes of the record's id. */
    entries: bytea("entries").notNull(),
  },
  (t) => [primaryKey({ name: "match_key_pages_pkey", columns: [t.build, t.page] })],
);

/** The keys of records that incremental runs have looked at since. */
export const matchKeyChanges = pgTable(
  "match_key_changes",
  {
    build: integer("build").notNull(),
    page: integer("page").notNull(),
    keyCheck: integer("key_check").notNull(),
    patientId: uuid("patient_id").notNull(),
  },
  (t) => [
    primaryKey({ name: "match_key_changes_pkey", columns: [t.build, t.page, t.keyCheck, t.patientId] }),
  ],
);

// ── import ───────────────────────────────────────────────────────────────────────────────────────

/** Where an import of one file stands: the same command again carries on from here. */
export const importRuns = pgTable(
  "import_runs",
  {
    id: id(),
    format: varchar("format", { length: 10 }).notNull(),
    sourceSystem: varchar("source_system", { length: 255 }).notNull(),
    /** SHA-256 of the input file's first and last blocks, its size, and the map: names the work, not the data. */
    fingerprint: varchar("fingerprint", { length: 64 }).notNull(),
    state: varchar("state", { length: 10 }).notNull().default("running"),
    /** Records and bytes of the input that are committed. */
    recordsDone: bigint("records_done", { mode: "number" }).notNull().default(0),
    bytesDone: bigint("bytes_done", { mode: "number" }).notNull().default(0),
    counts: jsonb("counts")
      .notNull()
      .default(sql`'{}'::jsonb`),
    startedAt: instant("started_at").notNull().defaultNow(),
    finishedAt: instant("finished_at"),
    startedBy: varchar("started_by", { length: 255 }).default(sql`mpi_acting_user()`),
  },
  (t) => [
    check("import_runs_format_check", sql`format = any (array['csv', 'fhir', 'hl7'])`),
    check("import_runs_state_check", sql`state = any (array['running', 'succeeded', 'stopped', 'failed'])`),
    uniqueIndex("import_runs_one_open")
      .on(t.fingerprint)
      .where(sql`state <> 'succeeded'`),
  ],
);

// ── audit ────────────────────────────────────────────────────────────────────────────────────────

/** Partitioned by month on timestamp. Append only. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: bigint("id", { mode: "number" })
      .notNull()
      .default(sql`nextval('audit_log_id_seq'::regclass)`),
    timestamp: instant("timestamp")
      .notNull()
      .default(sql`clock_timestamp()`),
    /** Who acts, as claimed by the client; the database's own word is database_user. */
    userId: varchar("user_id", { length: 255 })
      .notNull()
      .default(sql`mpi_acting_user()`),
    databaseUser: varchar("database_user", { length: 63 })
      .notNull()
      .default(sql`session_user`),
    action: varchar("action", { length: 10 }).notNull(),
    entityType: varchar("entity_type", { length: 50 }).notNull(),
    entityId: uuid("entity_id"),
    tableName: varchar("table_name", { length: 63 }),
    rowId: uuid("row_id"),
    operation: varchar("operation", { length: 50 }),
    transactionId: xid8("transaction_id").notNull().default(currentTransaction),
    oldValues: jsonb("old_values"),
    newValues: jsonb("new_values"),
    reason: text("reason"),
    ipAddress: varchar("ip_address", { length: 45 }),
    userAgent: varchar("user_agent", { length: 500 }),
    /** SHA-256 of the row as one line of JSON; a trigger fills it in where the writer has not. */
    rowHash: bytea("row_hash").notNull(),
  },
  (t) => [
    // It serves every question about a time, so it bears the name of that index.
    primaryKey({ name: "idx_audit_log_timestamp", columns: [t.timestamp, t.id] }),
    check(
      "audit_log_action_check",
      sql`action = any (array['INSERT', 'UPDATE', 'DELETE', 'READ', 'SEARCH', 'EXPORT', 'ADMIN'])`,
    ),
    index("idx_audit_log_entity").on(t.entityId),
    index("idx_audit_log_user_id").on(t.userId, t.timestamp),
    // Most rows are inserts: whoever asks for them is as well served by the time.
    index("idx_audit_log_action")
      .on(t.action, t.timestamp)
      .where(sql`action <> 'INSERT'`),
    // Ids rise as the table grows, so a few bytes for every megabyte tell where a seal has to read on.
    index("idx_audit_log_transaction").on(t.transactionId),
    index("idx_audit_log_id").using("brin", t.id).with({ autosummarize: true }),
  ],
);

/** A link of the hash chain: everything sealed up to here hashes to head. */
export const auditSeals = pgTable(
  "audit_seals",
  {
    /** 1, 2, 3, …: a gap is a seal that was taken out. */
    id: bigint("id", { mode: "number" }).primaryKey(),
    sealedAt: instant("sealed_at")
      .notNull()
      .default(sql`clock_timestamp()`),
    sealedBy: varchar("sealed_by", { length: 255 })
      .notNull()
      .default(sql`mpi_acting_user()`),
    /** Names the server whose transaction ids these are; a restore into another one starts a new epoch. */
    epoch: varchar("epoch", { length: 64 }).notNull(),
    /** Rows of this epoch have greater ids. */
    floorId: bigint("floor_id", { mode: "number" }).notNull(),
    /** Set on the seal that closes an epoch: all the rest up to this id belongs to it. */
    ceilingId: bigint("ceiling_id", { mode: "number" }),
    /** Rows of transactions in [lowerXid, upperXid) belong to this seal. */
    lowerXid: xid8("lower_xid").notNull(),
    upperXid: xid8("upper_xid").notNull(),
    /** The next transaction id when the seal was made; its rows have ids beyond `position`. */
    nextXid: xid8("next_xid").notNull(),
    position: bigint("position", { mode: "number" }).notNull(),
    /** The greatest id that the seals of this epoch cover so far. */
    maxId: bigint("max_id", { mode: "number" }).notNull(),
    rowCount: bigint("row_count", { mode: "number" }).notNull(),
    previousHead: bytea("previous_head").notNull(),
    head: bytea("head").notNull(),
  },
  (t) => [unique("audit_seals_previous_head_key").on(t.previousHead)],
);

/** What a seal says about the rows of one month; it stays when the month's rows are archived. */
export const auditSealMonths = pgTable(
  "audit_seal_months",
  {
    sealId: bigint("seal_id", { mode: "number" }).notNull(),
    /** Its first day; months are UTC. */
    month: date("month", { mode: "string" }).notNull(),
    rowCount: bigint("row_count", { mode: "number" }).notNull(),
    firstId: bigint("first_id", { mode: "number" }).notNull(),
    lastId: bigint("last_id", { mode: "number" }).notNull(),
    firstAt: instant("first_at").notNull(),
    lastAt: instant("last_at").notNull(),
    /** SHA-256 over the hashes of its chunks. */
    hash: bytea("hash").notNull(),
  },
  (t) => [
    primaryKey({ name: "audit_seal_months_pkey", columns: [t.sealId, t.month] }),
    foreignKey({
      name: "audit_seal_months_seal_id_fkey",
      columns: [t.sealId],
      foreignColumns: [auditSeals.id],
    }),
  ],
);

/** The rows of a seal and month whose ids share all but their last 16 bits. */
export const auditSealChunks = pgTable(
  "audit_seal_chunks",
  {
    sealId: bigint("seal_id", { mode: "number" }).notNull(),
    month: date("month", { mode: "string" }).notNull(),
    block: bigint("block", { mode: "number" }).notNull(),
    rowCount: integer("row_count").notNull(),
    /** SHA-256 over the rows' hashes, in the order of their ids. */
    hash: bytea("hash").notNull(),
    /** 24 bytes for each row, which name the one that was tampered with: id, time, start of its hash. */
    leaves: bytea("leaves").notNull(),
  },
  (t) => [
    primaryKey({ name: "audit_seal_chunks_pkey", columns: [t.sealId, t.month, t.block] }),
    foreignKey({
      name: "audit_seal_chunks_seal_id_fkey",
      columns: [t.sealId, t.month],
      foreignColumns: [auditSealMonths.sealId, auditSealMonths.month],
    }),
  ],
);

/** Months whose rows have left the database, and the files they are in. */
export const auditArchives = pgTable("audit_archives", {
  month: date("month", { mode: "string" }).primaryKey(),
  rowCount: bigint("row_count", { mode: "number" }).notNull(),
  fileName: varchar("file_name", { length: 255 }).notNull(),
  fileHash: bytea("file_hash").notNull(),
  archivedAt: instant("archived_at")
    .notNull()
    .default(sql`clock_timestamp()`),
  archivedBy: varchar("archived_by", { length: 255 })
    .notNull()
    .default(sql`mpi_acting_user()`),
});

/** Which organizations a database role may see where row-level security is switched on. */
export const roleOrganizations = pgTable(
  "role_organizations",
  {
    id: id(),
    roleName: varchar("role_name", { length: 63 }).notNull(),
    organizationId: organizationId(),
    createdAt: instant("created_at").notNull().defaultNow(),
    createdBy: varchar("created_by", { length: 255 }).default(sql`mpi_acting_user()`),
  },
  (t) => [
    unique("role_organizations_role_organization_key").on(t.roleName, t.organizationId),
    organizationKey("role_organizations", t.organizationId),
    index("idx_role_organizations_organization_id").on(t.organizationId),
  ],
);

// ── relations ────────────────────────────────────────────────────────────────────────────────────

export const organizationsRelations = relations(organizations, ({ one, many }) => ({
  parent: one(organizations, {
    fields: [organizations.partOf],
    references: [organizations.id],
    relationName: "part_of",
  }),
  parts: many(organizations, { relationName: "part_of" }),
  identifiers: many(organizationIdentifiers),
  addresses: many(organizationAddresses),
  contacts: many(organizationContacts),
  patients: many(patients),
}));

export const organizationIdentifiersRelations = relations(organizationIdentifiers, ({ one }) => ({
  organization: one(organizations, {
    fields: [organizationIdentifiers.organizationId],
    references: [organizations.id],
  }),
}));

export const organizationAddressesRelations = relations(organizationAddresses, ({ one }) => ({
  organization: one(organizations, {
    fields: [organizationAddresses.organizationId],
    references: [organizations.id],
  }),
}));

export const organizationContactsRelations = relations(organizationContacts, ({ one }) => ({
  organization: one(organizations, {
    fields: [organizationContacts.organizationId],
    references: [organizations.id],
  }),
}));

export const patientsRelations = relations(patients, ({ one, many }) => ({
  managingOrganization: one(organizations, {
    fields: [patients.managingOrganizationId],
    references: [organizations.id],
  }),
  names: many(patientNames),
  identifiers: many(patientIdentifiers),
  addresses: many(patientAddresses),
  contacts: many(patientContacts),
  links: many(patientLinks, { relationName: "patient" }),
  linkedFrom: many(patientLinks, { relationName: "other_patient" }),
  matchScores: many(patientMatchScores, { relationName: "patient" }),
  matchScoresAsCandidate: many(patientMatchScores, { relationName: "candidate" }),
}));

export const patientNamesRelations = relations(patientNames, ({ one }) => ({
  patient: one(patients, { fields: [patientNames.patientId], references: [patients.id] }),
}));

export const patientIdentifiersRelations = relations(patientIdentifiers, ({ one }) => ({
  patient: one(patients, { fields: [patientIdentifiers.patientId], references: [patients.id] }),
}));

export const patientAddressesRelations = relations(patientAddresses, ({ one }) => ({
  patient: one(patients, { fields: [patientAddresses.patientId], references: [patients.id] }),
}));

export const patientContactsRelations = relations(patientContacts, ({ one }) => ({
  patient: one(patients, { fields: [patientContacts.patientId], references: [patients.id] }),
}));

export const patientLinksRelations = relations(patientLinks, ({ one }) => ({
  patient: one(patients, {
    fields: [patientLinks.patientId],
    references: [patients.id],
    relationName: "patient",
  }),
  otherPatient: one(patients, {
    fields: [patientLinks.otherPatientId],
    references: [patients.id],
    relationName: "other_patient",
  }),
}));

export const patientMatchScoresRelations = relations(patientMatchScores, ({ one }) => ({
  patient: one(patients, {
    fields: [patientMatchScores.patientId],
    references: [patients.id],
    relationName: "patient",
  }),
  candidate: one(patients, {
    fields: [patientMatchScores.candidateId],
    references: [patients.id],
    relationName: "candidate",
  }),
}));
