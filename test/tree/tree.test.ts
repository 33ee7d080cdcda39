// The shape of the tree: what stands at the top, how files are called, what no file says, and that globs match.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { globSync } from "tinyglobby";
import { describe, expect, test } from "vitest";
import { ROOT, read, repositoryFiles } from "./source-files.ts";

const FILES = repositoryFiles();
const TEXT = FILES.filter(
  (file) =>
    /\.(?:tsx?|mjs|cjs|cc|h|py|md|json|css|html|txt|sh)$|^\.ci\/run$/.test(file) && file !== "package-lock.json",
);

const TOP = new Set([
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "manifest.json",
  "plugin",
  "ui",
  "native",
  "companion",
  "docs",
  "deploy",
  "test",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
  "biome.json",
]);

/** Config file → the globs in it that must match something. */
function configGlobs(): [string, string[]][] {
  const own = (file: string) => ({ file, config: JSON.parse(read(file).replace(/^\s*\/\/.*$/gm, "")) });
  const projects = FILES.filter((file) => /^[a-z/]+\/tsconfig\.json$/.test(file)).map(own);
  const included: [string, string[]][] = projects.map(({ file, config }) => [
    file,
    (config.include ?? []).map((glob: string) => join(file, "..", glob)),
  ]);
  const biome = own("biome.json").config;
  const linted: string[] = biome.files.includes.filter((glob: string) => !glob.startsWith("!"));
  const overridden: string[] = biome.overrides.flatMap(({ includes }: { includes: string[] }) => includes);
  const tests = ["vitest.config.ts", "vitest.slow.config.ts"].map((file): [string, string[]] => [
    file,
    [...read(file).matchAll(/"(test\/[^"]*\*[^"]*)"/g)].map((match) => match[1] ?? ""),
  ]);
  return [...included, ["biome.json", [...linted, ...overridden]], ...tests];
}

describe("the tree", () => {
  test("has nothing at its top but what belongs there", () => {
    const isConfig = (name: string) => name.startsWith(".") || /\.config\.(?:ts|mjs|json)$/.test(name);
    const names = new Set(FILES.map((file) => file.split("/")[0] ?? ""));
    expect([...names].filter((name) => !TOP.has(name) && !isConfig(name))).toEqual([]);
  });

  test("has kebab-case TypeScript and snake_case C++", () => {
    const base = (file: string) => file.split("/").at(-1) ?? "";
    const typescript = FILES.filter(
      (file) => /\.tsx?$/.test(file) && !/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(base(file)),
    );
    const cpp = FILES.filter(
      (file) => /\.(?:cc|h)$/.test(file) && !/^[a-z0-9]+(?:_[a-z0-9]+)*\.(?:cc|h)$/.test(base(file)),
    );
    expect([...typescript, ...cpp]).toEqual([]);
  });

  test("leaves no note to do later and no path of one machine", () => {
    const forbidden = [
      new RegExp(`\\b(?:${["TO", "FIX"].map((word) => `${word}${word === "TO" ? "DO" : "ME"}`).join("|")})\\b`),
      /(?<![\w.])\/(?:work|home|Users)\/\w/,
    ];
    const wrong = TEXT.flatMap((file) => {
      const lines = read(file).split("\n");
      return lines.flatMap((line, i) =>
        forbidden.some((pattern) => pattern.test(line)) ? [`${file}:${i + 1}: ${line.trim()}`] : [],
      );
    });
    expect(wrong.filter((line) => !line.startsWith("test/tree/tree.test.ts"))).toEqual([]);
  });

  test("begins every source with a header that says what it does", () => {
    const sources = FILES.filter((file) => /^(?:companion|plugin|ui|native)\/.*\.(?:tsx?|mjs|cc|h)$/.test(file));
    const bare = sources.filter((file) => !/^(?:#!.*\n)?(?:\/\/ |\/\*\*? ?)/.test(read(file)));
    // A .cc with a .h of its own has its header there.
    expect(bare.filter((file) => !file.endsWith(".cc") || !FILES.includes(file.replace(/cc$/, "h")))).toEqual([]);
  });

  test("has no barrel and no default export but in configurations", () => {
    const sources = FILES.filter((file) => /^(?:companion|plugin|ui|native)\/.*\.tsx?$/.test(file));
    expect(sources.filter((file) => /(?:^|\/)index\.tsx?$/.test(file) && !file.startsWith("ui/"))).toEqual([]);
    expect(sources.filter((file) => /^export default\b/m.test(read(file)))).toEqual([]);
  });

  test("has configurations whose globs all match something", () => {
    const globs = configGlobs();
    expect(globs.length).toBeGreaterThan(5);
    const idle = globs.flatMap(([file, patterns]) =>
      patterns
        .filter((glob) => globSync(glob, { cwd: ROOT, ignore: ["**/node_modules/**"], onlyFiles: true }).length === 0)
        .map((glob) => `${file}: ${glob}`),
    );
    expect(idle).toEqual([]);
  });

  test("mirrors the sources in its tests", () => {
    const tested = readdirSync(join(ROOT, "test"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(tested.map(({ name }) => name)).toEqual(expect.arrayContaining(["companion", "ui"]));
  });
});
