// The second half of the build: dist/cli/main.js and all it imports, packages included, in few files.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

// CommonJS packages in the bundle call require for Node's own modules, which ESM does not have. One line, so that
// taking it away from the many files that need none leaves their maps right.
const banner =
  'import { createRequire as createRequireForBundle } from "node:module"; const require = createRequireForBundle(import.meta.url);';

/**
 * Modules find files beside them (migrations, tables, workers) by import.meta.url. In the bundle it goes on to mean
 * the module's own place in dist/, where the compiler has left the same module.
 */
const keepOwnUrl = (dist) => ({
  name: "keep-own-url",
  setup(build) {
    build.onLoad({ filter: /\.js$/ }, ({ path: file }) => {
      if (!file.startsWith(dist + path.sep)) return undefined;
      const source = readFileSync(file, "utf8");
      if (!source.includes("import.meta.url")) return undefined;
      const own = path.relative(path.join(dist, "bundle"), file).split(path.sep).join("/");
      return {
        contents: source.replaceAll(
          "import.meta.url",
          `new URL(${JSON.stringify(own)}, import.meta.url).href`,
        ),
        loader: "js",
      };
    });
  },
});

const blocksFile = "any-ascii-blocks.cjs";

/**
 * The tables that turn other scripts into Latin letters are half a megabyte, and most commands never meet such a letter:
 * they stay in a file of their own, read at the first one.
 */
const keepBlocksApart = {
  name: "keep-blocks-apart",
  setup(build) {
    build.onLoad({ filter: /[\\/]any-ascii[\\/]block\.js$/ }, () => ({
      contents: `let block; export default (number) => (block ??= require("./${blocksFile}").default)(number);`,
      loader: "js",
    }));
  },
};

/** Writes dist/bundle/. Readers never meet a half-written program: chunks carry a hash, and main.js comes last. */
export async function writeBundle(root) {
  const { build } = await import("esbuild");
  const dist = path.join(root, "dist");
  const outdir = path.join(dist, "bundle");
  const result = await build({
    absWorkingDir: root,
    entryPoints: [path.join(dist, "cli/main.js")],
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    minifySyntax: true,
    // Comments and blanks are a third of what would be read at every start.
    minifyWhitespace: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: "none",
    banner: { js: banner },
    // Native extras of pg that are not installed; it does without.
    external: ["pg-native", `./${blocksFile}`],
    plugins: [keepOwnUrl(dist), keepBlocksApart],
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  const blocks = await build({
    entryPoints: [path.join(root, "node_modules/any-ascii/block.js")],
    outfile: path.join(outdir, blocksFile),
    format: "cjs",
    target: "node20.19",
    minify: true,
    charset: "utf8",
    write: false,
    logLevel: "warning",
  });
  result.outputFiles.push(...blocks.outputFiles);
  mkdirSync(outdir, { recursive: true });
  const isEntry = (file) => path.basename(file.path) === "main.js";
  for (const file of [
    ...result.outputFiles.filter((each) => !isEntry(each)),
    ...result.outputFiles.filter(isEntry),
  ]) {
    const draft = `${file.path}.${String(process.pid)}`;
    writeFileSync(draft, withoutIdleBanner(file));
    renameSync(draft, file.path);
  }
  writeFileSync(path.join(outdir, "third-party-licenses.txt"), collectLicenses(root, result.metafile));
  removeOldChunks(outdir, new Set(result.outputFiles.map((file) => path.basename(file.path))));
}

/** Making a require takes a start some four milliseconds where each of forty files does it. */
function withoutIdleBanner({ path: file, contents, text }) {
  if (!file.endsWith(".js")) return contents;
  return text.startsWith(banner) && !/\brequire\b/.test(text.slice(banner.length))
    ? text.slice(banner.length)
    : contents;
}

/** A process that started before the build may still want its chunks: they stay for an hour. */
function removeOldChunks(outdir, current) {
  for (const name of readdirSync(outdir)) {
    if (current.has(name) || name === "third-party-licenses.txt") continue;
    const file = path.join(outdir, name);
    if (statSync(file).mtimeMs < Date.now() - 3_600_000) rmSync(file);
  }
}

/** The bundle holds copies of packages, whose licences want their notices to go along. */
function collectLicenses(root, metafile) {
  const names = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found !== null) names.add(found[1]);
  }
  return [...names]
    .sort()
    .map((directory) => {
      const where = path.join(root, directory);
      const { name, version, license } = JSON.parse(readFileSync(path.join(where, "package.json"), "utf8"));
      const file = readdirSync(where).find((entry) => /^licen[cs]e/i.test(entry));
      const text =
        file === undefined || !existsSync(path.join(where, file))
          ? ""
          : readFileSync(path.join(where, file), "utf8");
      return `${name} ${version} (${license})\n\n${text.trim()}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}
