// The packages that Impasto stands on: all declared, all for the oldest Node that it promises, none with a script that
// would ask another host than the registry.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { satisfies } from "semver";
import { expect, test } from "vitest";
import { importsOf, ROOT, read, repositoryFiles } from "./source-files.ts";

interface Locked {
  version?: string;
  engines?: { node?: string };
  hasInstallScript?: boolean;
}
const MANIFEST: {
  engines: { node: string };
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
  pnpm: { onlyBuiltDependencies: string[]; ignoredBuiltDependencies: string[] };
} = JSON.parse(read("package.json"));
const LOCKED: [string, Locked][] = Object.entries(JSON.parse(read("package-lock.json")).packages);
const SOURCES = repositoryFiles().filter((file) => /\.(?:tsx?|mjs)$/.test(file) && !file.startsWith("test/vectors/"));

/** "@scope/name/deep/path" → "@scope/name"; null for files, for Node's own modules and for what tests make up. */
function packageOf(name: string): string | null {
  const found = /^(?!node:)((?:@[\w.-]+\/)?[\w-][\w.-]*)(?:\/[\w./-]+)?$/.exec(name)?.[1];
  return found === undefined || found === "x" ? null : found;
}

test("every package that is imported is declared, those of the running companion as dependencies", () => {
  const built = new Set(["typebox", "fflate", "@aws-sdk/client-s3"]); // companion/build.mjs
  const undeclared = SOURCES.flatMap((file) => {
    const isRuntime = file.startsWith("companion/") && file.endsWith(".ts");
    const declared = isRuntime ? MANIFEST.dependencies : { ...MANIFEST.dependencies, ...MANIFEST.devDependencies };
    return importsOf(file)
      .map(packageOf)
      .filter((name) => name !== null && declared[name] === undefined && !(isRuntime && built.has(name)))
      .map((name) => `${file}: ${name}`);
  });
  expect(undeclared).toEqual([]);
});

test("what only a queue or a bucket needs is loaded where there is one, and never before", () => {
  const early = /^(?:import (?!type\b)[^;]*from|export [^;]*from|import) "(?:bullmq|ioredis|@aws-sdk\/[\w-]+)"/m;
  const runtime = SOURCES.filter((file) => file.startsWith("companion/"));
  expect(runtime.filter((file) => importsOf(file).includes("bullmq"))).toEqual(["companion/queue/bull.ts"]);
  expect(runtime.filter((file) => early.test(read(file)))).toEqual([]);
});

test("every locked package runs on the oldest Node that package.json promises", () => {
  const floor = `${MANIFEST.engines.node.replace(">=", "")}.0`;
  expect(LOCKED.length).toBeGreaterThan(200);
  const refusing = LOCKED.filter(([path, { engines }]) => path !== "" && !satisfies(floor, engines?.node ?? "*"));
  expect(refusing.map(([path, { version, engines }]) => `${path} ${version} wants ${engines?.node}`)).toEqual([]);
});

// npm runs at `npm ci` what the lock says has a script, and nothing else; npm 10 knows no other way of not running one.
// `npm install` writes the mark again when it adds such a package anew: take it out then.
test("no package has a script that is run at installation, but for esbuild, which asks nobody", () => {
  const marked = LOCKED.filter(([path, { hasInstallScript }]) => path !== "" && hasInstallScript === true);
  expect(marked.map(([path]) => path)).toEqual(["node_modules/esbuild"]);
});

test("npm 11 and later and pnpm are told of every package with such a script, so that they do not ask", () => {
  const scripted = LOCKED.map(([path]) => path).filter((path) => {
    if (path === "" || !existsSync(join(ROOT, path, "package.json"))) return false;
    const { scripts = {} } = JSON.parse(read(join(path, "package.json")));
    return ["preinstall", "install", "postinstall"].some((event) => scripts[event] !== undefined);
  });
  const names = scripted.map((path) => path.replace(/^.*node_modules\//, "")).sort();
  expect(names).toEqual(["@photostructure/sqlite", "esbuild", "msgpackr-extract", "onnxruntime-node"]);
  expect(MANIFEST.allowScripts).toEqual(Object.fromEntries(names.map((name) => [name, name === "esbuild"])));
  const { onlyBuiltDependencies, ignoredBuiltDependencies } = MANIFEST.pnpm;
  expect([...onlyBuiltDependencies, ...ignoredBuiltDependencies].sort()).toEqual(names);
});
