import type { IdentifierDomain } from "../../../domain/identifier/identifier-domain.ts";
import { parseCodeAndValue, resolveNamedIdentifier } from "../../../domain/identifier/named-identifier.ts";
import { parsePartialDate } from "../../../domain/patient/partial-date.ts";
import { genders, type Gender } from "../../../domain/patient/patient-record.ts";
import { MpiError } from "../../../lib/errors.ts";
import type { Prompt } from "../../prompt.ts";
import type { ContentFlags } from "./content-flags.ts";

/** Asks for a new patient field by field; an empty answer leaves one out. The answers are those of the flags. */
export async function askForContent(
  prompt: Prompt,
  domains: readonly IdentifierDomain[],
): Promise<ContentFlags> {
  const ask = async (question: string, flag: string, validate?: (answer: string) => true | string) => {
    const answer = await prompt.input(`${question}:`, {
      flag,
      ...(validate === undefined ? {} : { validate }),
    });
    return answer.trim() === "" ? undefined : answer.trim();
  };
  const family = await ask("Family name", "--family <name>");
  const given = await ask("Given names", "--given <name>", (answer) =>
    family !== undefined || answer.trim() !== "" ? true : "A family or a given name is needed.",
  );
  const birthDate = await ask("Birth date (YYYY-MM-DD, YYYY-MM or YYYY)", "--birth-date <date>", (answer) =>
    answer.trim() === "" || parsePartialDate(answer) !== undefined
      ? true
      : "A date of the calendar is written YYYY-MM-DD, YYYY-MM or YYYY.",
  );
  const gender = await prompt.select<Gender | "">(
    "Gender:",
    [{ name: "not known", value: "" as const }, ...genders.map((value) => ({ name: value, value }))],
    { flag: "--gender <gender>" },
  );
  const identifier: string[] = [];
  for (;;) {
    const question = identifier.length === 0 ? "Identifier (CODE=VALUE)" : "Another identifier (CODE=VALUE)";
    const answer = await ask(question, "--identifier <code=value>", (text) =>
      text.trim() === "" ? true : readable(text, domains),
    );
    if (answer === undefined) break;
    identifier.push(answer);
  }
  const said = {
    phone: await ask("Telephone", "--phone <number>"),
    email: await ask("E-mail", "--email <address>"),
    addressLine1: await ask("Street and number", "--address-line1 <text>"),
    city: await ask("City", "--city <name>"),
    postalCode: await ask("Postal code", "--postal-code <code>"),
  };
  const { addressLine1, city, postalCode } = said;
  return {
    ...(family === undefined ? {} : { family }),
    given: given?.split(/\s+/) ?? [],
    prefix: [],
    suffix: [],
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(gender === "" ? {} : { gender }),
    identifier,
    identifierSystem: [],
    phone: said.phone === undefined ? [] : [said.phone],
    email: said.email === undefined ? [] : [said.email],
    ...(addressLine1 === undefined ? {} : { addressLine1 }),
    ...(city === undefined ? {} : { city }),
    ...(postalCode === undefined ? {} : { postalCode }),
  };
}

function readable(text: string, domains: readonly IdentifierDomain[]): true | string {
  try {
    resolveNamedIdentifier(parseCodeAndValue(text), domains);
    return true;
  } catch (error) {
    if (error instanceof MpiError) return error.message;
    throw error;
  }
}
