import type { PatientColumns } from "./columns.ts";

/** One line of NDJSON: the record as an R4 Patient. Empty columns leave nothing behind. */
export function formatFhirPatient(record: PatientColumns): string {
  const source = `urn:mpi:source:${record.source_system}`;
  const full = {
    resourceType: "Patient",
    id: record.source_id,
    meta: { lastUpdated: record.received_at, source },
    identifier: list(
      { type: code("PI"), system: source, value: record.source_id },
      { type: code("MR"), system: `urn:mpi:mrn:${record.source_system}`, value: record.mrn },
      record.ssn === ""
        ? undefined
        : { type: code("SS"), system: "http://hl7.org/fhir/sid/us-ssn", value: record.ssn },
    ),
    name: record.maiden_name === "" ? [officialName(record)] : [officialName(record), maidenName(record)],
    telecom: list(telecom("phone", record.phone), telecom("email", record.email)),
    gender: record.gender || undefined,
    birthDate: record.birth_date,
    ...multipleBirth(record),
    address: list(address(record)),
    contact: list(mother(record)),
  };
  return `${JSON.stringify(full)}\n`;
}

function code(value: string) {
  return { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0203", code: value }] };
}

function list<T>(...items: readonly (T | undefined)[]): readonly T[] | undefined {
  const known = items.filter((item): item is T => item !== undefined);
  return known.length === 0 ? undefined : known;
}

function text(value: string): string | undefined {
  return value === "" ? undefined : value;
}

function texts(...values: readonly string[]): readonly string[] | undefined {
  return list(...values.map(text));
}

function officialName(record: PatientColumns) {
  const { given, middle, family, prefix, suffix } = record;
  return {
    use: "official",
    family: text(family),
    given: texts(given, middle),
    prefix: texts(prefix),
    suffix: texts(suffix),
  };
}

function maidenName(record: PatientColumns) {
  return { use: "maiden", family: record.maiden_name };
}

function telecom(system: "phone" | "email", value: string) {
  return value === "" ? undefined : { system, value };
}

function address(record: PatientColumns) {
  const line = texts(record.address_line1, record.address_line2);
  if (line === undefined && record.city === "" && record.postal_code === "") return undefined;
  return {
    use: "home",
    line,
    city: text(record.city),
    state: text(record.state),
    postalCode: text(record.postal_code),
    country: text(record.country),
  };
}

/** FHIR has one element for both: the order where it is known, else whether there were several. */
function multipleBirth(record: PatientColumns) {
  if (record.birth_order !== "") return { multipleBirthInteger: Number(record.birth_order) };
  return record.multiple_birth === "" ? {} : { multipleBirthBoolean: record.multiple_birth === "true" };
}

function mother(record: PatientColumns) {
  if (record.mother_name === "") return undefined;
  const system = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";
  return { relationship: [{ coding: [{ system, code: "MTH" }] }], name: { text: record.mother_name } };
}
