import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { MpiError } from "../../../lib/errors.ts";
import { safeText } from "../safe-text.ts";

/** HTML that needs no more escaping: what `html` makes. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | null | undefined | readonly Part[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML, in elements and in quoted attributes alike; control and bidirectional characters become visible. */
export const escapeHtml = (text: string): string =>
  safeText(text).replace(/[&<>"']/g, (character) => entities[character]!);

/** A template whose values are escaped, unless they are HTML already. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return { markup: strings.map((text, at) => text + render(values[at])).join("") };
}

function render(part: Part): string {
  if (part === null || part === undefined) return "";
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  return "markup" in part ? part.markup : part.map(render).join("");
}

// Nothing is loaded from anywhere and no script runs: a report may lie on a share, or go by mail.
const policy = "default-src 'none'; style-src 'unsafe-inline'";

/** A page that holds all it needs: no script, nothing from elsewhere. */
export function htmlPage(title: string, body: Html): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${css}</style>
</head>
<body>
<main>
${body.markup}
</main>
</body>
</html>
`;
}

/** A table; the first column is text, and so is every column of `textColumns`. */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly Part[])[],
  textColumns: readonly number[] = [0],
): Html {
  const cell = (part: Part, column: number) =>
    html`<td${textColumns.includes(column) ? html`` : html` class="number"`}>${part}</td>`;
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${head.map((each, column) => html`<th${textColumns.includes(column) ? html`` : html` class="number"`}>${each}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

const css = `
:root { color-scheme: light; --ink: #1d2733; --soft: #5b6875; --line: #d9dfe5; --for: #1f7a4d; --against: #b3402a; --plain: #3a6ea5; }
* { box-sizing: border-box; }
body { margin: 0; background: #f5f7f9; color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 56px; }
h1 { font-size: 24px; margin: 8px 0 4px; } h2 { font-size: 18px; margin: 32px 0 8px; }
p { margin: 6px 0; } .soft { color: var(--soft); } code { font: 13px ui-monospace, "Liberation Mono", monospace; }
.card { background: #fff; border: 1px solid var(--line); border-radius: 8px; padding: 14px 18px; margin: 12px 0; }
.figures { display: flex; flex-wrap: wrap; gap: 12px 36px; } .figures b { display: block; font-size: 22px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; background: #fff; font-size: 14px; }
th, td { text-align: left; padding: 5px 10px; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.for { color: var(--for); } .against { color: var(--against); } details { margin: 8px 0; } summary { cursor: pointer; }
svg { display: block; width: 100%; height: auto; background: #fff; border: 1px solid var(--line); border-radius: 8px; }
svg text { font: 12px system-ui, "Segoe UI", "Liberation Sans", sans-serif; fill: var(--ink); paint-order: stroke; stroke: #fff; stroke-width: 3px; } svg .soft { fill: var(--soft); }
@media print { body { background: #fff; } main { max-width: none; } }
`;

/**
 * Writes a report that only its owner can read; it appears under its name when it is whole.
 *
 * @throws {MpiError} `usage` where it cannot be written.
 */
export async function writeReport(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString("hex")}.part`;
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(text, "utf8");
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new MpiError("usage", `Cannot write ${file} (${code}).`);
  }
}
