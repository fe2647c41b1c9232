import { checkPatientContent, type ContentProblem } from "../../patient/check-content.ts";
import type {
  PatientAddress,
  PatientContact,
  PatientContent,
  PatientIdentifier,
  PatientName,
} from "../../patient/patient-record.ts";
import type { CsvMap } from "./csv-map.ts";
import { createFieldReaders, nothing, type Fields, type Notes } from "./row-fields.ts";

/** What a row says, or why it cannot be taken. */
export interface RowContent {
  readonly sourceId: string;
  /** The source's name where the file has a column for it. */
  readonly source: string | null;
  readonly receivedAt: string | null;
  readonly content: PatientContent;
  readonly problems: readonly ContentProblem[];
  /** Dates that were left out, because the map says so; fields only. */
  readonly omitted: readonly string[];
}

/** Reads rows of one file: made once a file, so that columns are looked up by place and not by name. */
export type RowReader = (fields: readonly string[]) => RowContent;

/** @param header the file's column names, trimmed. */
export function createRowReader(map: CsvMap, header: readonly string[]): RowReader {
  const readers = createFieldReaders(map, header);
  const { column, text, list, date } = readers;
  const readSourceId = column(map.sourceId);
  const readSource = map.source === undefined ? nothing : column(map.source);
  const readReceivedAt = date("receivedAt", map.receivedAt);
  const readBirthDate = date("birthDate", map.birthDate);
  const readDeceasedAt = date("deceasedAt", map.deceasedAt);
  const readDeceased = readers.flag("deceased", map.deceased);
  const readMultipleBirth = readers.flag("multipleBirth", map.multipleBirth);
  const readGender = readers.gender(map.gender);
  const readBirthOrder = map.birthOrder === undefined ? nothing : column(map.birthOrder);
  const readMaritalStatus = text(map.maritalStatus);
  const readMotherName = text(map.motherName);
  const readMotherIdentifier = text(map.motherIdentifier);
  const names = map.names.map((source) => ({
    use: source.use ?? null,
    family: text(source.family),
    given: list(source.given),
    prefix: list(source.prefix),
    suffix: list(source.suffix),
  }));
  const identifiers = map.identifiers.map((source) => ({
    type: source.type,
    use: source.use ?? null,
    value: column(source.value),
    system:
      typeof source.system === "string"
        ? () => source.system as string
        : prefixed(source.system.prefix, column(source.system.column)),
    assigner: text(source.assigner),
  }));
  const addresses = map.addresses.map((source, index) => ({
    use: source.use ?? null,
    isPrimary: index === 0,
    line1: text(source.line1),
    line2: text(source.line2),
    city: text(source.city),
    state: text(source.state),
    postalCode: text(source.postalCode),
    country: text(source.country),
    isCountryGiven: typeof source.country !== "object",
  }));
  const contacts = map.contacts.map(({ system, use, value }) => ({
    system,
    use: use ?? null,
    value: column(value),
  }));

  const readNames = (fields: Fields): readonly PatientName[] => {
    const found: PatientName[] = [];
    for (const source of names) {
      const family = source.family(fields);
      const given = source.given(fields);
      if (family === null && given.length === 0) continue;
      found.push({
        family,
        given,
        prefix: source.prefix(fields),
        suffix: source.suffix(fields),
        use: source.use,
        isPrimary: found.length === 0,
      });
    }
    return found;
  };
  /** A value that two columns hold in one system is one identifier. */
  const readIdentifiers = (fields: Fields): readonly PatientIdentifier[] => {
    const found: PatientIdentifier[] = [];
    for (const source of identifiers) {
      const value = source.value(fields);
      const system = value === null ? null : source.system(fields);
      if (value === null || system === null) continue;
      if (found.some((other) => other.value === value && other.system === system)) continue;
      found.push({ type: source.type, system, value, assigner: source.assigner(fields), use: source.use });
    }
    return found;
  };
  const readAddresses = (fields: Fields): readonly PatientAddress[] => {
    const found: PatientAddress[] = [];
    for (const source of addresses) {
      const address = {
        line1: source.line1(fields),
        line2: source.line2(fields),
        city: source.city(fields),
        state: source.state(fields),
        postalCode: source.postalCode(fields),
        country: source.country(fields),
        use: source.use,
        isPrimary: source.isPrimary,
      };
      const { line1, line2, city, state, postalCode, country } = address;
      // The same country in every row, alone, is no address.
      const isBlank =
        (line1 ?? line2 ?? city ?? state ?? postalCode) === null &&
        (country === null || !source.isCountryGiven);
      if (!isBlank) found.push(address);
    }
    return found;
  };
  const readContacts = (fields: Fields): readonly PatientContact[] => {
    const found: PatientContact[] = [];
    for (const { system, use, value: read } of contacts) {
      const value = read(fields);
      if (value !== null) found.push({ system, value, use, isPrimary: false });
    }
    return found;
  };

  return (fields) => {
    const notes: Notes = { problems: [], omitted: [] };
    const { problems, omitted } = notes;
    const sourceId = readSourceId(fields);
    if (sourceId === null) {
      problems.push({ field: "sourceId", reason: "is empty, so that the record could not be found again" });
    } else if (sourceId.length > 255) {
      problems.push({ field: "sourceId", reason: "is longer than 255 characters" });
    }
    const deceasedAt = readDeceasedAt(fields, notes);
    const birthOrder = readBirthOrder(fields);
    const content: PatientContent = {
      gender: readGender(fields, notes),
      birthDate: readBirthDate(fields, notes),
      deceased: readDeceased(fields, notes) ?? deceasedAt !== null,
      deceasedAt: deceasedAt?.date ?? null,
      maritalStatus: readMaritalStatus(fields),
      multipleBirth: readMultipleBirth(fields, notes),
      birthOrder: birthOrder === null ? null : Number(birthOrder),
      motherName: readMotherName(fields),
      motherIdentifier: readMotherIdentifier(fields),
      managingOrganizationId: null,
      names: readNames(fields),
      identifiers: readIdentifiers(fields),
      addresses: readAddresses(fields),
      contacts: readContacts(fields),
    };
    const receivedAt = readReceivedAt(fields, notes)?.date ?? null;
    problems.push(...checkPatientContent(content));
    return { sourceId: sourceId ?? "", source: readSource(fields), receivedAt, content, problems, omitted };
  };
}

const prefixed =
  (prefix: string, read: (fields: Fields) => string | null) =>
  (fields: Fields): string | null => {
    const value = read(fields);
    return value === null ? null : `${prefix}${value}`;
  };
