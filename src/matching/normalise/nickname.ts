import { nicknameTable } from "../reference/nicknames.ts";

const formalNamesOf = new Map<string, Set<string>>();
for (const [formal, shortForms] of nicknameTable) {
  for (const short of shortForms) {
    const formals = formalNamesOf.get(short);
    if (formals === undefined) formalNamesOf.set(short, new Set([formal]));
    else formals.add(formal);
  }
}

/**
 * Whether one given name is a known short form of the other. Many to many and symmetric, but not transitive:
 * Ed is Edward and Edmund, and Edward is not Edmund. Given names only; both as foldText gives them.
 */
export function areNicknames(a: string, b: string): boolean {
  return formalNamesOf.get(a)?.has(b) === true || formalNamesOf.get(b)?.has(a) === true;
}

/** Whether two different names are short forms of one: Bob and Rob, of Robert. Weaker than areNicknames. */
export function shareFormalName(a: string, b: string): boolean {
  const formalsA = formalNamesOf.get(a);
  const formalsB = formalNamesOf.get(b);
  if (formalsA === undefined || formalsB === undefined || a === b) return false;
  for (const formal of formalsA) {
    if (formalsB.has(formal)) return true;
  }
  return false;
}
