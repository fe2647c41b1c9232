import type { Database, Transaction } from "../../db/client.ts";
import { selectExportOrganizations, selectExportPersons } from "../../db/queries/exports.ts";
import { findOrganizationRowSet } from "../../db/queries/organizations.ts";
import type { ReadContext } from "../audit/record-read.ts";
import type { Element } from "./fhir-elements.ts";
import {
  forEachPage,
  recordExport,
  refuseAborted,
  withExportSnapshot,
  type ExportOptions,
  type ExportSink,
} from "./for-each-page.ts";
import { toOrganizationResource } from "./organization-resource.ts";
import { securityLabel, toPatientResource, type OrganizationSources } from "./patient-resource.ts";

export const exportTypes = ["Organization", "Patient", "Person"] as const;
export type ExportType = (typeof exportTypes)[number];

export interface FhirExportOptions extends ExportOptions {
  readonly layout: "ndjson" | "bundle";
  readonly types: readonly ExportType[];
}

export type FhirExportCounts = Readonly<Record<ExportType, number>>;

/**
 * Writes the index as FHIR: organizations, then patients, then a Person for each enterprise id. One resource a line, or
 * one Bundle of type `collection`. Everything is of one moment; memory does not grow with the index.
 *
 * @throws {MpiError} `unavailable` where the export cannot be written into the audit trail, `cancelled`.
 */
export const exportFhir = (
  db: Database,
  context: ReadContext,
  sink: ExportSink,
  options: FhirExportOptions,
): Promise<FhirExportCounts> =>
  withExportSnapshot(db, context, async (snapshot) => {
    const writer = new ResourceWriter(sink, options.layout);
    const organizations = await loadSources(snapshot);
    const counts = { Organization: 0, Patient: 0, Person: 0 };
    await writer.begin();
    if (options.types.includes("Organization")) {
      await recordExport(db, context, [...organizations.keys()], "fhir", options, "organization");
      for (const id of organizations.keys()) {
        refuseAborted(options.signal);
        const set = await findOrganizationRowSet(snapshot, id);
        if (set === undefined) continue;
        await writer.write(toOrganizationResource(set, organizations));
        counts.Organization += 1;
      }
    }
    if (options.types.includes("Patient")) {
      counts.Patient = await forEachPage(db, context, snapshot, "fhir", options, async (records) => {
        for (const record of records)
          await writer.write(toPatientResource(record, organizations, options.disguise));
      });
    }
    if (options.types.includes("Person"))
      counts.Person = await writePersons(db, context, snapshot, options, writer);
    await writer.end();
    return counts;
  });

async function loadSources(snapshot: Transaction): Promise<OrganizationSources> {
  const rows = await selectExportOrganizations(snapshot);
  return new Map(
    rows.map(({ id, sourceSystem, sourceId }) => [
      id,
      sourceSystem === null || sourceId === null ? null : { system: sourceSystem, id: sourceId },
    ]),
  );
}

const personPage = 1000;

async function writePersons(
  db: Database,
  context: ReadContext,
  snapshot: Transaction,
  options: FhirExportOptions,
  writer: ResourceWriter,
): Promise<number> {
  const { disguise } = options;
  let count = 0;
  let last: string | null = null;
  for (;;) {
    refuseAborted(options.signal);
    const page: Awaited<ReturnType<typeof selectExportPersons>> = await selectExportPersons(
      snapshot,
      options.filter,
      last,
      personPage,
    );
    if (page.length === 0) return count;
    last = page.at(-1)!.enterpriseId;
    // With the patients it was written down already.
    if (!options.types.includes("Patient")) {
      await recordExport(
        db,
        context,
        page.flatMap((person) => person.recordIds),
        "fhir",
        options,
      );
    }
    for (const { enterpriseId, recordIds } of page) {
      await writer.write({
        resourceType: "Person",
        id: disguise?.hidePerson(enterpriseId) ?? enterpriseId,
        meta: disguise === null ? undefined : { security: [securityLabel(disguise)] },
        active: true,
        link: recordIds.map((id) => ({ target: { reference: `Patient/${disguise?.hideId(id) ?? id}` } })),
      });
    }
    count += page.length;
  }
}

/** So much text is handed on at once. */
const chunkLength = 64 * 1024;

class ResourceWriter {
  readonly #sink: ExportSink;
  readonly #layout: "ndjson" | "bundle";
  #pending = "";
  #isFirst = true;

  constructor(sink: ExportSink, layout: "ndjson" | "bundle") {
    this.#sink = sink;
    this.#layout = layout;
  }

  async begin(): Promise<void> {
    // An entry a line; none of the lines is a resource by itself, so that nobody takes the file for NDJSON.
    if (this.#layout === "bundle") await this.#add('{"resourceType":"Bundle","type":"collection","entry":[');
  }

  async write(resource: Element): Promise<void> {
    const text = JSON.stringify(resource);
    if (this.#layout === "ndjson") return this.#add(`${text}\n`);
    const separator = this.#isFirst ? "" : "\n,";
    this.#isFirst = false;
    return this.#add(`${separator}{"fullUrl":"urn:uuid:${String(resource["id"])}","resource":${text}}`);
  }

  async end(): Promise<void> {
    if (this.#layout === "bundle") await this.#add("\n]}\n");
    if (this.#pending !== "") await this.#sink.write(this.#pending);
    this.#pending = "";
  }

  async #add(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length < chunkLength) return;
    const chunk = this.#pending;
    this.#pending = "";
    await this.#sink.write(chunk);
  }
}
