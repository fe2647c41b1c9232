import type { Day } from "../../lib/calendar.ts";
import type { FamilyName } from "./person.ts";
import type { SourceSystem } from "./source-system.ts";
import type { StreetAddress } from "./street-address.ts";

/** One record in the making: errors change it in place before it is written out as its source writes. */
export interface Draft {
  readonly source: SourceSystem;
  readonly sourceIndex: number;
  receivedDay: Day;
  given: string;
  middle: string;
  /** Both parts of the family name, as long as no error has touched it. */
  family: FamilyName;
  /** The family name as a text once an error has touched it; else empty. */
  familyText: string;
  suffix: string;
  prefix: string;
  maidenName: string;
  gender: "male" | "female" | "unknown" | "";
  /** `YYYY-MM-DD`, or a placeholder, or shortened to a month or a year. */
  birthDate: string;
  multipleBirth: "" | "true" | "false";
  birthOrder: string;
  /** Digits, or a placeholder; empty where not collected. */
  ssn: string;
  phone: string;
  /** The source's own way of writing telephone numbers was not kept to. */
  phoneOtherwise: boolean;
  email: string;
  /** Undefined where not collected. */
  address: StreetAddress | undefined;
  /** Streets written the other way than the source does. */
  streetOtherwise: boolean;
  city: string;
  postalCode: string;
  motherName: string;
  motherMrn: string;
  mrn: string;
  sourceId: string;
}
