/** A resource that a reference names: by type and id, by a UUID of its own Bundle, or by an identifier alone. */
export interface FhirReference {
  readonly type: string | null;
  readonly id: string | null;
  readonly identifier: { readonly system: string; readonly value: string } | null;
}

const typeAndId = /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?$/;

/** Type and id out of `Patient/12`, `https://host/fhir/Patient/12/_history/3` or `urn:uuid:…`. */
export function parseReferenceText(
  text: string,
): { readonly type: string | null; readonly id: string } | undefined {
  const uuid = /^urn:(?:uuid|oid):(.+)$/i.exec(text.trim());
  if (uuid !== null) return { type: null, id: uuid[1]! };
  const found = typeAndId.exec(text.trim());
  return found === null ? undefined : { type: found[1]!, id: found[2]! };
}

/** Reads a Reference element; undefined where it names nothing that could be looked for. */
export function parseReference(value: unknown): FhirReference | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { reference, type, identifier } = value as {
    readonly reference?: unknown;
    readonly type?: unknown;
    readonly identifier?: { readonly system?: unknown; readonly value?: unknown } | null;
  };
  const named = typeof reference === "string" ? parseReferenceText(reference) : undefined;
  const carried =
    typeof identifier?.system === "string" && typeof identifier.value === "string"
      ? { system: identifier.system, value: identifier.value }
      : null;
  if (named === undefined && carried === null) return undefined;
  return {
    type: named?.type ?? (typeof type === "string" ? type : null),
    id: named?.id ?? null,
    identifier: carried,
  };
}
