import type { Session } from "./session.ts";

export const objectKinds = [
  "extension",
  "sequence",
  "function",
  "table",
  "column",
  "constraint",
  "sequence owner",
  "view",
  "index",
  "trigger",
  "policy",
] as const;
export type ObjectKind = (typeof objectKinds)[number];

/** One object of the schema, described by text alone, so that two servers can be compared. */
export interface CatalogueObject {
  readonly kind: ObjectKind;
  /** `patients`, `patients.birth_date`, `mpi_fold_text(text)`. */
  readonly name: string;
  /** The SQL that makes it; of a column or table constraint, its line in `create table`. */
  readonly definition: string;
}

/**
 * Everything in schema public that the migrations are answerable for, in an order that does not depend on the
 * server: by kind, then by name, columns as they stand in their table.
 *
 * Left out are the runner's own tables, the month partitions of audit_log (they depend on the date), what
 * belongs to extensions, and NOT NULL constraints, which PostgreSQL lists from version 18 on: the column says it.
 */
export async function readCatalogue(session: Session): Promise<readonly CatalogueObject[]> {
  const parts: CatalogueObject[][] = [];
  for (const [kind, query] of queries) {
    const rows = await session.unsafe<{ name: string; definition: string }[]>(query);
    parts.push(rows.map(({ name, definition }) => ({ kind, name, definition: oneForm(kind, definition) })));
  }
  return parts.flat();
}

/** Bodies of functions and views are kept as written; everything else goes on one line, without the schema's name. */
function oneForm(kind: ObjectKind, definition: string): string {
  if (kind === "function" || kind === "view") return definition.trim();
  return definition
    .replaceAll(/\s*\n\s*/g, " ")
    .replaceAll(" ON public.", " ON ")
    .trim();
}

/** Tables that are ours: no extension's, no month's, not the runner's. */
const ownTables = `
  select c.oid, c.relname, c.relkind, c.relispartition, pg_get_expr(c.relpartbound, c.oid) as bound
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname not in ('mpi_migrations', 'mpi_migration_events')
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    and (not c.relispartition or pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT')`;

/** Names sort by their bytes: collations differ between servers. */
const byName = (expression: string) => `order by ${expression} collate "C"`;

const queries: readonly (readonly [ObjectKind, string])[] = [
  [
    "extension",
    `select extname as name, format('create extension %I;', extname) as definition
     from pg_extension where extnamespace = 'public'::regnamespace ${byName("extname")}`,
  ],
  [
    "sequence",
    `select c.relname as name, format('create sequence %I as %s;', c.relname, format_type(s.seqtypid, null)) as definition
     from pg_sequence s join pg_class c on c.oid = s.seqrelid
     where c.relnamespace = 'public'::regnamespace
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('i', 'e'))
     ${byName("c.relname")}`,
  ],
  [
    "function",
    `select f.name, f.definition from (
       select p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
         rtrim(pg_get_functiondef(p.oid), E'\\n') || ';'
           || case when p.proacl is not null and not exists (select from aclexplode(p.proacl) a where a.grantee = 0)
              then format(E'\\nrevoke execute on function %s from public;', p.oid::regprocedure) else '' end as definition
       from pg_proc p
       where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'p')
         and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')) f
     ${byName("f.name")}`,
  ],
  [
    "table",
    `select t.relname as name,
       case when t.relispartition
         then format('partition of %s %s', (select inhparent::regclass from pg_inherits where inhrelid = t.oid), lower(t.bound))
         else coalesce('partition by ' || lower(split_part(pg_get_partkeydef(t.oid), ' ', 1)) || substr(pg_get_partkeydef(t.oid), strpos(pg_get_partkeydef(t.oid), ' ')), '')
       end as definition
     from (${ownTables}) t ${byName("t.relname")}`,
  ],
  [
    "column",
    `select t.relname || '.' || a.attname as name,
       format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
         || case when a.attcollation not in (0, y.typcollation) then format(' collate %s', a.attcollation::regcollation) else '' end
         || case
              when a.attidentity <> '' then format(' generated %s as identity', case a.attidentity when 'a' then 'always' else 'by default' end)
              when a.attgenerated <> '' then format(' generated always as (%s)%s', pg_get_expr(d.adbin, d.adrelid), case a.attgenerated when 's' then ' stored' else '' end)
              when d.oid is not null then format(' default %s', pg_get_expr(d.adbin, d.adrelid))
              else '' end
         || case when a.attnotnull then ' not null' else '' end as definition
     from (${ownTables}) t
     join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
     join pg_type y on y.oid = a.atttypid
     left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where not t.relispartition
     order by t.relname collate "C", a.attnum`,
  ],
  [
    "constraint",
    `select t.relname || '.' || c.conname as name,
       format('constraint %I %s%s', c.conname, pg_get_constraintdef(c.oid),
         case when exists (select from pg_trigger g where g.tgconstraint = c.oid and g.tgenabled = 'D') then ' /* switched off */' else '' end) as definition
     from (${ownTables}) t join pg_constraint c on c.conrelid = t.oid
     where c.contype in ('p', 'u', 'c', 'f', 'x') and c.conparentid = 0 and c.coninhcount = 0
     order by t.relname collate "C", array_position('{p,u,c,x,f}', c.contype), c.conname collate "C"`,
  ],
  [
    "sequence owner",
    `select c.relname as name,
       format('alter sequence %I owned by %I.%I;', c.relname, d.refobjid::regclass::text, a.attname) as definition
     from pg_class c
     join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'a' and d.refobjsubid > 0
     join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'S' ${byName("c.relname")}`,
  ],
  [
    "view",
    `select c.relname as name,
       format('create view %I%s as%s%s', c.relname,
         coalesce(' with (' || array_to_string(c.reloptions, ', ') || ')', ''), E'\\n', pg_get_viewdef(c.oid)) as definition
     from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm')
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     ${byName("c.relname")}`,
  ],
  [
    "index",
    `select t.relname || '.' || x.relname as name,
       replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') || ';' || case when i.indisvalid then '' else ' /* invalid */' end as definition
     from (${ownTables}) t join pg_index i on i.indrelid = t.oid join pg_class x on x.oid = i.indexrelid
     where not x.relispartition and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x'))
     ${byName("t.relname || '.' || x.relname")}`,
  ],
  [
    "trigger",
    `select t.relname || '.' || g.tgname as name,
       pg_get_triggerdef(g.oid) || ';' || case g.tgenabled
         when 'O' then '' when 'A' then format(' alter table %I enable always trigger %I;', t.relname, g.tgname)
         when 'R' then format(' alter table %I enable replica trigger %I;', t.relname, g.tgname)
         else format(' alter table %I disable trigger %I;', t.relname, g.tgname) end as definition
     from (${ownTables}) t join pg_trigger g on g.tgrelid = t.oid
     where not g.tgisinternal and g.tgparentid = 0
     order by t.relname collate "C", g.tgname collate "C"`,
  ],
  [
    "policy",
    `select tablename || '.' || policyname as name,
       format('create policy %I on %I for %s;', policyname, tablename, lower(cmd)) as definition
     from pg_policies where schemaname = 'public' and policyname not like 'mpi_tenant%' ${byName("tablename || '.' || policyname")}`,
  ],
];
