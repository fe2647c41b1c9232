import { rename, rm, writeFile } from "node:fs/promises";
import type { MatchRunResult } from "../../../domain/match/run-match.ts";
import { MpiError } from "../../../lib/errors.ts";

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly (readonly [labels: string, value: number])[];
}

/**
 * How a run ended, in the text format that Prometheus' node exporter collects. Counts and times alone.
 *
 * @param result undefined where the run failed.
 * @param endedAt seconds since 1970.
 */
export function formatRunMetrics(result: MatchRunResult | undefined, endedAt: number): string {
  const gauge = (name: string, help: string, value: number): Metric => ({
    name,
    help,
    samples: [["", value]],
  });
  const metrics: Metric[] = [
    gauge("success", "1 where the last run succeeded, else 0", result === undefined ? 0 : 1),
    gauge("end_time_seconds", "When the last run ended, in seconds since 1970", endedAt),
  ];
  if (result !== undefined) {
    metrics.push(
      gauge("records", "Records that the last run loaded", result.records),
      gauge("changed_records", "Records that had changed", result.changedRecords),
      gauge("candidate_pairs", "Pairs that were compared", result.candidatePairs),
      gauge("pairs_added", "Pairs that are new in the review queue", result.pairs.added),
      gauge("pairs_changed", "Pairs whose score or state changed", result.pairs.changed),
      gauge("pairs_superseded", "Pairs that fell below the review line", result.pairs.superseded),
      gauge("links_made", "Links made automatically", result.links.made),
      gauge("links_withdrawn", "Automatic links withdrawn", result.links.withdrawn),
      gauge("waiting_pairs", "Pairs that wait for a person's decision", result.waitingPairs),
      {
        name: "phase_seconds",
        help: "Seconds that each phase took",
        samples: Object.entries(result.timings).map(([phase, seconds]) => [`{phase="${phase}"}`, seconds]),
      },
    );
  }
  return metrics
    .map(({ name, help, samples }) => {
      const full = `mpi_match_run_${name}`;
      const lines = samples.map(([labels, value]) => `${full}${labels} ${String(value)}\n`).join("");
      return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines}`;
    })
    .join("");
}

/** Whoever reads the file never meets half of it. */
export async function writeRunMetrics(path: string, text: string): Promise<void> {
  const draft = `${path}.${String(process.pid)}`;
  try {
    await writeFile(draft, text);
    await rename(draft, path);
  } catch {
    await rm(draft, { force: true });
    throw new MpiError("usage", `The metrics file ${path} cannot be written.`);
  }
}
