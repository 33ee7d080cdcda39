// The packed package, installed by each npm into an empty prefix, with every host written down that any process asks.
// It needs the registry: npm itself comes from there.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { satisfies } from "semver";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchNode } from "../../companion/bundle/fetch-node.mjs";
import { paint, runInstalled, stagePackage } from "./support/installed.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "impasto-install-"));
const NAME: string = JSON.parse(readFileSync("package.json", "utf8")).name;
const HOOK = join(FOLDER, "hook.cjs");
const HOSTS = join(FOLDER, "hosts.txt");
const shell = process.platform === "win32";
let tarball = "";

beforeAll(() => {
  const stage = join(FOLDER, "stage");
  stagePackage(stage);
  npm(["pack", "--ignore-scripts", "--pack-destination", FOLDER], stage);
  tarball = join(FOLDER, readdirSync(FOLDER).find((name) => name.endsWith(".tgz")) ?? "");
  writeFileSync(
    HOOK,
    `const { connect } = require("node:net").Socket.prototype;
require("node:net").Socket.prototype.connect = function (...parameters) {
  const options = [parameters[0]].flat()[0];
  if (options?.host) require("node:fs").appendFileSync(${JSON.stringify(HOSTS)}, options.host + "\\n");
  return connect.apply(this, parameters);
};`,
  );
});

afterAll(() => rmSync(FOLDER, { recursive: true }));

function npm(args: readonly string[], cwd: string, env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd, shell, env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`npm ${args.join(" ")}\n${stdout}${stderr}`);
  return String(stderr);
}

/** npm 12 does not run on Node 20: the path begins with a Node that it runs on. */
function pathFor(node: string): string {
  const path = process.env.PATH ?? "";
  if (satisfies(process.versions.node, node)) return path;
  const folder = join(FOLDER, "node");
  fetchNode(`${process.platform}-${process.arch}`, folder, join(FOLDER, "node-packages"));
  if (!shell) chmodSync(join(folder, "node"), 0o755);
  return `${folder}${delimiter}${path}`;
}

const NODE_OF_NPM: Record<string, string> = { "12": "^22.22.2 || ^24.15.0 || >=26" };

// npm 11.16 and later say of each package with a script that nobody has allowed it; npm 12 runs none.
test.each([
  { version: "10", option: "--no-ignore-scripts", silent: true },
  { version: "10", option: "--ignore-scripts", silent: true },
  { version: "11", option: "--no-ignore-scripts", silent: false },
  { version: "11", option: "--ignore-scripts", silent: true },
  { version: "12", option: "--no-ignore-scripts", silent: false },
  { version: "12", option: "--ignore-scripts", silent: true },
])("npm $version $option installs it, asks the registry alone, and it paints", async ({ version, option, silent }) => {
  const prefix = join(FOLDER, `npm${version}${option}`);
  mkdirSync(prefix);
  rmSync(HOSTS, { force: true });
  const install = ["install", "--global", option, "--prefix", prefix, tarball];
  const env = { NODE_OPTIONS: `--require ${HOOK}`, PATH: pathFor(NODE_OF_NPM[version] ?? "*") };
  const stderr = npm(["exec", "--yes", `npm@${version}`, "--", ...install], FOLDER, env);
  const registry = new URL(npmRegistry()).hostname;
  expect([...new Set(readFileSync(HOSTS, "utf8").trim().split("\n"))]).toEqual([registry]);
  const warnings = stderr.split("\n").filter((line) => /warn/i.test(line) && !/Unknown \w+ config/.test(line));
  expect(silent ? warnings : warnings.filter((line) => !line.startsWith("npm warn install-scripts"))).toEqual([]);
  const root = join(prefix, ...(shell ? [] : ["lib"]), "node_modules", ...NAME.split("/"));
  const installed = join(root, "companion", "start.mjs");
  expect(runInstalled(installed, ["doctor"], FOLDER).stdout).toMatch(/yes cpu/);
  const { path } = paint(installed, FOLDER);
  expect(await sharp(path).metadata()).toMatchObject({ width: 64, format: "png" });
});

function npmRegistry(): string {
  return String(spawnSync("npm", ["config", "get", "registry"], { shell }).stdout).trim();
}
