import { matchingRulesTakenOut } from "./matching-rules.ts";
import { mergeRulesTakenOut } from "./merge-rules.ts";
import { personRulesTakenOut } from "./person-rules.ts";
import { unmergeRulesTakenOut } from "./unmerge-rules.ts";

/** One place of the program, rewritten as if the rule had never been thought of. */
export interface SourceEdit {
  /** Under src/ or drizzle/. */
  readonly file: string;
  /** The text that stands there, exactly once. */
  readonly stands: string;
  readonly instead: string;
}

/** A rule, or a part of one, taken out of the program, and the tests that must notice. */
export interface TakenOut {
  /** As the tests are named after it: a test of this rule has `${rule}:` in its full name. */
  readonly rule: string;
  /** What is taken out, in words. */
  readonly what: string;
  readonly edits: readonly SourceEdit[];
  /** The file whose tests of that name must fail. */
  readonly testFile: string;
}

export const rulesTakenOut: readonly TakenOut[] = [
  ...mergeRulesTakenOut,
  ...unmergeRulesTakenOut,
  ...personRulesTakenOut,
  ...matchingRulesTakenOut,
];

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

/** The rules that there are: merging, un-merging, the sections on persons and links, the hazards of matching. */
export const everyRule: readonly string[] = [
  ...numbered("M", 16),
  ...numbered("U", 7),
  ...["section 1", "section 2", "section 5", "section 6", "section 8"],
  ...numbered("section 7, hazard ", 17),
];
