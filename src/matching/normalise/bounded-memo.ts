/**
 * Remembers what a pure function said of each text, and forgets everything when there are too many: names and
 * towns repeat by the thousand, and the memory stays within a known size.
 */
export function rememberResults<T>(compute: (text: string) => T, mostTexts = 100_000): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let result = known.get(text);
    if (result === undefined) {
      result = compute(text);
      if (known.size >= mostTexts) known.clear();
      known.set(text, result);
    }
    return result;
  };
}
