// What test/asan/run.mjs runs under the sanitizers: jobs of random settings, each disturbed at a random moment.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Picture } from "../../companion/protocol/engine.ts";
import { ImpastoError } from "../../companion/protocol/errors.ts";
import { DEFAULT_SETTINGS } from "../../companion/protocol/settings.ts";
import { evaluate, type NativeRun, plan, stylize } from "../../native/binding/binding.ts";
import { loadAddon } from "../../native/binding/load.ts";
import { makeDetailer, writeDetailer } from "../native/support/detailer.ts";

const COUNT = Number(process.argv[2] ?? 100);
/** Memory is compared between here and the end, when caches and arenas are full. */
const WARM = Math.floor(COUNT / 2);
const network = process.argv[3] ?? "";
/** MB; the sanitizers hold back memory of their own, more with each thread. */
const MOST_GROWTH = Number(process.argv[4]);

let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const below = (count: number) => Math.floor(random() * count);
const pick = <T>(...choices: T[]): T => choices[below(choices.length)] as T;

function picture(channels: 3 | 4 = 3): Picture {
  const width = 32 + below(17);
  const height = 32 + below(17);
  return { width, height, channels, data: Float32Array.from({ length: channels * width * height }, random) };
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function disturb(run: NativeRun, controller: AbortController): Promise<void> {
  await wait(random() * 60);
  switch (below(7)) {
    case 0:
    case 1:
      controller.abort();
      break;
    case 2:
      run.stop();
      break;
    case 3:
      run.update({ strength: below(101), tvWeight: random(), stepSize: 0.05 });
      break;
    case 4:
      run.pause();
      await run.preview();
      await wait(random() * 20);
      if (below(2) === 0) controller.abort();
      run.resume();
      break;
    case 5:
      await run.checkpoint();
      await run.preview();
      break;
    default:
  }
}

const folder = mkdtempSync(join(tmpdir(), "impasto-asan-"));
const painter = {
  networkPath: network,
  detailerPath: writeDetailer(join(folder, "detailer.safetensors"), makeDetailer()),
};

/** A draft and its detail, in one window or in several: pictures of any sides. */
async function quickJob(): Promise<string> {
  const controller = new AbortController();
  const sides = () => [64 + below(200), 64 + below(120)] as const;
  const noise = ([width, height]: readonly [number, number]): Picture => ({
    ...{ width, height, channels: 3 },
    data: Float32Array.from({ length: 3 * width * height }, random),
  });
  const settings = {
    ...DEFAULT_SETTINGS,
    ...{ device: "cpu" as const, quality: "quick" as const, threads: 1 + below(5) },
    ...{ size: 64 + below(200), minScale: 40, firstIterations: 1 + below(4), iterations: pick(null, 1) },
    carry: pick("transport" as const, "adain" as const),
    colors: pick("style" as const, "keep" as const),
  };
  const request = {
    content: noise(sides()),
    styles: [{ picture: noise(sides()), weight: 1 }],
    ...{ settings, networkPath: network, painter },
  };
  const run = stylize(request, { signal: controller.signal, onProgress: () => {} });
  return await outcomeOf(run, controller);
}

async function job(): Promise<string> {
  const controller = new AbortController();
  const settings = {
    ...DEFAULT_SETTINGS,
    device: "cpu" as const,
    threads: pick(1, 2),
    size: 32 + below(17),
    minScale: 32,
    firstIterations: 1 + below(6),
    iterations: 1 + below(4),
    optimizer: pick("lbfgs" as const, "adam" as const),
    styleLoss: pick("gram" as const, "gram-normalized" as const, "w2" as const),
    pooling: pick("avg" as const, "max" as const, null),
    padding: pick("zero" as const, "replicate" as const, "reflect" as const),
    tv: pick("l1" as const, "l2" as const, "9-point" as const),
    init: pick("content" as const, "noise" as const, "style-colors" as const, "image" as const),
    colors: pick("style" as const, "keep" as const),
    averaging: pick(0, 0.9),
  };
  const styles = Array.from({ length: 1 + below(2) }, () => ({ picture: picture(pick(3, 4)), weight: 1 }));
  const request = { content: picture(pick(3, 4)), styles, initial: picture(), settings, networkPath: network };
  const run = stylize(request, { signal: controller.signal, onProgress: () => {}, onTrace: () => {} });
  return await outcomeOf(run, controller);
}

async function outcomeOf(run: NativeRun, controller: AbortController): Promise<string> {
  const [outcome] = await Promise.allSettled([run.result, disturb(run, controller)]);
  if (outcome.status === "fulfilled") return outcome.value.stopped ? "stopped" : "done";
  // A narrow picture is refused; anything else that is not a cancelling is a failure of this test.
  const { reason } = outcome;
  if (reason instanceof ImpastoError && (reason.code === "cancelled" || reason.code === "bad-picture"))
    return reason.code;
  throw reason;
}

const counts: Record<string, number> = {};
/** Without the sessions that are kept for reuse, which random sizes only pile up. */
function residentBytes(): number {
  loadAddon().dropIdleObjectives();
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

let warm = 0;
for (let i = 0; i < COUNT; i += 2) {
  // Two at a time, so that one waits for its turn.
  for (const outcome of await Promise.all([job(), i % 4 === 0 ? quickJob() : job()]))
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  if (i === WARM || i === WARM + 1) warm = residentBytes();
}
const content = picture();
await evaluate({
  image: content,
  content,
  style: picture(),
  networkPath: network,
  pooling: null,
  styleLayers: ["relu1_1"],
  contentLayers: ["relu2_1"],
  threads: 1,
});
await plan({
  content: { width: 64, height: 64 },
  styles: [],
  settings: { ...DEFAULT_SETTINGS, device: "cpu" },
  networkPath: network,
});
rmSync(folder, { recursive: true });
const grown = residentBytes() - warm;
console.log(
  `${COUNT} jobs: ${JSON.stringify(counts)}; memory after job ${WARM} ${(warm / 2 ** 20).toFixed(0)} MB, ` +
    `${(grown / 2 ** 20).toFixed(1)} MB more at the end`,
);
if (!(grown < MOST_GROWTH * 1e6)) throw new Error(`Memory grew by ${grown} bytes in ${COUNT - WARM} jobs.`);
