import { declareTakenOut } from "../../../support/rules/declare-taken-out.ts";
import { mergeRulesTakenOut } from "../../../support/rules/merge-rules.ts";
import { unmergeRulesTakenOut } from "../../../support/rules/unmerge-rules.ts";

declareTakenOut([...mergeRulesTakenOut, ...unmergeRulesTakenOut]);
