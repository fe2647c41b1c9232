import type { ConnectionTarget } from "../client.ts";
import { objectKinds, readCatalogue, type CatalogueObject, type ObjectKind } from "./catalogue.ts";
import { withSession } from "./session.ts";

const head = `-- The schema as the migrations leave it, written from the catalogue by "npm run schema:dump"; edit the migrations.
-- "mpi migrate verify" compares a database with it. The month partitions of audit_log are left out, and so are
-- NOT NULL constraints by name, which only PostgreSQL 18 knows.

set check_function_bodies = off;
`;

/** Writes the schema of a database as SQL text: the same for the same schema on every version of PostgreSQL. */
export const dumpSchema = (target: ConnectionTarget): Promise<string> =>
  withSession(target, async (session) => renderSchema(await readCatalogue(session)));

/** The catalogue as SQL that makes it again. */
export function renderSchema(catalogue: readonly CatalogueObject[]): string {
  const of = (kind: ObjectKind) => catalogue.filter((object) => object.kind === kind);
  const block = ({ kind, name }: CatalogueObject, sql: string) => `-- [${kind}] ${name}\n${sql}\n`;
  const plain = (kind: ObjectKind) => of(kind).map((object) => block(object, object.definition));
  const tables = of("table").map((table) => {
    const isOfTable = (object: CatalogueObject) => object.name.startsWith(`${table.name}.`);
    const lines = [
      ...of("column").filter(isOfTable),
      ...of("constraint").filter((object) => isOfTable(object) && !isForeignKey(object)),
    ].map(({ definition }) => `  ${definition}`);
    if (table.definition.startsWith("partition of"))
      return block(table, `create table ${table.name} ${table.definition};`);
    const tail = table.definition === "" ? "" : ` ${table.definition}`;
    return block(table, `create table ${table.name} (\n${lines.join(",\n")}\n)${tail};`);
  });
  const foreignKeys = of("constraint")
    .filter(isForeignKey)
    .map((object) => block(object, `alter table ${tableOf(object.name)} add ${object.definition};`));
  return [
    head,
    ...plain("extension"),
    ...plain("sequence"),
    ...plain("function"),
    ...tables,
    ...foreignKeys,
    ...plain("sequence owner"),
    ...plain("view"),
    ...plain("index"),
    ...plain("trigger"),
    ...plain("policy"),
  ].join("\n");
}

/** Reads back what `renderSchema` wrote. */
export function parseSchema(text: string): readonly CatalogueObject[] {
  const header = new RegExp(`^-- \\[(${objectKinds.join("|")})\\] (.+)$`);
  const blocks: { kind: ObjectKind; name: string; lines: string[] }[] = [];
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) {
    const [, kind, name] = header.exec(line) ?? [];
    if (kind !== undefined && name !== undefined) blocks.push({ kind: kind as ObjectKind, name, lines: [] });
    else blocks.at(-1)?.lines.push(line);
  }
  return blocks.flatMap(({ kind, name, lines }): readonly CatalogueObject[] => {
    const sql = lines.join("\n").trim();
    if (kind === "table") return parseTable(name, sql);
    if (kind === "constraint")
      return [{ kind, name, definition: sql.replace(/^alter table \S+ add |;$/g, "") }];
    return [{ kind, name, definition: sql }];
  });
}

function parseTable(name: string, sql: string): readonly CatalogueObject[] {
  const lines = sql.split("\n");
  const [first, last] = [lines[0]!, lines.at(-1)!];
  if (lines.length === 1)
    return [
      { kind: "table", name, definition: first.replace(`create table ${name} `, "").replace(/;$/, "") },
    ];
  return [
    { kind: "table", name, definition: last.replace(/^\) ?|;$/g, "") },
    ...lines.slice(1, -1).map((line): CatalogueObject => {
      const definition = line.trim().replace(/,$/, "");
      const [word, second] = definition.split(" ", 2);
      return word === "constraint"
        ? { kind: "constraint", name: `${name}.${unquote(second!)}`, definition }
        : { kind: "column", name: `${name}.${unquote(word!)}`, definition };
    }),
  ];
}

const unquote = (name: string) => name.replaceAll('"', "");
const tableOf = (name: string) => name.split(".", 1)[0]!;
const isForeignKey = (object: CatalogueObject) => / FOREIGN KEY /.test(object.definition);
