// Runs in tiles at sizes that need them: the memory that they take is the one that was planned, and where less is there
// tiles become smaller.

import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Inside the package, so that the binding finds the addon from there. */
const FOLDER = join(ROOT, "node_modules", ".cache", "impasto-tests", `tiles-${process.pid}`);
const SLIM = join(ROOT, "native/networks/vgg19-slim.safetensors");
const HALF = join(ROOT, "native/networks/vgg19-half.safetensors");

/** Of a run of two iterations in a process of its own: what was planned, and what it took beyond what there was before. */
const SCRIPT = `
  import { execFileSync } from "node:child_process";
  import { readFileSync } from "node:fs";
  import { plan, stylize } from "./binding.mjs";
  import { DEFAULT_SETTINGS } from "./settings.mjs";
  const [side, height, memory, limit] = process.argv.slice(2, 6).map(Number);
  const networkPath = process.argv[6];
  const picture = (width, height) => ({
    width, height, channels: 3,
    data: Float32Array.from({ length: 3 * width * height }, (_, i) => (i * 7919 % 1000) / 1000),
  });
  const bytes = (name) => Number(new RegExp(name + ":\\\\s+(\\\\d+)").exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  const request = {
    content: picture(side / 4, height / 4), styles: [{ picture: picture(300, 200), weight: 1 }],
    settings: { ...DEFAULT_SETTINGS, device: "cpu", size: side, minScale: side, firstIterations: 3, history: 2, memory },
    networkPath,
  };
  const { peakBytes, scales } = await plan(request);
  const before = bytes("VmRSS");
  if (limit > 0) execFileSync("prlimit", ["--pid", String(process.pid), "--data=" + (bytes("VmData") + limit)]);
  // Within an evaluation tiles alone tell of progress.
  let within = 0;
  const painted = await stylize(request, { onProgress: ({ iteration }) => (within += iteration === 0 ? 1 : 0) }).result;
  const { tile } = scales[0];
  const { width } = painted.picture;
  console.log(JSON.stringify({ planned: peakBytes, taken: bytes("VmHWM") - before, tile, within, width }));
`;

beforeAll(async () => {
  await build({
    entryPoints: {
      binding: join(ROOT, "native/binding/binding.ts"),
      settings: join(ROOT, "companion/protocol/settings.ts"),
    },
    outdir: FOLDER,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  writeFileSync(join(FOLDER, "run.mjs"), SCRIPT);
});

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

interface Outcome {
  planned: number;
  taken: number;
  tile: number;
  within: number;
  width: number;
}

/** `limit`: bytes of data that the process may take beyond what it has before the run; 0: any. */
async function run(side: number, height: number, memory: number, network = SLIM, limit = 0): Promise<Outcome> {
  const numbers = [side, height, memory, limit].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, [join(FOLDER, "run.mjs"), ...numbers, network]);
  return JSON.parse(stdout) as Outcome;
}

test.each([
  [1024, 768, 4, SLIM, false],
  [1024, 768, 0.3, SLIM, true],
  [1024, 768, 2, HALF, false],
  [1024, 768, 0.7, HALF, true],
  [2048, 1536, 0.6, SLIM, true],
  [4096, 816, 0.8, SLIM, true],
  [4096, 3072, 1.6, SLIM, true],
])("%i × %i px, allowed %d GB, take what the plan says, to 15 percent: %s", async (...args) => {
  const [side, height, memory, network, inTiles] = args;
  const { planned, taken, tile } = await run(side, height, memory, network);
  expect(tile > 0).toBe(inTiles);
  expect(taken / planned).toBeGreaterThan(0.85);
  expect(taken / planned).toBeLessThan(1.15);
});

test("where memory turns out to be short tiles become smaller, and the picture is finished", async (context) => {
  if (process.platform !== "linux") context.skip("only Linux limits the memory of a process while it runs");
  const { tile, within, width } = await run(1280, 960, 4, SLIM, 300e6);
  expect({ tile, width }).toEqual({ tile: 0, width: 1280 });
  expect(within).toBeGreaterThan(3);
});
