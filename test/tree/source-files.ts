// The repository's own files and what they import or include.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

/** Everything that git tracks or would track, relative to the root, with forward slashes. */
export function repositoryFiles(): string[] {
  const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  const names = list.toString("utf8").trim().split("\n");
  return names.filter((name) => existsSync(join(ROOT, name)));
}

export function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** Module names as written: `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`. */
export function importsOf(file: string): string[] {
  const code = withoutComments(read(file));
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'\n]+)\1/g;
  return [...code.matchAll(pattern)].map((match) => match[2] ?? "");
}

/** Quoted includes, resolved to files of the repository: they name files from native/ on. */
export function includesOf(file: string): string[] {
  return [...read(file).matchAll(/^\s*#include "([^"]+)"/gm)].map((match) => `native/${match[1]}`);
}

/** Relative imports resolved to files of the repository; packages left out. */
export function localImportsOf(file: string): string[] {
  return importsOf(file)
    .filter((name) => name.startsWith("."))
    .map((name) => slashes(normalize(join(dirname(file), name))));
}

export function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`\\])\/\/.*$/gm, "$1");
}

/** The first cycle found, as a path that ends where it began; empty when there is none. */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): string[] => {
    if (done.has(node)) return [];
    const at = path.indexOf(node);
    if (at >= 0) return [...path.slice(at), node];
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    done.add(node);
    return [];
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function slashes(path: string): string {
  return path.replaceAll("\\", "/");
}
