const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Turns fields of one byte a character into text.
 *
 * @returns the fields, or what is wrong: a malformed character is never replaced, it rejects the row.
 */
export function decodeFields(
  fields: readonly string[],
  encoding: "utf-8" | "latin1",
): readonly string[] | string {
  if (encoding === "latin1") return fields;
  const decoded: string[] = [];
  for (const [place, field] of fields.entries()) {
    if (isAscii(field)) {
      decoded.push(field);
      continue;
    }
    try {
      decoded.push(strictUtf8.decode(Buffer.from(field, "latin1")));
    } catch {
      return `is not valid UTF-8 in column ${place + 1}`;
    }
  }
  return decoded;
}

const beyondAscii = /[\u0080-\u00ff]/;

/** True where text of one byte a character is the same in every encoding. */
export const isAscii = (text: string): boolean => !beyondAscii.test(text);
