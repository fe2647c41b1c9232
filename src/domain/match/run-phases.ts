import { MpiError } from "../../lib/errors.ts";

export const matchPhases = ["load", "train", "score", "link", "store"] as const;
export type MatchPhase = (typeof matchPhases)[number];

export const stopReason = ({ reason }: AbortSignal): MpiError =>
  reason instanceof MpiError ? reason : new MpiError("cancelled", "Stopped; this run changed nothing.");

export interface PhaseOptions {
  readonly signal: AbortSignal;
  /** Called when a phase begins, and with its progress where it has any. */
  readonly onPhase: (phase: MatchPhase, done?: number) => void;
  /** Seconds on a clock that only goes forward. */
  readonly monotonic: () => number;
}

/** The phases of one run: announced, timed, and not begun once the run is told to stop. */
export class RunPhases {
  /** Seconds; a phase that is taken up again adds to its time. */
  readonly timings: Partial<Record<MatchPhase, number>> = {};
  readonly #options: PhaseOptions;

  constructor(options: PhaseOptions) {
    this.#options = options;
  }

  /** @throws {MpiError} `cancelled`, or the reason that the signal gives. */
  async time<T>(phase: MatchPhase, work: () => T | Promise<T>): Promise<T> {
    this.#stopIfTold();
    this.#options.onPhase(phase);
    const started = this.#options.monotonic();
    const result = await work();
    // Once it is stored, it is done.
    if (phase !== "store") this.#stopIfTold();
    this.timings[phase] = (this.timings[phase] ?? 0) + this.#options.monotonic() - started;
    return result;
  }

  #stopIfTold(): void {
    if (this.#options.signal.aborted) throw stopReason(this.#options.signal);
  }
}
