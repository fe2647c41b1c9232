/** Where FHIR has no element of its own: the names under which our exports say it, and our imports understand it. */

/** Before the source's name in `meta.source`, and as the system of a source's own id. */
export const sourcePrefix = "urn:mpi:source:";
/** `meta.source` of a record that no source delivered. */
export const noSource = "urn:mpi:record";
/** System of the identifier that carries a person's enterprise id. */
export const enterpriseSystem = "urn:mpi:enterprise-id";
/** System of the codes of our identifier domains. */
export const identifierTypeSystem = "urn:mpi:identifier-type";
/** Of an identifier whose source gives no system: it is local to that source. */
export const localSystemOf = (source: string): string => `urn:mpi:local:${encodeURIComponent(source)}`;

/** Extension of a Patient: what the record keeps when it comes into another index. */
export const recordExtension = "urn:mpi:record-identity";
/** Extension of a Patient's contact: the mother's identifier. */
export const motherIdentifierExtension = "urn:mpi:mother-identifier";

export const codeSystems = {
  identifierType: "http://terminology.hl7.org/CodeSystem/v2-0203",
  maritalStatus: "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus",
  role: "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
} as const;

/** `meta.source` of a record: its source's name, and the source's own id behind the `#`. */
export const formatSourceUri = (source: { readonly system: string; readonly id: string } | null): string =>
  source === null
    ? noSource
    : `${sourcePrefix}${encodeURIComponent(source.system)}#${encodeURIComponent(source.id)}`;

/**
 * Reads `meta.source`. Of another system's URI the part before the `#` names the source; what stands behind it is a
 * request's id in some servers, and left out.
 *
 * @returns undefined where it names no source.
 */
export function parseSourceUri(
  uri: string,
): { readonly isOurs: boolean; readonly system: string | null; readonly id: string | null } | undefined {
  const [before, fragment] = splitOnce(uri.trim(), "#");
  if (before === noSource) return { isOurs: true, system: null, id: null };
  if (!before.startsWith(sourcePrefix)) {
    return before === "" ? undefined : { isOurs: false, system: before, id: null };
  }
  try {
    const system = decodeURIComponent(before.slice(sourcePrefix.length));
    const id = fragment === undefined ? null : decodeURIComponent(fragment);
    return system === ""
      ? undefined
      : { isOurs: id !== null && id !== "", system, id: id === "" ? null : id };
  } catch {
    return undefined;
  }
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

const systemPrefix = "urn:mpi:system:";

/** A system as a URI: what has white space, or nothing at all, is none in FHIR. */
export const formatSystem = (system: string): string =>
  /\s/.test(system) || system === "" ? `${systemPrefix}${encodeURIComponent(system)}` : system;

/** Takes formatSystem back. */
export function parseSystem(uri: string): string {
  if (!uri.startsWith(systemPrefix)) return uri;
  try {
    return decodeURIComponent(uri.slice(systemPrefix.length));
  } catch {
    return uri;
  }
}

/** Whether a text is a code in FHIR's sense: no white space at its ends, nor more than one space within. */
export const isCode = (text: string): boolean => /^[^\s]+(?: [^\s]+)*$/.test(text);

/** A time of the database (`2020-05-06 07:08:09.12+00`, UTC) as a FHIR instant. */
export const formatInstant = (time: string): string => time.replace(" ", "T").replace(/\+00(?::?00)?$/, "Z");
