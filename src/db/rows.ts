/**
 * The three kinds of row type of the seed, for every table, inferred from the one schema module: what a
 * select gives, what an insert takes, what an update may set.
 */
import type {
  auditArchives,
  auditLog,
  auditSealChunks,
  auditSealMonths,
  auditSeals,
  identifierDomains,
  importRuns,
  matchCalibrations,
  matchKeyChanges,
  matchKeyIndex,
  matchKeyPages,
  matchRuns,
  nameDictionary,
  organizationAddresses,
  organizationContacts,
  organizationIdentifiers,
  organizations,
  patientAddresses,
  patientContacts,
  patientIdentifiers,
  patientLinks,
  patientMatchScores,
  patientMerges,
  patientNames,
  patientQuarantine,
  patients,
  roleOrganizations,
} from "./schema.ts";

type Update<Insert> = Partial<Omit<Insert, "id">>;

export type OrganizationRow = typeof organizations.$inferSelect;
export type OrganizationInsert = typeof organizations.$inferInsert;
export type OrganizationUpdate = Update<OrganizationInsert>;

export type OrganizationIdentifierRow = typeof organizationIdentifiers.$inferSelect;
export type OrganizationIdentifierInsert = typeof organizationIdentifiers.$inferInsert;
export type OrganizationIdentifierUpdate = Update<OrganizationIdentifierInsert>;

export type OrganizationAddressRow = typeof organizationAddresses.$inferSelect;
export type OrganizationAddressInsert = typeof organizationAddresses.$inferInsert;
export type OrganizationAddressUpdate = Update<OrganizationAddressInsert>;

export type OrganizationContactRow = typeof organizationContacts.$inferSelect;
export type OrganizationContactInsert = typeof organizationContacts.$inferInsert;
export type OrganizationContactUpdate = Update<OrganizationContactInsert>;

export type IdentifierDomainRow = typeof identifierDomains.$inferSelect;
export type IdentifierDomainInsert = typeof identifierDomains.$inferInsert;
export type IdentifierDomainUpdate = Update<IdentifierDomainInsert>;

export type PatientRow = typeof patients.$inferSelect;
export type PatientInsert = typeof patients.$inferInsert;
export type PatientUpdate = Update<PatientInsert>;

export type PatientNameRow = typeof patientNames.$inferSelect;
export type PatientNameInsert = typeof patientNames.$inferInsert;
export type PatientNameUpdate = Update<PatientNameInsert>;

export type NameDictionaryRow = typeof nameDictionary.$inferSelect;
export type NameDictionaryInsert = typeof nameDictionary.$inferInsert;
export type NameDictionaryUpdate = Update<NameDictionaryInsert>;

export type PatientIdentifierRow = typeof patientIdentifiers.$inferSelect;
export type PatientIdentifierInsert = typeof patientIdentifiers.$inferInsert;
export type PatientIdentifierUpdate = Update<PatientIdentifierInsert>;

export type PatientAddressRow = typeof patientAddresses.$inferSelect;
export type PatientAddressInsert = typeof patientAddresses.$inferInsert;
export type PatientAddressUpdate = Update<PatientAddressInsert>;

export type PatientContactRow = typeof patientContacts.$inferSelect;
export type PatientContactInsert = typeof patientContacts.$inferInsert;
export type PatientContactUpdate = Update<PatientContactInsert>;

export type PatientLinkRow = typeof patientLinks.$inferSelect;
export type PatientLinkInsert = typeof patientLinks.$inferInsert;
export type PatientLinkUpdate = Update<PatientLinkInsert>;

export type PatientMergeRow = typeof patientMerges.$inferSelect;
export type PatientMergeInsert = typeof patientMerges.$inferInsert;
export type PatientMergeUpdate = Update<PatientMergeInsert>;

export type PatientQuarantineRow = typeof patientQuarantine.$inferSelect;
export type PatientQuarantineInsert = typeof patientQuarantine.$inferInsert;
export type PatientQuarantineUpdate = Update<PatientQuarantineInsert>;

export type PatientMatchScoreRow = typeof patientMatchScores.$inferSelect;
export type PatientMatchScoreInsert = typeof patientMatchScores.$inferInsert;
export type PatientMatchScoreUpdate = Update<PatientMatchScoreInsert>;

export type MatchRunRow = typeof matchRuns.$inferSelect;
export type MatchRunInsert = typeof matchRuns.$inferInsert;
export type MatchRunUpdate = Update<MatchRunInsert>;

export type MatchCalibrationRow = typeof matchCalibrations.$inferSelect;
export type MatchCalibrationInsert = typeof matchCalibrations.$inferInsert;
export type MatchCalibrationUpdate = Update<MatchCalibrationInsert>;
export type MatchKeyIndexRow = typeof matchKeyIndex.$inferSelect;
export type MatchKeyIndexInsert = typeof matchKeyIndex.$inferInsert;
export type MatchKeyIndexUpdate = Update<MatchKeyIndexInsert>;
export type MatchKeyPageRow = typeof matchKeyPages.$inferSelect;
export type MatchKeyPageInsert = typeof matchKeyPages.$inferInsert;
export type MatchKeyPageUpdate = Update<MatchKeyPageInsert>;
export type MatchKeyChangeRow = typeof matchKeyChanges.$inferSelect;
export type MatchKeyChangeInsert = typeof matchKeyChanges.$inferInsert;
export type MatchKeyChangeUpdate = Update<MatchKeyChangeInsert>;

export type ImportRunRow = typeof importRuns.$inferSelect;
export type ImportRunInsert = typeof importRuns.$inferInsert;
export type ImportRunUpdate = Update<ImportRunInsert>;

export type AuditLogRow = typeof auditLog.$inferSelect;
export type AuditLogInsert = typeof auditLog.$inferInsert;

export type AuditSealRow = typeof auditSeals.$inferSelect;
export type AuditSealInsert = typeof auditSeals.$inferInsert;

export type AuditSealMonthRow = typeof auditSealMonths.$inferSelect;
export type AuditSealMonthInsert = typeof auditSealMonths.$inferInsert;

export type AuditSealChunkRow = typeof auditSealChunks.$inferSelect;
export type AuditSealChunkInsert = typeof auditSealChunks.$inferInsert;

export type AuditArchiveRow = typeof auditArchives.$inferSelect;
export type AuditArchiveInsert = typeof auditArchives.$inferInsert;

export type RoleOrganizationRow = typeof roleOrganizations.$inferSelect;
export type RoleOrganizationInsert = typeof roleOrganizations.$inferInsert;
export type RoleOrganizationUpdate = Update<RoleOrganizationInsert>;
