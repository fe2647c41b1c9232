import { isDeepStrictEqual } from "node:util";
import type { Transaction } from "../../../src/db/client.ts";
import { ChangeJournal, type ActChanges } from "../../../src/domain/decision/change-journal.ts";
import { clearDecision } from "../../../src/domain/decision/clear-decision.ts";
import { decideDifferent } from "../../../src/domain/decision/decide-different.ts";
import { decideSame } from "../../../src/domain/decision/decide-same.ts";
import { deferDecision } from "../../../src/domain/decision/defer-decision.ts";
import { findContradiction } from "../../../src/domain/decision/standing-decisions.ts";
import { undoChanges } from "../../../src/domain/decision/undo-changes.ts";
import { findPair, orderPair } from "../../../src/domain/decision/write-decision.ts";
import { linkPatients } from "../../../src/domain/link/link-patients.ts";
import { unlinkPatient } from "../../../src/domain/link/unlink-patient.ts";
import { applyToSurvivor } from "../../../src/domain/merge/apply-to-survivor.ts";
import { mergePatients } from "../../../src/domain/merge/merge-patients.ts";
import { unmergePatient } from "../../../src/domain/merge/unmerge-patient.ts";
import { listPersonOf, lockPersons } from "../../../src/domain/person/lock-persons.ts";
import { MpiError } from "../../../src/lib/errors.ts";
import { inventContent, type Invented, type TestIndex } from "../test-index.ts";
import { readState, type HistoryState } from "./history-state.ts";
import type { ActedStep, Step } from "./history-steps.ts";
import { findViolations, type Claim } from "./invariants.ts";

export interface HistoryOptions {
  /**
   * Only steps that can be taken back exactly: no decision is overridden, and merges are taken back with
   * --allow-rematch where nothing of theirs was edited since.
   */
  readonly isReversible: boolean;
}

type Undo = (index: TestIndex) => Promise<unknown>;

/**
 * A random history of one index. Whatever a step picks, it picks in an order that does not depend on ids, so that a
 * history that broke a law breaks it again. Does its steps, looks at every law after each, and can take all of it back. */
export class History {
  readonly #index: TestIndex;
  readonly #options: HistoryOptions;
  readonly #records: string[] = [];
  readonly #claims = new Map<string, Claim & { readonly isVisible: boolean }>();
  readonly #undo: Undo[] = [];
  readonly #merges: string[] = [];
  /** How many merges there were when a record's fields were last edited. */
  readonly #edited = new Map<string, number>();
  #state: HistoryState | undefined;
  #next = 1;
  /** Steps that did something, by kind. */
  readonly done = new Map<Step["kind"], number>();

  constructor(index: TestIndex, options: HistoryOptions) {
    this.#index = index;
    this.#options = options;
  }

  /** Records to begin with. */
  async begin(count: number): Promise<void> {
    for (let number = 0; number < count; number += 1) {
      await this.#add({
        kind: "add",
        shared: number % 4,
        gender: [null, "female", "male"][number % 3] as null,
      });
    }
    this.#undo.length = 0;
    this.#state = await this.#read();
  }

  /** @throws {Error} naming the laws that are broken after the step. */
  async take({ actor, step }: ActedStep): Promise<void> {
    const before = this.#state!;
    const refusal = await this.#attempt(step, actor);
    const after = await this.#read();
    if (refusal !== undefined && !isDeepStrictEqual(after, before)) {
      throw new Error(`${step.kind} was refused (${refusal.message}) and changed something`);
    }
    if (refusal === undefined) this.done.set(step.kind, (this.done.get(step.kind) ?? 0) + 1);
    this.#state = after;
    const claims = [...this.#claims.values()];
    const violations = findViolations(
      after,
      claims.filter((claim) => claim.isVisible),
    );
    const gone = claims.filter((claim) => !after[claim.table].some((row) => row.id === claim.rowId));
    if (violations.length > 0 || gone.length > 0) {
      throw new Error(
        `after ${step.kind}: ${[...violations, ...gone.map(() => "a row is gone")].join("; ")}`,
      );
    }
  }

  /** Takes everything back, the last step first. @returns the state afterwards. */
  async undoAll(): Promise<HistoryState> {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) await undo(this.#index);
    return this.#read();
  }

  get state(): HistoryState {
    return this.#state!;
  }

  #read(): Promise<HistoryState> {
    return readState(this.#index.sql, this.#records);
  }

  /** The refusal, where a rule refused the step. */
  async #attempt(step: Step, actor: string): Promise<MpiError | undefined> {
    try {
      await this.#do(step, actor);
      return undefined;
    } catch (error) {
      if (error instanceof MpiError && ["conflict", "usage", "not-found"].includes(error.code)) return error;
      throw error;
    }
  }

  /** Any record; one in use where the number is not a multiple of seven, so that most steps are possible. */
  #record(number: number): string {
    return number % 7 === 0 ? this.#records[number % this.#records.length]! : this.#inUse(number);
  }

  /** Two records, different ones as far as there are two. */
  #two({ a, b }: { readonly a: number; readonly b: number }): readonly [string, string] {
    const one = this.#record(a);
    const other = this.#record(b);
    return [one, one === other ? this.#record(b + 1) : other];
  }

  /** A record that links hold, or any where there is none. */
  #linked(number: number): string {
    const linked = this.state.links.filter(
      (link) => link.link_type === "seealso" || link.link_type === "refer",
    );
    return linked[number % Math.max(1, linked.length)]?.patient_id ?? this.#record(number);
  }

  #pair(step: { readonly a: number; readonly b: number }) {
    const [a, b] = this.#two(step);
    return { a, b };
  }

  /** The records of a stored pair. */
  #decided(number: number): readonly [string, string] {
    const stored = new Set(
      this.state.pairs.flatMap((pair) => [
        `${pair.patient_id} ${pair.candidate_id}`,
        `${pair.candidate_id} ${pair.patient_id}`,
      ]),
    );
    const pairs = this.#records.flatMap((one, place) =>
      this.#records
        .slice(place + 1)
        .flatMap((other) => (stored.has(`${one} ${other}`) ? [[one, other] as const] : [])),
    );
    const pair = pairs[number % Math.max(1, pairs.length)];
    if (pair === undefined) throw new MpiError("not-found", "no pair is stored");
    return pair;
  }

  async #act<T>(actor: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#index.act(work, { user: actor });
  }

  async #do(step: Step, actor: string): Promise<void> {
    const { isReversible } = this.#options;
    switch (step.kind) {
      case "add":
        return this.#add(step);
      case "link":
      case "same": {
        const [a, b] = this.#two(step);
        const request = {
          a,
          b,
          reason: null,
          override: step.override && !isReversible,
        };
        this.#remember(
          await this.#act(actor, (tx) =>
            step.kind === "link"
              ? linkPatients(tx, { ...request, linkType: step.refer ? "refer" : "seealso" })
              : decideSame(tx, { ...request, origin: "review" }),
          ),
        );
        return;
      }
      case "unlink": {
        const record = this.#linked(step.a);
        const from = step.b === null ? {} : { from: this.#record(step.b) };
        this.#remember(await this.#act(actor, (tx) => unlinkPatient(tx, { record, reason: null, ...from })));
        return;
      }
      case "different": {
        this.#remember(
          await this.#act(actor, (tx) =>
            decideDifferent(tx, {
              ...this.#pair(step),
              origin: "review",
              reason: null,
              thirds: "release",
            }),
          ),
        );
        return;
      }
      case "later": {
        this.#remember(
          await this.#act(actor, (tx) => deferDecision(tx, { ...this.#pair(step), reason: null })),
        );
        return;
      }
      case "clear": {
        this.#remember(await this.#act(actor, (tx) => clearDecision(tx, ...this.#decided(step.a))));
        return;
      }
      case "automatic": {
        this.#remember(await this.#act(actor, (tx) => linkAutomatically(tx, ...this.#two(step))));
        return;
      }
      case "merge":
        return this.#merge(step, actor);
      case "unmerge":
        return this.#unmerge(step, actor);
      case "late":
        return this.#sendLate(step, actor);
      case "edit-field": {
        const record = this.#inUse(step.a);
        this.#edited.set(record, this.#merges.length);
        const old = this.state.patients.find((patient) => patient.id === record)!.gender;
        await this.#index.sql`update patients set gender = ${step.gender} where id = ${record}`;
        this.#undo.push(({ sql }) => sql`update patients set gender = ${old} where id = ${record}`);
        return;
      }
      case "add-contact": {
        const record = this.#inUse(step.a);
        const value = step.shared === null ? this.#newValue() : `shared ${String(step.shared)}`;
        const [row] = await this.#index.sql<{ id: string }[]>`
          insert into patient_contacts (patient_id, system, value) values (${record}, 'other', ${value}) returning id`;
        this.#claim({ record, table: "contacts", value, rowId: row!.id });
        this.#undo.push(({ sql }) => sql`delete from patient_contacts where id = ${row!.id}`);
        return;
      }
      case "edit-contact": {
        const row = this.#editableContact(step.row);
        const value = this.#newValue();
        this.#giveUp(row);
        await this.#index.sql`update patient_contacts set value = ${value} where id = ${row.id}`;
        this.#undo.push(
          ({ sql }) => sql`update patient_contacts set value = ${row.value} where id = ${row.id}`,
        );
        return;
      }
      case "delete-contact": {
        const row = this.#editableContact(step.row);
        this.#giveUp(row);
        const [image] = await this.#index.sql<{ image: Record<string, unknown> }[]>`
          select to_jsonb(c) as image from patient_contacts c where id = ${row.id}`;
        await this.#index.sql`delete from patient_contacts where id = ${row.id}`;
        this.#undo.push(
          ({ sql }) => sql`
              insert into patient_contacts (id, patient_id, system, value, use_type, is_primary, origin_patient_id, merge_id,
                created_at, created_by)
              select id, patient_id, system, value, use_type, is_primary, origin_patient_id, merge_id, created_at, created_by
              from jsonb_populate_record(null::patient_contacts, ${sql.json(image!.image as never)})`,
        );
      }
    }
  }

  async #add(step: Step & { readonly kind: "add" }): Promise<void> {
    const unique = this.#newValue();
    const shared = `shared ${String(step.shared)}`;
    const content: Invented = {
      name: `Hale, ${unique}`,
      gender: step.gender,
      identifiers: [
        { value: unique, use: "official" },
        { value: shared, use: "usual" },
      ],
      contacts: [
        { system: "other", value: unique, use: "home", isPrimary: true },
        { system: "other", value: shared, use: "work" },
      ],
    };
    const record = await this.#index.add(content);
    this.#records.push(record);
    const { identifiers, contacts } = await readState(this.#index.sql, [record]);
    for (const [table, rows] of [
      ["identifiers", identifiers],
      ["contacts", contacts],
    ] as const) {
      for (const row of rows) this.#claim({ record, table, value: row.value, rowId: row.id });
    }
    this.#undo.push(async ({ sql }) => {
      await sql`delete from patients where id = ${record}`;
    });
  }

  async #merge(step: Step & { readonly kind: "merge" }, actor: string): Promise<void> {
    const [source, survivor] = this.#two(step);
    const more = step.c === null ? [] : [this.#record(step.c)];
    const { merges } = await this.#act(actor, (tx) =>
      mergePatients(tx, {
        sources: [source, ...more],
        survivor,
        reason: null,
        keep: step.keepA ? { gender: source } : {},
        override: step.override && !this.#options.isReversible,
      }),
    );
    for (const { mergeId } of merges) {
      this.#merges.push(mergeId);
      this.#undo.push(async (index) => {
        const [merge] = await index.sql`select unmerged_at from patient_merges where id = ${mergeId}`;
        if (merge?.["unmerged_at"] !== null) return;
        await index.act((tx) => unmergePatient(tx, { mergeId, reason: null, allowRematch: true }));
      });
    }
  }

  async #unmerge(step: Step & { readonly kind: "unmerge" }, actor: string): Promise<void> {
    if (this.#merges.length === 0) throw new MpiError("not-found", "nothing is merged");
    const place = step.merge % this.#merges.length;
    const request = {
      mergeId: this.#merges[place]!,
      reason: null,
      allowRematch: this.#options.isReversible || step.allowRematch,
      take: step.take,
      third: step.third,
    };
    if (this.#options.isReversible) {
      const preview = await this.#index.act((tx) => unmergePatient(tx, request), { dryRun: true });
      const isTouched = [...preview.rows, ...preview.fields].some(
        ({ since }) => since === "edited" || since === "deleted",
      );
      // An edit may have put the very value there that the merge had; taking the edit back would then be no way back.
      const isEdited = [preview.record, preview.survivor, preview.inCharge].some(
        (record) => (this.#edited.get(record) ?? -1) > place,
      );
      if (isTouched || isEdited) throw new MpiError("conflict", "something of it was edited since");
    }
    await this.#act(actor, (tx) => unmergePatient(tx, request));
  }

  async #sendLate(step: Step & { readonly kind: "late" }, actor: string): Promise<void> {
    const record = this.#record(step.a);
    const values = [this.#newValue(), `shared ${String(step.shared)}`];
    const content = inventContent({
      gender: step.gender,
      contacts: values.map((value) => ({ system: "other" as const, value, use: "home" as const })),
    });
    await this.#act(actor, (tx) => applyToSurvivor(tx, record, content));
    const { contacts } = await this.#read();
    for (const value of values) {
      const row = contacts.find(
        (each) => each.value === value && (each.origin_patient_id ?? each.patient_id) === record,
      );
      if (row === undefined) throw new Error("late data was not stored for its record");
      const isHidden = [...this.#claims.values()].some((claim) => claim.value === value && !claim.isVisible);
      if (!isHidden) this.#claim({ record, table: "contacts", value, rowId: row.id });
    }
  }

  #remember(result: { readonly changes: ActChanges } | undefined): void {
    if (result === undefined) return;
    this.#undo.push((index) => index.act((tx) => undoChanges(tx, result.changes)));
  }

  #newValue(): string {
    this.#next += 1;
    return `value ${String(this.#next)}`;
  }

  /** A record that a steward would edit: in use. */
  #inUse(number: number): string {
    const active = new Set(
      this.state.patients.filter((patient) => patient.active).map((patient) => patient.id),
    );
    const inUse = this.#records.filter((record) => active.has(record));
    return inUse[number % inUse.length]!;
  }

  #editableContact(number: number) {
    const inUse = new Set(
      this.state.patients.filter((patient) => patient.active).map((patient) => patient.id),
    );
    const place = (row: { readonly patient_id: string; readonly value: string }) =>
      `${String(this.#records.indexOf(row.patient_id)).padStart(3, "0")} ${row.value}`;
    const rows = this.state.contacts
      .filter((row) => inUse.has(row.patient_id))
      .sort((one, other) => (place(one) < place(other) ? -1 : 1));
    if (rows.length === 0) throw new MpiError("not-found", "no contact is left");
    return rows[number % rows.length]!;
  }

  #claim(claim: Claim): void {
    this.#claims.set(claim.rowId, { ...claim, isVisible: true });
  }

  /** Somebody changes or deletes this row on purpose: nobody may expect its value any more. */
  #giveUp(row: { readonly id: string; readonly value: string }): void {
    this.#claims.delete(row.id);
    for (const [rowId, claim] of this.#claims) {
      if (claim.value === row.value && claim.table === "contacts") {
        this.#claims.set(rowId, { ...claim, isVisible: false });
      }
    }
  }
}

/** What a run with --auto-link does for one pair, by the same functions. */
async function linkAutomatically(
  tx: Transaction,
  a: string,
  b: string,
): Promise<{ readonly changes: ActChanges } | undefined> {
  const persons = await lockPersons(tx, [a, b]);
  const isInUse = [a, b].every((id) => persons.members.get(id)!.active);
  if (a === b || !isInUse || (await findPair(tx, a, b)) !== undefined) return undefined;
  const contradiction = await findContradiction(tx, listPersonOf(persons, a), listPersonOf(persons, b));
  if (contradiction.different.length > 0) return undefined;
  const journal = new ChangeJournal(tx);
  const [patientId, candidateId] = orderPair(a, b);
  await journal.insertPair({ patientId, candidateId, totalScore: 0.999, state: "auto_linked" });
  await journal.insertLinks([{ patientId, otherPatientId: candidateId, linkType: "seealso", origin: "run" }]);
  await journal.recomputePersons([a, b]);
  return { changes: journal.changes() };
}
