// The command's first step in a clone and in an installed package that lack something: one sentence, no stack.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "impasto-start-")));
  mkdirSync(join(root, "companion"));
  cpSync(join("companion", "start.mjs"), join(root, "companion", "start.mjs"));
  cpSync("package.json", join(root, "package.json"));
});

afterEach(() => rmSync(root, { recursive: true }));

function start() {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "companion", "start.mjs"), "doctor"]);
  return { status, stdout: String(stdout), stderr: String(stderr) };
}

function makeClone(): void {
  writeFileSync(join(root, "companion", "cli.ts"), "");
}

function makeProgram(code: string): void {
  mkdirSync(join(root, "dist"));
  writeFileSync(join(root, "dist", "impasto.js"), code);
}

test("runs the program that was built", () => {
  makeProgram("console.log(process.argv[2])");
  expect(start()).toEqual({ status: 0, stdout: "doctor\n", stderr: "" });
});

test("EXPECTED FAILURE - a clone that was not built says how it is built", () => {
  makeClone();
  const stderr = `impasto: Impasto is not built yet. Run \`npm ci && npm run build\` in ${root}.\n`;
  expect(start()).toEqual({ status: 1, stdout: "", stderr });
});

test("EXPECTED FAILURE - a package without its program says that it is incomplete", () => {
  const stderr = `impasto: Impasto's installation in ${root} is incomplete. Install it again.\n`;
  expect(start()).toEqual({ status: 1, stdout: "", stderr });
});

test("EXPECTED FAILURE - a package that misses others says so", () => {
  makeProgram(`import ${JSON.stringify("a-package-that-nobody-has")};`);
  expect(start().stderr).toMatch(/^impasto: .* Install it again\.\n$/);
  makeClone();
  expect(start().stderr).toMatch(/^impasto: Impasto misses packages .*npm ci/);
});

test("EXPECTED FAILURE - a Node that is too old is told which one is needed, before anything is loaded", () => {
  makeProgram("throw new Error('loaded')");
  writeFileSync(join(root, "package.json"), JSON.stringify({ type: "module", engines: { node: ">=98.7" } }));
  expect(start().stderr).toBe(
    `impasto: Impasto needs Node 98.7 or later, and this is ${process.versions.node}. Get it at https://nodejs.org.\n`,
  );
});
