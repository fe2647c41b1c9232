import { describe, expect, it } from "vitest";
import type { PatientRow } from "../../../src/db/rows.ts";
import {
  chooseField,
  isOpenQuestion,
  scalarFields,
  type ScalarField,
} from "../../../src/domain/merge/survivorship.ts";

const blank: PatientRow = {
  id: "00000000-0000-4000-8000-000000000000",
  active: true,
  gender: null,
  birthDate: null,
  birthDatePrecision: "day",
  deceased: false,
  deceasedDatetime: null,
  maritalStatus: null,
  multipleBirth: null,
  birthOrder: null,
  motherName: null,
  motherIdentifier: null,
  managingOrganizationId: null,
  sourceSystem: null,
  sourceId: null,
  receivedAt: "2024-05-01 00:00:00+00",
  enterpriseId: "00000000-0000-4000-8000-000000000001",
  enterpriseSince: "2024-05-01 00:00:00+00",
  initialEnterpriseId: "00000000-0000-4000-8000-000000000001",
  initialEnterpriseAt: "2024-05-01 00:00:00+00",
  version: 1,
  changeXid: "1",
  createdAt: "2024-05-01 00:00:00+00",
  updatedAt: "2024-05-01 00:00:00+00",
  createdBy: null,
  updatedBy: null,
  deletedAt: null,
  deletedBy: null,
};

const later = { updatedAt: "2026-01-01 00:00:00+00", receivedAt: "2026-01-01 00:00:00+00" };

type Row = Partial<PatientRow>;

describe("M6: the survivorship policy", () => {
  it.each<[string, ScalarField, Row, Row, "a" | "b" | undefined, "a" | "b", string]>([
    ["both say the same", "gender", { gender: "female" }, { gender: "female" }, undefined, "b", "equal"],
    ["both say nothing", "gender", {}, {}, undefined, "b", "equal"],
    [
      "the steward chose the source's",
      "gender",
      { gender: "male" },
      { gender: "female" },
      "a",
      "a",
      "chosen",
    ],
    ["the steward chose the survivor's", "gender", { gender: "male" }, {}, "b", "b", "chosen"],
    ["a value over no value", "gender", { gender: "male" }, {}, undefined, "a", "only-value"],
    [
      "a known gender over an unknown one",
      "gender",
      { gender: "male" },
      { gender: "unknown" },
      undefined,
      "a",
      "only-value",
    ],
    ["an unknown gender over none", "gender", { gender: "unknown" }, {}, undefined, "a", "only-value"],
    ["no gender never over an unknown one", "gender", {}, { gender: "unknown" }, undefined, "b", "survivor"],
    ["else the survivor's", "gender", { gender: "male" }, { gender: "female" }, undefined, "b", "survivor"],
    [
      "birth date: never the newer",
      "birthDate",
      { birthDate: "1980-01-02", ...later },
      { birthDate: "1980-02-01" },
      undefined,
      "b",
      "survivor",
    ],
    ["birth date: one over none", "birthDate", { birthDate: "1980-01-02" }, {}, undefined, "a", "only-value"],
    [
      "birth date: a real one over a placeholder",
      "birthDate",
      { birthDate: "1980-01-02" },
      { birthDate: "1900-01-01" },
      undefined,
      "a",
      "only-value",
    ],
    [
      "birth date: a placeholder never over a real one",
      "birthDate",
      { birthDate: "1900-01-01" },
      { birthDate: "1980-01-02" },
      undefined,
      "b",
      "only-value",
    ],
    [
      "birth date: the precision belongs to the value",
      "birthDate",
      { birthDate: "1980-01-01" },
      { birthDate: "1980-01-01", birthDatePrecision: "year" },
      undefined,
      "b",
      "survivor",
    ],
    [
      "deceased anywhere is kept: the source",
      "deceased",
      { deceased: true },
      {},
      undefined,
      "a",
      "deceased-anywhere",
    ],
    [
      "deceased anywhere is kept: the survivor",
      "deceased",
      {},
      { deceased: true },
      undefined,
      "b",
      "deceased-anywhere",
    ],
    [
      "deceased anywhere is kept, whatever was chosen",
      "deceased",
      { deceased: true },
      {},
      "b",
      "a",
      "deceased-anywhere",
    ],
    [
      "deceased on a day says more than deceased",
      "deceased",
      { deceased: true, deceasedDatetime: "2025-01-01 00:00:00+00" },
      { deceased: true },
      undefined,
      "a",
      "only-value",
    ],
    [
      "marital status: the survivor's",
      "maritalStatus",
      { maritalStatus: "M" },
      { maritalStatus: "S" },
      undefined,
      "b",
      "survivor",
    ],
    [
      "multiple birth: one over none",
      "multipleBirth",
      { multipleBirth: false },
      {},
      undefined,
      "a",
      "only-value",
    ],
    [
      "managing organization: the survivor's",
      "managingOrganization",
      { managingOrganizationId: "a" },
      { managingOrganizationId: "b" },
      undefined,
      "b",
      "survivor",
    ],
    [
      "mother's name: text over an empty text",
      "motherName",
      { motherName: "Ida" },
      { motherName: "" },
      undefined,
      "a",
      "only-value",
    ],
  ])("%s", (_title, field, a, b, choice, winner, reason) => {
    expect(chooseField(field, { ...blank, ...a }, { ...blank, ...b }, choice)).toMatchObject({
      winner,
      reason,
    });
  });

  it("asks only where neither value says more than the other", () => {
    const a = { ...blank, gender: "male", maritalStatus: "M", birthDate: "1980-01-02" };
    const b = { ...blank, gender: "female", maritalStatus: null, birthDate: "1980-01-02" };
    const asked = scalarFields.filter((field) => isOpenQuestion(chooseField(field, a, b, undefined)));
    expect(asked).toEqual(["gender"]);
  });
});
