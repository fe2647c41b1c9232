// What has to be there before anything else can run: the right Node.js, the packages, the built program. Plain
// JavaScript without dependencies, because it runs straight after a clone.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Ends the process with one sentence where Node.js is too old. */
export function requireNode() {
  const { engines } = readJson("package.json");
  const [major, minor] = engines.node.replace(/^\D+/, "").split(".").map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split(".").map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  process.stderr.write(`mpi needs Node.js ${engines.node}; this is ${process.versions.node}.\n`);
  process.exit(1);
}

/** Installs the packages of the lock file where they are missing or others. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  say("Installing packages …");
  // npm tells where it lives when it started us; its own words go to stderr.
  const npm = process.env.npm_execpath;
  const args = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const code = /\.c?js$/.test(npm ?? "")
    ? await runProgram(process.execPath, [npm, ...args], { stdio: ["ignore", 2, 2] })
    : await runProgram("npm", args, { stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (code !== 0) {
    process.stderr.write("The packages could not be installed; npm says why above.\n");
    process.exit(1);
  }
}

/** npm writes node_modules/.package-lock.json last: it says what is really there. */
function isInstalled() {
  if (!existsSync(path.join(root, "node_modules/.package-lock.json"))) return false;
  const installed = readJson("node_modules/.package-lock.json").packages;
  return Object.entries(readJson("package-lock.json").packages).every(
    ([where, wanted]) =>
      where === "" ||
      installed[where]?.version === wanted.version ||
      (wanted.optional === true && installed[where] === undefined),
  );
}

/** Builds dist/ where it is missing or older than the sources. */
export async function ensureBuilt() {
  const code = await runProgram(process.execPath, [path.join(root, "bin/build.js")], {
    stdio: ["ignore", 2, 2],
  });
  if (code !== 0) process.exit(1);
}

/** Runs a program in the project's directory. Resolves to its exit code; 128 + n where a signal ended it. */
export function runProgram(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: "inherit", ...options });
    // Ctrl-C goes to the whole group: wait for the child's own ending. What reaches us alone is passed on.
    const forward = (signal) => child.kill(signal);
    const ignore = () => undefined;
    process.on("SIGINT", ignore);
    process.on("SIGTERM", forward);
    const settle = (code) => {
      process.removeListener("SIGINT", ignore);
      process.removeListener("SIGTERM", forward);
      resolve(code);
    };
    child.once("error", (error) => {
      process.stderr.write(`Cannot run ${program} (${error.code}).\n`);
      settle(1);
    });
    child.once("close", (code, signal) => settle(code ?? (signal === "SIGINT" ? 130 : 143)));
  });
}

export function say(text) {
  process.stderr.write(`${text}\n`);
}

function readJson(file) {
  return JSON.parse(readFileSync(path.join(root, file), "utf8"));
}
