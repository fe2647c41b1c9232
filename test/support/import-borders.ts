import path from "node:path";
import ts from "typescript";

/** One import of a file, however it is written. */
export interface FoundImport {
  readonly line: number;
  /** What is imported; undefined where it is computed at run time. */
  readonly specifier: string | undefined;
}

/** One thing a file must not do. */
export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

/** Static, bare, re-exporting, type-only and dynamic imports, and require. */
export function findImports(file: string, text: string): readonly FoundImport[] {
  const found: FoundImport[] = [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const add = (node: ts.Node, specifier: ts.Node | undefined) => {
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
    found.push({
      line,
      specifier: specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier.text : undefined,
    });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)
      add(node, node.moduleSpecifier);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node, node.argument.literal);
    else if (ts.isCallExpression(node) && isImportCall(node)) add(node, node.arguments[0]);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const isImportCall = (call: ts.CallExpression): boolean =>
  call.expression.kind === ts.SyntaxKind.ImportKeyword ||
  (ts.isIdentifier(call.expression) && call.expression.text === "require");

const layers = ["cli", "domain", "matching", "db", "lib"] as const;
type Layer = (typeof layers)[number];

/** bin → cli → domain → { matching, db } → lib */
const mayImport: Readonly<Record<Layer, readonly Layer[]>> = {
  cli: ["cli", "domain", "lib"],
  domain: ["domain", "matching", "db", "lib"],
  matching: ["matching", "lib"],
  db: ["db", "lib"],
  lib: ["lib"],
};

// The command line opens the database and hands it on; it runs no queries.
const openToCli = /^src\/db\/(?:client|errors|transaction)\.ts$|^src\/db\/embedded\//;

const packagesOf: Readonly<Record<string, readonly Layer[]>> = {
  commander: ["cli"],
  inquirer: ["cli"],
  "cli-table3": ["cli"],
  "cli-progress": ["cli"],
  "drizzle-orm": ["db"],
  postgres: ["db"],
  pg: ["db"],
  "pg-copy-streams": ["db"],
  "fast-levenshtein": ["matching"],
  "double-metaphone": ["matching"],
  "any-ascii": ["matching"],
  "csv-parse": ["domain", "cli"],
  "csv-stringify": ["domain"],
  "@streamparser/json": ["domain"],
  "@medplum/core": ["domain"],
  yaml: ["domain", "cli"],
  zod: ["domain", "db", "cli"],
};

const packageName = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

const layerOf = (file: string): Layer | undefined => layers.find((layer) => file.startsWith(`src/${layer}/`));

/**
 * What in a source file breaks the borders between the parts of the program.
 * @param file its path from the project's root, with slashes.
 */
export function findViolations(file: string, text: string): readonly Violation[] {
  const layer = layerOf(file);
  if (layer === undefined) return [{ file, line: 1, what: "lies in no layer" }];
  const violations: Violation[] = [];
  for (const { line, specifier } of findImports(file, text)) {
    const what =
      specifier === undefined ? "imports something computed at run time" : judge(file, layer, specifier);
    if (what !== undefined) violations.push({ file, line, what });
  }
  return violations;
}

function judge(file: string, layer: Layer, specifier: string): string | undefined {
  if (specifier.startsWith("node:")) {
    return layer === "matching" ? `matching is pure and must not import ${specifier}` : undefined;
  }
  if (!specifier.startsWith(".")) {
    const name = packageName(specifier);
    const allowed = packagesOf[name];
    if (allowed === undefined) return `imports ${name}, which no layer may`;
    return allowed.includes(layer) ? undefined : `imports ${name}, which only ${allowed.join(" and ")} may`;
  }
  if (!specifier.endsWith(".ts") && !specifier.endsWith(".json"))
    return `imports ${specifier} without its extension`;
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
  const targetLayer = layerOf(target);
  if (targetLayer === undefined) return `imports ${target}, outside of src`;
  if (mayImport[layer].includes(targetLayer)) return undefined;
  if (layer === "cli" && openToCli.test(target)) return undefined;
  return `${layer} must not import ${target}`;
}
