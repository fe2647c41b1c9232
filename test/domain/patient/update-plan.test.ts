import { describe, expect, it } from "vitest";
import { isEmptyPlan, planUpdate } from "../../../src/domain/patient/update-plan.ts";
import { aName, aPatient, aStoredPatient } from "../../support/people.ts";

const phone = (value: string) => ({
  system: "phone" as const,
  value,
  use: "home" as const,
  isPrimary: false,
});
const email = (value: string) => ({ system: "email" as const, value, use: null, isPrimary: false });

describe("planning an update", () => {
  it("is empty where the source says what is known", () => {
    expect(isEmptyPlan(planUpdate(aStoredPatient(), aPatient()))).toBe(true);
  });

  it("takes a missing value for no statement", () => {
    const record = aStoredPatient({ contacts: [phone("217-555-0142")], maritalStatus: "M" });
    const plan = planUpdate(record, aPatient({ gender: null, birthDate: null, names: [], contacts: [] }));
    expect(isEmptyPlan(plan)).toBe(true);
  });

  it("keeps a former family name as history", () => {
    const record = aStoredPatient();
    const plan = planUpdate(record, aPatient({ names: [aName({ family: "Thistlewood" })] }));
    expect(plan.names.add.map((name) => name.family)).toEqual(["Thistlewood"]);
    expect(plan.names.retire).toEqual([record.names[0]!.id]);
  });

  it("corrects case and accents in place, and forgets nothing for it", () => {
    const record = aStoredPatient({ names: [aName({ family: "QUILLFEATHER", given: ["Jose"] })] });
    const plan = planUpdate(
      record,
      aPatient({ names: [aName({ family: "Quillfeather", given: ["José"] })] }),
    );
    expect(plan.names.add).toEqual([]);
    expect(plan.names.retire).toEqual([]);
    expect(plan.names.correct).toEqual([
      { id: record.names[0]!.id, row: aName({ family: "Quillfeather", given: ["José"] }) },
    ]);
  });

  it("replaces a telephone number without touching the e-mail address", () => {
    const record = aStoredPatient({ contacts: [phone("217-555-0142"), email("w@example.org")] });
    const plan = planUpdate(record, aPatient({ contacts: [phone("217-555-0199")] }));
    expect(plan.contacts.retire).toEqual([record.contacts[0]!.id]);
    expect(plan.contacts.add).toEqual([phone("217-555-0199")]);
  });

  it("brings a retired value back where the source gives it again", () => {
    const record = aStoredPatient({
      names: [aName(), aName({ family: "Thistlewood", use: "old", isPrimary: false })],
    });
    const plan = planUpdate(record, aPatient({ names: [aName({ family: "Thistlewood" })] }));
    expect(plan.names.correct.map(({ id }) => id)).toEqual([record.names[1]!.id]);
    expect(plan.names.retire).toEqual([record.names[0]!.id]);
    expect(plan.names.add).toEqual([]);
  });

  it("leaves alone what a merge brought from another record", () => {
    const record = aStoredPatient({ names: [aName(), aName({ family: "Elsewhere", isPrimary: false })] });
    const moved = {
      ...record,
      names: [record.names[0]!, { ...record.names[1]!, originPatientId: record.id, mergeId: record.id }],
    };
    expect(isEmptyPlan(planUpdate(moved, aPatient()))).toBe(true);
  });

  it("never takes back a death that is known", () => {
    expect(isEmptyPlan(planUpdate(aStoredPatient({ deceased: true }), aPatient({ deceased: false })))).toBe(
      true,
    );
  });
});

describe("a value that is there as a former one too", () => {
  it("is left alone where the source gives it as it is in use", () => {
    const names = [aName({ use: "old", isPrimary: false }), aName()];
    for (const stored of [names, [...names].reverse()]) {
      const record = aStoredPatient({ names: stored });
      expect(isEmptyPlan(planUpdate(record, aPatient({ names: [aName()] })))).toBe(true);
      expect(isEmptyPlan(planUpdate(record, aPatient({ names: stored })))).toBe(true);
    }
  });

  it("becomes a former one where its source says so", () => {
    const record = aStoredPatient({ names: [aName()] });
    const plan = planUpdate(record, aPatient({ names: [aName({ use: "old" })] }));
    expect(plan.names.correct).toEqual([{ id: record.names[0]!.id, row: aName({ use: "old" }) }]);
    expect(plan.names.add).toEqual([]);
  });
});
