/** What is the same in the output of every command; help topic and part of the manual. */
export const outputTopic: readonly { readonly title: string; readonly text: string }[] = [
  {
    title: "table",
    text:
      "For eyes. On a terminal with borders, and cells that are too wide wrap; elsewhere plain aligned columns, nothing cut. " +
      "More than 1,000 rows are printed plain as they come. Its layout may change: scripts read the other formats.",
  },
  {
    title: "json",
    text:
      'One document. A list is an object with "items", and beside it what belongs to the whole, such as "total". Names of ' +
      "fields are camelCase and stable, numbers are numbers, what is absent is null, times are ISO 8601 in UTC.",
  },
  { title: "ndjson", text: "One JSON object on each line, a line for each item, printed as they come." },
  {
    title: "csv",
    text:
      "A header of the same names, then a line for each item (RFC 4180, UTF-8). Parts of a list are separated by '; '. Text that " +
      "a spreadsheet would run as a formula (it begins with = + - @, a tab or a carriage return) gets an apostrophe in " +
      "front; numbers do not.",
  },
  {
    title: "safety",
    text:
      "Control characters, escape sequences and bidirectional controls in values are never sent to a terminal as they are: tables " +
      "show them as \\x1b or \\u202e, JSON escapes them, CSV keeps them in files and pipes and shows them on a terminal.",
  },
  {
    title: "colour",
    text: "On terminals only. --no-color, NO_COLOR and TERM=dumb turn it off; FORCE_COLOR=1 turns it on in a pipe.",
  },
  {
    title: "streams",
    text:
      "stdout carries the result and nothing else; remarks, progress, questions and errors go to stderr. With --output json or " +
      'ndjson an error is one JSON object: {"error":{"code","exitCode","message","hint","details"}}.',
  },
];
