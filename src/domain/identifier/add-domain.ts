import type { Database, Transaction } from "../../db/client.ts";
import { violatesUnique } from "../../db/errors.ts";
import {
  insertDomain,
  lockDomainByCode,
  selectSharedValues,
  updateDomain,
} from "../../db/queries/domains.ts";
import { withTransaction, type AuditContext } from "../../db/transaction.ts";
import { MpiError } from "../../lib/errors.ts";
import { textProblem } from "../patient/check-content.ts";
import { resolveOrganization } from "../organization/resolve-organization.ts";
import type { DomainInput } from "./domain-presets.ts";
import { toIdentifierDomain, toPattern, type IdentifierDomain } from "./identifier-domain.ts";

interface DryRun {
  readonly dryRun: boolean;
}

/**
 * Makes an identifier domain known; `organizationId` is anything that names one. Where it is to be unique, every value that is there already is checked, which
 * holds up writers of identifiers meanwhile.
 *
 * @throws {MpiError} `usage` for a domain that cannot be, `conflict` where its code or system is taken, or records
 *   share a value that is to be unique.
 */
export function addDomain(
  db: Database,
  audit: AuditContext,
  input: DomainInput,
  { dryRun }: DryRun,
): Promise<IdentifierDomain> {
  checkDomain(input);
  return withTransaction(
    db,
    audit,
    async (tx) => {
      const values = await withOrganization(tx, input);
      await refuseSharedValues(tx, input);
      if ((await lockDomainByCode(tx, input.code)) !== undefined) throw codeTaken(input.code);
      return toIdentifierDomain(await refusingTaken(() => insertDomain(tx, values), input));
    },
    { dryRun },
  );
}

export interface DomainChange {
  readonly before: IdentifierDomain;
  readonly after: IdentifierDomain;
}

/** Changes what is said of a domain. @throws {MpiError} as addDomain, and `not-found` */
export function editDomain(
  db: Database,
  audit: AuditContext,
  code: string,
  changes: Partial<Omit<DomainInput, "code">>,
  { dryRun }: DryRun,
): Promise<DomainChange> {
  if (Object.keys(changes).length === 0) throw new MpiError("usage", "There is nothing to change.");
  return withTransaction(
    db,
    audit,
    async (tx) => {
      const row = await lockDomainByCode(tx, code);
      if (row === undefined) throw noSuchDomain(code);
      const before = toIdentifierDomain(row);
      const wanted = { ...before, ...changes };
      checkDomain(wanted);
      const values = await withOrganization(tx, changes);
      if (!before.isUnique || wanted.system !== before.system) await refuseSharedValues(tx, wanted);
      const after = await refusingTaken(() => updateDomain(tx, before.id, values), wanted);
      return { before, after: toIdentifierDomain(after) };
    },
    { dryRun },
  );
}

export const noSuchDomain = (code: string): MpiError =>
  new MpiError("not-found", `There is no identifier domain ${code}.`, {
    hint: '"mpi domain list" shows the codes.',
  });

function checkDomain(domain: DomainInput): void {
  const problems: string[] = [];
  if (!/^[A-Za-z][A-Za-z0-9_.-]{0,49}$/.test(domain.code)) {
    problems.push("the code is a letter and then letters, digits, . _ or -, 50 at most");
  }
  for (const field of ["system", "name"] as const) {
    const problem = domain[field].trim() === "" ? "is empty" : textProblem(domain[field], 255);
    if (problem !== undefined) problems.push(`the ${field} ${problem}`);
  }
  const authority =
    domain.assigningAuthority === null ? undefined : textProblem(domain.assigningAuthority, 255);
  if (authority !== undefined) problems.push(`the assigning authority ${authority}`);
  if (domain.pattern !== null && !isPattern(domain.pattern)) {
    problems.push("the pattern is no regular expression");
  }
  if (problems.length > 0) throw new MpiError("usage", `The domain cannot be kept: ${problems.join("; ")}.`);
}

function isPattern(pattern: string): boolean {
  try {
    toPattern(pattern);
    return textProblem(pattern, 1000) === undefined;
  } catch {
    return false;
  }
}

/** The domain with the organization's own id in the place of what named it. */
const withOrganization = async <Input extends Partial<DomainInput>>(
  tx: Transaction,
  input: Input,
): Promise<Input> =>
  input.organizationId == null
    ? input
    : { ...input, organizationId: await resolveOrganization(tx, input.organizationId) };

const listedAtMost = 5;

async function refuseSharedValues(tx: Transaction, domain: DomainInput): Promise<void> {
  if (!domain.isUnique) return;
  const shared = await selectSharedValues(tx, domain.system, listedAtMost);
  if (shared.length === 0) return;
  const records = shared.map(({ patientIds }) => patientIds);
  throw new MpiError(
    "conflict",
    `${domain.code} cannot be unique: several records in use share a value (${records.map((ids) => ids.join(" and ")).join("; ")}).`,
    {
      hint: "Merge the records, or retire the identifier on the one that it is not; then try again.",
      details: { reason: "shared-values", records },
    },
  );
}

async function refusingTaken<T>(work: () => Promise<T>, domain: DomainInput): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (violatesUnique(error, "identifier_domains_code_key")) throw codeTaken(domain.code);
    if (violatesUnique(error, "identifier_domains_system_key")) {
      throw new MpiError("conflict", "There is a domain for that system already.", {
        hint: '"mpi domain list" shows it.',
        details: { reason: "system-taken" },
      });
    }
    throw error;
  }
}

const codeTaken = (code: string) =>
  new MpiError("conflict", `There is a domain ${code} already.`, { details: { reason: "code-taken" } });
