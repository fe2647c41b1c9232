import type { Transaction } from "../../db/client.ts";
import { selectDomainFlags } from "../../db/queries/imports.ts";
import { selectCandidateIds } from "../../db/queries/likely-matches.ts";
import { comparisonKinds } from "../../matching/model/comparison-kinds.ts";
import type { MatchModel } from "../../matching/model/match-model.ts";
import { rankCandidates } from "../../matching/score/score-records.ts";
import { readSearchWords } from "../patient/find/name-readings.ts";
import { listPatientRecords } from "../patient/get-patient-record.ts";
import type { PatientContent } from "../patient/patient-record.ts";
import { loadCompiledModel } from "./load-compiled-model.ts";
import { toMatchRecord } from "./to-match-record.ts";

/** FHIR's match grades, those worth showing. */
export type LikelyGrade = "certain" | "probable" | "possible";

/** A record that may be the person whom some content is about. */
export interface LikelyMatch {
  readonly id: string;
  /** 0 to 1. */
  readonly probability: number;
  readonly grade: LikelyGrade;
  /** At or above the review line: whoever adds the content has to look. */
  readonly isAboveReviewLine: boolean;
  /** What agrees and what differs, such as `Family name: same`; never a value. */
  readonly reasons: readonly string[];
}

/** Who is there already, most likely first. */
export type FindLikelyMatches = (tx: Transaction, content: PatientContent) => Promise<readonly LikelyMatch[]>;

/** So many records at most are looked at for each way in which they were found. */
const candidatesByWay = 200;
/** Any id: the content has none yet. */
const newId = "00000000-0000-0000-0000-000000000000";

/**
 * Finds candidates through the indexes and scores them with this model and its newest calibration, or the model's own
 * figures where nothing was learned yet.
 */
export const createLikelyMatchFinder =
  (model: MatchModel): FindLikelyMatches =>
  async (tx, content) => {
    const ids = await selectCandidateIds(tx, await toCandidateKeys(tx, content), candidatesByWay);
    if (ids.length === 0) return [];
    const candidates = await listPatientRecords(tx, ids);
    const domains = new Map((await selectDomainFlags(tx)).map((flags) => [flags.system, flags]));
    const { compiled } = await loadCompiledModel(tx, model);
    const scores = rankCandidates(
      // Received now: dates are not judged against the day of receipt before there is one.
      { ...toMatchRecord(asRecord(content), domains), receivedOn: null },
      candidates.map((record) => toMatchRecord(record, domains)),
      compiled,
    );
    return scores.flatMap(({ candidate, probability, grade, isAboveReviewLine, levels }) =>
      grade === "certainly-not"
        ? []
        : [
            {
              id: candidates[candidate]!.id,
              probability,
              grade,
              isAboveReviewLine,
              reasons: toReasons(levels),
            },
          ],
    );
  };

/** Comparisons that could be made, in words: `Birth date: same`. */
const toReasons = (levels: readonly number[]): readonly string[] =>
  levels.flatMap((level, index) => {
    const kind = comparisonKinds[index];
    const found = kind?.levels[level];
    return kind === undefined || found === undefined ? [] : [`${kind.label}: ${found.label}`];
  });

async function toCandidateKeys(tx: Transaction, content: PatientContent) {
  const families = content.names.flatMap((name) => (name.family === null ? [] : [name.family]));
  const givens = content.names.flatMap((name) =>
    name.given.slice(0, 1).flatMap((each) => each.split(/\s+/, 1)),
  );
  const { words } = await readSearchWords(tx, [...families, ...givens], { exact: false, prefix: false });
  const of = (names: readonly string[]) => words.filter((word) => names.includes(word.asked));
  return {
    identifiers: content.identifiers.map((each) => each.value),
    contacts: content.contacts.map(({ system, value }) => ({ system, value })),
    birthDate: content.birthDate?.precision === "day" ? content.birthDate.date : null,
    families: [...new Set(of(families).flatMap((word) => [word.folded, ...word.family.keys()]))],
    givens: [...new Set(of(givens).flatMap((word) => [word.folded, ...word.given.keys()]))],
  };
}

/** Content that is about to be stored, as a record with ids that keep its rows in order. */
function asRecord(content: PatientContent) {
  const stored = <Row extends object>(rows: readonly Row[]) =>
    rows.map((row, index) => ({
      ...row,
      id: String(index).padStart(6, "0"),
      originPatientId: null,
      mergeId: null,
    }));
  return {
    ...content,
    id: newId,
    sourceSystem: null,
    sourceId: null,
    receivedAt: "",
    names: stored(content.names),
    identifiers: stored(content.identifiers),
    addresses: stored(content.addresses),
    contacts: stored(content.contacts),
  };
}
