import { readNicknames } from "../reference/nicknames.ts";

/** What the nickname table says of one name. */
export interface NicknameEntry {
  /** Tells the names of the table apart, within one process. */
  readonly id: number;
  /** Ids of the names that this one is a short form of; many have none, being formal names only. */
  readonly formalNames: readonly number[];
}

const entries = new Map<string, { readonly id: number; readonly formalNames: number[] }>();
for (const [formal, shortForms] of readNicknames()) {
  const { id } = getOrAddEntry(formal);
  for (const short of shortForms) getOrAddEntry(short).formalNames.push(id);
}

/** Undefined for a name that is not in the table. The name as foldText gives it. */
export function findNicknameEntry(name: string): NicknameEntry | undefined {
  return entries.get(name);
}

/**
 * Whether one given name is a known short form of the other. Many to many and symmetric, but not transitive:
 * Ed is Edward and Edmund, and Edward is not Edmund. Given names only; both as foldText gives them.
 */
export function areNicknames(a: string, b: string): boolean {
  const entryA = entries.get(a);
  const entryB = entries.get(b);
  if (entryA === undefined || entryB === undefined) return false;
  return entryA.formalNames.includes(entryB.id) || entryB.formalNames.includes(entryA.id);
}

/** Whether two different names are short forms of one: Bob and Rob, of Robert. Weaker than areNicknames. */
export function shareFormalName(a: string, b: string): boolean {
  const formalNamesB = entries.get(b)?.formalNames;
  return (
    a !== b &&
    formalNamesB !== undefined &&
    entries.get(a)?.formalNames.some((id) => formalNamesB.includes(id)) === true
  );
}

function getOrAddEntry(name: string): { readonly id: number; readonly formalNames: number[] } {
  const known = entries.get(name);
  if (known !== undefined) return known;
  const added = { id: entries.size, formalNames: [] };
  entries.set(name, added);
  return added;
}
