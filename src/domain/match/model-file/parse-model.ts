import { MpiError } from "../../../lib/errors.ts";
import { checkModel } from "../../../matching/model/check-model.ts";
import type { MatchModel } from "../../../matching/model/match-model.ts";
import { JsonSyntaxError, parseLocatedJson, type JsonPath, type Place } from "./json-places.ts";
import { readModelShape } from "./model-schema.ts";

/** One mistake in a model file. */
export interface LocatedMistake extends Place {
  /** `rules[2].when.all[0].fact`; empty for the document itself. */
  readonly path: string;
  readonly reason: string;
}

/** More would not be read. */
const mostShown = 20;

/**
 * Reads a model file.
 *
 * @throws {MpiError} `usage` with every mistake: line, column, path and reason.
 */
export function parseModel(text: string, fileName: string): MatchModel {
  const { model, mistakes } = readModelText(text);
  if (model !== undefined && mistakes.length === 0) return model;
  const lines = mistakes.slice(0, mostShown).map((each) => {
    const path = each.path === "" ? "" : `${each.path}: `;
    return `  ${fileName}:${each.line}:${each.column} ${path}${each.reason}`;
  });
  if (mistakes.length > mostShown) lines.push(`  and ${mistakes.length - mostShown} more`);
  throw new MpiError("usage", [`The model ${fileName} is not right:`, ...lines].join("\n"), {
    hint: '"mpi match model init" writes one that is; "mpi match model schema" says what may stand in it.',
    details: { mistakes },
  });
}

interface ModelText {
  readonly model?: MatchModel;
  /** In the order in which they stand in the file. */
  readonly mistakes: readonly LocatedMistake[];
}

function readModelText(text: string): ModelText {
  let json;
  try {
    json = parseLocatedJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return { mistakes: [{ ...error.place, path: "", reason: error.message }] };
  }
  const { value, placeOf, repeated } = json;
  const locate = (path: JsonPath, reason: string) => ({ ...placeOf(path), path: formatPath(path), reason });
  const shape = readModelShape(value);
  const mistakes = [
    ...repeated.map((path) => locate(path, "is there for the second time")),
    ...("model" in shape ? checkModel(shape.model) : shape.mistakes).map(({ path, reason }) =>
      locate(path, reason),
    ),
  ].sort((a, b) => a.line - b.line || a.column - b.column);
  return "model" in shape ? { model: shape.model, mistakes } : { mistakes };
}

const formatPath = (path: JsonPath): string =>
  path
    .map((key) =>
      typeof key === "number" ? `[${key}]` : /^[A-Za-z$]\w*$/.test(key) ? `.${key}` : `["${key}"]`,
    )
    .join("")
    .replace(/^\./, "");
