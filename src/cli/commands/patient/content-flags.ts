import { Option, type Command } from "commander";
import type { IdentifierDomain } from "../../../domain/identifier/identifier-domain.ts";
import { resolveNamedIdentifier } from "../../../domain/identifier/named-identifier.ts";
import { requireDate } from "../../../domain/patient/find/search-query.ts";
import {
  addressUses,
  genders,
  nameUses,
  type AddressUse,
  type Gender,
  type NameUse,
  type PatientAddress,
  type PatientContact,
  type PatientContent,
  type PatientIdentifier,
  type PatientName,
} from "../../../domain/patient/patient-record.ts";
import { MpiError } from "../../../lib/errors.ts";
import { integer, repeatable } from "../../command.ts";
import {
  orNull,
  readNamedIdentifiers,
  readPlace,
  withIdentifierFlags,
  withPlaceFlags,
  type IdentifierFlags,
  type PlaceFlags,
} from "../place-flags.ts";

/** What the flags of a record's content say, as commander parses them. */
export interface ContentFlags extends IdentifierFlags, PlaceFlags {
  readonly family?: string;
  readonly given: readonly string[];
  readonly prefix: readonly string[];
  readonly suffix: readonly string[];
  readonly nameUse?: NameUse;
  readonly gender?: Gender;
  readonly birthDate?: string;
  readonly addressUse?: AddressUse;
  readonly maritalStatus?: string;
  readonly motherName?: string;
  readonly motherIdentifier?: string;
  readonly multipleBirth?: "yes" | "no";
  readonly birthOrder?: number;
  readonly deceased?: "yes" | "no";
  readonly deceasedAt?: string;
  readonly organization?: string;
}

export const withContentFlags = (command: Command): Command => {
  command
    .option("--family <name>", "family name")
    .option("--given <name>", "given name; again for each further one", repeatable, [])
    .option("--prefix <text>", "before the name, such as Dr.; may be repeated", repeatable, [])
    .option("--suffix <text>", "after the name, such as Jr; may be repeated", repeatable, [])
    .addOption(new Option("--name-use <use>", "what the name is for").choices(nameUses))
    .addOption(new Option("--gender <gender>", "administrative gender").choices(genders))
    .option("--birth-date <date>", "YYYY-MM-DD, YYYY-MM or YYYY");
  return withPlaceFlags(withIdentifierFlags(command))
    .addOption(new Option("--address-use <use>", "what the address is for").choices(addressUses))
    .option("--marital-status <code>", "marital status")
    .option("--mother-name <name>", "mother's name")
    .option("--mother-identifier <value>", "mother's identifier")
    .addOption(new Option("--multiple-birth <answer>", "one of twins or more").choices(["yes", "no"]))
    .option("--birth-order <n>", "1 for the first-born of twins", integer({ min: 1, max: 20 }))
    .addOption(new Option("--deceased <answer>", "has died").choices(["yes", "no"]))
    .option("--deceased-at <date>", "when, YYYY-MM-DD")
    .option("--organization <id>", "managing organization: its id, or TYPE:value");
};

/** True where any flag of the content was given. */
export const hasContentFlags = (flags: ContentFlags): boolean =>
  contentKeys.some((key) => {
    const value = flags[key];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });

const contentKeys = [
  "family",
  "given",
  "prefix",
  "suffix",
  "nameUse",
  "gender",
  "birthDate",
  "identifier",
  "identifierSystem",
  "phone",
  "email",
  "addressLine1",
  "addressLine2",
  "city",
  "state",
  "postalCode",
  "country",
  "addressUse",
  "maritalStatus",
  "motherName",
  "motherIdentifier",
  "multipleBirth",
  "birthOrder",
  "deceased",
  "deceasedAt",
  "organization",
] as const satisfies readonly (keyof ContentFlags)[];

/** What flags say, by field; a field that no flag names is absent. Lists hold what is to be added. */
export interface FlaggedContent {
  readonly scalars: Partial<Omit<PatientContent, "names" | "identifiers" | "addresses" | "contacts">>;
  readonly name: PatientName | undefined;
  readonly identifiers: readonly PatientIdentifier[];
  readonly address: PatientAddress | undefined;
  readonly contacts: readonly PatientContact[];
}

/** @throws {MpiError} `usage` for a date or an identifier that cannot be read */
export function readContentFlags(flags: ContentFlags, domains: readonly IdentifierDomain[]): FlaggedContent {
  const { family, given, prefix, suffix } = flags;
  const isNamed = family !== undefined || given.length + prefix.length + suffix.length > 0;
  const place = readPlace(flags);
  const contacts = (system: "phone" | "email", values: readonly string[]) =>
    values.map((value) => ({ system, value, use: null, isPrimary: false }));
  return {
    scalars: {
      ...(flags.gender === undefined ? {} : { gender: flags.gender }),
      ...(flags.birthDate === undefined ? {} : { birthDate: requireDate(flags.birthDate) }),
      ...(flags.maritalStatus === undefined ? {} : { maritalStatus: flags.maritalStatus }),
      ...(flags.motherName === undefined ? {} : { motherName: flags.motherName }),
      ...(flags.motherIdentifier === undefined ? {} : { motherIdentifier: flags.motherIdentifier }),
      ...(flags.multipleBirth === undefined ? {} : { multipleBirth: flags.multipleBirth === "yes" }),
      ...(flags.birthOrder === undefined ? {} : { birthOrder: flags.birthOrder }),
      ...(flags.deceased === undefined ? {} : { deceased: flags.deceased === "yes" }),
      ...(flags.deceasedAt === undefined ? {} : { deceasedAt: requireDay(flags.deceasedAt), deceased: true }),
    },
    name: isNamed
      ? { family: orNull(family), given, prefix, suffix, use: flags.nameUse ?? null, isPrimary: true }
      : undefined,
    identifiers: readNamedIdentifiers(flags).map((named) => resolveNamedIdentifier(named, domains)),
    address: place === undefined ? undefined : { ...place, use: flags.addressUse ?? null, isPrimary: true },
    contacts: [...contacts("phone", flags.phone), ...contacts("email", flags.email)],
  };
}

function requireDay(text: string): string {
  const date = requireDate(text);
  if (date.precision !== "day") throw new MpiError("usage", "--deceased-at is a whole date, YYYY-MM-DD.");
  return date.date;
}
