import type { Database } from "../../db/client.ts";
import { countIdentifiersBySystem } from "../../db/queries/domains.ts";
import { listDomains, type IdentifierDomain } from "./identifier-domain.ts";

export interface DomainInUse extends IdentifierDomain {
  /** Null where they were not counted. */
  readonly identifiers: number | null;
}

/** The domains; with `count` how many identifiers each has, and the systems without a domain, under no code. */
export async function listDomainsInUse(
  db: Database,
  { count }: { readonly count: boolean },
): Promise<readonly DomainInUse[]> {
  const domains = await listDomains(db);
  if (!count) return domains.map((domain) => ({ ...domain, identifiers: null }));
  const bySystem = new Map((await countIdentifiersBySystem(db)).map((row) => [row.system, row.identifiers]));
  const known = new Set(domains.map((domain) => domain.system));
  return [
    ...domains.map((domain) => ({ ...domain, identifiers: bySystem.get(domain.system) ?? 0 })),
    ...[...bySystem]
      .filter(([system]) => !known.has(system))
      .map(([system, identifiers]) => ({ ...unknownDomain, system, identifiers })),
  ];
}

const unknownDomain: IdentifierDomain = {
  id: "",
  code: "",
  system: "",
  name: "",
  assigningAuthority: null,
  isUnique: false,
  isAuthoritative: false,
  isSingleValued: false,
  checkDigit: "none",
  pattern: null,
  organizationId: null,
  version: 0,
};
