import { z } from "zod";
import { MpiError } from "../../lib/errors.ts";
import { parseDateTime } from "../fhir/date-time.ts";
import {
  addressSchema,
  codeableSchema,
  identifierSchema,
  readAddresses,
  readContacts,
  readIdentifiers,
  telecomSchema,
  textsSchema,
} from "../fhir/elements.ts";
import { enterpriseSystem, motherIdentifierExtension } from "../fhir/terms.ts";
import { parsePartialDate } from "./partial-date.ts";
import { genders, nameUses, type PatientContent } from "./patient-record.ts";

/** What we keep of a Patient, the same in R4 and R5; everything else may be there and is left. */
const patientSchema = z.looseObject({
  resourceType: z.literal("Patient"),
  gender: z.enum(genders).optional(),
  birthDate: z.string().optional(),
  deceasedBoolean: z.boolean().optional(),
  deceasedDateTime: z.string().optional(),
  multipleBirthBoolean: z.boolean().optional(),
  multipleBirthInteger: z.number().int().optional(),
  maritalStatus: codeableSchema.optional(),
  name: z
    .array(
      z.looseObject({
        use: z.enum(nameUses).optional(),
        text: z.string().optional(),
        family: z.string().optional(),
        given: textsSchema,
        prefix: textsSchema,
        suffix: textsSchema,
      }),
    )
    .optional(),
  identifier: z.array(identifierSchema).optional(),
  address: z.array(addressSchema).optional(),
  telecom: z.array(telecomSchema).optional(),
  contact: z
    .array(
      z.looseObject({
        extension: z.array(z.looseObject({ url: z.string(), valueString: z.string().optional() })).optional(),
        relationship: z.array(codeableSchema).optional(),
        name: z
          .looseObject({
            text: z.string().optional(),
            family: z.string().optional(),
            given: textsSchema,
          })
          .optional(),
      }),
    )
    .optional(),
});

export const isFhirResource = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "resourceType" in value;

/**
 * The content of a FHIR Patient, R4 or R5.
 *
 * @param codes the domain's code of each known system; other identifiers take the code of their type.
 * @param localSystem what stands for the system of an identifier that has none; empty where such are refused.
 * @throws {MpiError} `usage` naming the elements that cannot be read, never a value
 */
export function parseFhirPatient(
  value: unknown,
  codes: ReadonlyMap<string, string>,
  localSystem = "",
): PatientContent {
  const parsed = patientSchema.safeParse(value);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join(".") || "the resource"}: ${issue.message}`);
  const patient = parsed.data;
  const born = patient?.birthDate === undefined ? null : (parsePartialDate(patient.birthDate) ?? undefined);
  if (born === undefined) problems.push("birthDate: is no date of the calendar");
  const died = patient?.deceasedDateTime === undefined ? null : readDateTime(patient.deceasedDateTime);
  if (died === undefined) problems.push("deceasedDateTime: is no date of the calendar");
  if (patient === undefined || born === undefined || died === undefined || problems.length > 0) {
    throw new MpiError("usage", `The FHIR Patient cannot be read: ${problems.join("; ")}.`, {
      details: { problems },
    });
  }
  const order = patient.multipleBirthInteger ?? null;
  const contact = patient.contact?.find((each) =>
    each.relationship?.some(({ coding }) => coding?.some(({ code }) => code === "MTH" || code === "NMTH")),
  );
  const mother = contact?.name;
  return {
    gender: patient.gender ?? null,
    birthDate: born,
    deceased: patient.deceasedBoolean ?? died !== null,
    deceasedAt: died,
    maritalStatus: patient.maritalStatus?.coding?.[0]?.code ?? patient.maritalStatus?.text ?? null,
    multipleBirth: order === null ? (patient.multipleBirthBoolean ?? null) : true,
    birthOrder: order,
    motherName:
      mother === undefined
        ? null
        : (mother.text ?? ([...(mother.given ?? []), mother.family ?? ""].join(" ").trim() || null)),
    motherIdentifier:
      contact?.extension?.find((each) => each.url === motherIdentifierExtension)?.valueString ?? null,
    managingOrganizationId: null,
    names: (patient.name ?? []).map((name, index) => ({
      use: name.use ?? null,
      isPrimary: index === 0,
      // A name that was never parted is kept whole.
      family: name.family ?? (name.given === undefined ? (name.text ?? null) : null),
      given: name.given ?? [],
      prefix: name.prefix ?? [],
      suffix: name.suffix ?? [],
    })),
    identifiers: readIdentifiers(
      // The name of the person is no identifier of the record.
      patient.identifier?.filter(({ system }) => system !== enterpriseSystem),
      codes,
      localSystem,
    ),
    addresses: readAddresses(patient.address),
    contacts: readContacts(patient.telecom),
  };
}

/** A FHIR dateTime that PostgreSQL can keep; a date alone stands for its first day. Undefined where it is none. */
function readDateTime(text: string): string | undefined {
  const date = parsePartialDate(text.slice(0, 10));
  if (date === undefined) return undefined;
  return text.length <= 10 ? date.date : parseDateTime(text);
}
