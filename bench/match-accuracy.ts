/**
 * How well the built-in model finds duplicates, learned from each set itself without labels: the functions of a run
 * and of `mpi match evaluate`, in memory. Rewrites the table in docs/matching.md with --write.
 *
 *   npm run bench:accuracy -- [--data DIR] [--sets febrl1,…,generated-20000] [--write]
 *
 * The set of a million takes some minutes and 8 GB of memory.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { scoreStore } from "../src/matching/bulk/score-store.ts";
import { pairFlags, selectPairs, type ScoredPairs } from "../src/matching/bulk/scored-pairs.ts";
import { clusterPersons } from "../src/matching/cluster/person-clusters.ts";
import { decideAutomaticLinks } from "../src/matching/decide/automatic-links.ts";
import {
  comparePartitions,
  countPairs,
  pairMetrics,
  type PairMetrics,
} from "../src/matching/evaluate/pair-metrics.ts";
import { compileModel, weightOfProbability } from "../src/matching/model/compile-model.ts";
import { defaultModel } from "../src/matching/model/default-model.ts";
import { normaliseRecord } from "../src/matching/normal-record.ts";
import { compileRules, listRules } from "../src/matching/score/rules.ts";
import { encodeRecords } from "../src/matching/store/encode-records.ts";
import { trainModel } from "../src/matching/training/train.ts";
import {
  generateSet,
  readFake1000,
  readFebrl,
  readRlData,
  type LabelledSet,
  type PopulationSet,
} from "./match-sets.ts";
import { formatTable } from "./measure.ts";

type Reader = (folder: string) => LabelledSet | PopulationSet;

/** Sets by name. Those of files are published ones; see the project's documents for where they come from. */
const sets: Readonly<Record<string, Reader>> = {
  febrl1: (folder) => readFebrl(folder, "dataset1.csv"),
  febrl2: (folder) => readFebrl(folder, "dataset2.csv"),
  febrl3: (folder) => readFebrl(folder, "dataset3.csv"),
  rldata500: readRlData,
  fake1000: readFake1000,
  "generated-5000": () => generateSet(5000, 1),
  "generated-20000": () => generateSet(20_000, 7),
  "generated-100000": () => generateSet(100_000, 7),
  "generated-1000000": () => generateSet(1_000_000, 1),
};

const document = new URL("../docs/matching.md", import.meta.url);
const marks = { start: "<!-- accuracy: begin -->", end: "<!-- accuracy: end -->" } as const;

interface Accuracy {
  readonly name: string;
  readonly pairs: PairMetrics;
  readonly persons: PairMetrics;
  readonly automatic: PairMetrics;
  /** True pairs above the automatic line that are not linked, by what held them back. */
  readonly heldBack: ReadonlyMap<string, readonly [right: number, wrong: number]>;
  readonly twins: { readonly pairs: number; readonly linked: readonly string[] } | undefined;
  /** Wrong and missed pairs at 0.5, by the hard cases of the two records. */
  readonly kinds: ReadonlyMap<string, readonly [wrong: number, missed: number]>;
}

function measure(set: LabelledSet | PopulationSet): Accuracy {
  const national = new Set(defaultModel.nationalIdentifierTypes);
  const store = encodeRecords(set.records.map((record) => normaliseRecord(record, national)));
  const compiled = compileModel(defaultModel, trainModel(store, defaultModel).calibration);
  const { truth } = set;
  const { possible, automatic } = defaultModel.thresholds;
  const { pairs } = scoreStore(store, compiled, possible);
  const atHalf = selectPairs(pairs, (pair) => pairs.weights[pair]! >= weightOfProbability(possible));
  const persons = clusterPersons(store.size, atHalf, [], {
    joinFrom: -Infinity,
    personSize: Infinity,
    directSupport: 0,
  }).persons;
  const review = selectPairs(pairs, (pair) => (pairs.flags[pair]! & pairFlags.aboveReviewLine) !== 0);
  const linked = decideAutomaticLinks(store.size, review, defaultModel, { different: [], linked: [] });
  let right = 0;
  for (let pair = 0; pair < atHalf.size; pair++) {
    if (truth[atHalf.a[pair]!] === truth[atHalf.b[pair]!]) right++;
  }
  return {
    name: set.name,
    pairs: pairMetrics(right, atHalf.size, countPairs(truth)),
    persons: comparePartitions(truth, persons),
    automatic: comparePartitions(truth, linked.persons),
    heldBack: countHeldBack(review, linked.persons, truth, weightOfProbability(automatic)),
    twins: "groups" in set ? listTwins(set, linked.persons) : undefined,
    kinds: "kinds" in set ? countKinds(set, atHalf) : new Map(),
  };
}

function countHeldBack(
  pairs: ScoredPairs,
  persons: Int32Array,
  truth: readonly number[],
  line: number,
): Map<string, readonly [number, number]> {
  const rules = compileRules(defaultModel);
  const counts = new Map<string, readonly [number, number]>();
  for (let pair = 0; pair < pairs.size; pair++) {
    const [a, b] = [pairs.a[pair]!, pairs.b[pair]!];
    if (pairs.weights[pair]! < line || persons[a] === persons[b]) continue;
    const isAutomatic = (pairs.flags[pair]! & pairFlags.automatic) !== 0;
    const fired = listRules(rules, pairs.rules[pair]! & rules.forbid).map(({ name }) => name);
    const reason = isAutomatic
      ? "runner-up, size or support"
      : fired.join(" + ") || "margin inside one source";
    const isRight = truth[a] === truth[b];
    const [right, wrong] = counts.get(reason) ?? [0, 0];
    counts.set(reason, [right + Number(isRight), wrong + Number(!isRight)]);
  }
  return counts;
}

function* pairsOfGroups(
  { kinds, groups }: PopulationSet,
  kind: string,
): Generator<readonly [number, number]> {
  const members = new Map<string, number[]>();
  for (const [row, group] of groups.entries()) {
    if (kinds[row] === kind) members.set(group, [...(members.get(group) ?? []), row]);
  }
  for (const rows of members.values()) {
    for (const [i, a] of rows.entries()) for (const b of rows.slice(i + 1)) yield [a, b];
  }
}

/** Pairs of records of two twins, and those among them that would be linked automatically. */
function listTwins(set: PopulationSet, persons: Int32Array): NonNullable<Accuracy["twins"]> {
  const linked: string[] = [];
  let pairs = 0;
  for (const [a, b] of pairsOfGroups(set, "twins")) {
    if (set.truth[a] === set.truth[b]) continue;
    pairs++;
    if (persons[a] === persons[b]) linked.push(`${set.records[a]!.id} and ${set.records[b]!.id}`);
  }
  return { pairs, linked };
}

function countKinds(set: PopulationSet, pairs: ScoredPairs): Map<string, readonly [number, number]> {
  const counts = new Map<string, readonly [number, number]>();
  const add = (a: number, b: number, wrong: number, missed: number) => {
    const kind = [...new Set([set.kinds[a]!, set.kinds[b]!])].sort().join(" + ");
    const [wrongs, misses] = counts.get(kind) ?? [0, 0];
    counts.set(kind, [wrongs + wrong, misses + missed]);
  };
  const found = new Set<string>();
  for (let pair = 0; pair < pairs.size; pair++) {
    const [a, b] = [pairs.a[pair]!, pairs.b[pair]!];
    found.add(`${a} ${b}`);
    if (set.truth[a] !== set.truth[b]) add(a, b, 1, 0);
  }
  const rows = new Map<number, number[]>();
  for (const [row, label] of set.truth.entries()) rows.set(label, [...(rows.get(label) ?? []), row]);
  for (const members of rows.values()) {
    for (const [i, a] of members.entries()) {
      for (const b of members.slice(i + 1)) if (!found.has(`${a} ${b}`)) add(a, b, 0, 1);
    }
  }
  return counts;
}

const share = (value: number) => value.toFixed(4);
const shares = ({ precision, recall }: PairMetrics) => `${share(precision)} / ${share(recall)}`;

function report(accuracy: Accuracy): void {
  const { name, pairs, persons, automatic, heldBack, twins, kinds } = accuracy;
  const rows = [
    ["pairs at 0.5", pairs],
    ["persons at 0.5", persons],
    ["automatic", automatic],
  ] as const;
  print(`\n${name}`);
  print(
    formatTable(
      ["", "precision", "recall", "F1", "wrong", "missed"],
      rows.map(([label, each]) => [
        label,
        share(each.precision),
        share(each.recall),
        share(each.f1),
        String(each.falsePositives),
        String(each.falseNegatives),
      ]),
    ),
  );
  const byNumber = <T extends readonly [string, readonly [number, number]]>(list: Iterable<T>) =>
    [...list].sort(([, [a, b]], [, [c, d]]) => c + d - a - b);
  for (const [reason, [right, wrong]] of byNumber(heldBack)) {
    print(`  held back by ${reason}: ${String(right)} right, ${String(wrong)} wrong`);
  }
  for (const [kind, [wrong, missed]] of byNumber(kinds)) {
    print(`  at 0.5, ${kind}: ${String(wrong)} wrong, ${String(missed)} missed`);
  }
  if (twins === undefined) return;
  print(`  twins: ${String(twins.linked.length)} of ${String(twins.pairs)} pairs linked automatically`);
  for (const pair of twins.linked) print(`    ${pair}`);
}

const print = (text: string) => process.stdout.write(`${text}\n`);

function writeTable(rows: readonly Accuracy[]): void {
  const text = readFileSync(document, "utf8");
  const [start, end] = [text.indexOf(marks.start), text.indexOf(marks.end)];
  if (start < 0 || end < start) throw new Error("docs/matching.md has no place for the table.");
  const lines = rows.map(
    ({ name, pairs, persons, automatic }) =>
      `| ${name} | ${share(pairs.f1)} | ${share(persons.f1)} | ${shares(automatic)} |`,
  );
  const table = [
    "| set | pairs ≥ 0.5 | persons | automatic: precision / recall |",
    "| --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
  writeFileSync(document, `${text.slice(0, start)}${marks.start}\n\n${table}\n\n${text.slice(end)}`);
}

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "data/labelled" },
    sets: { type: "string", default: Object.keys(sets).join(",") },
    write: { type: "boolean", default: false },
  },
});
const results: Accuracy[] = [];
for (const name of values.sets.split(",")) {
  const read = sets[name];
  if (read === undefined) throw new Error(`There is no set ${name}: ${Object.keys(sets).join(", ")}.`);
  if (!name.startsWith("generated") && !existsSync(values.data)) {
    print(`\n${name} is left out: there is no folder ${values.data}.`);
    continue;
  }
  const accuracy = measure(read(values.data));
  report(accuracy);
  results.push(accuracy);
}
if (values.write) writeTable(results);
