import { readFileSync } from "node:fs";

let known: string | undefined;

/** The version that package.json carries; read once. */
export function getVersion(): string {
  known ??= (
    JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }
  ).version;
  return known;
}
