import type { City } from "./gazetteer.ts";
import type { Random } from "./random.ts";

/** Areas 001 to 899 without 666, groups 01 to 99, serials 0001 to 9999. */
const AREAS = 898;
const GROUPS = 99;
const SERIALS = 9_999;
const SSN_SPACE = AREAS * GROUPS * SERIALS;
/** Has no factor in common with SSN_SPACE, and its product with 10^8 stays below 2^53. */
const SSN_STEP = 61_803_389;

/** Numbers that every matcher must take for placeholders; nobody in the population carries one as her own. */
const NOT_ISSUED: ReadonlySet<string> = new Set([
  "078051120",
  "111111111",
  "123456789",
  "219099999",
  "222222222",
  "333333333",
  "444444444",
  "555555555",
  "777777777",
  "888888888",
]);

/** A prime above the largest population, so that a step through its residues meets each number once. */
const RECORD_SPACE = 99_999_989;
const RECORD_STEP = 61_803_399;

/** The social security number of the n-th person: valid in form, the same for no two persons, digits only. */
export function socialSecurityNumber(n: number, offset: number): string {
  const index = (((n * SSN_STEP) % SSN_SPACE) + (offset % SSN_SPACE)) % SSN_SPACE;
  const area = Math.floor(index / (GROUPS * SERIALS)) + 1;
  const rest = index % (GROUPS * SERIALS);
  const digits =
    String(area < 666 ? area : area + 1).padStart(3, "0") +
    String(Math.floor(rest / SERIALS) + 1).padStart(2, "0") +
    String((rest % SERIALS) + 1).padStart(4, "0");
  return NOT_ISSUED.has(digits) ? "" : digits;
}

/** Eight digits that differ for each n below 10^8 and do not tell n. */
export function recordNumber(n: number, offset: number): string {
  const index = (((n * RECORD_STEP) % RECORD_SPACE) + (offset % RECORD_SPACE)) % RECORD_SPACE;
  return String(index).padStart(8, "0");
}

/** The digit that the Luhn algorithm appends. */
export function luhnDigit(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return String((10 - (sum % 10)) % 10);
}

/** Ten digits: an area code of the city, an exchange that is in use, any line. */
export function drawPhone(random: Random, city: City): string {
  const area = random.pick(city.areaCodes);
  let exchange = random.between(200, 998);
  while (exchange % 100 === 11 || exchange === 555) exchange = random.between(200, 998);
  return `${area}${exchange}${String(random.below(10_000)).padStart(4, "0")}`;
}
