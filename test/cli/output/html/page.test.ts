import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { MpiError } from "../../../../src/lib/errors.ts";
import {
  histogramChart,
  lineChart,
  niceTicks,
  waterfallChart,
} from "../../../../src/cli/output/html/charts.ts";
import { escapeHtml, html, htmlPage, htmlTable, writeReport } from "../../../../src/cli/output/html/page.ts";
import { fc } from "../../../support/properties.ts";

describe("HTML", () => {
  it("holds no value that a browser would take for markup, wherever it stands", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (value) => {
        const { markup } = html`<p title="${value}">${value}</p>`;
        expect(markup.match(/[<>]/g)).toHaveLength(4);
        expect(markup.match(/"/g)).toHaveLength(2);
        expect(escapeHtml(value)).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/);
      }),
    );
  });

  it("makes control and bidirectional characters visible", () => {
    expect(escapeHtml("a\u202eb\u0000c")).toBe("a\\u202eb\\x00c");
  });

  it("puts pieces together without escaping them twice, and leaves out what is not there", () => {
    expect(html`<b>${["a&b", html`<i>${1}</i>`, null, undefined]}</b>`.markup).toBe("<b>a&amp;b<i>1</i></b>");
  });

  it("is a page of its own: no script, nothing from elsewhere", () => {
    const page = htmlPage("<Title>", htmlTable(["A", "B"], [["x", 1]]));
    expect(page).toContain("default-src 'none'");
    expect(page).toContain("<title>&lt;Title&gt;</title>");
    expect(page).not.toMatch(/<script|\bsrc=|https?:|url\(|@import/);
  });
});

describe("charts", () => {
  it("have round ticks that lie in their range", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 0.01, max: 1e6, noNaN: true }),
        (from, span) => {
          const ticks = niceTicks(from, from + span);
          expect(ticks.length).toBeGreaterThan(1);
          expect(ticks.length).toBeLessThan(14);
          for (const tick of ticks) {
            expect(tick).toBeGreaterThanOrEqual(from - span * 1e-6);
            expect(tick).toBeLessThanOrEqual(from + span * (1 + 1e-6));
          }
        },
      ),
    );
  });

  it("hold numbers only where numbers belong, also for empty and extreme data", () => {
    const axes = { title: "t", x: { label: "x", from: 0, to: 1 }, y: { label: "y", from: 0, to: 1 } };
    const charts = [
      waterfallChart([], { weight: 0, text: "0" }, []),
      waterfallChart(
        [
          { label: "a", weight: -300, text: "" },
          { label: "b", weight: 600, text: "" },
        ],
        { weight: 300, text: "" },
        [{ label: "line", weight: 10 }],
      ),
      lineChart(axes, [
        {
          label: "s",
          colour: "#000",
          points: [
            [0, 0],
            [0.5, 9e99],
            [-5, 1],
          ],
        },
      ]),
      lineChart({ ...axes, x: { label: "x", from: 2, to: 2 } }, []),
      histogramChart(axes, [], []),
      histogramChart(
        axes,
        [{ from: 0, to: 1, counts: [0, 1_000_000] }],
        [
          { label: "a", colour: "#111" },
          { label: "b", colour: "#222" },
        ],
      ),
    ];
    for (const { markup } of charts) {
      expect(markup).not.toMatch(/NaN|Infinity|undefined/);
      expect(markup.startsWith("<svg")).toBe(true);
    }
  });

  it("never draw a count as nothing", () => {
    const legend = [
      { label: "a", colour: "#111" },
      { label: "b", colour: "#222" },
    ];
    const axes = { title: "t", x: { label: "x", from: 0, to: 2 }, y: { label: "y" } };
    const { markup } = histogramChart(
      axes,
      [
        { from: 0, to: 1, counts: [1, 0] },
        { from: 1, to: 2, counts: [0, 9_000_000] },
      ],
      legend,
    );
    const bars = [...markup.matchAll(/<rect[^>]*height="([\d.]+)"[^>]*><title>(\d+)</g)].map((found) => [
      Number(found[1]),
      Number(found[2]),
    ]);
    expect(bars.map(([, count]) => count)).toEqual([1, 9_000_000]);
    for (const [height] of bars) expect(height).toBeGreaterThanOrEqual(2);
  });
});

describe("a report", () => {
  it("appears whole, for its owner only, and takes the place of the one before", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "mpi-report-"));
    try {
      const file = path.join(folder, "report.html");
      await writeReport(file, "one");
      await writeReport(file, "two");
      expect(await readFile(file, "utf8")).toBe("two");
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await readdir(folder)).toEqual(["report.html"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("leaves nothing behind where it cannot be written", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "mpi-report-"));
    try {
      await expect(writeReport(path.join(folder, "none", "report.html"), "x")).rejects.toThrow(MpiError);
      // A folder of that name: the draft can be written, and not be put in its place.
      await expect(writeReport(folder, "x")).rejects.toThrow(MpiError);
      expect(await readdir(folder)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
