/**
 * The fields of one line (RFC 4180), where the line alone decides them. Undefined where it may go on in the next line or
 * breaks a rule: a quote that stands where none may or is not closed, a carriage return.
 *
 * @param line without its line end; not empty.
 */
export function splitLine(line: string, delimiter: string): readonly string[] | undefined {
  if (line.includes("\r")) return undefined;
  if (!line.includes('"')) return line.split(delimiter);
  const fields: string[] = [];
  for (let start = 0; ;) {
    if (line[start] === '"') {
      const end = findClosingQuote(line, start + 1);
      if (end === -1) return undefined;
      fields.push(line.slice(start + 1, end).replaceAll('""', '"'));
      if (end + 1 === line.length) return fields;
      if (line[end + 1] !== delimiter) return undefined;
      start = end + 2;
    } else {
      const end = line.indexOf(delimiter, start);
      const field = end === -1 ? line.slice(start) : line.slice(start, end);
      if (field.includes('"')) return undefined;
      fields.push(field);
      if (end === -1) return fields;
      start = end + 1;
    }
  }
}

/** Two quotes in a row stand for one. */
function findClosingQuote(line: string, from: number): number {
  let end = line.indexOf('"', from);
  while (end !== -1 && line[end + 1] === '"') end = line.indexOf('"', end + 2);
  return end;
}
