import { MpiError } from "../../lib/errors.ts";
import type { ContentProblem } from "../patient/check-content.ts";
import type { PatientContent, PatientIdentifier } from "../patient/patient-record.ts";
import { identifierProblem, type IdentifierDomain } from "./identifier-domain.ts";

/** The type of an identifier whose system has no domain. */
export const otherType = "OTHER";

/** An identifier as people name it: by its domain's code or by its system, with its value. */
export type NamedIdentifier =
  { readonly code: string; readonly value: string } | { readonly system: string; readonly value: string };

/**
 * Reads `MRN=12345`.
 * @throws {MpiError} `usage`, without repeating the text
 */
export function parseCodeAndValue(text: string): NamedIdentifier {
  const at = text.indexOf("=");
  if (at < 1 || text.slice(at + 1).trim() === "") {
    throw new MpiError("usage", "An identifier is written CODE=VALUE, with the code of its domain.", {
      hint: '"mpi domain list" shows the codes; SYSTEM=VALUE goes with --identifier-system.',
    });
  }
  return { code: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}

/**
 * Reads `urn:oid:1.2.3=12345`: the last "=" parts them, as systems may have one and numbers have none.
 * @throws {MpiError} `usage`, without repeating the text
 */
export function parseSystemAndValue(text: string): NamedIdentifier {
  const at = text.lastIndexOf("=");
  if (at < 1 || text.slice(at + 1).trim() === "") {
    throw new MpiError("usage", "--identifier-system is written SYSTEM=VALUE.");
  }
  return { system: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}

/**
 * The identifier that is meant, with its system and its domain's code.
 * @throws {MpiError} `usage` for a code that no domain has
 */
export function resolveNamedIdentifier(
  named: NamedIdentifier,
  domains: readonly IdentifierDomain[],
): PatientIdentifier {
  const whole = (type: string, system: string) => ({
    type,
    system,
    value: named.value,
    assigner: null,
    use: null,
  });
  if ("system" in named) {
    const domain = domains.find((each) => each.system === named.system);
    return whole(domain?.code ?? otherType, named.system);
  }
  const domain = domains.find((each) => each.code.toLowerCase() === named.code.toLowerCase());
  if (domain === undefined) {
    throw new MpiError("usage", `There is no identifier domain ${named.code}.`, {
      hint: '"mpi domain add" makes one; --identifier-system SYSTEM=VALUE needs none.',
    });
  }
  return whole(domain.code, domain.system);
}

/** Identifiers that are none of their domain's: wrong check digit or form. Former values are taken as they are. */
export function checkIdentifiers(
  identifiers: PatientContent["identifiers"],
  domains: readonly IdentifierDomain[],
): readonly ContentProblem[] {
  const bySystem = new Map(domains.map((domain) => [domain.system, domain]));
  return identifiers.flatMap((identifier, index) => {
    const domain = bySystem.get(identifier.system);
    if (domain === undefined || identifier.use === "old") return [];
    const reason = identifierProblem(domain, identifier.value);
    return reason === undefined ? [] : [{ field: `identifiers[${index}].value`, reason }];
  });
}
