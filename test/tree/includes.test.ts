// C++ points one way: addon → job → paint → {optimize, detail} → {machine's probe, objective, image} → graph → ort.
// Node-API stays in the addon layer, ONNX Runtime's names in ort/ and graph/.

import { describe, expect, test } from "vitest";
import { findCycle, includesOf, read, repositoryFiles, withoutComments } from "./source-files.ts";

const SOURCES = repositoryFiles().filter((file) => /^native\/.*\.(?:cc|h)$/.test(file));

/** Layer of each folder, and of files that stand apart from theirs; a higher one may include lower ones. */
const LAYERS: Record<string, { rank: number; modules: readonly string[] }> = {
  base: { rank: 0, modules: ["base/", "machine/cgroups", "machine/memory", "machine/side_by_side", "machine/threads"] },
  ort: { rank: 1, modules: ["ort/"] },
  network: { rank: 1, modules: ["network/"] },
  image: { rank: 1, modules: ["image/"] },
  graph: { rank: 2, modules: ["graph/"] },
  objective: { rank: 3, modules: ["objective/"] },
  detail: { rank: 4, modules: ["detail/"] },
  machine: { rank: 4, modules: ["machine/"] },
  optimize: { rank: 5, modules: ["optimize/"] },
  learn: { rank: 6, modules: ["learn/"] },
  paint: { rank: 6, modules: ["paint/"] },
  job: { rank: 7, modules: ["addon/job", "addon/turn"] },
  addon: { rank: 8, modules: ["addon/"] },
};

function layerOf(file: string): string {
  const name = file.replace(/^native\//, "");
  const stem = name.replace(/\.(?:cc|h)$/, "");
  for (const [layer, { modules }] of Object.entries(LAYERS)) {
    if (modules.some((module) => (module.endsWith("/") ? name.startsWith(module) : stem === module))) return layer;
  }
  throw new Error(`${file} belongs to no layer`);
}

describe("includes", () => {
  test("there are sources to look at", () => {
    expect(SOURCES.length).toBeGreaterThan(20);
  });

  test("name files from native/ on", () => {
    const wrong = SOURCES.flatMap((file) =>
      includesOf(file)
        .filter((target) => !SOURCES.includes(target))
        .map((target) => `${file} includes ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test("point down", () => {
    const wrong: string[] = [];
    for (const file of SOURCES) {
      for (const target of includesOf(file)) {
        const [from, to] = [layerOf(file), layerOf(target)];
        const down = (LAYERS[to]?.rank ?? Number.NaN) < (LAYERS[from]?.rank ?? Number.NaN);
        if (from !== to && !down) wrong.push(`${file} (${from}) includes ${target} (${to})`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("make no cycle", () => {
    expect(findCycle(new Map(SOURCES.map((file) => [file, includesOf(file)])))).toEqual([]);
  });

  test("Node-API is known to the addon layer alone", () => {
    const using = SOURCES.filter((file) =>
      /#include <(?:napi|node_api)\.h>|\bNapi::/.test(withoutComments(read(file))),
    );
    expect(using.length).toBeGreaterThan(0);
    expect(using.filter((file) => layerOf(file) !== "addon")).toEqual([]);
  });

  test("ONNX Runtime's names are known to ort/ and graph/ alone", () => {
    const using = SOURCES.filter((file) => /\bOrt[A-Z]\w+/.test(withoutComments(read(file))));
    expect(using.length).toBeGreaterThan(0);
    expect(using.filter((file) => !["ort", "graph"].includes(layerOf(file)))).toEqual([]);
  });
});
