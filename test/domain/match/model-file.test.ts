import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MpiError } from "../../../src/lib/errors.ts";
import { defaultModel } from "../../../src/matching/model/default-model.ts";
import { compareModels } from "../../../src/domain/match/model-file/compare-models.ts";
import { JsonSyntaxError, parseLocatedJson } from "../../../src/domain/match/model-file/json-places.ts";
import { modelJsonSchema } from "../../../src/domain/match/model-file/model-schema.ts";
import { parseModel, type LocatedMistake } from "../../../src/domain/match/model-file/parse-model.ts";

type Loose = Record<string, unknown[]>;

/** The built-in model with a change, written as a file. */
function fileWith(change: (model: Loose) => void): string {
  const model = structuredClone(defaultModel) as unknown as Loose;
  change(model);
  return JSON.stringify(model, null, 2);
}

function mistakesOf(text: string): readonly LocatedMistake[] {
  try {
    parseModel(text, "site.json");
  } catch (error) {
    if (error instanceof MpiError && error.code === "usage") {
      return error.details!["mistakes"] as readonly LocatedMistake[];
    }
    throw error;
  }
  return [];
}

describe("a model file", () => {
  it("gives the model that was written, without what is only for editors", () => {
    const text = JSON.stringify({ $schema: "./match-model.schema.json", ...defaultModel });
    expect(parseModel(text, "site.json")).toEqual(defaultModel);
  });

  const set = (path: readonly (string | number)[], value: unknown) => (model: Loose) => {
    let inner = model as unknown as Record<string | number, unknown>;
    for (const key of path.slice(0, -1)) inner = inner[key] as Record<string | number, unknown>;
    const last = path.at(-1)!;
    if (value === undefined) Reflect.deleteProperty(inner, last);
    else inner[last] = value;
  };
  const condition = { comparison: "street", levels: ["exact"] };

  it.each<[string, (model: Loose) => void, string, RegExp]>([
    ["another format", set(["format"], "mpi-match-model/2"), "format", /not known/],
    ["a missing part", set(["limits", "personSize"], undefined), "limits.personSize", /missing/],
    ["a part nobody knows", set(["extra"], 1), "extra", /not known/],
    ["an unknown comparison", set(["comparisons", 0, "name"], "blood"), "comparisons[0].name", /not known/],
    [
      "an unknown level",
      set(["comparisons", 0, "levels", 1, "name"], "same-ish"),
      "comparisons[0].levels[1].name",
      /not known/,
    ],
    [
      "a level of another comparison",
      set(["comparisons", 0, "levels", 1, "name"], "same-year"),
      "comparisons[0].levels[1].name",
      /no level of family-name/,
    ],
    [
      "a level twice",
      set(["comparisons", 0, "levels", 1, "name"], "exact"),
      "comparisons[0].levels[1].name",
      /second time/,
    ],
    [
      "a comparison twice",
      (model) => model["comparisons"]!.push(model["comparisons"]![0]),
      "comparisons[15].name",
      /second time/,
    ],
    ["m above 1", set(["comparisons", 0, "levels", 0, "m"], 1.5), "comparisons[0].levels[0].m", /at most 1/],
    ["u of 0", set(["comparisons", 0, "levels", 0, "u"], 0), "comparisons[0].levels[0].u", /greater than 0/],
    [
      "m that does not add up to 1",
      set(["comparisons", 0, "levels", 0, "m"], 0.5),
      "comparisons[0].levels[0].m",
      /add up to 1/,
    ],
    [
      "a frequency of a level without values",
      set(["comparisons", 2, "levels", 0, "termFrequency"], 1),
      "comparisons[2].levels[0].termFrequency",
      /no values/,
    ],
    [
      "a review line below the possible one",
      set(["thresholds", "review"], 0.3),
      "thresholds.review",
      /descend/,
    ],
    [
      "an automatic line below the review line",
      set(["thresholds", "automatic"], 0.7),
      "thresholds.automatic",
      /descend/,
    ],
    [
      "an automatic line of 1, which no weight reaches",
      set(["thresholds", "automatic"], 1),
      "thresholds.automatic",
      /less than 1/,
    ],
    [
      "an unknown part of a blocking key",
      set(["blocking", 0, "on"], ["shoe-size"]),
      "blocking[0].on[0]",
      /not known/,
    ],
    [
      "a split that splits nothing",
      set(["blocking", 0, "refine"], ["identifier"]),
      "blocking[0].refine[0]",
      /splits nothing/,
    ],
    ["an empty split", set(["blocking", 0, "refine"], []), "blocking[0].refine", /at least 1/],
    [
      "two blocking rules of one name",
      set(["blocking", 1, "name"], "identifier"),
      "blocking[1].name",
      /second time/,
    ],
    [
      "two relations of one name",
      set(["relations", 1, "name"], "household"),
      "relations[1].name",
      /second time/,
    ],
    [
      "an unknown level of a relation",
      set(["relations", 0, "comparisons", "given-name"], { "same-year": 0.1 }),
      'relations[0].comparisons["given-name"]["same-year"]',
      /no level/,
    ],
    [
      "probabilities of a relation above 1 together",
      set(["relations", 0, "comparisons", "given-name"], { exact: 0.7, nickname: 0.7 }),
      'relations[0].comparisons["given-name"]',
      /add up to 1.4/,
    ],
    ["two rules of one name", set(["rules", 1, "name"], "generations"), "rules[1].name", /second time/],
    [
      "a name that stored rows could not hold",
      set(["rules", 0, "name"], 'a"b'),
      "rules[0].name",
      /quotation/,
    ],
    [
      "an unknown action",
      set(["rules", 0, "action"], "merge"),
      "rules[0].action",
      /one of link, veto, review/,
    ],
    [
      "an unknown fact",
      set(["rules", 0, "when"], { fact: "born-on-sunday" }),
      "rules[0].when.fact",
      /not known; one of/,
    ],
    ["no condition at all", set(["rules", 0, "when"], { some: [] }), "rules[0].when", /no condition/],
    [
      "a condition of two kinds",
      set(["rules", 0, "when"], { ...condition, fact: "multiple-birth" }),
      "rules[0].when",
      /no condition/,
    ],
    [
      "an unknown level deep in a condition",
      set(["rules", 0, "when"], { all: [{ not: { any: [{ ...condition, levels: ["near"] }] } }] }),
      "rules[0].when.all[0].not.any[0].levels[0]",
      /not known/,
    ],
    [
      "a rule about a level that the model leaves out",
      set(["rules", 0, "when"], { comparison: "family-name", levels: ["close"] }),
      "rules[0].when.levels[0]",
      /leaves out the level "close"/,
    ],
    [
      "a rule that links and keeps apart",
      set(["rules", 8, "separates"], true),
      "rules[8].separates",
      /links/,
    ],
    [
      "a name that the file's schema does not take",
      set(["nationalIdentifierTypes"], ["ssn"]),
      "nationalIdentifierTypes[0]",
      /capital/,
    ],
  ])("is refused for %s, with the place and the reason", (_, change, path, reason) => {
    const text = fileWith(change);
    const found = mistakesOf(text);
    expect(found.map((each) => each.path)).toContain(path);
    const mistake = found.find((each) => each.path === path)!;
    expect(mistake.reason).toMatch(reason);
    // The place is the member's: its own name, or the nearest one above it, stands there.
    const at = text.split("\n")[mistake.line - 1]!.slice(mistake.column - 1);
    expect(at).toMatch(/^["{[\d-]/);
  });

  it("is refused for levels out of their order", () => {
    const text = fileWith((model) => (model["comparisons"]![0] as { levels: unknown[] }).levels.reverse());
    expect(mistakesOf(text)[0]).toMatchObject({
      path: "comparisons[0].levels[1].name",
      reason: expect.stringContaining("order") as string,
    });
  });

  it("is refused for more than 30 rules, which is as many as fit", () => {
    const rules = (count: number) => (model: Loose) => {
      const [first] = model["rules"]!;
      const many = Array.from({ length: count }, (_, at) => ({ ...(first as object), name: `rule ${at}` }));
      model["rules"] = many;
    };
    expect(mistakesOf(fileWith(rules(30)))).toEqual([]);
    expect(mistakesOf(fileWith(rules(31)))).toMatchObject([{ path: "rules", reason: "may have at most 30" }]);
  });

  it("shows all mistakes at once, in the order of the file", () => {
    const found = mistakesOf(
      fileWith((model) => {
        set(["version"], "")(model);
        set(["limits", "personSize"], 1)(model);
        set(["comparisons", 0, "levels", 0, "m"], 7)(model);
      }),
    );
    expect(found.map((each) => each.path)).toEqual([
      "version",
      "comparisons[0].levels[0].m",
      "limits.personSize",
    ]);
  });

  it("is refused where a member is there twice, of which other readers would take the last", () => {
    const text = JSON.stringify(defaultModel).replace('"thresholds":', '"limits":{},"thresholds":');
    expect(mistakesOf(text)).toMatchObject([
      { path: "limits", reason: expect.stringContaining("second time") as string },
    ]);
  });

  it.each([
    ["", 1, 1],
    ["{", 1, 2],
    ['{\n  "a": 1,\n}', 3, 1],
    ['{\n  "a": 01\n}', 2, 9],
    ["[1\n2]", 2, 1],
    ["// remark\n{}", 1, 1],
    ['{"a": tru}', 1, 7],
    ['{"a": "x\n"}', 1, 7],
    ["{} {}", 1, 4],
    ["[".repeat(200), 1, 102],
  ])("is refused where %j is no JSON, with line and column", (text, line, column) => {
    expect(mistakesOf(text)).toMatchObject([{ line, column, path: "" }]);
  });
});

describe("the reader of JSON with places", () => {
  it.each([
    '{"a":[1,2.5e3,-0],"b":{"c":null,"d":true},"e":"\\u00e9\\n\\"x","f":[],"g":{}}',
    '\ufeff {"a" : 1}',
    "[[[]]]",
    '{"__proto__": {"a": 1}}',
  ])("reads %j as the language does", (text) => {
    const { value, repeated } = parseLocatedJson(text);
    expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text.replace(/^\ufeff/, ""))));
    expect(repeated).toEqual([]);
  });

  it("knows where a value stands, and where one would that is not there", () => {
    const { placeOf } = parseLocatedJson('{\n  "a": [\n    1,\n    22\n  ]\n}');
    expect(placeOf(["a", 1])).toEqual({ line: 4, column: 5 });
    expect(placeOf(["a", 7, "b"])).toEqual({ line: 2, column: 3 });
    expect(() => parseLocatedJson("nul")).toThrow(JsonSyntaxError);
  });
});

describe("the published JSON Schema", () => {
  it("is what model files are checked against", () => {
    const file = new URL("../../../data/match-model.schema.json", import.meta.url);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(modelJsonSchema());
  });
});

describe("the difference of two models", () => {
  it("is empty for the same one, and names what changed by name", () => {
    expect(compareModels(defaultModel, structuredClone(defaultModel))).toEqual([]);
    const changed = {
      ...defaultModel,
      thresholds: { ...defaultModel.thresholds, review: 0.9 },
      blocking: [...defaultModel.blocking.slice(1), defaultModel.blocking[0]!],
      rules: defaultModel.rules.slice(1),
    };
    const paths = compareModels(defaultModel, changed).map((each) => each.path);
    expect(paths).toContain("thresholds.review");
    expect(paths).toContain("blocking.(order)");
    expect(paths).toContain("rules.generations.action");
    expect(paths.filter((path) => path.startsWith("comparisons"))).toEqual([]);
  });
});
