import { z } from "zod";
import { MpiError } from "../../lib/errors.ts";
import { parseDateTime } from "../fhir/date-time.ts";
import {
  enterpriseSystem,
  identifierTypeSystem,
  motherIdentifierExtension,
  parseSystem,
} from "../fhir/terms.ts";
import { otherType } from "../identifier/named-identifier.ts";
import { parsePartialDate } from "./partial-date.ts";
import {
  addressUses,
  contactSystems,
  contactUses,
  genders,
  identifierUses,
  nameUses,
  type PatientContent,
} from "./patient-record.ts";

const codeable = z.looseObject({
  text: z.string().optional(),
  coding: z.array(z.looseObject({ system: z.string().optional(), code: z.string().optional() })).optional(),
});

/** In a list of texts null stands where there is an extension alone. */
const texts = z
  .array(z.string().nullable())
  .transform((list) => list.filter((each) => each !== null))
  .optional();

/** What we keep of a Patient, the same in R4 and R5; everything else may be there and is left. */
const patientSchema = z.looseObject({
  resourceType: z.literal("Patient"),
  gender: z.enum(genders).optional(),
  birthDate: z.string().optional(),
  deceasedBoolean: z.boolean().optional(),
  deceasedDateTime: z.string().optional(),
  multipleBirthBoolean: z.boolean().optional(),
  multipleBirthInteger: z.number().int().optional(),
  maritalStatus: codeable.optional(),
  name: z
    .array(
      z.looseObject({
        use: z.enum(nameUses).optional(),
        text: z.string().optional(),
        family: z.string().optional(),
        given: texts,
        prefix: texts,
        suffix: texts,
      }),
    )
    .optional(),
  identifier: z
    .array(
      z.looseObject({
        use: z.enum(identifierUses).optional(),
        type: codeable.optional(),
        system: z.string().optional(),
        value: z.string().optional(),
        assigner: z.looseObject({ display: z.string().optional() }).optional(),
      }),
    )
    .optional(),
  address: z
    .array(
      z.looseObject({
        use: z.enum(addressUses).optional(),
        text: z.string().optional(),
        line: texts,
        city: z.string().optional(),
        state: z.string().optional(),
        postalCode: z.string().optional(),
        country: z.string().optional(),
      }),
    )
    .optional(),
  telecom: z
    .array(
      z.looseObject({
        system: z.enum(contactSystems).optional(),
        use: z.enum(contactUses).optional(),
        value: z.string().optional(),
        rank: z.number().optional(),
      }),
    )
    .optional(),
  contact: z
    .array(
      z.looseObject({
        extension: z.array(z.looseObject({ url: z.string(), valueString: z.string().optional() })).optional(),
        relationship: z.array(codeable).optional(),
        name: z
          .looseObject({
            text: z.string().optional(),
            family: z.string().optional(),
            given: texts,
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
    identifiers: (patient.identifier ?? []).flatMap((each) => {
      // The name of the person is no identifier of the record.
      if (each.value === undefined || each.system === enterpriseSystem) return [];
      const system = each.system === undefined ? localSystem : parseSystem(each.system);
      const codings = each.type?.coding;
      const ours = codings?.find((coding) => coding.system === identifierTypeSystem)?.code;
      return [
        {
          type: ours ?? codes.get(system) ?? codings?.[0]?.code ?? each.type?.text ?? otherType,
          system,
          value: each.value,
          assigner: each.assigner?.display ?? null,
          use: each.use ?? null,
        },
      ];
    }),
    addresses: (patient.address ?? []).map((each, index) => ({
      use: each.use ?? null,
      isPrimary: index === 0,
      // An address that was never parted is kept whole.
      line1: each.line?.[0] ?? (each.city === undefined ? (each.text ?? null) : null),
      line2: each.line === undefined || each.line.length < 2 ? null : each.line.slice(1).join(", "),
      city: each.city ?? null,
      state: each.state ?? null,
      postalCode: each.postalCode ?? null,
      country: each.country ?? null,
    })),
    contacts: (patient.telecom ?? []).flatMap((each) =>
      each.value === undefined
        ? []
        : [
            {
              system: each.system ?? "other",
              use: each.use ?? null,
              value: each.value,
              isPrimary: each.rank === 1,
            },
          ],
    ),
  };
}

/** A FHIR dateTime that PostgreSQL can keep; a date alone stands for its first day. Undefined where it is none. */
function readDateTime(text: string): string | undefined {
  const date = parsePartialDate(text.slice(0, 10));
  if (date === undefined) return undefined;
  return text.length <= 10 ? date.date : parseDateTime(text);
}
