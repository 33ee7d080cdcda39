// Imports point one way: what each part of the tree may use, and no cycles anywhere.

import { describe, expect, test } from "vitest";
import { findCycle, importsOf, localImportsOf, repositoryFiles } from "./source-files.ts";

const SOURCES = repositoryFiles().filter((file) => /^(?:companion|plugin|ui|native)\/.*\.tsx?$/.test(file));

type Part = "protocol" | "companion" | "plugin" | "ui" | "native";

function partOf(file: string): Part {
  if (file.startsWith("companion/protocol/")) return "protocol";
  const top = file.split("/")[0];
  if (top === "companion" || top === "plugin" || top === "ui" || top === "native") return top;
  throw new Error(`${file} belongs to no part`);
}

/** Beside its own files. */
const MAY_IMPORT: Record<Part, (target: string, file: string) => boolean> = {
  protocol: () => false,
  plugin: (target) => partOf(target) === "protocol",
  // The build inlines the embedded network, the only thing that the panel takes from native/.
  ui: (target) => partOf(target) === "protocol" || /^native\/networks\/[^/]+\.safetensors$/.test(target),
  companion: (target, file) =>
    partOf(target) === "protocol" || (target === "native/binding/binding.ts" && file === "companion/engine.ts"),
  native: (target) => partOf(target) === "protocol",
};

describe("imports", () => {
  test("there are sources to look at", () => {
    expect(SOURCES.length).toBeGreaterThan(30);
  });

  test("point the way that the layout says", () => {
    const wrong: string[] = [];
    for (const file of SOURCES) {
      for (const target of localImportsOf(file)) {
        const own = partOf(target) === partOf(file);
        if (!own && !MAY_IMPORT[partOf(file)](target, file)) wrong.push(`${file} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("point down inside the panel's engine: worker, then backends, then core", () => {
    const floors = ["core/", "backends/", "worker/"].map((folder) => `ui/engines/panel/${folder}`);
    const floorOf = (file: string): number => floors.findIndex((folder) => file.startsWith(folder));
    const inside = SOURCES.filter((file) => floorOf(file) >= 0);
    expect(new Set(inside.map(floorOf)).size).toBe(floors.length);
    const wrong = inside.flatMap((file) =>
      localImportsOf(file)
        .filter((target) => floorOf(target) > floorOf(file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test("make no cycle", () => {
    const graph = new Map(SOURCES.map((file) => [file, localImportsOf(file)]));
    expect(findCycle(graph)).toEqual([]);
  });

  test("name files with their extension", () => {
    const wrong = SOURCES.flatMap((file) =>
      localImportsOf(file)
        .filter((target) => !/\.(?:tsx?|mjs|json|css|safetensors|html|jpg|png|svg)$/.test(target))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test("of packages: none but the schema library in the protocol, none at all in the plugin, no Node in the panel", () => {
    const wrong: string[] = [];
    for (const file of SOURCES) {
      const packages = importsOf(file).filter((name) => !name.startsWith("."));
      const part = partOf(file);
      const refused = packages.filter((name) => {
        if (part === "protocol") return !/^typebox(?:\/|$)/.test(name);
        if (part === "plugin") return true;
        return part === "ui" && name.startsWith("node:");
      });
      wrong.push(...refused.map((name) => `${file} imports ${name}`));
    }
    expect(wrong).toEqual([]);
  });

  test("the HTTP side loads neither the engine nor an image codec", () => {
    const heavy = ["companion/engine.ts", "companion/pictures/codec.ts"];
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const target of localImportsOf(file)) visit(target);
    };
    for (const file of SOURCES) if (file.startsWith("companion/server/")) visit(file);
    expect(heavy.filter((file) => reached.has(file))).toEqual([]);
  });
});

describe("the cycle finder", () => {
  test("finds a cycle and accepts a diamond", () => {
    const diamond = new Map([
      ["a", ["b", "c"]],
      ["b", ["d"]],
      ["c", ["d"]],
      ["d", []],
    ]);
    expect(findCycle(diamond)).toEqual([]);
    expect(findCycle(new Map([...diamond, ["d", ["b"]]]))).toEqual(["b", "d", "b"]);
  });
});
