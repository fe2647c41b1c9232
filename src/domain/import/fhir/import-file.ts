import type { Readable } from "node:stream";
import type { Database } from "../../../db/client.ts";
import { withTransaction, type AuditContext } from "../../../db/transaction.ts";
import { MpiError } from "../../../lib/errors.ts";
import { parseReference } from "../../fhir/reference.ts";
import { localSystemOf } from "../../fhir/terms.ts";
import { parseFhirOrganization } from "../../organization/fhir-organization.ts";
import { importOrganization } from "../../organization/import-organization.ts";
import { checkPatientContent } from "../../patient/check-content.ts";
import { parseFhirPatient } from "../../patient/fhir-content.ts";
import type { PatientContent } from "../../patient/patient-record.ts";
import type { ImportEntry, RejectedEntry } from "../batch-import.ts";
import type { ImportKey } from "../import-record.ts";
import { ImportRun, type ImportOptions } from "../import-run.ts";
import { openInput } from "../input-file.ts";
import type { OrganizationDirectory } from "./find-target.ts";
import { listTargets, readIdentity, type FhirIdentity, type ReferenceTarget } from "./identity.ts";
import { createEntryLister, type FhirEntry, type ResourceEntry } from "./list-entries.ts";
import { readFhirDocuments, type PlaceUnit } from "./read-documents.ts";
import { Spool } from "./spool.ts";
import { listUnmappedContent } from "./unmapped-content.ts";

export interface FhirFileOptions extends ImportOptions {
  /** The source's name; without it each resource's own `meta.source`. */
  readonly source: string | undefined;
  /** Content without a column rejects its resource. */
  readonly strict: boolean;
}

/** What waits until every record of every file is in. */
export interface WaitingReferences {
  readonly place: number;
  readonly raw: string;
  readonly type: "Patient" | "Organization";
  readonly key: ImportKey;
  readonly links: readonly {
    readonly type: "replaced-by" | "replaces" | "refer" | "seealso";
    readonly targets: readonly ReferenceTarget[];
  }[];
  /** The managing organization, or the one it is part of, where that was not here yet. */
  readonly organization: readonly ReferenceTarget[] | null;
}

const linkTypes: ReadonlySet<unknown> = new Set(["replaced-by", "replaces", "refer", "seealso"]);

/** One file on its way in: its records first, its references when all files are read. */
export class FhirFileImport {
  readonly run: ImportRun;
  readonly unit: PlaceUnit;
  readonly waiting = new Spool<WaitingReferences>();
  /** How many resources have content at a path that has no column. */
  readonly unmapped = new Map<string, number>();
  /** Resources of types that have no place here. */
  readonly otherResources = new Map<string, number>();
  readonly #db: Database;
  readonly #audit: AuditContext;
  readonly #options: FhirFileOptions;
  readonly #documents: Awaited<ReturnType<typeof readFhirDocuments>>["documents"];
  readonly #organizations: OrganizationDirectory;
  readonly #codes: ReadonlyMap<string, string>;

  private constructor(
    db: Database,
    audit: AuditContext,
    run: ImportRun,
    input: Awaited<ReturnType<typeof readFhirDocuments>>,
    options: FhirFileOptions,
    shared: SharedLookups,
  ) {
    this.#db = db;
    this.#audit = audit;
    this.run = run;
    this.unit = input.unit;
    this.#documents = input.documents;
    this.#options = options;
    this.#organizations = shared.organizations;
    this.#codes = shared.codes;
  }

  static async open(
    db: Database,
    audit: AuditContext,
    fileName: string,
    stdin: Readable,
    options: FhirFileOptions,
    shared: SharedLookups,
  ): Promise<FhirFileImport> {
    const input = await openInput(fileName, stdin);
    const documents = await readFhirDocuments(input.chunks(), input.name);
    const run = await ImportRun.open(
      db,
      audit,
      input,
      {
        origin: "fhir",
        sourceSystem: options.source ?? "(meta.source)",
        fingerprint: ["fhir", options.source ?? "", String(options.strict)],
        rejects: {
          ending: ".rejects.ndjson",
          header: Buffer.alloc(0),
          format: (entry) => formatReject(entry, documents.unit),
        },
      },
      options,
    );
    return new FhirFileImport(db, audit, run, documents, options, shared);
  }

  readRecords(): Promise<void> {
    return this.run.readRecords((skip) => this.#entries(skip));
  }

  /** Counts content that could not be kept, under its path. */
  countUnmapped(paths: readonly string[]): void {
    for (const path of paths) this.unmapped.set(path, (this.unmapped.get(path) ?? 0) + 1);
  }

  async *#entries(skip: number): AsyncGenerator<ImportEntry> {
    const listEntries = createEntryLister();
    let place = 0;
    for await (const document of this.#documents) {
      for (const entry of listEntries(document)) {
        if (this.#isOther(entry, place >= skip)) continue;
        place += 1;
        if (place > skip) yield await this.#read(entry);
        // What is committed may still have links that are not.
        else if ("resource" in entry) await this.#read(entry, "references alone");
      }
    }
  }

  /** True for resources that have no place here; they are counted, and are no records. */
  #isOther(entry: FhirEntry, count: boolean): boolean {
    if (!("type" in entry) || entry.type === "Patient" || entry.type === "Organization") return false;
    // A rejects file has them before what was rejected; a Person says again what its Patients say.
    if (count && entry.type !== "OperationOutcome" && entry.type !== "Person") {
      this.otherResources.set(entry.type, (this.otherResources.get(entry.type) ?? 0) + 1);
    }
    return true;
  }

  async #read(entry: FhirEntry, only?: "references alone"): Promise<ImportEntry> {
    const { place, raw } = entry;
    const rejected = (reason: string): RejectedEntry => ({ line: place, raw, reason });
    if ("reason" in entry) return rejected(entry.reason);
    if ("deletedId" in entry) return this.#readDeletion(entry);
    const { resource } = entry;
    if ("modifierExtension" in resource)
      return rejected("has a modifierExtension, which changes what the rest of it means");
    const identity = readIdentity(entry, this.#options.source);
    if (typeof identity === "string") return rejected(identity);
    const unmapped = listUnmappedContent(entry.type, resource);
    if (this.#options.strict && unmapped.length > 0)
      return rejected(`has content without a column: ${unmapped.join(", ")}`);
    try {
      if (entry.type === "Organization") return await this.#readOrganization(entry, identity, unmapped, only);
      return await this.#readPatient(entry, identity, unmapped, only);
    } catch (error) {
      if (error instanceof MpiError && (error.code === "usage" || error.code === "conflict"))
        return rejected(reasonOf(error));
      throw error;
    }
  }

  #readDeletion(entry: Extract<FhirEntry, { deletedId: string }>): ImportEntry {
    const { place: line, raw, type, deletedId } = entry;
    const { source } = this.#options;
    if (type !== "Patient")
      return { line, raw, reason: `is a DELETE of a ${type}; "mpi org delete" deletes organizations` };
    if (source === undefined)
      return { line, raw, reason: "is a DELETE that names no source; give it with --source" };
    return { line, raw, sourceSystem: source, sourceId: deletedId, deleted: true };
  }

  async #readPatient(
    entry: ResourceEntry,
    identity: FhirIdentity,
    unmapped: readonly string[],
    only: "references alone" | undefined,
  ): Promise<ImportEntry> {
    const { place: line, raw, resource } = entry;
    const manager = this.#targets(resource["managingOrganization"], identity);
    const managingOrganizationId = manager === null ? null : await this.#organizations.find(manager);
    const links = this.#readLinks(resource["link"], identity);
    const parsed = parseFhirPatient(resource, this.#codes, localSystemOf(identity.sourceSystem ?? ""));
    const content = { ...withoutBlanks(parsed), managingOrganizationId };
    const problems = checkPatientContent(content);
    if (problems.length > 0)
      return { line, raw, reason: problems.map(({ field, reason }) => `${field} ${reason}`).join("; ") };
    const organization = managingOrganizationId === null ? manager : null;
    if (links.length > 0 || organization !== null)
      await this.waiting.add({
        place: line,
        raw,
        type: "Patient",
        key: keyOf(identity),
        links,
        organization,
      });
    if (only === undefined) this.countUnmapped(unmapped);
    return { line, raw, ...identity, content };
  }

  #readLinks(value: unknown, identity: FhirIdentity): WaitingReferences["links"] {
    if (!Array.isArray(value)) return [];
    return (value as readonly unknown[]).flatMap((each) => {
      const { type, other } = (each ?? {}) as { readonly type?: unknown; readonly other?: unknown };
      const reference = parseReference(other);
      if (!linkTypes.has(type) || reference === undefined)
        throw new MpiError("usage", "link: has no type of FHIR's, or names nobody");
      if (reference.type === "RelatedPerson") {
        this.countUnmapped(["Patient.link(RelatedPerson)"]);
        return [];
      }
      // Checked above.
      return [
        {
          type: type as WaitingReferences["links"][number]["type"],
          targets: listTargets(identity, reference),
        },
      ];
    });
  }

  async #readOrganization(
    entry: ResourceEntry,
    identity: FhirIdentity,
    unmapped: readonly string[],
    only: "references alone" | undefined,
  ): Promise<ImportEntry> {
    const { place: line, raw, resource } = entry;
    const parent = this.#targets(resource["partOf"], identity);
    const partOf = parent === null ? null : await this.#organizations.find(parent);
    const wait = async () => {
      if (parent !== null && partOf === null)
        await this.waiting.add({
          place: line,
          raw,
          type: "Organization",
          key: keyOf(identity),
          links: [],
          organization: parent,
        });
    };
    if (only !== undefined) {
      await wait();
      return { line, settled: "unchanged" };
    }
    const content = parseFhirOrganization(resource, this.#codes, localSystemOf(identity.sourceSystem ?? ""));
    const settled = await withTransaction(
      this.#db,
      this.#audit,
      (tx) => importOrganization(tx, organizationKeyOf(identity), content, partOf),
      { dryRun: this.#options.dryRun },
    );
    if (settled === "added") this.#organizations.forgetMissing();
    await wait();
    this.countUnmapped(unmapped);
    return { line, settled };
  }

  #targets(reference: unknown, identity: FhirIdentity): readonly ReferenceTarget[] | null {
    const parsed = parseReference(reference);
    return parsed === undefined ? null : listTargets(identity, parsed);
  }
}

/** What all files of one command share. */
export interface SharedLookups {
  readonly organizations: OrganizationDirectory;
  /** The code of each identifier domain, by its system. */
  readonly codes: ReadonlyMap<string, string>;
}

const keyOf = ({ sourceSystem, sourceId, kept }: ImportKey): ImportKey => ({
  sourceSystem,
  sourceId,
  ...(kept === undefined ? {} : { kept }),
});

export const organizationKeyOf = ({ sourceSystem, sourceId, kept }: ImportKey) => ({
  source: sourceSystem === null || sourceId === null ? null : { system: sourceSystem, id: sourceId },
  id: kept?.id ?? null,
});

/** What stands for nothing (a name without any part) is left out, what is said twice is said once. */
function withoutBlanks(content: PatientContent): PatientContent {
  const seen = new Set<string>();
  const names = content.names.filter(
    (name) => (name.family ?? "").trim() !== "" || name.given.some((part) => part.trim() !== ""),
  );
  const addresses = content.addresses.filter((address) =>
    [address.line1, address.line2, address.city, address.state, address.postalCode, address.country].some(
      (part) => part !== null,
    ),
  );
  return {
    ...content,
    names: names.map((name, index) => ({ ...name, isPrimary: index === 0 })),
    addresses: addresses.map((address, index) => ({ ...address, isPrimary: index === 0 })),
    identifiers: content.identifiers.filter(({ system, value }) => {
      const key = `${system}\n${value}`;
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    }),
  };
}

const reasonOf = (error: MpiError): string => {
  const problems = error.details?.["problems"];
  return Array.isArray(problems) ? problems.map(String).join("; ") : error.message.replace(/\.$/, "");
};

/** An OperationOutcome with place and reason, which an import reads over, and on the next line what was rejected. */
function formatReject({ line, raw, reason }: RejectedEntry, unit: PlaceUnit): Buffer {
  const outcome = {
    resourceType: "OperationOutcome",
    issue: [{ severity: "error", code: "invalid", diagnostics: `${unit} ${line}: ${reason}` }],
  };
  return Buffer.from(
    `${Buffer.from(JSON.stringify(outcome), "utf8").toString("latin1")}\n${raw}\n`,
    "latin1",
  );
}
