import { fc } from "../properties.ts";

/** One step of a random history. Numbers pick among what exists at that moment. */
export type Step =
  | { readonly kind: "add"; readonly shared: number; readonly gender: "male" | "female" | null }
  | {
      readonly kind: "link" | "same";
      readonly a: number;
      readonly b: number;
      readonly refer: boolean;
      readonly override: boolean;
    }
  | { readonly kind: "unlink"; readonly a: number; readonly b: number | null }
  | { readonly kind: "different"; readonly a: number; readonly b: number }
  | { readonly kind: "later" | "clear"; readonly a: number; readonly b: number }
  | { readonly kind: "automatic"; readonly a: number; readonly b: number }
  | {
      readonly kind: "merge";
      readonly a: number;
      readonly b: number;
      readonly c: number | null;
      readonly keepA: boolean;
      readonly override: boolean;
    }
  | {
      readonly kind: "unmerge";
      readonly merge: number;
      readonly allowRematch: boolean;
      readonly take: "a" | "b" | "both";
      readonly third: "a" | "b" | "queue";
    }
  | { readonly kind: "add-contact"; readonly a: number; readonly shared: number | null }
  | { readonly kind: "edit-contact" | "delete-contact"; readonly row: number }
  | { readonly kind: "edit-field"; readonly a: number; readonly gender: "male" | "female" | "other" | null }
  | {
      readonly kind: "late";
      readonly a: number;
      readonly shared: number;
      readonly gender: "male" | "female";
    };

export type Actor = "ann" | "ben" | "cleo";

export interface ActedStep {
  readonly actor: Actor;
  readonly step: Step;
}

const at = fc.nat({ max: 60 });
const sometimes = fc.boolean();
const rarely = fc.nat({ max: 5 }).map((number) => number === 0);

/** Steps of all kinds, those that join and part persons most often. */
export const actedStep = (kinds: ReadonlySet<Step["kind"]>): fc.Arbitrary<ActedStep> => {
  const all: readonly {
    readonly weight: number;
    readonly arbitrary: fc.Arbitrary<Step>;
    readonly kind: Step["kind"];
  }[] = [
    {
      kind: "add",
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("add" as const),
        shared: fc.nat({ max: 3 }),
        gender: fc.constantFrom("male", "female", null),
      }),
    },
    {
      kind: "link",
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("link" as const),
        a: at,
        b: at,
        refer: sometimes,
        override: rarely,
      }),
    },
    {
      kind: "same",
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("same" as const),
        a: at,
        b: at,
        refer: fc.constant(false),
        override: rarely,
      }),
    },
    {
      kind: "unlink",
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("unlink" as const), a: at, b: fc.option(at, { nil: null }) }),
    },
    {
      kind: "different",
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("different" as const), a: at, b: at }),
    },
    { kind: "later", weight: 1, arbitrary: fc.record({ kind: fc.constant("later" as const), a: at, b: at }) },
    { kind: "clear", weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const), a: at, b: at }) },
    {
      kind: "automatic",
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("automatic" as const), a: at, b: at }),
    },
    {
      kind: "merge",
      weight: 9,
      arbitrary: fc.record({
        kind: fc.constant("merge" as const),
        a: at,
        b: at,
        c: fc.option(at, { nil: null, freq: 2 }),
        keepA: sometimes,
        override: rarely,
      }),
    },
    {
      kind: "unmerge",
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("unmerge" as const),
        merge: at,
        allowRematch: sometimes,
        take: fc.constantFrom("a", "b", "both"),
        third: fc.constantFrom("a", "b", "queue"),
      }),
    },
    {
      kind: "add-contact",
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("add-contact" as const),
        a: at,
        shared: fc.option(fc.nat({ max: 3 }), { nil: null }),
      }),
    },
    {
      kind: "edit-contact",
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("edit-contact" as const), row: at }),
    },
    {
      kind: "delete-contact",
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("delete-contact" as const), row: at }),
    },
    {
      kind: "edit-field",
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("edit-field" as const),
        a: at,
        gender: fc.constantFrom("male", "female", "other", null),
      }),
    },
    {
      kind: "late",
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("late" as const),
        a: at,
        shared: fc.nat({ max: 3 }),
        gender: fc.constantFrom("male", "female"),
      }),
    },
  ];
  return fc.record({
    actor: fc.constantFrom<Actor>("ann", "ben", "cleo"),
    step: fc.oneof(...all.filter(({ kind }) => kinds.has(kind))),
  });
};

export const everyKind: ReadonlySet<Step["kind"]> = new Set([
  "add",
  "link",
  "same",
  "unlink",
  "different",
  "later",
  "clear",
  "automatic",
  "merge",
  "unmerge",
  "add-contact",
  "edit-contact",
  "delete-contact",
  "edit-field",
  "late",
]);
