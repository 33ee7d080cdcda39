// Runs in processes of their own, for their memory: what was planned, and what a run took beyond what there was before it.

import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Size } from "../../../companion/protocol/sizing.ts";
import type { EngineSettings } from "../../../native/binding/types.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export interface MemoryWish {
  network: "slim" | "half";
  content: Size;
  settings: Partial<EngineSettings>;
  /** Bytes of data that the process may take beyond what it has before the run; not given: any. */
  limit?: number;
}

export interface MemoryUse {
  /** Bytes. */
  planned: number;
  taken: number;
  /** Sides by scale, px; 0: at once. */
  tiles: number[];
  /** How often progress came before the first iteration had ended: tiles alone tell then. */
  within: number;
  /** Of the result. */
  width: number;
}

/**
 * Three iterations at one scale, as many as fill a history of two steps. With weights by hand, for the two evaluations
 * that would find them take no more memory than these.
 */
export function tiledWish(
  width: number,
  height: number,
  memory: number,
  network: MemoryWish["network"] = "slim",
): MemoryWish {
  const iterations = { minScale: width, firstIterations: 3, history: 2 };
  const weights = { contentWeight: 1, styleWeight: 5 };
  const settings = { quality: "fine", size: width, memory, ...iterations, ...weights } as const;
  return { network, content: { width: width / 4, height: height / 4 }, settings };
}

const SCRIPT = `
  import { execFileSync } from "node:child_process";
  import { readFileSync } from "node:fs";
  import { plan, stylize } from "./binding.ts";
  import { DEFAULT_SETTINGS } from "../../companion/protocol/settings.ts";
  const { networks, network, content, settings, limit } = JSON.parse(process.argv[2]);
  const picture = ({ width, height }) => ({
    width, height, channels: 3,
    data: Float32Array.from({ length: 3 * width * height }, (_, i) => (i * 7919 % 1000) / 1000),
  });
  const bytes = (name) => Number(new RegExp(name + ":\\\\s+(\\\\d+)").exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  const painter = { networkPath: networks + "/vgg19-slim.safetensors", detailerPath: networks + "/detailer-slim.safetensors" };
  const request = {
    content: picture(content), styles: [{ picture: picture({ width: 300, height: 200 }), weight: 1 }],
    settings: { ...DEFAULT_SETTINGS, device: "cpu", threads: 2, ...settings },
    networkPath: networks + "/vgg19-" + network + ".safetensors",
    ...(settings.quality !== "fine" && { painter }),
  };
  const { peakBytes, scales } = await plan(request);
  const before = bytes("VmRSS");
  if (limit) execFileSync("prlimit", ["--pid", String(process.pid), "--data=" + (bytes("VmData") + limit)]);
  let within = 0;
  const painted = await stylize(request, { onProgress: ({ iteration }) => (within += iteration === 0 ? 1 : 0) }).result;
  const taken = bytes("VmHWM") - before;
  const { width } = painted.picture;
  console.log(JSON.stringify({ planned: peakBytes, taken, tiles: scales.map(({ tile }) => tile), within, width }));
`;

/** Built for the tests of a file. Linux alone tells what a process took at its peak. */
export async function memoryRunner(): Promise<{ run(wish: MemoryWish): Promise<MemoryUse>; remove(): void }> {
  // Inside the package, so that the binding finds the addon from there.
  const folder = join(ROOT, "node_modules", ".cache", "impasto-tests", `memory-${process.pid}`);
  const script = join(folder, "run.mjs");
  await build({
    stdin: { contents: SCRIPT, resolveDir: join(ROOT, "native/binding"), loader: "ts" },
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  return {
    run: async (wish) => {
      const argument = JSON.stringify({ ...wish, networks: join(ROOT, "native/networks") });
      const { stdout } = await promisify(execFile)(process.execPath, [script, argument]);
      const use = JSON.parse(stdout) as MemoryUse;
      const mega = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
      console.log(`planned ${mega(use.planned)}, taken ${mega(use.taken)}: ${(use.taken / use.planned).toFixed(3)}`);
      return use;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
