import type { MatchRecord } from "../../src/matching/record.ts";
import { fc } from "./properties.ts";

const mixed = (examples: readonly string[], weight = 4) =>
  fc.oneof(
    { weight, arbitrary: fc.constantFrom(...examples) },
    // Examples with something around them, letters of all kinds, and anything at all.
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom(...examples), fc.constantFrom(" ", "-", ".", "'", "é", "1", "  x", ""))
        .map(([text, sign]) => text + sign),
    },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
    {
      weight: 1,
      arbitrary: fc.string({ unit: fc.constantFrom(...Array.from("aAzZ019 .-'@+/#éß½")), maxLength: 14 }),
    },
  );

const familyNames =
  "Smith|O'Brien|O’Brien|van der Berg|GARCIA-LOPEZ|López y García|Doe|Public|Mustermann|Unknown|None|Patient|Smith Jr|" +
  "Smith III MD|Müller|李|Иванов|de la Cruz|A|Jr|.|-| |Null|Test|zztest|aaaa|Nguyễn|St. John|Mac Donald|ﬁnn|\u{feff}Bom";
const givenNames =
  "Anna|John|Jane|Mary Ann|J|J.|Baby|Baby Boy|Baby B|BabyBoy|babyboy2|Twin|Twin 2|twin b|Infant|Boy|B|2|girl A|BBA|" +
  "Marias|marias baby|Maria's girl|Baby of Maria|Unknown|unk 3|No|Name|Not|Known|None|Null|Male|X|x|XX|xx x|Dr. Anna|" +
  "Jr|Junior|John Jr|II|José|Ångström|Иван|.|-|  |Mr|Test|test 12|zzztesta|Q Public|q|James|Thomas|n|a|do|not use|" +
  "Fnu|Given|\u0301|Mickey|Richard|Donald";
const lines =
  "12 Main Street|12 Main St.|12-14 Main|12a High Rd|12 a High Road|12half Elm St|12 1/2 Elm|12½ Elm St|3/45 Smith St|" +
  "Unit 3/45 Smith|#5 Oak Ave|5 Oak Ave #3|5 Oak Ave Apt 3B|Flat 3, 12 High St|PO Box 123|12 PO Box 9|P.O. Box 7 Main St|" +
  "Hauptstraße 12|Hauptstr. 12 a|unknown|General Delivery|12|12 |Homeless|No. 12 High St|County Road 5|RR 2 Box 15|" +
  "C/ Mayor 3|Apt 5|Suite 200|Rose Cottage|c/o Smith|12 O'Hara's Way|12 Duffy Ytreet|1st Ave|12th St N|ш. 5|12 Улица|" +
  "7 N W Blvd|same as above|12 n/a|12 Apt 5|100 Sea View apt unit 5|9999999 X";
const cities =
  "Springfield|SAINT LOUIS|St. Louis|Mt Vernon|Mount Vernon|N Hollywood|E|Fort Worth|unknown|n a|Zürich|東京| |-|Sainte-Foy";
const postalCodes =
  "12345|01234|12345-6789|1234-5678|123456789|00000|99999|999|SW1A 1AA|sw1a1aa|K1A 0B1|100-0001|1000-001|x|XXX|0|１２３４５| ";
const identifierValues =
  "123-45-6780|XXX-XX-1234|xxx1234|***-**-1234|078-05-1120|078051120|000-12-3456|666-12-3456|900-12-3456|123-00-4567|" +
  "123-45-0000|111111111|123456789|987654321|890123|098765|A123456|a-12 34|UNKNOWN|n/a|N A|0|000|12|7|AAAAAA|ABCDEF|1357913|" +
  "２３４|ñ12|X|XX|X0X1|TEST|  |MRN0012|219-09-9999|ß9";
const phones =
  "+1 (212) 555-0123|1-212-555-0123|212.555.0123|2125550123|(212)555-0123|(212) - 555-0123|12125550123|+12125550123|" +
  "1 212 555 0123 x7|212-555-0123 ext. 7|+44 (0)20 7946 0018|0044 20 7946 0018|020 7946 0018|555-0123|5555555555|" +
  "2222222222|2345678901|212-0000000|2120000000|1234567890|011 44 20 7946 0018|911|tel:+1-212-555-0123|+33 1 42 68 53 00|" +
  "1(212)5550123|+(212)5550123|2 125550123|212  5550123|212) 5550123|２１２５５５０１２３|#5|none|+1|1|(| ";
const emails =
  "anna@example.org|Anna.Smith@Example.ORG|a.n.n.a@gmail.com|anna+tag@gmail.com|+tag@example.org|anna+@example.org|" +
  "none@none.com|test@test|unknown@example.org|x@noemail.com|mailto:anna@example.org|<anna@example.org>|anna@example.org.|" +
  "anna@example.org;| anna@example.org |an na@example.org|a@b@c|@example.org|anna@|anna|ańna@example.org|...@gmail.com|" +
  "A+B+C@googlemail.com|anna@x+y.org|anna@example.org-|no.email@example.org|no+email@none";

const list = (text: string) => text.split("|");
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 5 });
const current = fc.constantFrom(true, true, true, false);

/** A record with all that people write into one. Its id is the caller's to give. */
export const oddRecord: fc.Arbitrary<Omit<MatchRecord, "id">> = fc.record({
  sourceSystem: orNull(fc.constantFrom("a", "b", "Ünit")),
  gender: orNull(fc.constantFrom("male", "female", "other", "unknown")),
  birthDate: orNull(
    fc.constantFrom("1980-02-29", "1900-01-01", "2030-01-01", "1985-12-31", "1890-05-05", "2026-01-01"),
  ),
  birthDatePrecision: fc.constantFrom("day", "month", "year"),
  multipleBirth: orNull(fc.boolean()),
  birthOrder: orNull(fc.integer({ min: 1, max: 4 })),
  motherName: orNull(mixed(list("Lopez, Maria|Maria Lopez|ANNA|.|İpek"))),
  motherIdentifier: orNull(mixed(list(identifierValues))),
  receivedOn: orNull(fc.constant("2026-01-01")),
  names: fc.array(
    fc.record({
      family: orNull(mixed(list(familyNames))),
      given: fc.array(mixed(list(givenNames)), { maxLength: 3 }),
      prefix: fc.constant([]),
      suffix: fc.array(mixed(list("Jr|Sr.|III|MD|Jr MD|I|.|2nd")), { maxLength: 2 }),
      current,
    }),
    { maxLength: 3 },
  ),
  identifiers: fc.array(
    fc.record({
      type: fc.constantFrom("SSN", "ssn", "MRN", "NHS", "DL"),
      system: fc.constantFrom("urn:a", "urn:b", "urn:ü"),
      value: mixed(list(identifierValues)),
      current,
      authoritative: fc.constant(false),
      unique: fc.constant(false),
    }),
    { maxLength: 4 },
  ),
  addresses: fc.array(
    fc.record({
      line1: orNull(mixed(list(lines))),
      line2: fc.oneof(fc.constant(null), mixed(list(lines))),
      city: orNull(mixed(list(cities))),
      state: fc.constant(null),
      postalCode: orNull(mixed(list(postalCodes))),
      country: fc.constant(null),
      current,
    }),
    { maxLength: 3 },
  ),
  contacts: fc.array(
    fc.oneof(
      fc.record({ system: fc.constantFrom("phone", "sms", "fax"), value: mixed(list(phones)), current }),
      fc.record({ system: fc.constant("email"), value: mixed(list(emails)), current }),
    ),
    { maxLength: 4 },
  ),
});
