/** How the characters of MSH-18 (HL7 table 0211) are read. */
const decoders: Readonly<Record<string, string>> = {
  "8859/2": "iso-8859-2",
  "8859/3": "iso-8859-3",
  "8859/4": "iso-8859-4",
  "8859/5": "iso-8859-5",
  "8859/6": "iso-8859-6",
  "8859/7": "iso-8859-7",
  "8859/8": "iso-8859-8",
  "8859/9": "windows-1254",
  "8859/15": "iso-8859-15",
  "UNICODE UTF-8": "utf-8",
  "UTF-8": "utf-8",
  UTF8: "utf-8",
  "GB 18030-2000": "gb18030",
  "KS X 1001": "euc-kr",
  "BIG-5": "big5",
};

const latin1Names = new Set(["8859/1", "ISO-8859-1", "LATIN1"]);

/** Turns text of one byte a character into characters; undefined where the bytes are none of the set's. */
export type Decode = (bytes: string) => string | undefined;

const isAscii = (bytes: string) => !/[^\0-\x7f]/.test(bytes);
const asAscii: Decode = (bytes) => (isAscii(bytes) ? bytes : undefined);
const asLatin1: Decode = (bytes) => bytes;

const known = new Map<string, Decode>();

/**
 * The reader of a character set, by its name in MSH-18. ASCII takes ASCII only: a byte beyond is never guessed.
 *
 * @returns undefined for a set that cannot be read.
 */
export function findDecoder(name: string): Decode | undefined {
  const wanted = name.trim().toUpperCase().replaceAll("_", " ");
  if (wanted === "ASCII" || wanted === "ISO IR6") return asAscii;
  if (latin1Names.has(wanted)) return asLatin1;
  const label = decoders[wanted];
  if (label === undefined) return undefined;
  const decoder = known.get(label) ?? makeDecoder(label);
  known.set(label, decoder);
  return decoder;
}

function makeDecoder(label: string): Decode {
  const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
  return (bytes) => {
    if (isAscii(bytes)) return bytes;
    try {
      return decoder.decode(Buffer.from(bytes, "latin1"));
    } catch {
      return undefined;
    }
  };
}

/** The characters that part a message, as MSH-1 and MSH-2 name them. */
export interface Separators {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
}

/**
 * Replaces escape sequences: separators, line breaks, highlighting (which is left out), and bytes in hexadecimal. One that
 * is not known stays as it is.
 *
 * @returns undefined where it switches to another character set, or its bytes are none of the message's.
 */
export function unescapeText(text: string, separators: Separators, decode: Decode): string | undefined {
  const mark = separators.escape;
  if (mark === "" || !text.includes(mark)) return text;
  const quoted = mark.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const unreadable: string[] = [];
  const result = text.replace(new RegExp(`${quoted}([^${quoted}]*)${quoted}`, "g"), (whole, code: string) => {
    switch (code) {
      case "F":
        return separators.field;
      case "S":
        return separators.component;
      case "T":
        return separators.subcomponent;
      case "R":
        return separators.repetition;
      case "E":
        return separators.escape;
      case "P":
        return "#";
      case "H":
      case "N":
        return "";
    }
    if (/^\.(?:br|sp|ce)/.test(code)) return "\n";
    if (/^X(?:[0-9A-Fa-f]{2})+$/.test(code)) {
      const bytes = decode(Buffer.from(code.slice(1), "hex").toString("latin1"));
      if (bytes === undefined) unreadable.push(code);
      return bytes ?? "";
    }
    if (/^[CM][0-9A-Fa-f]{4,6}$/.test(code)) unreadable.push(code);
    return whole;
  });
  return unreadable.length === 0 ? result : undefined;
}

/** The other way: what would part the message, or is no text, as escape sequences. */
export function escapeText(text: string, separators: Separators): string {
  const { field, component, repetition, escape, subcomponent } = separators;
  const codes = new Map([
    [field, "F"],
    [component, "S"],
    [repetition, "R"],
    [escape, "E"],
    [subcomponent, "T"],
    ["\n", ".br"],
  ]);
  return Array.from(text.replace(/\r\n?/g, "\n"))
    .map((character) => {
      const code = codes.get(character);
      return code === undefined ? character : `${escape}${code}${escape}`;
    })
    .join("");
}
