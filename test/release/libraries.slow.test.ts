// The downloads for a Mac and for Windows on ARM, of which no machine was at hand: that every library in them, and Node, finds
// what it takes from the others and from the system, as far as lists of the system's are to be had on Linux.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { globSync } from "tinyglobby";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchNode } from "../../companion/bundle/fetch-node.mjs";
import { stageApp } from "../../companion/bundle/stage.mjs";
import { FLOORS } from "../../native/platform.mjs";
import { imports, oldestMac } from "../../native/prebuild/inspect.mjs";
import { isCurrent } from "../../native/prebuild/sources.mjs";
import { ROOT } from "../tree/source-files.ts";
import { formatOf, givenBy, isCalled, macOS, missingForWindows, takenBy, windows } from "./support/libraries.ts";

const SYSTEMS = [
  { platform: "darwin-arm64", format: "Mach-O arm64", system: macOS, missing: () => null },
  { platform: "win32-arm64", format: "COFF-ARM64", system: windows, missing: missingForWindows },
] as const;
/** What Node asks the addon for, and not the other way round. */
const ENTRY_POINTS = ["napi_register_module_v1", "node_api_module_get_api_version_v1"];

describe.each(SYSTEMS)("the download for $platform", ({ platform, format, system, missing }) => {
  const folder = mkdtempSync(join(tmpdir(), "impasto-libraries-"));
  const reason = isCurrent(ROOT, platform) ? missing() : `no addon of these sources (npm run prebuilds -- ${platform})`;
  if (reason !== null) console.warn(`skipped: ${reason}`);

  let files: string[] = [];
  let addon = "";
  let node = "";
  beforeAll(() => {
    if (reason !== null) return;
    stageApp(ROOT, platform, join(folder, "app"));
    fetchNode(platform, join(folder, "node"), join(folder, "packages"));
    const find = (pattern: string) => globSync(pattern, { cwd: folder, absolute: true }).sort();
    [addon = ""] = find("app/prebuilds/**/*.node");
    [node = ""] = find("node/node{,.exe}");
    files = [node, ...find("app/**/*.{node,dylib,dll}")];
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const giverOf = (from: string) => (from === "" ? node : files.find((file) => isCalled(file, from)));

  test.skipIf(reason !== null)("holds libraries for its system and processor alone", () => {
    expect(files.length).toBeGreaterThanOrEqual(8);
    expect(files.filter((file) => formatOf(file) !== format)).toEqual([]);
  });

  test.skipIf(reason !== null)("names no library but its own and the system's", () => {
    const named = files.flatMap((file) => imports(file));
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((name) => giverOf(name) === undefined && !system.has(name))).toEqual([]);
  });

  test.skipIf(reason !== null)("has in Node and its libraries all that its others take from them", () => {
    const taken = files.flatMap((file) => takenBy(file).filter(({ from }) => giverOf(from) !== undefined));
    expect(taken.length).toBeGreaterThan(300);
    expect(taken.filter(({ symbol, from }) => !givenBy(giverOf(from) ?? "").has(symbol))).toEqual([]);
    // The one name that the addon asks ONNX Runtime for as it runs.
    const library = files.find((file) => /\/(?:lib)?onnxruntime(?:\.1)?\.(?:dylib|dll)$/.test(file)) ?? "";
    expect(givenBy(library)).toContain("OrtGetApiBase");
  });

  test.skipIf(reason !== null)("takes from the system's libraries what they have", () => {
    const taken = files.flatMap((file) => takenBy(file).filter(({ from }) => giverOf(from) === undefined));
    const listed = taken.filter(({ from }) => system.gives(from) !== null);
    expect(listed.length).toBeGreaterThan(1000);
    expect(listed.filter(({ symbol, from }) => !system.gives(from)?.has(symbol))).toEqual([]);
    // Of ours all of it is known.
    expect(takenBy(addon).filter(({ from }) => giverOf(from) === undefined && system.gives(from) === null)).toEqual([]);
  });

  if (platform === "darwin-arm64") {
    test.skipIf(reason !== null)("runs on the oldest macOS that it is for", () => {
      const major = (version: string | null) => Number.parseInt(version ?? "", 10);
      expect(files.filter((file) => !(major(oldestMac(file)) <= major(FLOORS.macos)))).toEqual([]);
    });
  } else {
    test.skipIf(reason !== null)("asks Node by name for nothing that it has not", () => {
      const words = readFileSync(addon, "latin1").match(/\b(?:napi|node_api)_[a-z0-9_]{3,}/g) ?? [];
      expect(words.length).toBeGreaterThan(100);
      expect(words.filter((name) => !givenBy(node).has(name) && !ENTRY_POINTS.includes(name))).toEqual([]);
    });
  }
});
