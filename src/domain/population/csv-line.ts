const NEEDS_QUOTES = /[",\r\n]/;

/** One line of CSV (RFC 4180, but ending in a line feed alone), quoted only where it must be. */
export function formatCsvLine(fields: readonly string[]): string {
  // join() gives one flat string; adding piece by piece would keep every piece alive as long as the line.
  const quoted = fields.map((field) => (field !== "" && NEEDS_QUOTES.test(field) ? quote(field) : field));
  quoted.push(`${quoted.pop() ?? ""}\n`);
  return quoted.join(",");
}

function quote(field: string): string {
  return `"${field.replaceAll('"', '""')}"`;
}
