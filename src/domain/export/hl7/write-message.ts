import type { RecordNames } from "../../../db/queries/record-names.ts";
import { escapeText, type Separators } from "../../import/hl7/hl7-text.ts";

const separators: Separators = {
  field: "|",
  component: "^",
  repetition: "~",
  escape: "\\",
  subcomponent: "&",
};
const text = (value: string) => escapeText(value, separators);

/** Who sends. */
export interface Sender {
  readonly application: string;
  readonly facility: string;
}

/** What a message says. Of a merge `first` is the record to use from now on, `second` the one given up. */
export interface LinkMessage {
  readonly event: "A24" | "A37" | "A40";
  readonly first: RecordNames;
  readonly second: RecordNames;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Names the message: the same event always has the same. */
  readonly controlId: string;
}

/** The structures of HL7 2.5.1. */
const structures = { A24: "ADT_A24", A37: "ADT_A37", A40: "ADT_A39" } as const;

/** One message in UTF-8, each segment ended by CR. */
export function writeMessage({ event, first, second, at, controlId }: LinkMessage, sender: Sender): string {
  const time = `${at.slice(0, 19).replace(/\D/g, "")}+0000`;
  const msh = [
    "MSH",
    "^~\\&",
    text(sender.application),
    text(sender.facility),
    "",
    "",
    time,
    "",
    `ADT^${event}^${structures[event]}`,
    text(controlId),
    "P",
    "2.5.1",
    ...["", "", "", "", ""],
    "UNICODE UTF-8",
  ];
  const evn = ["EVN", event, time, "", "", "", time];
  const last =
    event === "A40" ? ["MRG", idsOf(second, sender)] : ["PID", "2", "", idsOf(second, sender), "", unnamed];
  return [msh, evn, ["PID", "1", "", idsOf(first, sender), "", unnamed], last]
    .map((segment) => `${segment.join(separators.field)}\r`)
    .join("");
}

/** PID-5 is required; names are no business of a message about ids. */
const unnamed = "^^^^^^U";

/** HL7 table 0203 where our codes differ. */
const types: Readonly<Record<string, string>> = { MRN: "MR" };

/** The codes of identifiers that name a patient at a hospital; national numbers do not go out. */
export const exportedTypes: readonly string[] = ["MRN", "MR", "PI", "PT"];

/** CX: the source's own id first, because an import takes the first for the record's name; then the hospitals' numbers. */
function idsOf(names: RecordNames, sender: Sender): string {
  const { sourceSystem, sourceId } = names;
  const own =
    sourceSystem === null || sourceId === null
      ? { value: names.id, authority: text(sender.application) }
      : { value: sourceId, authority: text(sourceSystem) };
  const ids = [
    `${text(own.value)}^^^${own.authority}^PI`,
    ...names.identifiers.map(
      ({ value, system, assigner, type }) =>
        `${text(value)}^^^${authorityOf(system, assigner)}^${text(types[type] ?? type)}`,
    ),
  ];
  return [...new Set(ids)].join(separators.repetition);
}

/** HD: the local name, and the universal id where the system is one. */
function authorityOf(system: string, assigner: string | null): string {
  const oid = /^urn:oid:([0-9.]+)$/.exec(system)?.[1];
  const namespace = text(assigner ?? (oid === undefined ? system : ""));
  return oid === undefined ? namespace : `${namespace}&${oid}&ISO`;
}
