/** What one question cost, over many askings. */
export interface Measured {
  readonly what: string;
  /** The figure that was asked for, in milliseconds; undefined where none was. */
  readonly expectedMilliseconds: number | undefined;
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  /** Of these, those in which the client had nothing to do but to wait for the database. */
  readonly waiting: { readonly p50: number; readonly p95: number };
}

const percentile = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;

/**
 * Asks once for each input, one after the other, twice: the first round warms caches and plans and is thrown away.
 * The time is the client's: from the call to the answer.
 */
export async function measure<Input>(
  what: string,
  expectedMilliseconds: number | undefined,
  inputs: readonly Input[],
  ask: (input: Input) => Promise<unknown>,
): Promise<Measured> {
  for (const input of inputs) await ask(input);
  return timeEach(what, expectedMilliseconds, inputs, ask);
}

/** The same without the first round, for what cannot be done twice. */
export async function timeEach<Input>(
  what: string,
  expectedMilliseconds: number | undefined,
  inputs: readonly Input[],
  ask: (input: Input) => Promise<unknown>,
): Promise<Measured> {
  const times: number[] = [];
  const waits: number[] = [];
  for (const input of inputs) {
    const before = performance.eventLoopUtilization();
    const started = performance.now();
    await ask(input);
    times.push(performance.now() - started);
    waits.push(performance.eventLoopUtilization(before).idle);
  }
  times.sort((a, b) => a - b);
  waits.sort((a, b) => a - b);
  return {
    what,
    expectedMilliseconds,
    count: times.length,
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    waiting: { p50: percentile(waits, 0.5), p95: percentile(waits, 0.95) },
  };
}

const milliseconds = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));

/**
 * A table for eyes; the ratio is ours to what was expected, so less than 1 is better. "In the database" is what the client
 * waited.
 */
export function formatMeasured(rows: readonly Measured[]): string {
  return formatTable(
    ["operation", "expected ms", "p50 ms", "p95 ms", "p50 / expected", "in the database p50", "p95", "times"],
    rows.map(({ what, expectedMilliseconds, count, p50, p95, waiting }) => [
      what,
      expectedMilliseconds === undefined ? "" : `< ${String(expectedMilliseconds)}`,
      milliseconds(p50),
      milliseconds(p95),
      expectedMilliseconds === undefined ? "" : (p50 / expectedMilliseconds).toFixed(2),
      milliseconds(waiting.p50),
      milliseconds(waiting.p95),
      String(count),
    ]),
  );
}

export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join("  ");
  return [line(header), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}
