// C0 and C1 controls, DEL, line separators, bidirectional controls, zero-width characters that hide text,
// tag characters and halves of surrogate pairs: whatever a terminal would obey instead of show, or that makes
// text look like other text.
const unsafe =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

const names: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const escapeCharacter = (character: string): string => {
  const code = character.codePointAt(0)!;
  if (code <= 0xff) return names[character] ?? `\\x${code.toString(16).padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
};

/**
 * A value as one line of text that no terminal obeys: control characters, escape sequences, line breaks and
 * bidirectional controls become visible escapes such as `\x1b`. The zero-width joiner and non-joiner stay,
 * because names in several scripts need them.
 */
export function safeText(text: string): string {
  return text.replace(unsafe, escapeCharacter);
}

const escapeJsonCharacter = (character: string): string => {
  let escaped = "";
  for (let index = 0; index < character.length; index += 1) {
    escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }
  return escaped;
};

/** JSON text in which the same characters are escaped; what it stands for is unchanged. */
export function safeJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  return text.replace(unsafe, (character) =>
    character === "\n" ? character : escapeJsonCharacter(character),
  );
}
