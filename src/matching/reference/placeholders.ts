/**
 * Values that people and systems enter where the real one is not known. They are unavailable: neither
 * agreement nor conflict. Texts are in folded form (see normalise/text.ts), numbers are digits only.
 */
export interface PlaceholderList {
  /** Raised with every change of content: a score depends on it. */
  readonly version: string;
  /** As a family or a given name. */
  readonly names: ReadonlySet<string>;
  /** As a given name only; some of them are real family names (Null, Infant). */
  readonly givenNames: ReadonlySet<string>;
  /** As a family name only. */
  readonly familyNames: ReadonlySet<string>;
  /** "given family": neither word is a placeholder by itself. */
  readonly fullNames: ReadonlySet<string>;
  /** Packed yyyymmdd. */
  readonly dates: ReadonlySet<number>;
  /** National identifiers with a structure (SSN). */
  readonly socialSecurityNumbers: ReadonlySet<string>;
  /** As an identifier of any kind, upper-case, without separators. */
  readonly identifiers: ReadonlySet<string>;
  /** National significant number or full number, digits only. */
  readonly phones: ReadonlySet<string>;
  /** Whole e-mail addresses. */
  readonly emails: ReadonlySet<string>;
  /** The part before the @. */
  readonly emailLocalParts: ReadonlySet<string>;
  /** The part after the @. */
  readonly emailDomains: ReadonlySet<string>;
  /** As a street line, a city or a postal code. */
  readonly addresses: ReadonlySet<string>;
}

/** What a site adds to the built-in list; texts may be given as they are typed. */
export interface PlaceholderExtension {
  readonly version: string;
  readonly names?: readonly string[];
  readonly givenNames?: readonly string[];
  readonly familyNames?: readonly string[];
  readonly fullNames?: readonly string[];
  /** ISO calendar dates. */
  readonly dates?: readonly string[];
  readonly identifiers?: readonly string[];
  readonly phones?: readonly string[];
  readonly emails?: readonly string[];
  readonly addresses?: readonly string[];
}

export const builtInPlaceholders: PlaceholderList = {
  version: "2",
  names: new Set(
    (
      "baby|baby boy|baby girl|babyboy|babygirl|baby male|baby female|bg|bb|infant|infant boy|infant girl|" +
      "infant male|infant female|newborn|new born|newborn boy|newborn girl|newborn male|newborn female|" +
      "twin|twin a|twin b|twin 1|twin 2|unknown|unk|unkown|unknwon|not known|notknown|anon|anonymous|" +
      "test|testing|testpatient|test patient|zztest|zzztest|xxtest|n a|not applicable|not available|not given|" +
      "not provided|not stated|not recorded|no name|noname|no name given|no given name|no first name|" +
      "no last name|no surname|unnamed|un named|nameless|unidentified|unidentified male|unidentified female|" +
      "unknown male|unknown female|do not use|donotuse|dont use|duplicate|duplicate record|duplicate patient|" +
      "trauma|trauma male|trauma female|trauma patient|xtrauma|zztrauma|" +
      "fnu|lnu|nfn|nln|nmn|nmi|jane doe|john doe|dummy|patient unknown|unknown patient|" +
      "desconocido|desconocida|sin nombre|unbekannt|inconnu|inconnue|sconosciuto|sconosciuta"
    ).split("|"),
  ),
  givenNames: new Set("none|null|boy|girl|male|female|patient".split("|")),
  familyNames: new Set("none|patient|female".split("|")),
  fullNames: new Set(
    (
      "john doe|jane doe|jon doe|johnny doe|janie doe|baby doe|john q public|jane roe|richard roe|" +
      "joe bloggs|jane bloggs|max mustermann|erika mustermann|erika musterfrau|mario rossi test|" +
      "test test|test patient|patient test|mickey mouse|minnie mouse|donald duck"
    ).split("|"),
  ),
  dates: new Set([
    10101, 17530101, 18000101, 18500101, 18581117, 18991230, 18991231, 19000101, 19010101, 99991231, 99990909,
  ]),
  socialSecurityNumbers: new Set([
    "000000000",
    "111111111",
    "123456789",
    "999999999",
    // Printed on a specimen card in wallets of 1938, and in a booklet of 1940.
    "078051120",
    "219099999",
  ]),
  identifiers: new Set(
    "UNKNOWN|UNK|NONE|NULL|NA|TEST|TBD|TBA|PENDING|NOTAVAILABLE|NOTKNOWN|NOTPROVIDED|REFUSED|ANON|XXX|MISSING".split(
      "|",
    ),
  ),
  phones: new Set(["5555555555", "5555555", "1234567890", "0123456789", "1234567", "2345678901"]),
  emails: new Set(["none@none", "none@none.com", "test@test", "test@test.com", "a@a.com", "no@no.com"]),
  emailLocalParts: new Set(
    (
      "unknown|none|noemail|nomail|no.email|no-email|no_email|noreply|no-reply|donotreply|notprovided|" +
      "not.provided|notgiven|noneprovided|declined|refused|patientdeclined|donthaveone"
    ).split("|"),
  ),
  emailDomains: new Set(
    "none|none.com|noemail.com|noemail|nomail.com|nomail|unknown|unknown.com|no.com|notprovided.com".split(
      "|",
    ),
  ),
  addresses: new Set(
    (
      "unknown|unk|unknown address|address unknown|no address|no fixed address|no fixed abode|nfa|homeless|" +
      "transient|general delivery|not known|not given|not provided|not available|n a|none|null|test|" +
      "same|same as above|bad address|return mail|returned mail|undomiciled|no permanent address"
    ).split("|"),
  ),
};
