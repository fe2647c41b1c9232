/**
 * A database for benchmarks: the embedded server, migrated, filled with a generated population by COPY and a few set
 * statements. Triggers are off while it fills, so there is no audit of the inserts; everything else is as an import
 * leaves it.
 */
import { resolveExternalConnection } from "../src/cli/connection-settings.ts";
import type { ConnectionTarget } from "../src/db/client.ts";
import { withCopyConnection, type CopyConnection } from "../src/db/copy.ts";
import { resolveEmbeddedPaths } from "../src/db/embedded/paths.ts";
import { startEmbedded } from "../src/db/embedded/start.ts";
import { createDatabase } from "../src/db/migrate/create-database.ts";
import { withSession } from "../src/db/migrate/session.ts";
import { migrateUp } from "../src/db/migrate/up.ts";
import { POPULATION_COLUMNS, type PatientColumns } from "../src/domain/population/columns.ts";
import { generateRecords } from "../src/domain/population/record-generator.ts";
import { resolvePopulationOptions } from "../src/domain/population/settings.ts";

export interface BenchmarkPopulation {
  readonly patients: number;
  readonly seed: number;
}

const log = (text: string) => process.stderr.write(`${text}\n`);

/** The server that DATABASE_URL names, else the embedded one of MPI_DATA_DIR, started where it is not running. */
export async function openBenchmarkServer(): Promise<ConnectionTarget> {
  const url = process.env["DATABASE_URL"];
  const external = resolveExternalConnection(
    url === undefined ? undefined : { value: url, source: "DATABASE_URL" },
    process.env,
  );
  return (
    external?.target ?? (await startEmbedded(resolveEmbeddedPaths(process.env), { create: true })).target
  );
}

/** The database with this population, made where it is not there yet: it may be used again by the next benchmark. */
export async function prepareBenchmarkDatabase(population: BenchmarkPopulation): Promise<ConnectionTarget> {
  const server = await openBenchmarkServer();
  const { patients, seed } = population;
  const target = { ...server, database: `mpi_bench_${String(patients)}_${String(seed)}` };
  const isThere = await withSession(server, async (session) => {
    const rows = await session.unsafe(`select 1 from pg_database where datname = '${target.database}'`);
    return rows.length > 0;
  });
  if (isThere) {
    log(`Database ${target.database} is there already.`);
    return target;
  }
  const building = { ...server, database: `${target.database}_building` };
  await withSession(server, (session) =>
    session.unsafe(`drop database if exists "${building.database}" with (force)`),
  );
  await createDatabase(building);
  await migrateUp(building);
  const started = performance.now();
  await withCopyConnection(building, (connection) => fill(connection, population));
  log(`Filled in ${((performance.now() - started) / 1000).toFixed(0)} s.`);
  await withSession(server, (session) =>
    session.unsafe(`alter database "${building.database}" rename to "${target.database}"`),
  );
  return target;
}

async function fill(connection: CopyConnection, population: BenchmarkPopulation): Promise<void> {
  const run = async (text: string) => {
    const started = performance.now();
    await connection.query(text);
    log(
      `  ${text.trim().split("\n")[0]!.slice(0, 60)}: ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
  };
  await run("set session_replication_role = replica");
  await run("set maintenance_work_mem = '1GB'");
  await run("set synchronous_commit = off");
  await connection.query(
    `create temporary table staged (${POPULATION_COLUMNS.map((column) => `${column} text`).join(", ")})`,
  );
  await connection.copyIn("copy staged from stdin", stagedLines(population));
  const indexes = await connection.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
      join pg_class c on c.oid = i.indrelid
      where c.relname in ('patients', 'patient_names', 'patient_identifiers', 'patient_addresses', 'patient_contacts')
        and not exists (select from pg_constraint k where k.conindid = i.indexrelid) order by 1`,
  );
  for (const { name } of indexes) await connection.query(`drop index ${name}`);
  for (const statement of statements) await run(statement);
  for (const { definition } of indexes) await run(definition);
  await run(dictionary);
  await run("analyze");
}

function* stagedLines({ patients, seed }: BenchmarkPopulation): Generator<string> {
  let chunk = "";
  for (const record of generateRecords(resolvePopulationOptions({ patients, seed }))) {
    chunk += `${POPULATION_COLUMNS.map((column) => copyField(record.columns, column)).join("\t")}\n`;
    if (chunk.length < 1 << 16) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk;
}

function copyField(columns: PatientColumns, column: (typeof POPULATION_COLUMNS)[number]): string {
  const value = columns[column];
  if (value === "") return "\\N";
  return /[\\\t\n\r]/.test(value)
    ? value.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n").replaceAll("\r", "\\r")
    : value;
}

/** As the trigger mpi_extend_name_dictionary keeps it. */
const dictionary = `insert into name_dictionary (kind, value)
  select 'family', family_folded from patient_names where family_folded is not null
  union
  select 'given', part from patient_names cross join lateral unnest(given_folded) part`;

/** data/maps/population.json as SQL. Ids follow from the source ids, so that the same seed gives the same database. */
const statements = [
  `insert into patients (id, gender, birth_date, birth_date_precision, multiple_birth, birth_order, mother_name,
     mother_identifier, source_system, source_id, received_at, enterprise_id, initial_enterprise_id)
   select md5(source_id)::uuid, gender, rpad(birth_date, 10, '-01')::date,
     case length(birth_date) when 4 then 'year' when 7 then 'month' else 'day' end,
     multiple_birth::boolean, birth_order::smallint, mother_name, mother_mrn, source_system, source_id,
     received_at::timestamptz, md5('e' || source_id)::uuid, md5('e' || source_id)::uuid
   from staged`,
  `insert into patient_names (id, patient_id, family, given, prefix, suffix, use_type, is_primary)
   select md5('n' || source_id)::uuid, md5(source_id)::uuid, family, array_remove(given || string_to_array(middle, ' '), null),
     array_remove(array[prefix], null), array_remove(array[suffix], null), 'official', true
   from staged where family is not null or given is not null or middle is not null`,
  `insert into patient_names (id, patient_id, family, use_type)
   select md5('m' || source_id)::uuid, md5(source_id)::uuid, maiden_name, 'maiden'
   from staged where maiden_name is not null`,
  `insert into patient_identifiers (id, patient_id, type, system, value)
   select md5('r' || source_id)::uuid, md5(source_id)::uuid, 'MRN', 'urn:mpi:mrn:' || source_system, mrn
   from staged where mrn is not null`,
  `insert into patient_identifiers (id, patient_id, type, system, value)
   select md5('s' || source_id)::uuid, md5(source_id)::uuid, 'SSN', 'http://hl7.org/fhir/sid/us-ssn', ssn
   from staged where ssn is not null`,
  `insert into patient_addresses (id, patient_id, line1, line2, city, state, postal_code, country, use_type, is_primary)
   select md5('a' || source_id)::uuid, md5(source_id)::uuid, address_line1, address_line2, city, state, postal_code,
     country, 'home', true
   from staged where coalesce(address_line1, address_line2, city, state, postal_code) is not null`,
  `insert into patient_contacts (id, patient_id, system, value, use_type, is_primary)
   select md5('p' || source_id)::uuid, md5(source_id)::uuid, 'phone', phone, 'home', true
   from staged where phone is not null`,
  `insert into patient_contacts (id, patient_id, system, value, use_type, is_primary)
   select md5('c' || source_id)::uuid, md5(source_id)::uuid, 'email', email, 'home', true
   from staged where email is not null`,
];
