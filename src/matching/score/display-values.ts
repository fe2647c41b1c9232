import type {
  NormalAddress,
  NormalIdentifier,
  NormalName,
  NormalRecord,
  NormalValue,
} from "../normal-record.ts";

type Shown = string | null;

/**
 * The two values that a comparison chose, as received, or the first of each record where it chose none.
 *
 * @param places in the lists of the two records; -1 where none was chosen.
 */
export function displayValues(
  comparison: string,
  records: readonly [NormalRecord, NormalRecord],
  places: readonly [number, number],
): readonly [Shown, Shown] {
  return [showValue(comparison, records[0], places[0]), showValue(comparison, records[1], places[1])];
}

function showValue(comparison: string, record: NormalRecord, place: number): Shown {
  const at = Math.max(0, place);
  switch (comparison) {
    case "family-name":
      return record.names[at]?.raw.family ?? null;
    case "given-name":
      return record.names[at]?.raw.given[0] ?? null;
    case "middle-name":
      return join(record.names[at]?.raw.given.slice(1));
    case "name-order":
      return showName(record.names[at]);
    case "birth-date":
      return showDate(record.birthDate);
    case "gender":
      return record.gender;
    case "place":
      return join([record.addresses[at]?.raw.postalCode, record.addresses[at]?.raw.city]);
    case "street":
      return showStreet(record.addresses[at]);
    case "phone":
      return showListed(record.phones, at);
    case "email":
      return showListed(record.emails, at);
    case "national-identifier":
      return showIdentifier(record.identifiers, place, "national");
    case "local-identifier":
      return showIdentifier(record.identifiers, place, "local");
    case "generation":
      return join(record.names[at]?.raw.suffix);
    case "mother":
      return record.motherName ?? record.motherIdentifier;
    case "multiple-birth":
      return showBirth(record);
    default:
      return null;
  }
}

function join(parts: readonly (string | null | undefined)[] | undefined): Shown {
  const known = parts?.filter((part) => part !== null && part !== undefined && part !== "") ?? [];
  return known.length === 0 ? null : known.join(" ");
}

function showName(name: NormalName | undefined): Shown {
  return join([name?.raw.given.join(" "), name?.raw.family]);
}

function showStreet(address: NormalAddress | undefined): Shown {
  return join([address?.raw.line1, address?.raw.line2]);
}

function showListed(values: readonly NormalValue[], at: number): Shown {
  return values[at]?.raw ?? null;
}

function showIdentifier(
  identifiers: readonly NormalIdentifier[],
  place: number,
  scope: NormalIdentifier["scope"],
): Shown {
  const chosen = place >= 0 ? identifiers[place] : identifiers.find((each) => each.scope === scope);
  return chosen?.raw ?? null;
}

/** Packed yyyymmdd as yyyy-mm-dd, unknown parts left out. */
function showDate(date: number): Shown {
  if (date === 0) return null;
  const digits = String(date).padStart(8, "0");
  const parts = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)];
  return parts.filter((part, at) => at === 0 || part !== "00").join("-");
}

function showBirth(record: NormalRecord): Shown {
  if (record.birthOrder !== null) return `multiple birth, number ${record.birthOrder}`;
  return record.isMultipleBirth === null ? null : record.isMultipleBirth ? "multiple birth" : "single birth";
}
