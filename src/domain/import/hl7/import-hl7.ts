import type { Readable } from "node:stream";
import type { Database } from "../../../db/client.ts";
import { withTransaction, type AuditContext } from "../../../db/transaction.ts";
import { MpiError } from "../../../lib/errors.ts";
import { createPairScorer } from "../../decision/calibrated-scorer.ts";
import { listDomains } from "../../identifier/identifier-domain.ts";
import type { ImportEntry, RejectedEntry } from "../batch-import.ts";
import { ImportRun, type ImportOptions, type ImportResult } from "../import-run.ts";
import { importKeyOf } from "../import-record.ts";
import { openInput } from "../input-file.ts";
import { IdentifierReader } from "./assigning-authority.ts";
import { findDecoder } from "./hl7-text.ts";
import { carryOut, type ActOnTwo } from "./message-acts.ts";
import { readEntry, type MessageEntry, type MessageRules } from "./message-entry.ts";
import type { Identity, IdentityRule } from "./patient-identity.ts";
import { isStray, readMessages, rejectSegment } from "./read-messages.ts";

export interface Hl7ImportOptions extends ImportOptions, IdentityRule {
  /** Systems of assigning authorities, by their local name or universal id. */
  readonly systems: ReadonlyMap<string, string>;
  /** How characters are read where MSH-18 does not say. */
  readonly encoding: string;
  /** Reject messages that say what has no column here. */
  readonly strict: boolean;
}

export interface Hl7ImportResult extends ImportResult {
  /** Paths of what has no column here, and in how many messages. */
  readonly unkept: Readonly<Record<string, number>>;
}

/** So many acts at most are counted together. */
const actsAtATime = 50;

/** Acts wait for what was sent before them, and what is sent after them waits for them. */
type Stretch = AsyncGenerator<ImportEntry>;

/**
 * Imports one file of HL7 v2 ADT messages, in their order. Records are written in batches, each a transaction; a merge, link
 * or unlink is one of its own, after all that came before it. A stopped import of the same file carries on.
 *
 * @throws {MpiError} `usage` for a character set that cannot be read, `limit` after too many rejections, `cancelled`.
 */
export async function importHl7(
  db: Database,
  audit: AuditContext,
  fileName: string,
  stdin: Readable,
  options: Hl7ImportOptions,
): Promise<Hl7ImportResult> {
  const decode = findDecoder(options.encoding);
  if (decode === undefined) throw new MpiError("usage", "That character set cannot be read.");
  const input = await openInput(fileName, stdin);
  const { source, authority, strict, systems, encoding } = options;
  const run = await ImportRun.open(
    db,
    audit,
    input,
    {
      origin: "hl7",
      sourceSystem: source ?? "(message)",
      fingerprint: [JSON.stringify([source, authority, strict, encoding, ...systems])],
      rejects: { ending: ".rejects.hl7", header: Buffer.alloc(0), format: formatReject },
    },
    options,
  );
  const rules: MessageRules = {
    identity: { source, authority },
    reader: new IdentifierReader(systems, await listDomains(db)),
    decode,
    strict,
  };
  const unkept: Record<string, number> = {};
  const reader = new EntryReader(readEntries(input.chunks(), rules), unkept);
  const acting = new Acting(db, audit, options);
  // The run knows how much of the input is done when it first asks.
  await run.readRecords((skip) => reader.skip(skip));
  while (!(await reader.isAtEnd())) {
    await run.readRecords(() => reader.records((key) => acting.expect(key)));
    await run.readRecords(() => acting.carryOut(reader.acts(), run), actsAtATime);
  }
  return { ...(await run.finish()), unkept };
}

/** The message as it came, and behind it a segment with its line and the reason, which an import leaves out. */
function formatReject({ line, reason, raw }: RejectedEntry): Buffer {
  const end = raw.includes("\r") ? (raw.includes("\r\n") ? "\r\n" : "\r") : "\n";
  const message = raw.replace(/[\r\n]+$/, "");
  const text = reason.replace(/[^ -~]|[|]/g, " ");
  return Buffer.from(`${message}${end}${rejectSegment}|${String(line)}|${text}${end}`, "latin1");
}

async function* readEntries(
  chunks: AsyncIterable<Buffer>,
  rules: MessageRules,
): AsyncGenerator<MessageEntry> {
  for await (const raw of readMessages(chunks)) {
    yield isStray(raw) ? { entry: raw, unkept: [] } : readEntry(raw, rules);
  }
}

type ActEntry = ActOnTwo & { readonly line: number; readonly raw: string };

const isAct = (entry: MessageEntry["entry"]): entry is ActEntry => "pairs" in entry;

/** Gives out the messages of a file in stretches: records, then acts, then records again. */
class EntryReader {
  readonly #entries: AsyncGenerator<MessageEntry>;
  readonly #unkept: Record<string, number>;
  #next: MessageEntry | undefined;
  #isDone = false;

  constructor(entries: AsyncGenerator<MessageEntry>, unkept: Record<string, number>) {
    this.#entries = entries;
    this.#unkept = unkept;
  }

  async isAtEnd(): Promise<boolean> {
    return (await this.#peek()) === undefined;
  }

  /** Leaves out what an earlier run has committed. */
  async *skip(count: number): Stretch {
    for (let place = 0; place < count && (await this.#peek()) !== undefined; place += 1)
      this.#next = undefined;
    yield* [];
  }

  /** Up to the next act. */
  async *records(onRecord: (key: string) => void): Stretch {
    for (;;) {
      const next = await this.#peek();
      if (next === undefined || isAct(next.entry)) return;
      this.#take(next);
      if ("sourceId" in next.entry) onRecord(importKeyOf(next.entry));
      yield next.entry;
    }
  }

  /** The acts that stand here, one behind the other. */
  async *acts(): AsyncGenerator<ActEntry> {
    for (;;) {
      const next = await this.#peek();
      if (next === undefined || !isAct(next.entry)) return;
      this.#take(next);
      yield next.entry;
    }
  }

  #take({ unkept }: MessageEntry): void {
    this.#next = undefined;
    for (const path of unkept) this.#unkept[path] = (this.#unkept[path] ?? 0) + 1;
  }

  async #peek(): Promise<MessageEntry | undefined> {
    if (this.#next === undefined && !this.#isDone) {
      const step = await this.#entries.next();
      if (step.done === true) this.#isDone = true;
      else this.#next = step.value;
    }
    return this.#next;
  }
}

class Acting {
  readonly #db: Database;
  readonly #audit: AuditContext;
  readonly #options: Pick<ImportOptions, "dryRun" | "signal">;
  readonly #scorePair = createPairScorer();
  /** In a dry run, records that an earlier message would have added. */
  readonly #expected = new Set<string>();

  constructor(db: Database, audit: AuditContext, options: Pick<ImportOptions, "dryRun" | "signal">) {
    this.#db = db;
    this.#audit = audit;
    this.#options = options;
  }

  expect(key: string): void {
    if (this.#options.dryRun) this.#expected.add(key);
  }

  /**
   * Carries out each act in a transaction of its own, which says so, before it is given on to be counted. Once: a link
   * that was taken back later in the file must not be made again.
   */
  async *carryOut(acts: AsyncIterable<ActEntry>, run: ImportRun): Stretch {
    let place = run.done - 1;
    for await (const act of acts) {
      const { line, raw } = act;
      place += 1;
      const committed = run.findCommitted(place);
      if (committed !== undefined && "outcome" in committed) {
        yield { line, settled: committed.outcome };
        continue;
      }
      const from = place;
      try {
        const outcome = await withTransaction(
          this.#db,
          this.#audit,
          async (tx) => {
            const isExpected = (identity: Identity) => this.#expected.has(importKeyOf(identity));
            const done = await carryOut(tx, act, this.#scorePair, isExpected);
            await run.noteWritten(tx, { from, entries: 1, counts: { [done]: 1 }, refused: [] });
            return done;
          },
          { dryRun: this.#options.dryRun },
        );
        yield { line, settled: outcome };
      } catch (error) {
        if (!(error instanceof MpiError) || error.code !== "conflict") throw error;
        yield { line, raw, reason: error.message.replace(/\.$/, "") };
      }
    }
  }
}
