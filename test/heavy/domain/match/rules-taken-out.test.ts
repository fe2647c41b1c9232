import { declareTakenOut } from "../../../support/rules/declare-taken-out.ts";
import { matchingRulesTakenOut } from "../../../support/rules/matching-rules.ts";
import { personRulesTakenOut } from "../../../support/rules/person-rules.ts";

declareTakenOut([...personRulesTakenOut, ...matchingRulesTakenOut]);
