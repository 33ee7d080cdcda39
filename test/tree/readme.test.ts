// What README promises exists: its paths, its scripts, its dependencies; docs.test.ts looks at its links and commands.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, read } from "./source-files.ts";

const README = read("README.md");
const SCRIPTS: Record<string, string> = JSON.parse(read("package.json")).scripts;

/** Made by commands that README names, so not there before them. */
const MADE = [/^dist\//, /^build\//, /^out\b/, /^demo\.png$/, /^\.\.\/shared\//];

const inlineCode = [...README.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
const blocks = [...README.matchAll(/^(?:```\w*\n([\s\S]*?)^```|((?: {4}.*\n)+))/gm)].map(
  (match) => match[1] ?? match[2] ?? "",
);
const commandLines = [...inlineCode, ...blocks.flatMap((block) => block.split("\n"))];

describe("README", () => {
  test("names paths that exist", () => {
    const paths = inlineCode.filter(
      (code) => /^[\w.-]+(?:\/[\w.*-]+)*\/?$/.test(code) && /\/|\.(?:ts|mjs|md|json|cc|h)$/.test(code),
    );
    expect(paths.length).toBeGreaterThan(3);
    const wrong = paths.filter((path) => !MADE.some((made) => made.test(path)) && !existsSync(join(ROOT, path)));
    expect(wrong).toEqual([]);
  });

  test("names npm scripts that exist", () => {
    const named = commandLines.flatMap((line) => [...line.matchAll(/\bnpm (?:run (?:-s )?([\w:-]+)|(test|start)\b)/g)]);
    const scripts = named.map((match) => match[1] ?? match[2] ?? "");
    expect(scripts.length).toBeGreaterThan(2);
    expect(scripts.filter((script) => SCRIPTS[script] === undefined)).toEqual([]);
  });

  test("names every runtime dependency", () => {
    const { dependencies } = JSON.parse(read("package.json"));
    expect(Object.keys(dependencies).filter((name) => !README.includes(name))).toEqual([]);
  });
});

test("continuous integration runs the README's test command", () => {
  expect(README).toMatch(/^ {4}npm ci && npm test/m);
  expect(read(".ci/run")).toMatch(/^npm ci && npm test$/m);
});
