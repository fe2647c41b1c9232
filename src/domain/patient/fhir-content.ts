import { z } from "zod";
import { MpiError } from "../../lib/errors.ts";
import { otherType } from "../identifier/named-identifier.ts";
import { makePartialDate, parsePartialDate } from "./partial-date.ts";
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
  coding: z.array(z.looseObject({ code: z.string().optional() })).optional(),
});

/** What we keep of an R4 Patient; everything else may be there and is left. */
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
        given: z.array(z.string()).optional(),
        prefix: z.array(z.string()).optional(),
        suffix: z.array(z.string()).optional(),
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
        line: z.array(z.string()).optional(),
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
      }),
    )
    .optional(),
  contact: z
    .array(
      z.looseObject({
        relationship: z.array(codeable).optional(),
        name: z
          .looseObject({
            text: z.string().optional(),
            family: z.string().optional(),
            given: z.array(z.string()).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});

export const isFhirResource = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "resourceType" in value;

/**
 * The content of a FHIR R4 Patient.
 *
 * @param codes the domain's code of each known system; other identifiers take the code of their type.
 * @throws {MpiError} `usage` naming the elements that cannot be read, never a value
 */
export function parseFhirPatient(value: unknown, codes: ReadonlyMap<string, string>): PatientContent {
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
  const mother = patient.contact?.find((contact) =>
    contact.relationship?.some((each) => each.coding?.some(({ code }) => code === "MTH" || code === "NMTH")),
  )?.name;
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
    motherIdentifier: null,
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
      if (each.value === undefined) return [];
      const system = each.system ?? "";
      return [
        {
          type: codes.get(system) ?? each.type?.coding?.[0]?.code ?? otherType,
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
      line1: each.line?.[0] ?? null,
      line2: each.line === undefined || each.line.length < 2 ? null : each.line.slice(1).join(", "),
      city: each.city ?? null,
      state: each.state ?? null,
      postalCode: each.postalCode ?? null,
      country: each.country ?? null,
    })),
    contacts: (patient.telecom ?? []).flatMap((each) =>
      each.value === undefined
        ? []
        : [{ system: each.system ?? "other", use: each.use ?? null, value: each.value, isPrimary: false }],
    ),
  };
}

/** A FHIR dateTime that PostgreSQL can keep; a date alone stands for its first day. Undefined where it is none. */
function readDateTime(text: string): string | undefined {
  const date = parsePartialDate(text.slice(0, 10));
  if (date === undefined) return undefined;
  if (text.length <= 10) return date.date;
  const [year, month, day] = text.slice(0, 10).split("-").map(Number);
  if (makePartialDate(year!, month, day) === undefined || Number.isNaN(Date.parse(text))) return undefined;
  return text;
}
