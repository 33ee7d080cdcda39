// What a run takes at its peak is what was planned, measured in processes of their own. Skipped where the system does
// not tell of a process's peak: elsewhere than on Linux.

import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Inside the package, so that the binding finds the addon from there. */
const FOLDER = join(ROOT, "node_modules", ".cache", "impasto-tests", `plan-${process.pid}`);

/** Prints what was planned, and what the run took beyond what the process had before. */
const SCRIPT = `
  import { readFileSync } from "node:fs";
  import { plan, stylize } from "./binding.ts";
  import { DEFAULT_SETTINGS } from "../../companion/protocol/settings.ts";
  const { networks, ...wish } = JSON.parse(process.argv[2]);
  const picture = (width, height) => ({
    width, height, channels: 3,
    data: Float32Array.from({ length: 3 * width * height }, (_, i) => (i * 7919 % 1000) / 1000),
  });
  const bytes = (name) => Number(new RegExp(name + ":\\\\s+(\\\\d+)").exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  const slim = networks + "/vgg19-slim.safetensors";
  const request = {
    content: picture(wish.size, wish.size * 0.75), styles: [{ picture: picture(300, 200), weight: 1 }],
    settings: { ...DEFAULT_SETTINGS, device: "cpu", firstIterations: 2, ...wish },
    networkPath: slim,
    ...(wish.quality === "quick" && { painter: { networkPath: slim, detailerPath: networks + "/detailer-slim.safetensors" } }),
  };
  const { peakBytes } = await plan(request);
  const before = bytes("VmRSS");
  await stylize(request).result;
  console.log(JSON.stringify({ planned: peakBytes, taken: bytes("VmHWM") - before }));
`;

beforeAll(async () => {
  await build({
    stdin: { contents: SCRIPT, resolveDir: join(ROOT, "native/binding"), loader: "ts" },
    outfile: join(FOLDER, "run.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
});

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

test.skipIf(process.platform !== "linux").each([
  ["quick", { quality: "quick", size: 512, threads: 2 }],
  ["quick by four workers, each with its window", { quality: "quick", size: 1024, threads: 4 }],
  ["quick by one", { quality: "quick", size: 1024, threads: 1 }],
  ["optimized, with the sessions of smaller scales kept", { quality: "fine", size: 512, iterations: 2, threads: 2 }],
])("%s: within 15 percent of the plan", async (_, wish) => {
  const networks = join(ROOT, "native/networks");
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(FOLDER, "run.mjs"),
    JSON.stringify({ ...wish, networks }),
  ]);
  const { planned, taken } = JSON.parse(stdout) as { planned: number; taken: number };
  expect(taken / planned).toBeGreaterThan(0.85);
  expect(taken / planned).toBeLessThan(1.15);
});
