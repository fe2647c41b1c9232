import { z } from "zod";
import { otherType } from "../identifier/named-identifier.ts";
import { addressUses, contactSystems, contactUses, identifierUses } from "../patient/patient-record.ts";
import { identifierTypeSystem, parseSystem } from "./terms.ts";

/** The elements that Patients and Organizations share, the same in R4 and R5; everything else may be there and is left. */

export const codeableSchema = z.looseObject({
  text: z.string().optional(),
  coding: z.array(z.looseObject({ system: z.string().optional(), code: z.string().optional() })).optional(),
});

/** In a list of texts null stands where there is an extension alone. */
export const textsSchema = z
  .array(z.string().nullable())
  .transform((list) => list.filter((each) => each !== null))
  .optional();

export const identifierSchema = z.looseObject({
  use: z.enum(identifierUses).optional(),
  type: codeableSchema.optional(),
  system: z.string().optional(),
  value: z.string().optional(),
  assigner: z.looseObject({ display: z.string().optional() }).optional(),
});

export const addressSchema = z.looseObject({
  use: z.enum(addressUses).optional(),
  text: z.string().optional(),
  line: textsSchema,
  city: z.string().optional(),
  state: z.string().optional(),
  postalCode: z.string().optional(),
  country: z.string().optional(),
});

export const telecomSchema = z.looseObject({
  system: z.enum(contactSystems).optional(),
  use: z.enum(contactUses).optional(),
  value: z.string().optional(),
  rank: z.number().optional(),
});

/**
 * The identifiers that have a value.
 *
 * @param codes the domain's code of each known system; other identifiers take the code of their type.
 * @param localSystem what stands for the system of an identifier that has none.
 */
export const readIdentifiers = (
  list: readonly z.infer<typeof identifierSchema>[] | undefined,
  codes: ReadonlyMap<string, string>,
  localSystem: string,
) =>
  (list ?? []).flatMap((each) => {
    if (each.value === undefined) return [];
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
  });

/** Addresses; one that was never parted is kept whole. The first is the primary one. */
export const readAddresses = (list: readonly z.infer<typeof addressSchema>[] | undefined) =>
  (list ?? []).map((each, index) => ({
    use: each.use ?? null,
    isPrimary: index === 0,
    line1: each.line?.[0] ?? (each.city === undefined ? (each.text ?? null) : null),
    line2: each.line === undefined || each.line.length < 2 ? null : each.line.slice(1).join(", "),
    city: each.city ?? null,
    state: each.state ?? null,
    postalCode: each.postalCode ?? null,
    country: each.country ?? null,
  }));

/** Telephone numbers, e-mail addresses and the like that have a value. */
export const readContacts = (list: readonly z.infer<typeof telecomSchema>[] | undefined) =>
  (list ?? []).flatMap((each) =>
    each.value === undefined
      ? []
      : [
          {
            system: each.system ?? ("other" as const),
            use: each.use ?? null,
            value: each.value,
            isPrimary: each.rank === 1,
          },
        ],
  );
