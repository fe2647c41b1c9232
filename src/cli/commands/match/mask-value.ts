/**
 * Hides all but the first letter, or the last two digits of what begins with one, so that likeness can be seen and the
 * value cannot. Of what is too short to hide anything in, nothing is shown.
 */
export function maskValue(value: string): string {
  const characters = Array.from(value).filter((character) => /[\p{L}\p{N}]/u.test(character));
  if (characters.length < 4) return "***";
  return /^\d/.test(characters[0]!) ? `****${characters.slice(-2).join("")}` : `${characters[0]!}***`;
}
