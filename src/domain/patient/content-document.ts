import { z } from "zod";
import { MpiError } from "../../lib/errors.ts";
import { formatPartialDate, parsePartialDate } from "./partial-date.ts";
import {
  addressUses,
  birthDatePrecisions,
  contactSystems,
  contactUses,
  genders,
  identifierUses,
  nameUses,
  type PartialDate,
  type PatientContent,
  type PatientRecord,
} from "./patient-record.ts";

const text = z.string().nullish();
const flag = z.boolean().nullish();
const words = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((value) => (value == null ? [] : typeof value === "string" ? [value] : value));
/** Of a row that is stored already; absent for a new one. */
const rowId = z.uuid().nullish();

const birthDate = z
  .union([
    z.string().transform((value, context): PartialDate => {
      const date = parsePartialDate(value);
      if (date !== undefined) return date;
      context.addIssue({ code: "custom", message: "is no date written YYYY-MM-DD, YYYY-MM or YYYY" });
      return z.NEVER;
    }),
    z.strictObject({ date: z.string(), precision: z.enum(birthDatePrecisions) }),
  ])
  .nullish();

const documentSchema = z.strictObject({
  /** Of the record that the document was made from. */
  version: z.number().int().optional(),
  gender: z.enum(genders).nullish(),
  birthDate,
  deceased: flag,
  deceasedAt: text,
  maritalStatus: text,
  multipleBirth: flag,
  birthOrder: z.number().int().nullish(),
  motherName: text,
  motherIdentifier: text,
  managingOrganizationId: z.uuid().nullish(),
  names: z
    .array(
      z.strictObject({
        id: rowId,
        use: z.enum(nameUses).nullish(),
        primary: flag,
        isPrimary: flag,
        family: text,
        given: words,
        prefix: words,
        suffix: words,
      }),
    )
    .nullish(),
  identifiers: z
    .array(
      z.strictObject({
        id: rowId,
        type: z.string(),
        system: z.string(),
        value: z.string(),
        assigner: text,
        use: z.enum(identifierUses).nullish(),
      }),
    )
    .nullish(),
  addresses: z
    .array(
      z.strictObject({
        id: rowId,
        use: z.enum(addressUses).nullish(),
        primary: flag,
        isPrimary: flag,
        line1: text,
        line2: text,
        city: text,
        state: text,
        postalCode: text,
        country: text,
      }),
    )
    .nullish(),
  contacts: z
    .array(
      z.strictObject({
        id: rowId,
        system: z.enum(contactSystems),
        use: z.enum(contactUses).nullish(),
        primary: flag,
        isPrimary: flag,
        value: z.string(),
      }),
    )
    .nullish(),
});

type WithRowId<Row> = Row & { readonly id: string | null };

/** A record's content as a person edits it: rows that are stored already keep their ids. */
export interface EditedContent extends PatientContent {
  readonly names: readonly WithRowId<PatientContent["names"][number]>[];
  readonly identifiers: readonly WithRowId<PatientContent["identifiers"][number]>[];
  readonly addresses: readonly WithRowId<PatientContent["addresses"][number]>[];
  readonly contacts: readonly WithRowId<PatientContent["contacts"][number]>[];
}

export interface ContentDocument {
  readonly version: number | null;
  readonly content: EditedContent;
}

const orNull = (value: string | null | undefined) => (value === undefined || value === "" ? null : value);

/**
 * Reads a document of our own: an object with the fields of a record, those that are absent being empty.
 *
 * @throws {MpiError} `usage` naming every field that is wrong, never a value
 */
export function parseContentDocument(value: unknown): ContentDocument {
  const parsed = documentSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const at = issue.path
        .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
        .join("");
      return `${at.replace(/^\./, "") || "the document"}: ${issue.message}`;
    });
    throw new MpiError("usage", `The document cannot be read: ${problems.join("; ")}.`, {
      details: { problems },
    });
  }
  const said = parsed.data;
  return {
    version: said.version ?? null,
    content: {
      gender: said.gender ?? null,
      birthDate: said.birthDate ?? null,
      deceased: said.deceased ?? orNull(said.deceasedAt) !== null,
      deceasedAt: orNull(said.deceasedAt),
      maritalStatus: orNull(said.maritalStatus),
      multipleBirth: said.multipleBirth ?? null,
      birthOrder: said.birthOrder ?? null,
      motherName: orNull(said.motherName),
      motherIdentifier: orNull(said.motherIdentifier),
      managingOrganizationId: said.managingOrganizationId ?? null,
      names: (said.names ?? []).map((name) => ({
        id: name.id ?? null,
        use: name.use ?? null,
        isPrimary: name.primary ?? name.isPrimary ?? false,
        family: orNull(name.family),
        given: name.given,
        prefix: name.prefix,
        suffix: name.suffix,
      })),
      identifiers: (said.identifiers ?? []).map((each) => ({
        id: each.id ?? null,
        type: each.type,
        system: each.system,
        value: each.value,
        assigner: orNull(each.assigner),
        use: each.use ?? null,
      })),
      addresses: (said.addresses ?? []).map((each) => ({
        id: each.id ?? null,
        use: each.use ?? null,
        isPrimary: each.primary ?? each.isPrimary ?? false,
        line1: orNull(each.line1),
        line2: orNull(each.line2),
        city: orNull(each.city),
        state: orNull(each.state),
        postalCode: orNull(each.postalCode),
        country: orNull(each.country),
      })),
      contacts: (said.contacts ?? []).map((each) => ({
        id: each.id ?? null,
        system: each.system,
        use: each.use ?? null,
        isPrimary: each.primary ?? each.isPrimary ?? false,
        value: each.value,
      })),
    },
  };
}

/** The document of a record, as it is edited and printed: every field, so that it can be filled in. */
export function toContentDocument(record: PatientRecord): Readonly<Record<string, unknown>> {
  return {
    version: record.version,
    gender: record.gender,
    birthDate: record.birthDate === null ? null : formatPartialDate(record.birthDate),
    deceased: record.deceased,
    deceasedAt: record.deceasedAt,
    maritalStatus: record.maritalStatus,
    multipleBirth: record.multipleBirth,
    birthOrder: record.birthOrder,
    motherName: record.motherName,
    motherIdentifier: record.motherIdentifier,
    managingOrganizationId: record.managingOrganizationId,
    names: record.names.map(({ id, use, isPrimary, family, given, prefix, suffix }) => ({
      id,
      use,
      primary: isPrimary,
      family,
      given,
      prefix,
      suffix,
    })),
    identifiers: record.identifiers.map(({ id, type, system, value, assigner, use }) => ({
      id,
      type,
      system,
      value,
      assigner,
      use,
    })),
    addresses: record.addresses.map((each) => ({
      id: each.id,
      use: each.use,
      primary: each.isPrimary,
      line1: each.line1,
      line2: each.line2,
      city: each.city,
      state: each.state,
      postalCode: each.postalCode,
      country: each.country,
    })),
    contacts: record.contacts.map(({ id, system, use, isPrimary, value }) => ({
      id,
      system,
      use,
      primary: isPrimary,
      value,
    })),
  };
}
