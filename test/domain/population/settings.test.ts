import { describe, expect, test } from "vitest";
import { MpiError } from "../../../src/lib/errors.ts";
import { resolvePopulationOptions, type PopulationOptions } from "../../../src/domain/population/settings.ts";

const base: PopulationOptions = { patients: 100, seed: 1 };

describe("resolvePopulationOptions", () => {
  test("keeps what was asked and fills in the rest", () => {
    const settings = resolvePopulationOptions({ ...base, duplicateRate: 0.3 });
    expect(settings).toMatchObject({ patients: 100, seed: 1, duplicateRate: 0.3, ssnRate: 0.6, sources: 6 });
  });

  test.each<[string, Partial<PopulationOptions>]>([
    ["patients", { patients: 0 }],
    ["patients", { patients: 1.5 }],
    ["seed", { seed: -1 }],
    ["sources", { sources: 7 }],
    ["ssnRate", { ssnRate: 0.61 }],
    ["phoneRate", { phoneRate: 0.9 }],
    ["emailRate", { emailRate: 0.51 }],
    ["twinRate", { twinRate: 0.001 }],
    ["generationRate", { generationRate: 0 }],
    ["duplicateRate", { duplicateRate: Number.NaN }],
    ["asOf", { asOf: "2023-02-30" }],
    ["clusterSizes", { clusterSizes: [] }],
    ["errorsPerDuplicate", { errorsPerDuplicate: [1, 1, 1, 1, 1] }],
    ["errorWeights", { errorWeights: { typing: -1 } }],
  ])("refuses %s out of range", (name, options) => {
    expect(() => resolvePopulationOptions({ ...base, ...options })).toThrow(
      expect.objectContaining({
        code: "usage",
        message: expect.stringContaining(name) as string,
      }) as MpiError,
    );
  });

  test("names all mistakes at once", () => {
    const attempt = () => resolvePopulationOptions({ patients: -1, seed: -1, ssnRate: 2 });
    expect(attempt).toThrow(/patients.*seed.*ssnRate/);
  });
});
