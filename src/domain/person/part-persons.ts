import { findReachable, isMergeLink, type GraphLink } from "./person-graph.ts";

/** With whom a third record stays that holds two others together: the first, the second, or neither until decided. */
export type ThirdChoice = "a" | "b" | "queue";

export interface Parting<Link extends GraphLink> {
  /** Links to take away so that the two sides are no longer one person. */
  readonly cut: readonly Link[];
  /** Records that hold both sides: a way leads from each of them to either side without passing the other. */
  readonly thirds: readonly string[];
}

/**
 * How two sides of one person part. Each side is a set of records that stay together (a record with those merged
 * into it); links between the sides themselves are always cut. The outcome does not depend on the order of `links`:
 * every third record goes the same way, so whoever arrived first has no say.
 */
export function partPersons<Link extends GraphLink>(
  left: ReadonlySet<string>,
  right: ReadonlySet<string>,
  links: readonly Link[],
  choice: ThirdChoice,
): Parting<Link> {
  const fromLeft = findReachable(left, links, right);
  const fromRight = findReachable(right, links, left);
  const thirds = [...fromLeft].filter((id) => fromRight.has(id)).sort();
  const isThird = new Set(thirds);
  const joins = (link: Link, side: ReadonlySet<string>, other: ReadonlySet<string>) =>
    (side.has(link.patientId) && other.has(link.otherPatientId)) ||
    (side.has(link.otherPatientId) && other.has(link.patientId));
  const cut = links.filter(
    (link) =>
      !isMergeLink(link) &&
      (joins(link, left, right) ||
        (choice !== "a" && joins(link, left, isThird)) ||
        (choice !== "b" && joins(link, right, isThird))),
  );
  return { cut, thirds };
}
