import type { Database } from "../../db/client.ts";
import { insertReadAudit } from "../../db/queries/audit-read.ts";
import { selectCarriedIdentifiers } from "../../db/queries/domains.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { noSuchDomain } from "./add-domain.ts";
import { identifierProblem, listDomains, type IdentifierDomain } from "./identifier-domain.ts";

/** An identifier that is none of its domain's; the value itself is not repeated. */
export interface WrongIdentifier {
  readonly patientId: string;
  readonly reason: string;
}

export interface DomainCheck {
  readonly domain: IdentifierDomain;
  readonly checked: number;
  readonly wrong: number;
  /** The first of the wrong ones. */
  readonly examples: readonly WrongIdentifier[];
}

const pageSize = 5000;
const examplesKept = 1000;
const firstId = "00000000-0000-0000-0000-000000000000";

/**
 * Holds every current value of a domain against its check digit and pattern, in pages, so that nothing is held up.
 * The records named are written to the audit trail as read.
 *
 * @throws {MpiError} `not-found`
 */
export async function checkDomainValues(
  db: Database,
  audit: AuditContext,
  code: string,
  signal: AbortSignal,
): Promise<DomainCheck> {
  const domain = (await listDomains(db)).find((each) => each.code.toLowerCase() === code.toLowerCase());
  if (domain === undefined) throw noSuchDomain(code);
  const examples: WrongIdentifier[] = [];
  let [checked, wrong, after] = [0, 0, firstId];
  for (;;) {
    signal.throwIfAborted();
    const page = await selectCarriedIdentifiers(db, domain.system, after, pageSize);
    for (const row of page) {
      const reason = identifierProblem(domain, row.value);
      if (reason === undefined) continue;
      wrong += 1;
      if (examples.length < examplesKept) examples.push({ patientId: row.patientId, reason });
    }
    checked += page.length;
    if (page.length < pageSize) break;
    after = page.at(-1)!.id;
  }
  const shown = [...new Set(examples.map((each) => each.patientId))];
  if (shown.length > 0) {
    await withTransaction(db, audit, (tx) =>
      insertReadAudit(tx, {
        action: "SEARCH",
        entityType: "patient",
        entityIds: shown,
        details: { fields: ["identifier"] },
      }),
    );
  }
  return { domain, checked, wrong, examples };
}
