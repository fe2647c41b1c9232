import { parseReferenceText } from "../../fhir/reference.ts";
import type { FhirDocument } from "./read-documents.ts";
import { toRaw } from "./read-documents.ts";

/** A resource, with its id or the UUID that its Bundle names it by. */
export interface ResourceEntry {
  readonly place: number;
  readonly raw: string;
  readonly type: string;
  readonly id: string | null;
  /** The UUID that other entries of the Bundle may name it by. */
  readonly alias: string | null;
  readonly resource: Readonly<Record<string, unknown>>;
}

export type FhirEntry =
  | ResourceEntry
  /** A Bundle says that the source has deleted it. */
  | { readonly place: number; readonly raw: string; readonly type: string; readonly deletedId: string }
  | { readonly place: number; readonly raw: string; readonly reason: string };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/**
 * Turns the documents of one input into its resources. Of a Bundle every entry counts that brings a resource:
 *
 * - `PUT` and `POST`, and entries without a request, are the resource as it is;
 * - `DELETE` says that its source deleted it; `GET` and `HEAD` say nothing; `PATCH` cannot be taken, because what it
 *   changes is not all there;
 * - a response other than 2xx did not happen; a search's `outcome` is no result;
 * - a history has the newest version first, and only that one counts.
 */
export function createEntryLister(): (document: FhirDocument) => readonly FhirEntry[] {
  // Of a history that is read piece by piece; others are listed whole.
  const streamedHistory = new Set<string>();
  return (document) => {
    const { place, raw } = document;
    if ("reason" in document) return [{ place, raw, reason: document.reason }];
    if (document.bundleType !== undefined) {
      return listBundleEntry(document.value, document.bundleType, place, raw, streamedHistory);
    }
    if (!isObject(document.value) || textOf(document.value["resourceType"]) === null) {
      return [{ place, raw, reason: "is no FHIR resource: it has no resourceType" }];
    }
    return listResource(document.value, null, place, raw);
  };
}

function listResource(
  resource: Readonly<Record<string, unknown>>,
  alias: string | null,
  place: number,
  raw: string,
): readonly FhirEntry[] {
  const type = textOf(resource["resourceType"]);
  if (type === null) return [{ place, raw, reason: "is no FHIR resource: it has no resourceType" }];
  if (type !== "Bundle") return [{ place, raw, type, id: textOf(resource["id"]) ?? alias, alias, resource }];
  const bundleType = textOf(resource["type"]) ?? "collection";
  const history = new Set<string>();
  const entries = Array.isArray(resource["entry"]) ? (resource["entry"] as readonly unknown[]) : [];
  return entries.flatMap((entry) => listBundleEntry(entry, bundleType, place, undefined, history));
}

/** @param raw of the entry; the resource's own text where absent. */
function listBundleEntry(
  entry: unknown,
  bundleType: string,
  place: number,
  raw: string | undefined,
  history: Set<string>,
): readonly FhirEntry[] {
  if (!isObject(entry)) return [{ place, raw: raw ?? toRaw(entry), reason: "is no entry of a Bundle" }];
  const { resource } = entry;
  const request = isObject(entry["request"]) ? entry["request"] : {};
  const method = textOf(request["method"])?.toUpperCase() ?? null;
  const status = isObject(entry["response"]) ? textOf(entry["response"]["status"]) : null;
  const search = isObject(entry["search"]) ? textOf(entry["search"]["mode"]) : null;
  const alias = uuidOf(textOf(entry["fullUrl"]));
  if (method === "GET" || method === "HEAD" || search === "outcome") return [];
  if (status !== null && !status.startsWith("2")) return [];

  const named = parseReferenceText(textOf(request["url"]) ?? textOf(entry["fullUrl"]) ?? "");
  const whole = raw ?? toRaw(entry);
  if (method === "DELETE") {
    if (named?.type == null)
      return [{ place, raw: whole, reason: "is a DELETE that does not say of what by type and id" }];
    if (isSuperseded(history, bundleType, named.type, named.id)) return [];
    return [{ place, raw: whole, type: named.type, deletedId: named.id }];
  }
  if (method === "PATCH")
    return [{ place, raw: whole, reason: "is a PATCH, which does not bring all of the resource" }];
  if (!isObject(resource)) return [];
  const type = textOf(resource["resourceType"]);
  const id = textOf(resource["id"]);
  if (type !== null && id !== null && isSuperseded(history, bundleType, type, id)) return [];
  return listResource(resource, alias, place, raw === undefined || type !== "Bundle" ? toRaw(resource) : raw);
}

const uuidOf = (fullUrl: string | null): string | null => /^urn:uuid:(.+)$/i.exec(fullUrl ?? "")?.[1] ?? null;

function isSuperseded(history: Set<string>, bundleType: string, type: string, id: string): boolean {
  if (bundleType !== "history") return false;
  const key = `${type}/${id}`;
  if (history.has(key)) return true;
  history.add(key);
  return false;
}
