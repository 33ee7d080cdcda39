// Runs inside the bench's page: one way to the GPU, and how long an iteration takes on it.

import * as tf from "@tensorflow/tfjs-core";
import { LAYERS } from "../../companion/protocol/layers.ts";
import { DEFAULT_SETTINGS } from "../../companion/protocol/settings.ts";
import { type GpuBackend, offerBackends, startBackend } from "../../ui/engines/panel/backends/backend.ts";
import { webglBackend } from "../../ui/engines/panel/backends/webgl.ts";
import { webgpuBackend } from "../../ui/engines/panel/backends/webgpu.ts";
import { measureStyle } from "../../ui/engines/panel/core/measure.ts";
import { parseNetwork } from "../../ui/engines/panel/core/network.ts";
import { noise } from "../../ui/engines/panel/core/noise.ts";
import { type Objective, openObjective } from "../../ui/engines/panel/core/objective.ts";
import { openVgg } from "../../ui/engines/panel/core/vgg.ts";

const BACKENDS = { webgl: webglBackend, webgpu: () => webgpuBackend({ software: true }) };
const WEIGHTS = { content: 1, style: 1, tv: 0 };

let objective: Objective | null = null;
let pixels: Float32Array = new Float32Array();

/** The GPU's name; null where this browser has it not or it computes wrong. */
async function start(backend: GpuBackend["name"], flags: Record<string, number | boolean>) {
  offerBackends([BACKENDS[backend]()]);
  const began = performance.now();
  const capabilities = await startBackend().catch(() => null);
  for (const [name, value] of Object.entries(flags)) tf.env().set(name, value);
  return capabilities && { name: capabilities.name, seconds: (performance.now() - began) / 1000 };
}

/** Everything on the GPU for pictures of this size, and the first iteration, which compiles. Seconds. */
async function open(network: string, side: number): Promise<number> {
  objective?.dispose();
  const began = performance.now();
  const settings = DEFAULT_SETTINGS;
  const deepest = [...settings.styleLayers, ...settings.contentLayers].reduce((a, b) =>
    LAYERS.indexOf(a) > LAYERS.indexOf(b) ? a : b,
  );
  const vgg = openVgg(parseNetwork(Uint8Array.from(atob(network), (c) => c.charCodeAt(0))), deepest, settings);
  const picture = noise({ width: side, height: side }, side);
  const style = await measureStyle(vgg, noise({ width: side, height: side }, side + 1), settings.styleLayers);
  objective = await openObjective(vgg, picture, [{ mask: null, style }], settings);
  pixels = noise({ width: side, height: side }, side + 2).data;
  await iterate();
  return (performance.now() - began) / 1000;
}

/** Seconds of one loss and gradient. */
async function iterate(): Promise<number> {
  const began = performance.now();
  const weights = {
    ...WEIGHTS,
    contentLayers: DEFAULT_SETTINGS.contentLayers.map(() => 1),
    styleLayers: DEFAULT_SETTINGS.styleLayers.map(() => 1),
    contentTerms: [1],
    styleTerms: [1],
  };
  await objective?.evaluate(pixels, weights);
  return (performance.now() - began) / 1000;
}

Object.assign(globalThis, { bench: { start, open, iterate } });
