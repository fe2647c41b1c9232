/**
 * The commonest values, normalised byte by byte without ever becoming a string. Each function says where it gives
 * the same as the function for strings, and answers `undecided` everywhere else: the caller then takes the string.
 */
export const undecided = -1;

const space = 32;
const isDigit = (byte: number) => byte >= 48 && byte <= 57;
const isLower = (byte: number) => byte >= 97 && byte <= 122;
const isUpper = (byte: number) => byte >= 65 && byte <= 90;

/**
 * What normaliseIdentifier makes of ASCII before it looks for placeholders: Unicode forms and the rules of upper case
 * leave ASCII alone but for a to z, and the letters and digits of ASCII are these.
 *
 * @param out at least as long as the value.
 * @returns the length written.
 */
export function writeIdentifier(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let length = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte >= 128) return undecided;
    if (isLower(byte)) out[length++] = byte - 32;
    else if (isDigit(byte) || isUpper(byte)) out[length++] = byte;
  }
  return length;
}

/**
 * foldText of ASCII, where the line has none of the signs that parseStreetLine looks at before folding.
 *
 * @param out at least as long as the value.
 * @returns the length written.
 */
export function writeFoldedLine(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let length = 0;
  let isApart = false;
  for (let i = start; i < end; i++) {
    let byte = bytes[i]!;
    if (byte >= 128 || byte === 35 || byte === 45 || byte === 47) return undecided;
    if (isUpper(byte)) byte += 32;
    else if (!isLower(byte) && !isDigit(byte)) {
      // Apostrophes vanish; every other run of signs is one space.
      isApart ||= byte !== 39 && byte !== 96;
      continue;
    }
    if (isApart && length > 0) out[length++] = space;
    isApart = false;
    out[length++] = byte;
  }
  return length;
}

/**
 * Where the house number in front of a folded line ends: digits, with one letter or "half" behind them, and a space.
 *
 * @returns place of that space; undecided where the line does not begin like that.
 */
export function findHouseNumberEnd(folded: Uint8Array, length: number): number {
  let at = 0;
  while (at < length && isDigit(folded[at]!)) at++;
  if (at === 0) return undecided;
  if (at + 1 < length && isLower(folded[at]!) && folded[at + 1] === space) return at + 1;
  if (at + 4 < length && isHalf(folded, at) && folded[at + 4] === space) return at + 4;
  return at < length && folded[at] === space ? at : undecided;
}

const isHalf = (bytes: Uint8Array, at: number) =>
  bytes[at] === 104 && bytes[at + 1] === 97 && bytes[at + 2] === 108 && bytes[at + 3] === 102;

const isPhoneSign = (byte: number | undefined) => byte === 45 || byte === 46 || byte === space;

/**
 * The ten digits of a number written as people of North America write them; the pattern is that of normalisePhone,
 * which decides by it first. No class of it overlaps the next, so that reading from the left finds what it finds.
 *
 * @param out at least ten long.
 * @returns 10.
 */
export function writePhone(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let at = start;
  if (bytes[at] === 43 && at < end) {
    at++;
    if (bytes[at] !== 49) return undecided;
  }
  if (bytes[at] === 49) {
    at++;
    if (isPhoneSign(bytes[at])) at++;
  }
  if (bytes[at] === 40) at++;
  if (at >= end || bytes[at]! < 50) return undecided;
  let length = 0;
  for (; length < 3; length++, at++) {
    if (at >= end || !isDigit(bytes[at]!)) return undecided;
    out[length] = bytes[at]!;
  }
  if (bytes[at] === 41) at++;
  if (isPhoneSign(bytes[at])) at++;
  if (isPhoneSign(bytes[at])) at++;
  for (; length < 10; length++, at++) {
    if (length === 6 && isPhoneSign(bytes[at])) at++;
    if (at >= end || !isDigit(bytes[at]!)) return undecided;
    out[length] = bytes[at]!;
  }
  return at === end ? length : undecided;
}

/**
 * An address in lower case, where it has one @ with something before it and nothing but letters, digits and `._%+-`
 * around it, and ends in a letter or digit: what normaliseEmail takes off besides (spaces, `mailto:`, brackets,
 * full stops at the end) cannot be there.
 *
 * @param out at least as long as the value.
 * @returns the length written.
 */
export function writeEmail(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let length = 0;
  let at = -1;
  for (let i = start; i < end; i++) {
    let byte = bytes[i]!;
    if (isUpper(byte)) byte += 32;
    else if (byte === 64) {
      if (at >= 0 || length === 0) return undecided;
      at = length;
    } else if (!isLower(byte) && !isDigit(byte) && !isEmailSign(byte)) return undecided;
    out[length++] = byte;
  }
  if (at < 0 || at === length - 1) return undecided;
  const last = out[length - 1]!;
  return isLower(last) || isDigit(last) ? length : undecided;
}

const isEmailSign = (byte: number) => byte === 46 || byte === 95 || byte === 37 || byte === 43 || byte === 45;
