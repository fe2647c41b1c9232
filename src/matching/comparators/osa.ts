const wordSize = 32;

/** Positions of each UTF-16 unit in the pattern, one bit each; all zero between two calls. */
const positions = new Int32Array(0x10000);

let rows = [new Int32Array(256), new Int32Array(256), new Int32Array(256)] as const;

/**
 * Optimal string alignment distance (restricted Damerau-Levenshtein): the fewest insertions, deletions,
 * substitutions and swaps of two neighbours, no part being edited twice. 0 or more, symmetric, 0 only for
 * equal strings. It is not a metric: "ca", "abc" is 3, where unrestricted Damerau-Levenshtein is 2.
 *
 * @param maxDistance stops early: any greater distance is reported as `maxDistance + 1`.
 *
 * Counts UTF-16 units: fold both sides first. A shorter side of up to 32 units by Hyyrö's bit-parallel recurrence
 * (2003), otherwise by the table of Wagner and Fischer.
 */
export function osaDistance(a: string, b: string, maxDistance = Infinity): number {
  if (a === b) return 0;
  const tooFar = maxDistance + 1;
  if (Math.abs(a.length - b.length) > maxDistance) return tooFar;

  let start = 0;
  let endA = a.length;
  let endB = b.length;
  while (start < endA && start < endB && a.charCodeAt(start) === b.charCodeAt(start)) start++;
  while (endA > start && endB > start && a.charCodeAt(endA - 1) === b.charCodeAt(endB - 1)) {
    endA--;
    endB--;
  }
  if (endA === start || endB === start) return endA + endB - 2 * start;

  // The shorter one is the pattern: it decides whether the masks are wide enough.
  const aIsPattern = endA <= endB;
  const pattern = aIsPattern ? a : b;
  const text = aIsPattern ? b : a;
  const patternEnd = aIsPattern ? endA : endB;
  const textEnd = aIsPattern ? endB : endA;

  const distance =
    patternEnd - start <= wordSize
      ? bitParallelDistance(pattern, text, start, patternEnd, textEnd)
      : tableDistance(pattern, text, start, patternEnd, textEnd);
  return distance > maxDistance ? tooFar : distance;
}

/** Whether two strings are at most one edit apart (a neighbours' swap is one edit); equal ones are. */
export function isWithinOneEdit(a: string, b: string): boolean {
  if (a === b) return true;
  const difference = a.length - b.length;
  if (difference > 1 || difference < -1) return false;
  const shorter = Math.min(a.length, b.length);
  let at = 0;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (difference === 0) {
    return (
      hasEqualRest(a, b, at + 1, at + 1) ||
      (a.charCodeAt(at) === b.charCodeAt(at + 1) &&
        a.charCodeAt(at + 1) === b.charCodeAt(at) &&
        hasEqualRest(a, b, at + 2, at + 2))
    );
  }
  return difference === 1 ? hasEqualRest(a, b, at + 1, at) : hasEqualRest(a, b, at, at + 1);
}

function hasEqualRest(a: string, b: string, fromA: number, fromB: number): boolean {
  if (a.length - fromA !== b.length - fromB) return false;
  for (let i = fromA, j = fromB; i < a.length; i++, j++) {
    if (a.charCodeAt(i) !== b.charCodeAt(j)) return false;
  }
  return true;
}

function bitParallelDistance(
  pattern: string,
  text: string,
  start: number,
  patternEnd: number,
  textEnd: number,
): number {
  for (let i = start; i < patternEnd; i++) positions[pattern.charCodeAt(i)]! |= 1 << (i - start);

  const last = 1 << (patternEnd - start - 1);
  let distance = patternEnd - start;
  let verticalPlus = -1;
  let verticalMinus = 0;
  let diagonalZero = 0;
  let previousMatch = 0;
  for (let j = start; j < textEnd; j++) {
    const match = positions[text.charCodeAt(j)]!;
    const swapped = ((~diagonalZero & match) << 1) & previousMatch;
    diagonalZero = (((match & verticalPlus) + verticalPlus) ^ verticalPlus) | match | verticalMinus | swapped;
    let horizontalPlus = verticalMinus | ~(diagonalZero | verticalPlus);
    const horizontalMinus = diagonalZero & verticalPlus;
    if ((horizontalPlus & last) !== 0) distance++;
    else if ((horizontalMinus & last) !== 0) distance--;
    horizontalPlus = (horizontalPlus << 1) | 1;
    verticalPlus = (horizontalMinus << 1) | ~(diagonalZero | horizontalPlus);
    verticalMinus = horizontalPlus & diagonalZero;
    previousMatch = match;
  }
  for (let i = start; i < patternEnd; i++) positions[pattern.charCodeAt(i)] = 0;
  return distance;
}

function tableDistance(a: string, b: string, start: number, endA: number, endB: number): number {
  const width = endB - start;
  if (rows[0].length <= width) {
    rows = [new Int32Array(width * 2), new Int32Array(width * 2), new Int32Array(width * 2)];
  }
  let [beforePrevious, previous, current] = rows as readonly [Int32Array, Int32Array, Int32Array];
  for (let j = 0; j <= width; j++) previous[j] = j;
  for (let i = 1; i <= endA - start; i++) {
    const codeA = a.charCodeAt(start + i - 1);
    current[0] = i;
    for (let j = 1; j <= width; j++) {
      const codeB = b.charCodeAt(start + j - 1);
      let cost = Math.min(
        previous[j]! + 1,
        current[j - 1]! + 1,
        previous[j - 1]! + (codeA === codeB ? 0 : 1),
      );
      if (i > 1 && j > 1 && codeA === b.charCodeAt(start + j - 2) && codeB === a.charCodeAt(start + i - 2)) {
        cost = Math.min(cost, beforePrevious[j - 2]! + 1);
      }
      current[j] = cost;
    }
    const recycled = beforePrevious;
    beforePrevious = previous;
    previous = current;
    current = recycled;
  }
  return previous[width]!;
}
