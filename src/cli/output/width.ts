// Ranges that terminals draw two cells wide: East Asian Wide and Fullwidth of UAX #11, and emoji.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/gu;
const zeroWidth = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/gu;
// eslint-disable-next-line no-control-regex
const colour = /\u001b\[[0-9;]*m/g;
const plainAscii = /^[ -~]*$/;

/** Terminal cells that a safe line of text takes; colours of our own are not counted. */
export function textWidth(text: string): number {
  if (plainAscii.test(text)) return text.length;
  const visible = text.replace(colour, "").normalize("NFC").replace(zeroWidth, "");
  return Array.from(visible).length + (visible.match(wide)?.length ?? 0);
}

/** Pads to a width in terminal cells; longer text stays as it is. */
export function padText(text: string, width: number, align: "left" | "right" = "left"): string {
  const gap = " ".repeat(Math.max(0, width - textWidth(text)));
  return align === "right" ? gap + text : text + gap;
}

/** Breaks a safe line into pieces of at most `width` cells, at blanks where there are any near. Nothing is lost. */
export function wrapText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<= )/)) {
    if (textWidth(line) + textWidth(word.trimEnd()) <= width) {
      line += word;
      continue;
    }
    if (line !== "") lines.push(line.trimEnd());
    line = "";
    for (const character of splitCharacters(word)) {
      if (textWidth(line + character.trimEnd()) > width) {
        lines.push(line);
        line = "";
      }
      line += character;
    }
  }
  if (line !== "") lines.push(line.trimEnd());
  return lines.join("\n");
}

/** What a reader takes for one character, accents included. The segmenter takes 15 ms to make: only when needed. */
function splitCharacters(text: string): readonly string[] {
  if (plainAscii.test(text)) return Array.from(text);
  return Array.from(
    new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text),
    ({ segment }) => segment,
  );
}
