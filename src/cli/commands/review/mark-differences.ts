const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

const split = (text: string): readonly string[] =>
  Array.from(graphemes.segment(text), (each) => each.segment);

const lower = (character: string) => character.toLowerCase();

/** Beyond it two texts are not compared character by character. */
const longest = 120;

/**
 * Two texts with brackets around what the other does not have: `Sm[i]th` and `Sm[y]th`. No colour is needed to see it,
 * and a screen reader reads it out. Texts with little in common are put into brackets whole. Capitals are no difference:
 * half of all sources send nothing else, and what does differ would drown in them.
 */
export function markDifferences(a: string, b: string): readonly [string, string] {
  const [one, other] = [split(a), split(b)];
  if (a === b || one.length === 0 || other.length === 0) return [a, b];
  if (one.length > longest || other.length > longest) return [`[${a}]`, `[${b}]`];
  const common = findCommon(one.map(lower), other.map(lower));
  const shared = common.one.filter(Boolean).length;
  if (shared * 2 < Math.max(one.length, other.length)) return [`[${a}]`, `[${b}]`];
  return [mark(one, common.one), mark(other, common.other)];
}

function mark(characters: readonly string[], isCommon: readonly boolean[]): string {
  let text = "";
  let isOpen = false;
  for (const [index, character] of characters.entries()) {
    const differs = isCommon[index] !== true;
    if (differs !== isOpen) text += differs ? "[" : "]";
    isOpen = differs;
    text += character;
  }
  return isOpen ? `${text}]` : text;
}

/** Which characters belong to a longest common subsequence. */
function findCommon(
  one: readonly string[],
  other: readonly string[],
): { readonly one: readonly boolean[]; readonly other: readonly boolean[] } {
  const width = other.length + 1;
  const lengths = new Uint8Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        one[i] === other[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const isCommon = { one: one.map(() => false), other: other.map(() => false) };
  for (let i = 0, j = 0; i < one.length && j < other.length;) {
    if (one[i] === other[j]) {
      isCommon.one[i] = true;
      isCommon.other[j] = true;
      i += 1;
      j += 1;
    } else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i += 1;
    else j += 1;
  }
  return isCommon;
}
