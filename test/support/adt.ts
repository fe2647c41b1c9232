/** An ADT message of an invented hospital; segments behind MSH and EVN as they are given. */
export const adt = (
  event: string,
  segments: readonly string[],
  more: { readonly facility?: string; readonly charset?: string } = {},
): string =>
  [
    `MSH|^~\\&|ADT1|${more.facility ?? "HOSP"}|MPI|MPI|20260301120000||ADT^${event}|C${event}|P|2.5.1||||||${more.charset ?? "UNICODE UTF-8"}`,
    `EVN|${event}|20260301120000`,
    ...segments,
    "",
  ].join("\r");

/** PID of an invented patient: id, family^given, birth date. */
export const pid = (id: string, name = "Quillfeather^Wilma", born = "19800315", rest = ""): string =>
  `PID|1||${id}^^^HOSP^MR||${name}||${born}|F|${rest}`;
