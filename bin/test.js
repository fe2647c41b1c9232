// npm test: types, lint and format, then all tests. What follows "npm test --" goes to vitest.
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import path from "node:path";
import { ensureBuilt, ensureInstalled, requireNode, root, runProgram, say } from "./prepare.js";

requireNode();
await ensureInstalled();
await ensureBuilt();

const tool = (file) => path.join(root, "node_modules", file);
const checks = {
  types: [tool("typescript/bin/tsc"), "--noEmit", "-p", "."],
  lint: [tool("eslint/bin/eslint.js"), "."],
  format: [tool("prettier/bin/prettier.cjs"), "--check", "--log-level", "warn", "."],
};

/** Runs a check and keeps what it says until it is known to matter. */
function runCheck([name, args]) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const said = [];
    child.stdout.on("data", (chunk) => said.push(chunk));
    child.stderr.on("data", (chunk) => said.push(chunk));
    child.once("close", (code) => resolve({ name, ok: code === 0, said: Buffer.concat(said).toString() }));
  });
}

say("Checking types, lint and format …");
const results = await Promise.all(Object.entries(checks).map(runCheck));
const failed = results.filter((result) => !result.ok);
for (const { name, said } of failed) say(`\n${name}:\n${said}`);

const tests = await runProgram(process.execPath, [
  tool("vitest/vitest.mjs"),
  "run",
  ...process.argv.slice(2),
]);
if (failed.length > 0)
  say(`These checks failed before the tests, see above: ${failed.map((each) => each.name).join(", ")}.`);
process.exitCode = tests === 0 && failed.length > 0 ? 1 : tests;
