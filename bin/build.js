// npm run build: src/ to dist/ by the TypeScript compiler, module by module; then dist/bundle/, the same program in
// few files, because opening two hundred modules takes longer than the work of a short command. Does nothing where
// dist/ is up to date, unless --fresh has it begin with nothing, for a package.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { writeBundle } from "./bundle.js";
import { root, runProgram, say } from "./prepare.js";

const dist = path.join(root, "dist");
const cache = path.join(root, "node_modules/.cache/mpi");
const stampFile = path.join(cache, "built");
const lock = path.join(cache, "build.lock");

const listFiles = (directory) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();

/** Changes whenever anything that the build reads does. */
function fingerprint() {
  const inputs = [
    ...listFiles(path.join(root, "src")),
    ...[
      "package.json",
      "package-lock.json",
      "tsconfig.json",
      "tsconfig.build.json",
      "bin/build.js",
      "bin/bundle.js",
    ].map((name) => path.join(root, name)),
  ];
  const hash = createHash("sha256");
  for (const file of inputs) hash.update(`${path.relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

const isUpToDate = (wanted) =>
  existsSync(path.join(dist, "bundle/main.js")) &&
  existsSync(stampFile) &&
  readFileSync(stampFile, "utf8") === wanted;

/** What a removed source left behind would be packed and found by imports. */
function removeOrphans() {
  for (const file of listFiles(dist)) {
    const name = path.relative(dist, file);
    if (name.startsWith(`bundle${path.sep}`)) continue;
    if (!existsSync(path.join(root, "src", name.replace(/\.js$/, ".ts")))) rmSync(file);
  }
}

async function compile() {
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  // The compiler believes its own notes about what it has written.
  const modules = listFiles(path.join(root, "src")).filter((file) => file.endsWith(".ts"));
  const compiled = (file) =>
    path.join(dist, path.relative(path.join(root, "src"), file)).replace(/\.ts$/, ".js");
  if (!modules.every((file) => existsSync(compiled(file))))
    rmSync(path.join(cache, "build.tsbuildinfo"), { force: true });
  return await runProgram(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: ["ignore", 2, 2] });
}

/** One build at a time; a lock whose process is gone counts for nothing. */
async function acquireLock() {
  mkdirSync(cache, { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!isAlive(readFileSync(lock, "utf8"))) rmSync(lock, { force: true });
    else await pause(200);
  }
}

function isAlive(pid) {
  if (!/^\d+$/.test(pid)) return statSync(lock).mtimeMs > Date.now() - 1000;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

async function build() {
  if (process.argv.includes("--fresh")) rmSync(dist, { recursive: true, force: true });
  if (isUpToDate(fingerprint())) return 0;
  await acquireLock();
  try {
    const wanted = fingerprint();
    if (isUpToDate(wanted)) return 0;
    say("Building …");
    rmSync(stampFile, { force: true });
    const code = await compile();
    if (code !== 0) return code;
    removeOrphans();
    await writeBundle(root);
    writeFileSync(stampFile, wanted);
    return 0;
  } finally {
    rmSync(lock, { force: true });
  }
}

process.exitCode = await build();
