/** How an identifier domain's values can be checked. */
export type CheckDigitRule = "luhn" | "npi" | "nhs" | "ssn" | "none";

/** The prefix that makes an NPI a card number for the Luhn check: 80 health applications, 840 United States. */
const npiPrefix = "80840";

/**
 * Whether a value satisfies its domain's check. Spaces, dashes and dots between digits do not matter; any other
 * character makes it invalid, except under "none".
 *
 * - luhn: ISO/IEC 7812-1 annex B, at least two digits
 * - npi: ten digits, first 1 or 2, Luhn over 80840 and the number
 * - nhs: ten digits, modulus 11 with weights 10 to 2
 * - ssn: nine digits; area not 000, 666 or 9xx, group not 00, serial not 0000 (there is no check digit)
 * - none: always true
 */
export function checkDigitValid(rule: CheckDigitRule, value: string): boolean {
  if (rule === "none") return true;
  const digits = value.replace(/[\s.\-\u2010-\u2015]/gu, "");
  if (!/^[0-9]+$/u.test(digits)) return false;
  switch (rule) {
    case "luhn":
      return digits.length >= 2 && luhnSum(digits) % 10 === 0;
    case "npi":
      return /^[12][0-9]{9}$/u.test(digits) && luhnSum(npiPrefix + digits) % 10 === 0;
    case "nhs":
      return digits.length === 10 && hasNhsCheckDigit(digits);
    case "ssn":
      return digits.length === 9 && hasSocialSecurityStructure(digits);
  }
}

/** @param digits exactly nine digits. */
export function hasSocialSecurityStructure(digits: string): boolean {
  const area = digits.slice(0, 3);
  if (area === "000" || area === "666" || area.startsWith("9")) return false;
  return digits.slice(3, 5) !== "00" && digits.slice(5) !== "0000";
}

/** Every second digit from the right, beginning with the second, is doubled; 9 is taken off above 9. */
function luhnSum(digits: string): number {
  let sum = 0;
  for (let i = digits.length - 1, isDoubled = false; i >= 0; i--, isDoubled = !isDoubled) {
    const digit = digits.charCodeAt(i) - 48;
    const weighted = isDoubled ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum;
}

/** 11 less the remainder of the weighted sum; 11 stands for 0, and 10 is never issued. */
function hasNhsCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < 9; i++) sum += (digits.charCodeAt(i) - 48) * (10 - i);
  return (11 - (sum % 11)) % 11 === digits.charCodeAt(9) - 48;
}
