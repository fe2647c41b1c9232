import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type postgres from "postgres";

/** Another process that merges. */
export interface MergeWorker {
  readonly pid: number;
  readonly name: string;
  /** Sends it a merge to make, without waiting. */
  send(source: string, survivor: string): void;
  /** Its next answer; undefined once it is gone. */
  answer(): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** Starts a process that merges on command, and waits until it is connected. */
export async function startMergeWorker(url: string, name: string): Promise<MergeWorker> {
  const program = fileURLToPath(new URL("programs/merge-worker.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program, url, name], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const gone = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const next = await lines.next();
    return next.done === true ? undefined : next.value;
  };
  // A killed process cannot take a line any more.
  child.stdin.on("error", () => undefined);
  const ready = await answer();
  if (ready !== "ready" || child.pid === undefined) throw new Error("the merging process did not start");
  return {
    pid: child.pid,
    name,
    send: (source, survivor) => child.stdin.write(`${source} ${survivor}\n`),
    answer,
    stop: async () => {
      child.stdin.end();
      await gone;
    },
  };
}

/** Whether a merge of `a` into `b` is there from end to end, not there at all, or (never) something in between. */
export async function inspectMerge(sql: postgres.Sql, a: string, b: string): Promise<string> {
  const [found] = await sql<{ traces: Record<string, boolean> }[]>`
    select jsonb_build_object(
      'retired', (select not active from patients where id = ${a}),
      'replaced by', exists (select from patient_links where patient_id = ${a} and other_patient_id = ${b} and link_type = 'replaced_by'),
      'replaces', exists (select from patient_links where patient_id = ${b} and other_patient_id = ${a} and link_type = 'replaces'),
      'recorded', exists (select from patient_merges where patient_id = ${a} and survivor_id = ${b}),
      'pair closed', exists (select from patient_match_scores where ${a} in (patient_id, candidate_id) and state = 'merged'),
      'rows moved', exists (select from patient_contacts where patient_id = ${b} and origin_patient_id = ${a}),
      'rows gone', not exists (select from patient_contacts where patient_id = ${a}),
      'one person', (select count(distinct enterprise_id) = 1 from patients where id in (${a}, ${b})),
      'audited', exists (select from audit_log where entity_id = ${a} and table_name = 'patient_merges')) as traces`;
  const traces = Object.entries(found!.traces);
  if (traces.every(([, isThere]) => isThere)) return "whole";
  if (traces.every(([, isThere]) => !isThere)) return "absent";
  return `half: ${traces.map(([name, isThere]) => `${name} ${isThere ? "yes" : "no"}`).join(", ")}`;
}
