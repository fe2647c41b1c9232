import type { HistoryState } from "./history-state.ts";

/** A value that somebody gave a record, to be found there or on whoever is in charge of it. */
export interface Claim {
  readonly record: string;
  readonly table: "identifiers" | "contacts";
  readonly value: string;
  readonly rowId: string;
}

/** What is wrong with a state, in words; empty where all laws hold. */
export function findViolations(state: HistoryState, claims: readonly Claim[]): readonly string[] {
  const violations: string[] = [];
  const check = (holds: boolean, law: string) => {
    if (!holds) violations.push(law);
  };
  const personOf = listPersons(state);
  const replacedBy = new Map<string, string>();
  for (const link of state.links) {
    check(link.patient_id !== link.other_patient_id, "M7: a link points from a record to itself");
    if (link.link_type !== "replaced_by") continue;
    check(!replacedBy.has(link.patient_id), "a record is replaced by two others");
    replacedBy.set(link.patient_id, link.other_patient_id);
    check(
      state.links.some(
        (other) =>
          other.link_type === "replaces" &&
          other.patient_id === link.other_patient_id &&
          other.other_patient_id === link.patient_id &&
          other.merge_id === link.merge_id,
      ),
      "replaced-by stands without its replaces",
    );
  }
  check(
    state.links.filter((link) => link.link_type === "replaces").length === replacedBy.size,
    "replaces stands without its replaced-by",
  );

  const chainOf = (id: string): readonly string[] => {
    const chain = [id];
    for (let at = replacedBy.get(id); at !== undefined; at = replacedBy.get(at)) {
      if (chain.includes(at)) {
        violations.push("M12: the merges form a circle");
        break;
      }
      chain.push(at);
    }
    return chain;
  };

  for (const patient of state.patients) {
    const isRetired = replacedBy.has(patient.id);
    check(!(isRetired && patient.active), "a retired record is active");
    const open = state.merges.filter((merge) => merge.patient_id === patient.id && !merge.unmerged);
    check(open.length === (isRetired ? 1 : 0), "a retired record and its merge do not agree");
    check(
      open.every((merge) => merge.survivor_id === replacedBy.get(patient.id)),
      "a merge and its link differ",
    );
    const members = state.patients.filter((other) => personOf.get(other.id) === personOf.get(patient.id));
    const oldest = members.toSorted((one, other) => (key(one) < key(other) ? -1 : 1))[0]!;
    check(
      patient.enterprise_id === oldest.initial_enterprise_id,
      "section 1: an enterprise id is not the oldest of its person's",
    );
  }

  for (const pair of state.pairs) {
    const together = personOf.get(pair.patient_id) === personOf.get(pair.candidate_id);
    check(
      !(pair.state === "rejected" && together),
      "section 5: two records decided different are one person",
    );
    if (pair.state === "merged") {
      check(
        state.merges.some((merge) => merge.id === pair.merge_id && !merge.unmerged),
        "a pair is marked merged without a merge in force",
      );
    }
  }

  for (const table of ["names", "identifiers", "contacts"] as const) {
    for (const row of state[table]) {
      const owner = row.origin_patient_id ?? row.patient_id;
      check(
        chainOf(owner).includes(row.patient_id),
        `a row of ${table} stands where its record does not lead`,
      );
      check(
        row.merge_id === null || row.origin_patient_id !== null,
        `a moved row of ${table} has lost its origin`,
      );
    }
    check(
      new Set(state[table].map((row) => row.id)).size === state[table].length,
      `a row of ${table} is there twice`,
    );
  }

  for (const claim of claims) {
    const inCharge = chainOf(claim.record).at(-1)!;
    check(
      state[claim.table].some((row) => row.patient_id === inCharge && row.value === claim.value),
      `M5: a value of ${claim.table} is lost to the record in charge`,
    );
    check(
      state[claim.table].some((row) => row.id === claim.rowId),
      `M5: a row of ${claim.table} is gone`,
    );
  }
  return [...new Set(violations)];
}

const key = (patient: HistoryState["patients"][number]) =>
  `${patient.initial_enterprise_at} ${patient.initial_enterprise_id}`;

function listPersons(state: HistoryState): ReadonlyMap<string, string> {
  const personOf = new Map(state.patients.map((patient) => [patient.id, patient.id]));
  for (let changed = true; changed;) {
    changed = false;
    for (const link of state.links) {
      const [one, other] = [personOf.get(link.patient_id)!, personOf.get(link.other_patient_id)!];
      if (one === other) continue;
      changed = true;
      for (const [id, person] of personOf) if (person === one) personOf.set(id, other);
    }
  }
  return personOf;
}
