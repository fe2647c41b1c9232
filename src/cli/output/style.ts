import { styleText } from "node:util";
import type { Environment, OutputStream } from "../streams.ts";

type Format = "bold" | "dim" | "red" | "green" | "yellow" | "cyan" | "inverse" | "underline";

/** Colours text, or leaves it alone where the stream shows none. Give it text that is already safe. */
export type Style = (format: Format, text: string) => string;

/** Colour is wanted on a terminal, unless `--no-color`, NO_COLOR or TERM=dumb says otherwise. */
export function wantsColour(stream: OutputStream, env: Environment, color: boolean): boolean {
  if (!color || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb") return false;
  const force = env["FORCE_COLOR"] ?? "";
  return stream.isTTY === true || (force !== "" && force !== "0");
}

export function createStyle(enabled: boolean): Style {
  // The environment was asked already; util.styleText would ask the real process's.
  return enabled ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text;
}
