import type { IdentifierDomain } from "../../identifier/identifier-domain.ts";
import { domainPresets } from "../../identifier/domain-presets.ts";
import { otherType } from "../../identifier/named-identifier.ts";
import type { PatientIdentifier } from "../../patient/patient-record.ts";
import { partOf, type Repetition } from "./parse-message.ts";

/** Who assigned an identifier (HD): a local name, a universal id and the kind of that. */
export interface Authority {
  readonly namespace: string;
  readonly universalId: string;
  readonly universalType: string;
}

/** CX-4. */
export const authorityOf = (cx: Repetition): Authority => ({
  namespace: partOf(cx, 4, 1),
  universalId: partOf(cx, 4, 2),
  universalType: partOf(cx, 4, 3).toUpperCase(),
});

/** What a source's records go by: the local name, else the universal id. */
export const nameOfAuthority = ({ namespace, universalId }: Authority): string => namespace || universalId;

/** HL7 table 0203 where our codes differ. */
const types: Readonly<Record<string, string>> = { MR: "MRN", SS: "SSN", NH: "NHS" };

const patientNumbers: ReadonlySet<string> = new Set(["MRN", "PI", "PT"]);

/** Types whose system is the same everywhere, whoever the message says has assigned them. */
const nationalSystems: Readonly<Record<string, string>> = Object.fromEntries(
  (["ssn", "nhs", "mbi"] as const).map((name) => [domainPresets[name]!.code, domainPresets[name]!.system]),
);

/** Finds the systems of identifiers; made once an import. */
export class IdentifierReader {
  readonly #declared: ReadonlyMap<string, string>;
  readonly #domains: readonly IdentifierDomain[];

  /**
   * @param declared the system of each assigning authority, by its local name or universal id.
   * @param domains the index's own; an authority that a domain names means its system.
   */
  constructor(declared: ReadonlyMap<string, string>, domains: readonly IdentifierDomain[]) {
    this.#declared = declared;
    this.#domains = domains;
  }

  /** @param facility who sent the message: it assigned what names nobody. */
  read(cx: Repetition, facility: string): PatientIdentifier | undefined {
    const value = partOf(cx, 1);
    if (value === "") return undefined;
    const code = partOf(cx, 5).toUpperCase();
    const authority = authorityOf(cx);
    const type = types[code] ?? (code === "" ? undefined : code);
    const system = this.#systemOf(authority, type, facility);
    const domain = this.#domains.find((each) => each.system === system);
    return {
      type: domain?.code ?? type ?? otherType,
      system,
      value,
      assigner: authority.namespace === "" ? null : authority.namespace,
      use: null,
    };
  }

  #systemOf(authority: Authority, type: string | undefined, facility: string): string {
    const { namespace, universalId, universalType } = authority;
    const declared = this.#declared.get(namespace) ?? this.#declared.get(universalId);
    if (declared !== undefined) return declared;
    const national = nationalSystems[type ?? ""];
    if (national !== undefined) return national;
    const names = [namespace, universalId].filter((name) => name !== "").map((name) => name.toLowerCase());
    const owned = this.#domains.filter((each) =>
      names.includes(each.assigningAuthority?.toLowerCase() ?? ""),
    );
    const domain = owned.find((each) => each.code === type) ?? (owned.length === 1 ? owned[0] : undefined);
    if (domain !== undefined) return domain.system;
    if (universalId !== "") return universalSystem(universalId, universalType);
    // An exported system is its own name.
    if (/^(?:urn|https?):/i.test(namespace)) return namespace;
    // One authority counts patients, accounts and cards each from one: only the patients' numbers go by its name alone.
    const owner = namespace || facility;
    const series = type === undefined || patientNumbers.has(type) ? [] : [type];
    return ["urn:mpi:hl7", ...(owner === "" ? [] : [owner]), ...series].join(":");
  }
}

function universalSystem(id: string, type: string): string {
  if (/^(?:urn|https?):/i.test(id)) return id;
  if (type === "ISO" || /^[0-2](?:\.\d+)+$/.test(id)) return `urn:oid:${id}`;
  if (type === "UUID" || type === "GUID") return `urn:uuid:${id.toLowerCase()}`;
  return `urn:mpi:hl7:${id}`;
}
