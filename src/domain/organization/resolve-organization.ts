import type { Queryable } from "../../db/client.ts";
import {
  selectOrganizationIdsByIdentifier,
  selectOrganizationIdsByPrefix,
} from "../../db/queries/organizations.ts";
import { MpiError } from "../../lib/errors.ts";
import { textProblem } from "../patient/check-content.ts";

const shortestPrefix = 4;
const listedAtMost = 5;

/**
 * The one organization that a text names: its id, a unique prefix of it, or `TYPE:value` of one of its identifiers.
 *
 * @throws {MpiError} `not-found`, or `usage` where it names several, or nothing could be named so.
 */
export async function resolveOrganization(db: Queryable, text: string): Promise<string> {
  const trimmed = text.trim();
  const problem = textProblem(trimmed, 600);
  if (problem !== undefined) throw new MpiError("usage", `What names the organization ${problem}.`);
  const digits = trimmed.replaceAll("-", "").toLowerCase();
  const colon = trimmed.lastIndexOf(":");
  let ids: readonly string[];
  if (/^[0-9a-f]+$/.test(digits) && digits.length >= shortestPrefix && digits.length <= 32) {
    ids = await selectOrganizationIdsByPrefix(db, digits, listedAtMost + 1);
  } else if (colon > 0 && colon < trimmed.length - 1) {
    const [type, value] = [trimmed.slice(0, colon), trimmed.slice(colon + 1)];
    ids = await selectOrganizationIdsByIdentifier(db, type, value, listedAtMost + 1);
  } else {
    throw new MpiError(
      "usage",
      `An organization is named by its id, a prefix of it (${shortestPrefix} characters or more), or TYPE:value.`,
      { hint: '"mpi org find" shows the ids.' },
    );
  }
  const [id] = ids;
  if (id === undefined) throw new MpiError("not-found", "There is no such organization.");
  if (ids.length > 1) {
    throw new MpiError(
      "usage",
      `That names more than one organization: ${ids.slice(0, listedAtMost).join(", ")}.`,
      { hint: "Name it by more of its id." },
    );
  }
  return id;
}
