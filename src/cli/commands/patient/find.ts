import type { Command } from "commander";
import type { PatientHit } from "../../../domain/patient/find/find-patients.ts";
import { requireDate, type PatientSearch } from "../../../domain/patient/find/search-query.ts";
import { genders, type Gender } from "../../../domain/patient/patient-record.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, integer, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import type { Column } from "../../output/column.ts";
import { requireReason } from "../../prompt.ts";
import { readContext } from "../../read-context.ts";
import { formatBirthDate, formatName, maskIdentifier, primaryName, recordStatus } from "./patient-text.ts";

interface FindFlags {
  readonly family?: string;
  readonly given?: string;
  readonly birthDate?: string;
  readonly gender?: string;
  readonly identifier?: string;
  readonly system?: string;
  readonly phone?: string;
  readonly email?: string;
  readonly postalCode?: string;
  readonly city?: string;
  readonly id?: string;
  readonly exact?: true;
  readonly prefix?: true;
  readonly includeDeleted?: true;
  readonly limit: number;
  readonly page: number;
  readonly count?: true;
  readonly reveal?: true;
  readonly reason?: string;
}

/** Registers `mpi patient find`. */
export function registerFind(patient: Command, act: Act): void {
  defineCommand(patient, "find [words...]", {
    summary: "find records by what is remembered of them",
    description:
      "Finds records by free words in any order, or by fields; everything asked must hold. Other spellings, names that " +
      "sound alike, nicknames and swapped names are found too, unless --exact. A retired record leads to the one in charge.",
    examples: [
      { command: "mpi patient find smyth jon 1980", does: "names as remembered, and a year of birth" },
      { command: "mpi patient find --family garcia --birth-date 1975-03", does: "born in March 1975" },
      { command: "mpi patient find --identifier 12345 --output json", does: "whoever carries that number" },
      { command: "mpi patient find mcdon --prefix", does: "names that begin so" },
    ],
  })
    .option("--family <name>", "family name")
    .option("--given <name>", "given names")
    .option("--birth-date <date>", "YYYY-MM-DD, YYYY-MM or YYYY")
    .option("--gender <gender>", genders.join(", "))
    .option("--identifier <value>", "a number of any kind, with or without its punctuation")
    .option("--system <uri>", "only in this system, with --identifier")
    .option("--phone <number>", "telephone number")
    .option("--email <address>", "e-mail address")
    .option("--postal-code <code>", "postal code")
    .option("--city <name>", "city")
    .option("--id <prefix>", "beginning of a record's id")
    .option("--exact", "only names spelt as given")
    .option("--prefix", "names and identifiers that begin as given")
    .option("--include-deleted", "deleted records too")
    .option("--limit <n>", "hits on a page", integer({ min: 1, max: 1000 }), 20)
    .option("--page <n>", "which page", integer({ min: 1 }), 1)
    .option("--count", "count all hits, however many")
    .option("--reveal", "identifiers in full; needs --reason and is audited")
    .option("--reason <text>", "why, with --reveal")
    .action(act<FindFlags, [readonly string[]]>(find));
}

async function find(context: CommandContext, flags: FindFlags, words: readonly string[]): Promise<void> {
  const reason = flags.reveal === true ? await requireReason(context.prompt, flags.reason) : flags.reason;
  const search = toSearch(flags, words);
  // What takes long to load is loaded while the server takes its time to let us in.
  const [db, read, { countedAtMost, findPatients }, { recordSearch }] = await Promise.all([
    context.database(),
    readContext(context, "PATIENT_FIND", reason),
    import("../../../domain/patient/find/find-patients.ts"),
    import("../../../domain/patient/find/record-search.ts"),
  ]);
  const result = await findPatients(
    db,
    read,
    search,
    {
      exact: flags.exact === true,
      prefix: flags.prefix === true,
      includeDeleted: flags.includeDeleted === true,
      limit: flags.limit,
      offset: (flags.page - 1) * flags.limit,
      countAll: flags.count === true,
    },
    recordSearch(read, search, flags.reveal === true),
  );
  const total = result.totalIsExact ? String(result.total) : `${countedAtMost.toLocaleString("en")}+`;
  const shown = (flags.page - 1) * flags.limit + result.hits.length;
  await context.output.list({
    columns: columns(flags.reveal === true),
    rows: result.hits,
    meta: () => ({ total: result.total, totalIsExact: result.totalIsExact }),
    empty:
      flags.page > 1 && result.total > 0
        ? `There is nothing on page ${String(flags.page)}: ${total} found, the first ${String(result.ranked)} in order. Say more of whom you look for.`
        : "Nobody was found.",
    footer: (count) =>
      count === 0
        ? undefined
        : shown < result.ranked
          ? `${String(count)} of ${total}; the next page with --page ${String(flags.page + 1)}.`
          : result.ranked < result.total || !result.totalIsExact
            ? `${String(count)} of ${total}; no more of them are put in order. Say more of whom you look for.`
            : `${total} found.`,
  });
}

function toSearch(flags: FindFlags, words: readonly string[]): PatientSearch {
  if (flags.gender !== undefined && !genders.includes(flags.gender as Gender)) {
    throw new MpiError("usage", `--gender is one of ${genders.join(", ")}.`);
  }
  if (flags.system !== undefined && flags.identifier === undefined) {
    throw new MpiError("usage", "--system goes with --identifier.");
  }
  const id = flags.id?.replaceAll("-", "").toLowerCase();
  if (id !== undefined && !/^[0-9a-f]{1,32}$/.test(id)) {
    throw new MpiError("usage", "--id takes the beginning of a record's id: hex digits.");
  }
  return {
    ...(words.length === 0 ? {} : { words }),
    ...(flags.family === undefined ? {} : { family: flags.family }),
    ...(flags.given === undefined ? {} : { given: flags.given }),
    ...(flags.birthDate === undefined ? {} : { birthDate: requireDate(flags.birthDate) }),
    ...(flags.gender === undefined ? {} : { gender: flags.gender as Gender }),
    ...(flags.identifier === undefined
      ? {}
      : { identifier: { value: flags.identifier, system: flags.system ?? null } }),
    ...(flags.phone === undefined ? {} : { phone: flags.phone }),
    ...(flags.email === undefined ? {} : { email: flags.email }),
    ...(flags.postalCode === undefined ? {} : { postalCode: flags.postalCode }),
    ...(flags.city === undefined ? {} : { city: flags.city }),
    ...(id === undefined ? {} : { id }),
  };
}

const columns = (reveal: boolean): readonly Column<PatientHit>[] => [
  {
    key: "score",
    header: "Score",
    value: (hit) => hit.score,
    text: (hit) => hit.score.toFixed(2),
    align: "right",
  },
  { key: "id", header: "Record", value: (hit) => hit.record.id, text: (hit) => hit.record.id.slice(0, 8) },
  { key: "name", header: "Name", value: (hit) => formatName(primaryName(hit.record)) },
  { key: "birthDate", header: "Born", value: (hit) => formatBirthDate(hit.record) },
  { key: "gender", header: "Gender", value: (hit) => hit.record.gender },
  { key: "city", header: "City", value: (hit) => hit.record.addresses[0]?.city ?? null },
  {
    key: "identifiers",
    header: "Identifiers",
    value: (hit) =>
      hit.record.identifiers.map(
        (each) => `${each.type} ${reveal ? each.value : maskIdentifier(each.value)}`,
      ),
  },
  {
    key: "why",
    header: "Why",
    value: (hit) => [
      ...hit.reasons,
      ...(hit.foundAs === null ? [] : [`in charge of ${hit.foundAs.slice(0, 8)}`]),
    ],
  },
  { key: "status", header: "Status", value: (hit) => recordStatus(hit.record) },
  { key: "foundAs", header: "Found as", value: (hit) => hit.foundAs, machineOnly: true },
  { key: "enterpriseId", header: "Person", value: (hit) => hit.record.enterpriseId, machineOnly: true },
];
