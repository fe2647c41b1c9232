import { parse } from "csv-parse/sync";
import type { Database } from "../../db/client.ts";
import { MpiError } from "../../lib/errors.ts";
import type { ReadContext } from "../audit/record-read.ts";
import { runDecision, verdicts, type Verdict } from "./decide-pair.ts";

/** One row of a spreadsheet in which somebody has decided. */
export interface SheetRow {
  /** In the file, the header being the first line. */
  readonly line: number;
  readonly pair: string;
  readonly evidence: string;
  readonly decision: string;
  readonly reason: string;
}

const needed = ["pair", "evidence", "decision"] as const;

/**
 * Reads a spreadsheet that `review export` wrote and somebody filled in. Columns may have been moved or added.
 *
 * @throws {MpiError} `usage` for a file that is no such sheet; the message names lines, never what is in them.
 */
export function parseDecisionSheet(text: string): readonly SheetRow[] {
  let header: readonly string[] = [];
  let rows: readonly { readonly info: { readonly lines: number }; readonly record: Record<string, string> }[];
  try {
    rows = parse(text, {
      bom: true,
      info: true,
      skip_empty_lines: true,
      relax_column_count_less: true,
      delimiter: text.slice(0, text.indexOf("\n")).includes(";") ? ";" : ",",
      columns: (names: string[]) => {
        header = names.map((name) => name.trim().toLowerCase());
        return [...header];
      },
    }) as unknown as typeof rows;
  } catch (error) {
    const { lines } = error as { readonly lines?: number };
    throw new MpiError(
      "usage",
      `The file is no CSV that can be read${lines === undefined ? "" : ` (line ${String(lines)})`}.`,
    );
  }
  const missing = needed.filter((name) => !header.includes(name));
  if (missing.length > 0 || new Set(header).size !== header.length) {
    throw new MpiError(
      "usage",
      missing.length > 0
        ? `The file lacks the column${missing.length > 1 ? "s" : ""} ${missing.join(", ")}.`
        : "The file has two columns of one name.",
      { hint: "mpi review export writes a file with the columns that are needed." },
    );
  }
  return rows.map(({ info, record }) => ({
    line: info.lines,
    pair: (record["pair"] ?? "").trim(),
    evidence: (record["evidence"] ?? "").trim(),
    decision: (record["decision"] ?? "").trim().toLowerCase(),
    reason: (record["reason"] ?? "").trim(),
  }));
}

export interface SheetOutcome {
  readonly line: number;
  readonly pair: string;
  readonly decision: string;
  readonly outcome: "decided" | "left open" | "rejected";
  /** Why it was rejected. */
  readonly why: string | null;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Carries out the decisions of a spreadsheet, each in a transaction of its own. A row whose evidence has changed since
 * the export is rejected, and so is every other that cannot be carried out; the others go on.
 */
export async function* importDecisions(
  db: Database,
  audit: (reason: string | undefined) => ReadContext,
  rows: readonly SheetRow[],
  options: { readonly dryRun: boolean; readonly now: () => Date; readonly signal: AbortSignal },
): AsyncGenerator<SheetOutcome> {
  const seen = new Set<string>();
  for (const row of rows) {
    if (options.signal.aborted) throw new MpiError("cancelled", "Stopped; the rows listed so far are done.");
    const base = { line: row.line, pair: row.pair, decision: row.decision };
    if (row.decision === "") {
      yield { ...base, outcome: "left open", why: null };
      continue;
    }
    const why = findProblem(row, seen) ?? (await carryOut(db, audit, row, options));
    if (why === undefined) seen.add(row.pair.toLowerCase());
    yield { ...base, outcome: why === undefined ? "decided" : "rejected", why: why ?? null };
  }
}

function findProblem(row: SheetRow, seen: ReadonlySet<string>): string | undefined {
  if (!uuid.test(row.pair)) return "the pair's id is damaged";
  if (seen.has(row.pair.toLowerCase())) return "the pair was decided in an earlier row";
  if (!/^[0-9a-f]{16}$/.test(row.evidence)) return "the evidence is damaged";
  if (!verdicts.includes(row.decision as Verdict)) return `the decision is not one of ${verdicts.join(", ")}`;
  if (row.reason.includes("\0")) return "the reason holds a NUL character";
  return row.reason.length > 500 ? "the reason is longer than 500 characters" : undefined;
}

async function carryOut(
  db: Database,
  audit: (reason: string | undefined) => ReadContext,
  row: SheetRow,
  options: { readonly dryRun: boolean; readonly now: () => Date },
): Promise<string | undefined> {
  const reason = row.reason === "" ? undefined : row.reason;
  try {
    await runDecision(
      db,
      audit(reason),
      {
        pairId: row.pair.toLowerCase(),
        verdict: row.decision as Verdict,
        reason: reason ?? null,
        evidence: row.evidence,
      },
      options.now(),
      { dryRun: options.dryRun },
    );
    return undefined;
  } catch (error) {
    if (error instanceof MpiError && ["conflict", "usage", "not-found"].includes(error.code))
      return error.message;
    throw error;
  }
}
