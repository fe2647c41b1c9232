import { readCultures, type Culture } from "./culture.ts";
import { readFamilyNames, type FamilyNames } from "./family-names.ts";
import { readGazetteer } from "./gazetteer.ts";
import { readGivenNames, type GivenNames } from "./given-names.ts";
import { readPlaceholders, type Placeholders } from "./placeholders.ts";
import { Sampler } from "./sampler.ts";
import { createAddressBook, type AddressBook } from "./street-address.ts";
import { readTable } from "./table-files.ts";
import { readTextErrors, type TextErrors } from "./text-errors.ts";

/** Everything the generator knows about the world, read from data/population. The matcher shares none of it. */
export interface PopulationTables {
  readonly cultures: readonly Culture[];
  readonly cultureSampler: Sampler<number>;
  readonly familyNames: FamilyNames;
  readonly givenNames: GivenNames;
  readonly addressBook: AddressBook;
  readonly nicknames: ReadonlyMap<string, readonly string[]>;
  readonly emailDomains: Sampler<string>;
  readonly institutions: Sampler<InstitutionKind>;
  readonly placeholders: Placeholders;
  readonly textErrors: TextErrors;
}

export interface InstitutionKind {
  readonly name: string;
  /** Ages in years. */
  readonly youngest: number;
  readonly oldest: number;
}

let tables: PopulationTables | undefined;

/** Reads the tables once per process. */
export function getPopulationTables(): PopulationTables {
  tables ??= readTables();
  return tables;
}

function readTables(): PopulationTables {
  const cultures = readCultures();
  const domains = readTable("email-domains.csv", ["domain", "weight"]);
  const institutions = readTable("institutions.csv", ["name", "weight", "youngest", "oldest"]);
  return {
    cultures,
    cultureSampler: new Sampler(
      cultures.map((_, i) => i),
      cultures.map((culture) => culture.share),
    ),
    familyNames: readFamilyNames(cultures),
    givenNames: readGivenNames(cultures),
    addressBook: createAddressBook(readGazetteer()),
    nicknames: readNicknames(),
    emailDomains: new Sampler(
      domains.map((row) => row.domain),
      domains.map((row) => Number(row.weight)),
    ),
    institutions: new Sampler(
      institutions.map((row) => ({
        name: row.name,
        youngest: Number(row.youngest),
        oldest: Number(row.oldest),
      })),
      institutions.map((row) => Number(row.weight)),
    ),
    placeholders: readPlaceholders(),
    textErrors: readTextErrors(),
  };
}

function readNicknames(): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, string[]>();
  for (const { name, nickname } of readTable("nicknames.csv", ["name", "nickname"])) {
    const known = result.get(name);
    if (known === undefined) result.set(name, [nickname]);
    else known.push(nickname);
  }
  return result;
}
