import { builtInPlaceholders, type PlaceholderList } from "../reference/placeholders.ts";

/** An e-mail address in the form that is compared. */
export interface NormalisedEmail {
  /** As written, in lower case. */
  readonly address: string;
  /** The part before the @, with its tag. */
  readonly localPart: string;
  /** The part after the @. */
  readonly domain: string;
  /**
   * The mailbox the message ends in: without a "+tag", and at Gmail without dots, which it does not read.
   */
  readonly mailbox: string;
}

/** Where dots in front of the @ do not count. */
export const dotlessDomains: ReadonlySet<string> = new Set(["gmail.com", "googlemail.com"]);

/**
 * @returns null for a placeholder (none@none), and for text that is no address: exactly one @ with something
 * on both sides is all that is asked.
 */
export function normaliseEmail(
  raw: string,
  placeholders: PlaceholderList = builtInPlaceholders,
): NormalisedEmail | null {
  const address = raw
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\s+/gu, "")
    .replace(/^mailto:/u, "")
    .replace(/^<|>$|[.,;]+$/gu, "");
  const [localPart = "", domain = "", ...rest] = address.split("@");
  if (localPart === "" || domain === "" || rest.length > 0) return null;
  if (isPlaceholderEmail(address, localPart, domain, placeholders)) return null;
  return { address, localPart, domain, mailbox: `${mailboxName(localPart, domain)}@${domain}` };
}

function mailboxName(localPart: string, domain: string): string {
  const plus = localPart.indexOf("+");
  const untagged = plus > 0 ? localPart.slice(0, plus) : localPart;
  return dotlessDomains.has(domain) ? untagged.replaceAll(".", "") : untagged;
}

function isPlaceholderEmail(
  address: string,
  localPart: string,
  domain: string,
  placeholders: PlaceholderList,
): boolean {
  return (
    placeholders.emails.has(address) ||
    placeholders.emailLocalParts.has(localPart) ||
    placeholders.emailDomains.has(domain)
  );
}
