import type { OutputStream } from "./streams.ts";

export interface ProgressOptions {
  /** What is being done: "Scoring pairs". */
  readonly label: string;
  /** How many there will be, if known. */
  readonly total?: number;
  /** What is counted, for the rate: "pairs". */
  readonly unit?: string;
}

/** How far long work has come. Call `finish` in a `finally`, so that the terminal is left tidy. */
export interface Progress {
  /** @param done how many are done so far, not how many more. */
  update(done: number, total?: number): void;
  finish(): void;
}

const lineInterval = 5_000;
const silent: Progress = { update: () => undefined, finish: () => undefined };

/** A bar on a terminal; elsewhere a line every five seconds. */
export async function createProgress(
  stream: OutputStream,
  options: ProgressOptions,
  environment: { readonly quiet: boolean; readonly monotonic: () => number },
): Promise<Progress> {
  if (environment.quiet) return silent;
  return stream.isTTY === true
    ? await createBar(stream, options, environment.monotonic)
    : createLines(stream, options, environment.monotonic);
}

async function createBar(
  stream: OutputStream,
  options: ProgressOptions,
  monotonic: () => number,
): Promise<Progress> {
  const { SingleBar, Presets } = (await import("cli-progress")).default;
  const started = monotonic();
  let known = options.total;
  const bar = new SingleBar(
    {
      stream,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
      // The value of the bar is not used for the text: without a total it would be a lie.
      format: (settings, parameters) => {
        const text = formatProgress(options, parameters.value, known, monotonic() - started);
        if (known === undefined) return text;
        const size = Math.min(24, Math.max(8, (stream.columns ?? 80) - text.length - 3));
        const filled = Math.round(Math.min(1, parameters.progress) * size);
        return `${(settings.barCompleteString ?? "").slice(0, filled)}${(settings.barIncompleteString ?? "").slice(0, size - filled)} ${text}`;
      },
    },
    Presets.shades_classic,
  );
  bar.start(known ?? 0, 0);
  return {
    update: (done, total) => {
      known = total ?? known;
      if (total !== undefined) bar.setTotal(total);
      bar.update(done);
    },
    finish: () => bar.stop(),
  };
}

function createLines(stream: OutputStream, options: ProgressOptions, monotonic: () => number): Progress {
  const started = monotonic();
  let lastLine = started;
  let known = options.total;
  return {
    update: (done, total) => {
      known = total ?? known;
      const now = monotonic();
      if (now - lastLine < lineInterval) return;
      lastLine = now;
      stream.write(`${formatProgress(options, done, known, now - started)}\n`);
    },
    finish: () => undefined,
  };
}

/** `Scoring pairs: 1,200 of 4,000 (30 %), 240/s, 12 s left` */
export function formatProgress(
  options: ProgressOptions,
  done: number,
  total: number | undefined,
  elapsedMilliseconds: number,
): string {
  const unit = options.unit === undefined ? "" : ` ${options.unit}`;
  const rate = elapsedMilliseconds > 0 ? (done * 1000) / elapsedMilliseconds : 0;
  const parts = [
    total === undefined || total === 0
      ? `${options.label}: ${formatCount(done)}${unit}`
      : `${options.label}: ${formatCount(done)} of ${formatCount(total)}${unit} (${String(Math.floor((100 * done) / total))} %)`,
  ];
  if (elapsedMilliseconds >= 1000 && done > 0) {
    parts.push(`${formatCount(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate))}/s`);
    if (total !== undefined && done < total) parts.push(`${formatDuration((total - done) / rate)} left`);
  }
  return parts.join(", ");
}

/** 1234567 as `1,234,567`, whatever the locale. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Seconds as `12 s`, `3 min 5 s` or `2 h 10 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${String(whole)} s`;
  if (whole < 3600) return `${String(Math.floor(whole / 60))} min ${String(whole % 60)} s`;
  return `${String(Math.floor(whole / 3600))} h ${String(Math.floor((whole % 3600) / 60))} min`;
}
