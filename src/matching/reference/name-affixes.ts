/** Words around a name that are not the name itself, all in folded form (see normalise/text.ts). */

/**
 * Particles of family names, written apart or joined (van der Berg, Vanderberg; O'Brien, O Brien). They are
 * joined to the word that follows.
 */
export const familyParticles: ReadonlySet<string> = new Set(
  (
    "o|mc|mac|d|l|n|m|fitz|de|del|dela|della|delle|delli|dello|dei|degli|di|da|do|dos|das|du|des|" +
    "la|las|le|les|lo|los|el|al|ul|ur|abd|abdel|abdul|abu|bin|bint|ibn|ben|bar|van|vande|vanden|vander|ver|von|vom|zu|zum|zur|den|der|" +
    "ten|ter|te|het|t|op|in|am|af|av|st|sainte|sint|san|santa|santo|saint"
  ).split("|"),
);

/** "Garcia y Lopez", "Silva e Costa", "Nagy és Kiss": the word between two family names. */
export const familyConjunctions: ReadonlySet<string> = new Set(["y", "e", "i", "and", "und", "et"]);

/** Titles before a given name. Only forms that are no given names themselves. */
export const titles: ReadonlySet<string> = new Set(
  (
    "mr|mister|mrs|ms|miss|mx|dr|doctor|prof|professor|rev|reverend|fr|sr|sra|srta|senor|senora|senorita|" +
    "herr|frau|fraulein|mme|mlle|monsieur|madame|mademoiselle|sig|signor|signora|signorina|" +
    "sir|dame|lord|lady|hon|rabbi|imam|sheikh|capt|captain|sgt|lt|cpl|pvt|dott|ing|dipl|don|dona"
  ).split("|"),
);

/** Degrees and professions after a family name. */
export const credentials: ReadonlySet<string> = new Set(
  "md|phd|dds|dmd|dvm|rn|lpn|np|esq|esquire|jd|cpa|mba|msc|bsc|ma|ba|obe|mbe|cbe|qc|kc|ret|deceased|decd".split(
    "|",
  ),
);

/** Generation words and their number: 1 senior, 2 junior or second, 3 third. */
export const generations: ReadonlyMap<string, number> = new Map([
  ["sr", 1],
  ["snr", 1],
  ["sen", 1],
  ["senior", 1],
  ["i", 1],
  ["1st", 1],
  ["first", 1],
  ["jr", 2],
  ["jnr", 2],
  ["jun", 2],
  ["junior", 2],
  ["ii", 2],
  ["2nd", 2],
  ["2", 2],
  ["second", 2],
  ["iii", 3],
  ["3rd", 3],
  ["3", 3],
  ["third", 3],
  ["iv", 4],
  ["4th", 4],
  ["4", 4],
  ["fourth", 4],
  ["v", 5],
  ["5th", 5],
  ["5", 5],
  ["fifth", 5],
  ["vi", 6],
  ["6th", 6],
  ["vii", 7],
  ["7th", 7],
]);

/**
 * The generation words that are told from a name even inside a name field. "I" and "V" there are initials,
 * "First" and "Second" may be names.
 */
export const generationsInsideNames: ReadonlySet<string> = new Set(
  "sr|snr|senior|jr|jnr|junior|ii|iii|iv|2nd|3rd|4th|5th".split("|"),
);
