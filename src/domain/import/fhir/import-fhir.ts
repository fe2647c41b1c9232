import type { Readable } from "node:stream";
import type { Database } from "../../../db/client.ts";
import type { AuditContext } from "../../../db/transaction.ts";
import { createPairScorer } from "../../decision/calibrated-scorer.ts";
import { listDomains } from "../../identifier/identifier-domain.ts";
import type { ImportResult } from "../import-run.ts";
import { OrganizationDirectory } from "./find-target.ts";
import { FhirFileImport, type FhirFileOptions } from "./import-file.ts";
import type { PlaceUnit } from "./read-documents.ts";
import { settleReferences, type LinkCounts } from "./settle-references.ts";

export interface FhirImportResult extends ImportResult {
  /** What a rejection's number counts. */
  readonly unit: PlaceUnit;
  /** Links of patients, and what became of them; null in a dry run, which has no records to link. */
  readonly links: LinkCounts | null;
  /** Content without a column: how many resources have it, by path. */
  readonly unmapped: Readonly<Record<string, number>>;
  /** Resources of types that have no place here, by type. */
  readonly otherResources: Readonly<Record<string, number>>;
}

/**
 * Imports Patients and Organizations of R4 or R5 from files that belong together: first all records, then the
 * references between them, whichever file they stand in.
 *
 * @param optionsFor options of one file.
 * @throws {MpiError} `usage`, `not-found`, `limit`, `cancelled`; the same command then carries on.
 */
export async function importFhir(
  db: Database,
  audit: AuditContext,
  files: readonly string[],
  stdin: Readable,
  optionsFor: (file: string) => FhirFileOptions,
): Promise<readonly FhirImportResult[]> {
  const shared = {
    organizations: new OrganizationDirectory(db),
    codes: new Map((await listDomains(db)).map((domain) => [domain.system, domain.code])),
  };
  const opened: { readonly file: FhirFileImport; readonly options: FhirFileOptions }[] = [];
  try {
    for (const name of files) {
      const options = optionsFor(name);
      const file = await FhirFileImport.open(db, audit, name, stdin, options, shared);
      opened.push({ file, options });
      await file.readRecords();
    }
    const scorePair = createPairScorer();
    const links: (LinkCounts | null)[] = [];
    for (const { file, options } of opened) {
      const { dryRun, signal } = options;
      links.push(
        dryRun ? null : await file.run.guard(() => settleReferences({ db, audit, file, scorePair, signal })),
      );
    }
    const results: FhirImportResult[] = [];
    for (const [index, { file }] of opened.entries()) {
      results.push({
        ...(await file.run.finish()),
        unit: file.unit,
        links: links[index] ?? null,
        unmapped: sorted(file.unmapped),
        otherResources: sorted(file.otherResources),
      });
    }
    return results;
  } finally {
    for (const { file } of opened) await file.waiting.close();
  }
}

const sorted = (counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
  Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
