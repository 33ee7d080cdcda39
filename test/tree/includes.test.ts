// C++ points one way: addon → job → engine → {objective, optimizer, schedule, image} → graph → ort.
// Node-API stays in the addon layer, ONNX Runtime's names in ort/ and graph/.

import { describe, expect, test } from "vitest";
import { findCycle, includesOf, read, repositoryFiles, withoutComments } from "./source-files.ts";

const SOURCES = repositoryFiles().filter((file) => /^native\/.*\.(?:cc|h)$/.test(file));

/**
 * Layer of each folder, and of files that stand in native/ itself; a higher one may include lower ones.
 * A file of native/ that is not named here is part of the engine, which brings the others together.
 */
const LAYERS: Record<string, { rank: number; modules: readonly string[] }> = {
  base: { rank: 0, modules: ["cancellable", "error", "tensor", "settings", "bytes", "memory", "threads"] },
  ort: { rank: 1, modules: ["ort/"] },
  network: { rank: 1, modules: ["network/"] },
  image: { rank: 1, modules: ["image/"] },
  schedule: { rank: 1, modules: ["schedule"] },
  graph: { rank: 2, modules: ["graph/"] },
  objective: { rank: 3, modules: ["objective/"] },
  optimizer: { rank: 3, modules: ["optimizer/"] },
  engine: { rank: 4, modules: [] },
  job: { rank: 5, modules: ["job", "turn"] },
  addon: { rank: 6, modules: ["addon", "napi_"] },
};

function layerOf(file: string): string {
  const name = file.replace(/^native\//, "");
  const stem = name.replace(/\.(?:cc|h)$/, "");
  for (const [layer, { modules }] of Object.entries(LAYERS)) {
    const belongs = modules.some((module) => (/[/_]$/.test(module) ? name.startsWith(module) : stem === module));
    if (belongs) return layer;
  }
  if (!name.includes("/")) return "engine";
  throw new Error(`${file} is in a folder that belongs to no layer`);
}

describe("includes", () => {
  test("there are sources to look at", () => {
    expect(SOURCES.length).toBeGreaterThan(20);
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
