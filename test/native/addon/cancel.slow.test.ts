// How long an abort waits at the sizes that people work at, in whatever step it comes: a picture is measured, a session
// built, an evaluation in work, patches matched, a tile painted, a lesson learned.

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { learn, stylize } from "../../../native/binding/binding.ts";
import type { EngineSettings, NativeRequest } from "../../../native/binding/types.ts";
import { randomPicture } from "../support/objective.ts";

/** What nobody takes for a program that hangs; the longest measured was 2.6 s, on two cores under a load of 15. */
const LONGEST_WAIT_MS = 5000;

const networks = fileURLToPath(new URL("../../../native/networks/", import.meta.url));
const slim = `${networks}vgg19-slim.safetensors`;
const half = `${networks}vgg19-half.safetensors`;
const painter = { networkPath: slim, detailerPath: `${networks}detailer-slim.safetensors` };
const settings = { ...DEFAULT_SETTINGS, device: "cpu", threads: 2 } as const;

/** 4:3. */
function request(long: number, changes: Partial<EngineSettings>, networkPath = slim): NativeRequest {
  return {
    content: randomPicture(Math.min(long, 1024), Math.min(long, 1024) * 0.75, 1),
    styles: [{ picture: randomPicture(800, 600, 2), weight: 1 }],
    settings: { ...settings, quality: "fine", size: long, ...changes },
    ...{ networkPath, painter },
  };
}

const stylizing = (wish: NativeRequest) => (signal: AbortSignal) => stylize(wish, { signal }).result;

function learning(signal: AbortSignal): Promise<unknown> {
  const pictures = { styles: [randomPicture(512, 384, 3)], frames: [randomPicture(512, 384, 1)] };
  const wish = { ...pictures, settings: { ...settings, quality: "quick" }, seconds: 600, pieces: 2 } as const;
  return learn({ ...wish, own: "filters", painter, criticPath: half }, { signal }).result;
}

test.each<[string, (signal: AbortSignal) => Promise<unknown>, number[]]>([
  ["standard at 1024 px", stylizing(request(1024, { quality: "standard" })), [0.3, 2, 6]],
  ["fine at half width, 1024 px", stylizing(request(1024, { minScale: 1024 }, half)), [1, 4, 9]],
  ["patches at 1024 px", stylizing(request(1024, { minScale: 1024, styleLoss: "w2,patches:0.2" })), [2, 5, 8]],
  ["tiles at 4096 px", stylizing(request(4096, { minScale: 4096, memory: 1.6 })), [1, 5, 12]],
  ["learning", learning, [0.5, 3, 8]],
])("%s ends within seconds of an abort", async (name, start, moments) => {
  const waits: number[] = [];
  for (const seconds of moments) {
    const controller = new AbortController();
    const result = start(controller.signal);
    let aborted = 0;
    setTimeout(() => {
      aborted = performance.now();
      controller.abort();
    }, seconds * 1000);
    await expect(result).rejects.toMatchObject({ code: "cancelled" });
    waits.push(performance.now() - aborted);
  }
  console.log(`${name}: ${waits.map((ms, i) => `${ms.toFixed(0)} ms after ${moments[i]} s`).join(", ")}`);
  expect(Math.max(...waits)).toBeLessThan(LONGEST_WAIT_MS);
});
