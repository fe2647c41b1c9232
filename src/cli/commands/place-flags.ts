import type { Command } from "commander";
import { parseCodeAndValue, parseSystemAndValue } from "../../domain/identifier/named-identifier.ts";
import { repeatable } from "../command.ts";

/** Where somebody lives or works and how to reach them: the same flags for patients and organizations. */
export interface PlaceFlags {
  readonly phone: readonly string[];
  readonly email: readonly string[];
  readonly addressLine1?: string;
  readonly addressLine2?: string;
  readonly city?: string;
  readonly state?: string;
  readonly postalCode?: string;
  readonly country?: string;
}

export const withPlaceFlags = (command: Command): Command =>
  command
    .option("--phone <number>", "telephone number; may be repeated", repeatable, [])
    .option("--email <address>", "e-mail address; may be repeated", repeatable, [])
    .option("--address-line1 <text>", "street and number")
    .option("--address-line2 <text>", "second line of the address")
    .option("--city <name>", "city")
    .option("--state <name>", "state or region")
    .option("--postal-code <code>", "postal code")
    .option("--country <name>", "country");

/** The address that the flags name; undefined where they name none. */
export function readPlace(flags: PlaceFlags) {
  const place = {
    line1: orNull(flags.addressLine1),
    line2: orNull(flags.addressLine2),
    city: orNull(flags.city),
    state: orNull(flags.state),
    postalCode: orNull(flags.postalCode),
    country: orNull(flags.country),
  };
  return Object.values(place).some((part) => part !== null) ? place : undefined;
}

export const orNull = (value: string | undefined): string | null =>
  value === undefined || value.trim() === "" ? null : value;

/** Identifiers, by the code of their domain or by their system. */
export interface IdentifierFlags {
  readonly identifier: readonly string[];
  readonly identifierSystem: readonly string[];
}

export const withIdentifierFlags = (command: Command): Command =>
  command
    .option(
      "--identifier <code=value>",
      "identifier of a domain, by its code; may be repeated",
      repeatable,
      [],
    )
    .option(
      "--identifier-system <system=value>",
      "identifier of any system; may be repeated",
      repeatable,
      [],
    );

/** @throws {MpiError} `usage` for one that is not written as it should be. */
export const readNamedIdentifiers = (flags: IdentifierFlags) => [
  ...flags.identifier.map(parseCodeAndValue),
  ...flags.identifierSystem.map(parseSystemAndValue),
];
