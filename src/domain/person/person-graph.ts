/** Two records that a link of any type joins; which way it points does not matter for who is one person. */
export interface GraphLink {
  readonly patientId: string;
  readonly otherPatientId: string;
  readonly linkType: string;
}

/** Links that only a merge writes; the others are a person's or a run's word that may be taken back. */
export const isMergeLink = (link: GraphLink): boolean =>
  link.linkType === "replaced_by" || link.linkType === "replaces";

type Neighbours<Link extends GraphLink> = ReadonlyMap<
  string,
  readonly { readonly to: string; readonly by: Link }[]
>;

function listNeighbours<Link extends GraphLink>(links: readonly Link[]): Neighbours<Link> {
  const neighbours = new Map<string, { to: string; by: Link }[]>();
  const add = (from: string, to: string, by: Link) => {
    const known = neighbours.get(from);
    if (known === undefined) neighbours.set(from, [{ to, by }]);
    else known.push({ to, by });
  };
  for (const link of links) {
    add(link.patientId, link.otherPatientId, link);
    add(link.otherPatientId, link.patientId, link);
  }
  return neighbours;
}

/** All records that links lead to from `start`, itself included, without passing through `blocked`. */
export function findReachable(
  start: Iterable<string>,
  links: readonly GraphLink[],
  blocked: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  const neighbours = listNeighbours(links);
  const reached = new Set(start);
  const open = [...reached];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const { to } of neighbours.get(at) ?? []) {
      if (reached.has(to) || blocked.has(to)) continue;
      reached.add(to);
      open.push(to);
    }
  }
  return reached;
}

/**
 * The persons among `ids`: connected components, each in the order of `ids`, the first members in that order too.
 * Links to records outside of `ids` are not followed.
 */
export function listComponents(
  ids: readonly string[],
  links: readonly GraphLink[],
): readonly (readonly string[])[] {
  const parent = new Map(ids.map((id) => [id, id]));
  const find = (id: string): string => {
    let root = id;
    for (let next = parent.get(root)!; next !== root; next = parent.get(root)!) root = next;
    for (let at = id; at !== root;) {
      const next = parent.get(at)!;
      parent.set(at, root);
      at = next;
    }
    return root;
  };
  for (const link of links) {
    if (parent.has(link.patientId) && parent.has(link.otherPatientId)) {
      parent.set(find(link.patientId), find(link.otherPatientId));
    }
  }
  const components = new Map<string, string[]>();
  for (const id of ids) {
    const root = find(id);
    const component = components.get(root);
    if (component === undefined) components.set(root, [id]);
    else component.push(id);
  }
  return [...components.values()];
}

/** A record with all that were merged into it or that it was merged into: what no unlink can part. */
export const findMergeUnit = (id: string, links: readonly GraphLink[]): ReadonlySet<string> =>
  findReachable([id], links.filter(isMergeLink));

/** The links of a shortest way from one record to another; undefined where there is none. */
export function findPath<Link extends GraphLink>(
  from: string,
  to: ReadonlySet<string>,
  links: readonly Link[],
): readonly Link[] | undefined {
  const neighbours = listNeighbours(links);
  const ways = new Map<string, readonly Link[]>([[from, []]]);
  for (const [at, way] of ways) {
    if (to.has(at)) return way;
    for (const next of neighbours.get(at) ?? []) {
      if (!ways.has(next.to)) ways.set(next.to, [...way, next.by]);
    }
  }
  return undefined;
}
