import { html, type Html } from "./page.ts";

/** Round numbers that cover a range, about as many as asked for. */
export function niceTicks(from: number, to: number, about = 6): readonly number[] {
  const span = Math.max(to - from, 1e-9);
  const rough = span / Math.max(1, about);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? 10 * power;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step - 1e-9); at * step <= to + step * 1e-9; at += 1) {
    ticks.push(Number((at * step).toPrecision(12)));
  }
  return ticks;
}

/** Coordinates to a tenth of a pixel: more only makes the file larger. */
const px = (value: number) => Number(value.toFixed(1));

export interface WaterfallBar {
  readonly label: string;
  /** Added to the bars before it. */
  readonly weight: number;
  readonly text: string;
}

/** Bars from left to right of the running total, one below the other, with a line at each threshold. */
export function waterfallChart(
  bars: readonly WaterfallBar[],
  total: { readonly weight: number; readonly text: string },
  lines: readonly { readonly label: string; readonly weight: number }[],
): Html {
  const [width, left, right, top, rowHeight] = [1040, 330, 70, 46, 26];
  const height = top + (bars.length + 1) * rowHeight + 30;
  let running = 0;
  const placed = bars.map((bar) => {
    const from = running;
    running += bar.weight;
    return { ...bar, from, to: running };
  });
  const ends = [0, total.weight, ...placed.map((bar) => bar.to), ...lines.map((line) => line.weight)];
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const x = (weight: number) =>
    px(left + ((weight - least) / Math.max(most - least, 1e-9)) * (width - left - right));
  const rows = [
    ...placed,
    { label: "Total", from: 0, to: total.weight, weight: total.weight, text: total.text },
  ];
  const bottom = top + rows.length * rowHeight;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="How the evidence adds up, in bits">
    ${niceTicks(least, most, 8).map(
      (tick) =>
        html`<line x1="${x(tick)}" y1="${top - 6}" x2="${x(tick)}" y2="${bottom}" stroke="#e6eaee" /><text
            class="soft"
            x="${x(tick)}"
            y="${bottom + 18}"
            text-anchor="middle"
            >${tick}</text
          > `,
    )}${lines.map(
      (line, at) =>
        html`<line
            x1="${x(line.weight)}"
            y1="${top - 6}"
            x2="${x(line.weight)}"
            y2="${bottom}"
            stroke="#8a6d1f"
            stroke-dasharray="4 3"
          /><text class="soft" x="${x(line.weight)}" y="${14 + (at % 2) * 15}" text-anchor="middle"
            >${line.label}</text
          > `,
    )}${rows.map((bar, row) => {
      const y = top + row * rowHeight;
      const [start, end] = [Math.min(x(bar.from), x(bar.to)), Math.max(x(bar.from), x(bar.to))];
      const isTotal = row === rows.length - 1;
      const colour = isTotal ? "#3a6ea5" : bar.weight >= 0 ? "#1f7a4d" : "#b3402a";
      return html`<text x="${left - 12}" y="${y + 17}" text-anchor="end">${bar.label}</text
        ><rect
          x="${start}"
          y="${y + 4}"
          width="${Math.max(1, px(end - start))}"
          height="${rowHeight - 8}"
          rx="2"
          fill="${colour}"
        /><text x="${px(end + 6)}" y="${y + 17}">${bar.text}</text> `;
    })}
  </svg>`;
}

export interface Series {
  readonly label: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

interface Axes {
  readonly title: string;
  readonly x: { readonly label: string; readonly from: number; readonly to: number };
  readonly y: { readonly label: string; readonly from: number; readonly to: number };
  /** Upright lines, with what they say. */
  readonly lines?: readonly { readonly label: string; readonly x: number }[];
}

const frame = { width: 1040, height: 380, left: 70, right: 24, top: 44, bottom: 52 };

function scales({ x, y }: Axes) {
  const { width, height, left, right, top, bottom } = frame;
  const place = (value: number, from: number, to: number, start: number, end: number) =>
    px(start + ((Math.min(Math.max(value, from), to) - from) / Math.max(to - from, 1e-12)) * (end - start));
  return {
    x: (value: number) => place(value, x.from, x.to, left, width - right),
    y: (value: number) => place(value, y.from, y.to, height - bottom, top),
  };
}

interface Tick {
  readonly value: number;
  readonly label: string;
}

const evenTicks = ({ from, to }: Axes["y"]): readonly Tick[] =>
  niceTicks(from, to, 5).map((value) => ({ value, label: formatTick(value) }));

function drawAxes(
  axes: Axes,
  legend: readonly { readonly label: string; readonly colour: string }[],
  ticks: readonly Tick[] = evenTicks(axes.y),
): Html {
  const at = scales(axes);
  const { width, height, left, right, top, bottom } = frame;
  return html`${ticks.map(
      ({ value, label }) =>
        html`<line
            x1="${left}"
            y1="${at.y(value)}"
            x2="${width - right}"
            y2="${at.y(value)}"
            stroke="#e6eaee"
          /><text class="soft" x="${left - 8}" y="${at.y(value) + 4}" text-anchor="end">${label}</text> `,
    )}${niceTicks(axes.x.from, axes.x.to, 10).map(
      (tick) =>
        html`<line
            x1="${at.x(tick)}"
            y1="${height - bottom}"
            x2="${at.x(tick)}"
            y2="${height - bottom + 5}"
            stroke="#9aa5b0"
          /><text class="soft" x="${at.x(tick)}" y="${height - bottom + 20}" text-anchor="middle"
            >${formatTick(tick)}</text
          > `,
    )}<line
      x1="${left}"
      y1="${height - bottom}"
      x2="${width - right}"
      y2="${height - bottom}"
      stroke="#9aa5b0"
    />
    <text class="soft" x="${(left + width - right) / 2}" y="${height - 12}" text-anchor="middle"
      >${axes.x.label}</text
    >
    <text class="soft" x="${left - 54}" y="${top - 14}">${axes.y.label}</text>
    ${(axes.lines ?? []).map(
      (line, row) =>
        html`<line
            x1="${at.x(line.x)}"
            y1="${top}"
            x2="${at.x(line.x)}"
            y2="${height - bottom}"
            stroke="#8a6d1f"
            stroke-dasharray="4 3"
          /><text class="soft" x="${at.x(line.x) + 4}" y="${top + 12 + row * 15}">${line.label}</text> `,
    )}${legend.map(
      (each, place) =>
        html`<rect x="${left + 190 + place * 170}" y="12" width="14" height="10" fill="${each.colour}" /><text
            x="${left + 210 + place * 170}"
            y="21"
            >${each.label}</text
          > `,
    )}`;
}

const formatTick = (tick: number) => (Math.abs(tick) >= 10_000 ? `${tick / 1000}k` : String(tick));

/** Lines over one pair of axes; what lies outside is drawn at the edge. */
export function lineChart(axes: Axes, series: readonly Series[]): Html {
  const at = scales(axes);
  return html`<svg viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="${axes.title}">
    ${drawAxes(axes, series)}${series.map(
      ({ points, colour }) =>
        html`<polyline
          fill="none"
          stroke="${colour}"
          stroke-width="2"
          points="${points.map(([x, y]) => `${at.x(x)},${at.y(y)}`).join(" ")}"
        /> `,
    )}
  </svg>`;
}

export interface HistogramBin {
  readonly from: number;
  readonly to: number;
  /** In the order of the colours. */
  readonly counts: readonly number[];
}

/** Bars side by side in each bin, over a scale of square roots. A count that is not 0 is never drawn as nothing. */
export function histogramChart(
  axes: Omit<Axes, "y"> & { readonly y: { readonly label: string } },
  bins: readonly HistogramBin[],
  legend: readonly { readonly label: string; readonly colour: string }[],
): Html {
  const highest = Math.max(1, ...bins.flatMap((bin) => bin.counts.map(root)));
  const rooted: Axes = { ...axes, y: { label: axes.y.label, from: 0, to: highest } };
  const at = scales(rooted);
  const ticks = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]
    .filter((count) => root(count) <= highest)
    .map((count) => ({ value: root(count), label: formatTick(count) }));
  const bars = bins.flatMap((bin) =>
    bin.counts.map((count, place) => {
      if (count === 0) return html``;
      const share = (at.x(bin.to) - at.x(bin.from) - 1) / bin.counts.length;
      const x = px(at.x(bin.from) + 0.5 + share * place);
      const barHeight = Math.max(2, at.y(0) - at.y(root(count)));
      const origin = html`x="${x}" y="${px(at.y(0) - barHeight)}"`;
      const size = html`width="${px(Math.max(1, share))}" height="${px(barHeight)}"`;
      return html`<rect ${origin} ${size} fill="${legend[place]?.colour ?? "#888"}"
        ><title>${count}</title></rect
      >`;
    }),
  );
  return html`<svg viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="${axes.title}">
    ${drawAxes(rooted, legend, ticks)}${bars}
  </svg>`;
}

/** Square roots: the few pairs between the lines are what matters, beside the many that are clear. */
const root = (count: number) => Math.sqrt(count);
