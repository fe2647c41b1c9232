import type { Command } from "commander";
import type { Database } from "../../../db/client.ts";
import type { AddResult, ShownMatch } from "../../../domain/patient/add-patient.ts";
import type { IdentifierDomain } from "../../../domain/identifier/identifier-domain.ts";
import type { RecordSource } from "../../../domain/patient/insert-patient.ts";
import type { PatientContent } from "../../../domain/patient/patient-record.ts";
import { parseRecordReference, type RecordReference } from "../../../domain/patient/resolve-record.ts";
import { MpiError } from "../../../lib/errors.ts";
import { defineCommand, type Act } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { cancelled } from "../../prompt.ts";
import { readDocument } from "./content-file.ts";
import { hasContentFlags, readContentFlags, withContentFlags, type ContentFlags } from "./content-flags.ts";
import { askForContent } from "./content-form.ts";
import { formatBirthDate, formatName, maskIdentifier, primaryName } from "./patient-text.ts";

interface AddFlags extends ContentFlags {
  readonly file?: string;
  readonly source?: string;
  readonly sourceId?: string;
  readonly allowDuplicate?: true;
  readonly linkTo?: string;
  readonly reason?: string;
  readonly dryRun?: true;
}

/** Registers `mpi patient add`. */
export function registerAdd(patient: Command, act: Act): void {
  withContentFlags(
    defineCommand(patient, "add", {
      summary: "register a patient, unless they are there already",
      description:
        "Registers a patient from flags, from a file, or, on a terminal with neither, by asking. Before anything is written " +
        "it looks for who is there already. Where somebody is likely to be the same person it asks; without a terminal it " +
        "refuses with exit code 4, unless --allow-duplicate or --link-to.",
      examples: [
        {
          command:
            "mpi patient add --family Smith --given Jon --birth-date 1980-03-15 --identifier MRN=12345",
          does: "from flags",
        },
        {
          command: "mpi patient add --file patient.json",
          does: "a document of mpi's own, or a FHIR R4 Patient",
        },
        { command: "mpi patient add", does: "asks, on a terminal" },
        {
          command: "mpi patient add --family Smith --given Jon --link-to 3f2a9c01 --reason 'same passport'",
          does: "another record of a person who is there",
        },
      ],
    }),
  )
    .option(
      "--file <file>",
      "JSON or YAML: a document of mpi's own, or a FHIR R4 Patient; - is standard input",
    )
    .option("--source <name>", "the system that the record comes from; with --source-id")
    .option("--source-id <id>", "the record's id there")
    .option("--allow-duplicate", "add even where somebody is likely to be the same person")
    .option("--link-to <record>", "add, and link to this record as the same person")
    .option("--reason <text>", "why, for the audit trail")
    .option("--dry-run", "say what would be added, and change nothing")
    .action(act<AddFlags>(add));
}

async function add(context: CommandContext, flags: AddFlags): Promise<void> {
  const { addPatient } = await import("../../../domain/patient/add-patient.ts");
  const { createLikelyMatchFinder } = await import("../../../domain/match/find-likely-matches.ts");
  const { loadModel } = await import("../match/model-option.ts");
  const findLikelyMatches = createLikelyMatchFinder(await loadModel(context, {}));
  const source = readSource(flags);
  let linkTo = flags.linkTo === undefined ? null : parseRecordReference(flags.linkTo);
  const isAsked = flags.file === undefined && !hasContentFlags(flags);
  if (isAsked && !context.prompt.isAvailable) {
    throw new MpiError("usage", "There is nothing to add: give flags, or --file.", {
      hint: 'On a terminal mpi asks for a patient; see "mpi patient add --help".',
    });
  }
  const db = await context.database();
  const content = await readContent(context, db, flags, isAsked);
  const audit = context.audit("PATIENT_ADD", flags.reason);
  let seen: readonly string[] = [];
  for (;;) {
    const result = await addPatient(
      db,
      audit,
      {
        content,
        source,
        allowDuplicate: flags.allowDuplicate === true,
        seen,
        linkTo,
        reason: flags.reason ?? null,
        dryRun: flags.dryRun === true,
      },
      { findLikelyMatches },
    );
    if (result.outcome === "added") return report(context, flags, result);
    if (!context.prompt.isAvailable) return refuse(context, result.matches);
    const answer = await askAbout(context, result.matches);
    if (answer === "add") seen = result.matches.map((match) => match.id);
    else linkTo = answer;
  }
}

function readSource(flags: AddFlags): RecordSource | null {
  if ((flags.source === undefined) !== (flags.sourceId === undefined)) {
    throw new MpiError("usage", "--source and --source-id go together.");
  }
  return flags.source === undefined || flags.sourceId === undefined
    ? null
    : { system: flags.source, id: flags.sourceId };
}

async function readContent(
  context: CommandContext,
  db: Database,
  flags: AddFlags,
  isAsked: boolean,
): Promise<PatientContent> {
  const { listDomains } = await import("../../../domain/identifier/identifier-domain.ts");
  const domains = await listDomains(db);
  if (flags.file !== undefined) {
    if (hasContentFlags(flags))
      throw new MpiError("usage", "A patient comes from --file or from flags, not both.");
    return readFileContent(await readDocument(context, flags.file), domains);
  }
  const said = isAsked ? await askForContent(context.prompt, domains) : flags;
  const { scalars, name, identifiers, address, contacts } = readContentFlags(said, domains);
  const { resolveOrganization } = await import("../../../domain/organization/resolve-organization.ts");
  return {
    gender: null,
    birthDate: null,
    deceased: false,
    deceasedAt: null,
    maritalStatus: null,
    multipleBirth: null,
    birthOrder: null,
    motherName: null,
    motherIdentifier: null,
    ...scalars,
    managingOrganizationId:
      said.organization === undefined ? null : await resolveOrganization(db, said.organization),
    names: name === undefined ? [] : [name],
    identifiers,
    addresses: address === undefined ? [] : [address],
    contacts,
  };
}

async function readFileContent(
  document: unknown,
  domains: readonly IdentifierDomain[],
): Promise<PatientContent> {
  const { isFhirResource, parseFhirPatient } = await import("../../../domain/patient/fhir-content.ts");
  if (isFhirResource(document)) {
    return parseFhirPatient(document, new Map(domains.map((domain) => [domain.system, domain.code])));
  }
  const { parseContentDocument } = await import("../../../domain/patient/content-document.ts");
  return parseContentDocument(document).content;
}

async function refuse(context: CommandContext, matches: readonly ShownMatch[]): Promise<never> {
  await listMatches(context, matches);
  const above = matches.filter((match) => match.isAboveReviewLine);
  throw new MpiError(
    "conflict",
    `${above.length === 1 ? "A record is" : `${String(above.length)} records are`} likely to be the same person; nothing was added.`,
    {
      hint: "--link-to ID adds another record of that person, --allow-duplicate a person of its own.",
      details: {
        reason: "likely-matches",
        matches: above.map(({ id, probability }) => ({ id, probability })),
      },
    },
  );
}

const percent = (probability: number) => `${(probability * 100).toFixed(1)} %`;

const matchText = (match: ShownMatch) =>
  `${match.id.slice(0, 8)} ${formatName(primaryName(match.record))}, born ${formatBirthDate(match.record) || "unknown"} (${percent(match.probability)}: ${match.reasons.join(", ")})`;

async function askAbout(
  context: CommandContext,
  matches: readonly ShownMatch[],
): Promise<"add" | RecordReference> {
  const answer = await context.prompt.select<ShownMatch | "add" | "stop">(
    "Somebody is likely to be the same person. What is it?",
    [
      ...matches.map((match) => ({ name: `The same as ${matchText(match)}`, value: match })),
      { name: "Somebody else: add", value: "add" as const },
      { name: "Stop: add nothing", value: "stop" as const },
    ],
    { flag: "--allow-duplicate or --link-to" },
  );
  if (answer === "stop") throw cancelled();
  return answer === "add" ? "add" : parseRecordReference(answer.id);
}

async function listMatches(context: CommandContext, matches: readonly ShownMatch[]): Promise<void> {
  await context.output.list({
    columns: [
      {
        key: "probability",
        header: "Score",
        value: (match) => match.probability,
        text: (match) => percent(match.probability),
        align: "right",
      },
      { key: "grade", header: "Grade", value: (match) => match.grade },
      { key: "id", header: "Record", value: (match) => match.id, text: (match) => match.id.slice(0, 8) },
      { key: "name", header: "Name", value: (match) => formatName(primaryName(match.record)) },
      { key: "birthDate", header: "Born", value: (match) => formatBirthDate(match.record) },
      {
        key: "identifiers",
        header: "Identifiers",
        value: (match) =>
          match.record.identifiers.map((each) => `${each.type} ${maskIdentifier(each.value)}`),
      },
      { key: "why", header: "Why", value: (match) => match.reasons },
    ],
    rows: matches,
  });
}

async function report(
  context: CommandContext,
  flags: AddFlags,
  { record, matches }: AddResult & { readonly outcome: "added" },
): Promise<void> {
  const dryRun = flags.dryRun === true;
  if (dryRun) context.info("Dry run: nothing was changed.");
  if (matches.length > 0) {
    const ids = matches.map((match) => `${match.id.slice(0, 8)} (${percent(match.probability)})`);
    context.info(`Possibly the same person: ${ids.join(", ")}.`);
  }
  await context.output.record({
    fields: [
      // An id that is taken back is nobody's.
      { key: "id", label: "Record", value: dryRun ? null : record.id },
      { key: "enterpriseId", label: "Person", value: dryRun ? null : record.enterpriseId },
      { key: "name", label: "Name", value: formatName(primaryName(record)) },
      { key: "birthDate", label: "Born", value: formatBirthDate(record) },
      {
        key: "identifiers",
        label: "Identifiers",
        value: record.identifiers.map((each) => `${each.type} ${each.value}`),
      },
      { key: "version", label: "Version", value: record.version },
    ],
    json: {
      id: dryRun ? null : record.id,
      enterpriseId: dryRun ? null : record.enterpriseId,
      dryRun,
      version: record.version,
      likelyMatches: matches.map(({ id, probability, grade }) => ({ id, probability, grade })),
    },
  });
}
