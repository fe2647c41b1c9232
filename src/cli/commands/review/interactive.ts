import { leftAtMost, type ReviewSession } from "../../../domain/review/review-session.ts";
import type { Verdict } from "../../../domain/review/decide-pair.ts";
import type { PairView } from "../../../domain/review/pair-view.ts";
import { MpiError } from "../../../lib/errors.ts";
import { safeText } from "../../output/safe-text.ts";
import type { OutputStream } from "../../streams.ts";
import { cancelled } from "../../prompt.ts";
import { keyNames, type KeyReader } from "./keys.ts";
import { renderHead, renderPair } from "./pair-screen.ts";

export interface ReviewSummary {
  readonly decided: number;
  readonly perHour: number | null;
  readonly left: number;
  readonly leftIsExact: boolean;
}

const keyLine = "s same  d different  l later  m merge  k skip  u undo  i details  q quit";

const verdictKeys: Readonly<Record<string, Verdict>> = { s: "same", d: "different", l: "later" };

/**
 * The queue on a terminal, one key for each decision. Everything is printed line by line, nothing is painted over: it
 * works over slow lines, on 80 by 24, without colours, and reads well aloud.
 */
export class InteractiveReview {
  readonly #session: ReviewSession;
  readonly #keys: KeyReader;
  readonly #screen: OutputStream;
  #left = 0;

  constructor(session: ReviewSession, keys: KeyReader, screen: OutputStream) {
    this.#session = session;
    this.#keys = keys;
    this.#screen = screen;
  }

  /** @throws {MpiError} `cancelled` on Ctrl-C. */
  async run(): Promise<ReviewSummary> {
    const { pairs, keptBack } = await this.#session.countLeft();
    this.#left = pairs;
    let view = await this.#session.next();
    while (view !== undefined) {
      this.#show(view);
      this.#session.prefetch();
      const next = await this.#answer(view);
      if (next === "quit") return this.#summary();
      view = next === "next" ? await this.#session.next() : next;
    }
    this.#say("Nothing is left to decide.");
    if (keptBack > 0) this.#say("Updates were kept back: mpi review list --kind overlay shows them.");
    return this.#summary();
  }

  /** Asks until something is done with the pair: goes on, shows another pair, or ends. */
  async #answer(view: PairView): Promise<"next" | "quit" | PairView> {
    for (;;) {
      const key = await this.#keys.next();
      const verdict = verdictKeys[key];
      if (verdict !== undefined) {
        if (await this.#decide(view, verdict)) return "next";
        continue;
      }
      switch (key) {
        case "m":
          if (await this.#merge(view)) return "next";
          break;
        case "k":
          await this.#session.skip(view);
          this.#say("Skipped; others may have it.");
          return "next";
        case "u": {
          const shown = await this.#undo();
          if (shown !== undefined) return shown;
          break;
        }
        case "i":
          this.#write(["", renderHead(view), ...renderPair(view, this.#width, true), keyLine]);
          break;
        case "q":
          return "quit";
        case keyNames.stop:
          throw cancelled();
        default:
          this.#say(keyLine);
      }
    }
  }

  async #decide(view: PairView, verdict: Verdict): Promise<boolean> {
    const done = await this.#attempt(() => this.#session.decide(view, verdict, null));
    if (done === "done") {
      this.#left = Math.max(0, this.#left - 1);
      this.#say(verdict === "later" ? "Put off." : `Decided: ${verdict}.`);
      return true;
    }
    if (done !== "overridable") return false;
    this.#say("o decides against it, with a reason; any other key leaves it.");
    if ((await this.#keys.next()) !== "o") return this.#leave();
    const reason = await this.#ask("Reason: ");
    if (reason === undefined) return this.#leave();
    const again = await this.#attempt(() => this.#session.decide(view, verdict, reason, verdict === "same"));
    if (again === "done") this.#say(`Decided: ${verdict}.`);
    return again === "done";
  }

  async #merge(view: PairView): Promise<boolean> {
    this.#say("Merge: which stays? a or b; any other key leaves it. The other is retired.");
    const key = await this.#keys.next();
    if (key !== "a" && key !== "b") return this.#leave();
    const reason = await this.#ask("Reason: ");
    if (reason === undefined) return this.#leave();
    const survivor = key === "a" ? view.a.id : view.b.id;
    const done = await this.#attempt(() => this.#session.merge(view, survivor, reason));
    if (done !== "done") return false;
    this.#left = Math.max(0, this.#left - 1);
    this.#say(`Merged; ${survivor.slice(0, 8)} stays.`);
    return true;
  }

  async #undo(): Promise<PairView | undefined> {
    let undone: Awaited<ReturnType<ReviewSession["undo"]>>;
    const attempt = await this.#attempt(async () => {
      undone = await this.#session.undo();
    });
    if (attempt !== "done") return undefined;
    if (undone === undefined) {
      this.#say("There is nothing to undo.");
      return undefined;
    }
    this.#left += 1;
    this.#say(`Taken back: ${undone.what}.`);
    return undone.view;
  }

  /** Does something; a refusal is said, and nothing has changed. */
  async #attempt(work: () => Promise<void>): Promise<"done" | "refused" | "overridable"> {
    try {
      await work();
      return "done";
    } catch (error) {
      if (
        !(error instanceof MpiError) ||
        !["conflict", "usage", "not-found", "locked"].includes(error.code)
      ) {
        throw error;
      }
      this.#say(error.message);
      const isOverridable = error.details?.["reason"] === "decided-different" || error.code === "usage";
      return isOverridable ? "overridable" : "refused";
    }
  }

  #leave(): false {
    this.#say("Left as it is.");
    this.#say(keyLine);
    return false;
  }

  /** A line of text; undefined where Escape was pressed or nothing typed. */
  async #ask(question: string): Promise<string | undefined> {
    this.#screen.write(question);
    let text = "";
    for (;;) {
      const key = await this.#keys.next();
      if (key === keyNames.stop) throw cancelled();
      if (key === keyNames.enter || key === keyNames.escape) {
        this.#screen.write("\n");
        const answer = text.trim().slice(0, 500);
        return key === keyNames.escape || answer === "" ? undefined : answer;
      }
      if (key === keyNames.backspace) {
        if (text === "") continue;
        text = Array.from(text).slice(0, -1).join("");
        this.#screen.write("\b \b");
      } else if (key.length <= 2) {
        text += key;
        this.#screen.write(safeText(key));
      }
    }
  }

  #show(view: PairView): void {
    this.#write([
      "",
      this.#progressLine(),
      renderHead(view),
      ...renderPair(view, this.#width, false),
      keyLine,
    ]);
  }

  #progressLine(): string {
    const { decided } = this.#session.progress();
    const rate = this.#perHour();
    const left = this.#left > leftAtMost ? `more than ${String(leftAtMost)}` : String(this.#left);
    return `-- ${String(decided)} decided${rate === null ? "" : `, ${String(rate)} an hour`}, ${left} left --`;
  }

  #perHour(): number | null {
    const { decided, seconds } = this.#session.progress();
    // A rate from the first seconds says nothing.
    return decided === 0 || seconds < 10 ? null : Math.round((decided * 3600) / seconds);
  }

  #summary(): ReviewSummary {
    return {
      decided: this.#session.progress().decided,
      perHour: this.#perHour(),
      left: Math.min(this.#left, leftAtMost),
      leftIsExact: this.#left <= leftAtMost,
    };
  }

  get #width(): number {
    return Math.max(60, Math.min(this.#screen.columns ?? 80, 200));
  }

  #say(message: string): void {
    this.#write([safeText(message)]);
  }

  #write(lines: readonly string[]): void {
    this.#screen.write(`${lines.join("\n")}\n`);
  }
}
