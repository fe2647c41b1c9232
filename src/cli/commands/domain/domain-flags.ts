import { Option, type Command } from "commander";
import type { DomainInput } from "../../../domain/identifier/domain-presets.ts";
import { checkDigitRules, type IdentifierDomain } from "../../../domain/identifier/identifier-domain.ts";
import type { Column } from "../../output/column.ts";

export interface DomainFlags {
  readonly system?: string;
  readonly name?: string;
  readonly authority?: string;
  readonly unique?: boolean;
  readonly authoritative?: boolean;
  readonly singleValued?: boolean;
  readonly checkDigit?: IdentifierDomain["checkDigit"];
  readonly pattern?: string;
  readonly organization?: string;
  readonly dryRun?: true;
}

/** Adds what can be said of a domain; each flag that is on or off has a --no- form. */
export const withDomainFlags = (command: Command): Command =>
  command
    .option("--system <uri>", "the assigning authority's URI")
    .option("--name <text>", "what the number is called")
    .option("--authority <text>", "who issues it")
    .option("--unique", "no two records in use may carry the same value")
    .option("--no-unique", "records may share a value")
    .option("--authoritative", "one value names one person for sure")
    .option("--no-authoritative", "one value is evidence only")
    .option("--single-valued", "a person has at most one current value")
    .option("--no-single-valued", "a person may have several")
    .addOption(new Option("--check-digit <rule>", "how values are checked").choices(checkDigitRules))
    .option("--pattern <regex>", "what the whole value looks like")
    .option("--organization <id>", "the organization that issues it")
    .option("--dry-run", "show what would change, and change nothing");

/** What the flags said, and nothing else. An empty text takes a value away. */
export function readDomainFlags(flags: DomainFlags): Partial<Omit<DomainInput, "code">> {
  const orNull = (value: string) => (value.trim() === "" ? null : value);
  return {
    ...(flags.system === undefined ? {} : { system: flags.system }),
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.authority === undefined ? {} : { assigningAuthority: orNull(flags.authority) }),
    ...(flags.unique === undefined ? {} : { isUnique: flags.unique }),
    ...(flags.authoritative === undefined ? {} : { isAuthoritative: flags.authoritative }),
    ...(flags.singleValued === undefined ? {} : { isSingleValued: flags.singleValued }),
    ...(flags.checkDigit === undefined ? {} : { checkDigit: flags.checkDigit }),
    ...(flags.pattern === undefined ? {} : { pattern: orNull(flags.pattern) }),
    ...(flags.organization === undefined ? {} : { organizationId: orNull(flags.organization) }),
  };
}

const yes = (value: boolean) => (value ? "yes" : "");

export const domainColumns: readonly Column<IdentifierDomain>[] = [
  { key: "code", header: "Code", value: (each) => each.code },
  { key: "name", header: "Name", value: (each) => each.name },
  { key: "system", header: "System", value: (each) => each.system },
  {
    key: "isUnique",
    header: "Unique",
    value: (each) => each.isUnique,
    text: (each) => yes(each.isUnique),
  },
  {
    key: "isAuthoritative",
    header: "Authoritative",
    value: (each) => each.isAuthoritative,
    text: (each) => yes(each.isAuthoritative),
  },
  {
    key: "isSingleValued",
    header: "Single",
    value: (each) => each.isSingleValued,
    text: (each) => yes(each.isSingleValued),
  },
  { key: "checkDigit", header: "Check", value: (each) => each.checkDigit },
  { key: "pattern", header: "Pattern", value: (each) => each.pattern },
  {
    key: "assigningAuthority",
    header: "Authority",
    value: (each) => each.assigningAuthority,
    machineOnly: true,
  },
  { key: "organizationId", header: "Organization", value: (each) => each.organizationId, machineOnly: true },
  { key: "id", header: "Id", value: (each) => each.id, machineOnly: true },
  { key: "version", header: "Version", value: (each) => each.version, machineOnly: true },
];

/** One domain as labelled fields. */
export const domainFields = (domain: IdentifierDomain) =>
  domainColumns.map((column) => ({
    key: column.key,
    label: column.header,
    value: column.value(domain),
  }));
