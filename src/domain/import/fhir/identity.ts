import { parseDateTime } from "../../fhir/date-time.ts";
import type { FhirReference } from "../../fhir/reference.ts";
import { parseSourceUri, recordExtension, sourcePrefix } from "../../fhir/terms.ts";
import type { ImportKey, KeptIdentity } from "../import-record.ts";
import type { ResourceEntry } from "./list-entries.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** As many characters as the columns of source and source id take. */
const longest = 255;

/** What names a resource's record for ever, and when its source received it. */
export interface FhirIdentity extends ImportKey {
  readonly receivedAt: string | null;
}

type Json = Readonly<Record<string, unknown>>;
const objectOf = (value: unknown): Json =>
  typeof value === "object" && value !== null ? (value as Json) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/**
 * Whose record a resource is. With `source`, its id there; else what `meta.source` says. What an index like this one
 * has exported keeps its record's id, enterprise id and state.
 *
 * @returns the reason where it cannot be told, so that the record could not be found again.
 */
export function readIdentity(entry: ResourceEntry, source: string | undefined): FhirIdentity | string {
  const meta = objectOf(entry.resource["meta"]);
  const lastUpdated = instantOf(meta["lastUpdated"]);
  const said =
    source === undefined && typeof meta["source"] === "string" ? parseSourceUri(meta["source"]) : undefined;
  const sourceSystem = source ?? said?.system ?? null;
  const kept = said?.isOurs === true && uuid.test(entry.id ?? "") ? keptIdentity(entry) : undefined;
  if (sourceSystem === null && kept === undefined)
    return "names no source in meta.source; give it with --source";
  const sourceId = sourceSystem === null ? null : (said?.id ?? entry.id);
  if (sourceSystem !== null && (sourceId === null || sourceId === ""))
    return "has no id, so that the record could not be found again";
  if ((sourceSystem?.length ?? 0) > longest || (sourceId?.length ?? 0) > longest)
    return `names its source or its id there with more than ${longest} characters`;
  return {
    sourceSystem,
    sourceId,
    ...(kept === undefined ? {} : { kept: kept.identity }),
    receivedAt: kept?.receivedAt ?? lastUpdated,
  };
}

function keptIdentity(entry: ResourceEntry): {
  readonly identity: KeptIdentity;
  readonly receivedAt: string | null;
} {
  const extension = listOf(entry.resource["extension"])
    .map(objectOf)
    .find((each) => each["url"] === recordExtension);
  const part = (url: string): Json =>
    listOf(extension?.["extension"])
      .map(objectOf)
      .find((each) => each["url"] === url) ?? {};
  const enterpriseId = part("enterpriseId")["valueString"];
  const since = instantOf(part("enterpriseSince")["valueInstant"]);
  return {
    identity: {
      id: entry.id!.toLowerCase(),
      active: entry.resource["active"] !== false,
      enterprise:
        typeof enterpriseId === "string" && uuid.test(enterpriseId) && since !== null
          ? { id: enterpriseId, since }
          : null,
    },
    receivedAt: instantOf(part("receivedAt")["valueInstant"]),
  };
}

const instantOf = (value: unknown): string | null =>
  typeof value === "string" ? (parseDateTime(value) ?? null) : null;

/** What a reference may name: a record of the same source, one of any source by its own id, or one by an identifier. */
export type ReferenceTarget =
  | { readonly by: "source"; readonly system: string; readonly id: string }
  | { readonly by: "id"; readonly id: string }
  | { readonly by: "identifier"; readonly system: string; readonly value: string };

/** What a reference of a resource names, in the order in which it is looked for. */
export function listTargets(
  { sourceSystem, kept }: ImportKey,
  reference: FhirReference,
): readonly ReferenceTarget[] {
  const targets: ReferenceTarget[] = [];
  const { id, identifier } = reference;
  if (identifier?.system.startsWith(sourcePrefix) === true) {
    const source = parseSourceUri(identifier.system);
    if (source?.system != null) targets.push({ by: "source", system: source.system, id: identifier.value });
  }
  if (id !== null && kept !== undefined && uuid.test(id)) targets.push({ by: "id", id: id.toLowerCase() });
  if (id !== null && kept === undefined && sourceSystem !== null)
    targets.push({ by: "source", system: sourceSystem, id });
  if (identifier !== null) targets.push({ by: "identifier", ...identifier });
  return targets;
}
