// Runs inside the test's page: the WebGL engine's parts, reachable from the test by name.

import * as tf from "@tensorflow/tfjs-core";
import type { Picture } from "../../../../companion/protocol/engine.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../../companion/protocol/settings.ts";
import { offerBackends, startBackend } from "../../../../ui/engines/panel/backends/backend.ts";
import { computeCheck } from "../../../../ui/engines/panel/backends/self-check.ts";
import { webglBackend } from "../../../../ui/engines/panel/backends/webgl.ts";
import { webgpuBackend } from "../../../../ui/engines/panel/backends/webgpu.ts";
import { toInterleaved } from "../../../../ui/engines/panel/core/image.ts";
import { measureStyle } from "../../../../ui/engines/panel/core/measure.ts";
import { parseNetwork } from "../../../../ui/engines/panel/core/network.ts";
import { openObjective, type Weights } from "../../../../ui/engines/panel/core/objective.ts";
import { openVgg } from "../../../../ui/engines/panel/core/vgg.ts";
import { makeControl } from "../../../../ui/engines/panel/worker/control.ts";
import { PanelRun } from "../../../../ui/engines/panel/worker/run.ts";

type Planar = { width: number; height: number; data: number[] };

export interface EvaluateOnce {
  network: string;
  image: Planar;
  content: Planar;
  style: Planar;
  settings: Pick<Settings, "styleLayers" | "contentLayers" | "styleLoss" | "tv" | "pooling" | "padding">;
  weights: Weights;
}

const picture = ({ width, height, data }: Planar) =>
  toInterleaved({ width, height, channels: 3, data: new Float32Array(data) });

async function evaluateOnce(request: EvaluateOnce) {
  const capabilities = await startBackend();
  const network = parseNetwork(Uint8Array.from(atob(request.network), (c) => c.charCodeAt(0)));
  const layers = [...request.settings.styleLayers, ...request.settings.contentLayers].sort();
  const before = tf.memory().numTensors;
  const vgg = openVgg(network, layers.at(-1) as string, request.settings);
  const measured = await measureStyle(vgg, picture(request.style), request.settings.styleLayers);
  const objective = await openObjective(vgg, picture(request.content), measured, request.settings);
  const image = picture(request.image);
  const { losses, gradient } = await objective.evaluate(image.data, request.weights);
  const started = performance.now();
  await objective.evaluate(image.data, request.weights);
  const milliseconds = performance.now() - started;
  objective.dispose();
  vgg.dispose();
  const leaked = tf.memory().numTensors - before;
  const grams = Object.fromEntries([...measured].map(([layer, { gram }]) => [layer, [...gram]]));
  return { capabilities, losses, gradient: [...gradient], grams, leaked, milliseconds };
}

/** Slope along the gradient by central differences, over the gradient's squared norm: 1 when they agree. */
async function slopeRatio({ epsilon, ...request }: EvaluateOnce & { epsilon: number }): Promise<number> {
  await startBackend();
  const network = parseNetwork(Uint8Array.from(atob(request.network), (c) => c.charCodeAt(0)));
  const layers = [...request.settings.styleLayers, ...request.settings.contentLayers].sort();
  const vgg = openVgg(network, layers.at(-1) as string, request.settings);
  const measured = await measureStyle(vgg, picture(request.style), request.settings.styleLayers);
  const objective = await openObjective(vgg, picture(request.content), measured, request.settings);
  const { data } = picture(request.image);
  const { gradient } = await objective.evaluate(data, request.weights);
  const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
  const along = async (step: number) => {
    const moved = data.map((x, i) => x + (step * (gradient[i] as number)) / norm);
    return (await objective.evaluate(moved, request.weights)).losses.total;
  };
  const slope = ((await along(epsilon)) - (await along(-epsilon))) / (2 * epsilon);
  objective.dispose();
  vgg.dispose();
  return slope / norm;
}

type Backend = "webgl" | "webgpu";

/** In the order of preference; to be called before anything else. */
function use(backends: readonly Backend[]): void {
  offerBackends(backends.map((name) => (name === "webgl" ? webglBackend() : webgpuBackend({ software: true }))));
}

async function selfCheck() {
  await startBackend();
  return computeCheck();
}

/** What a page that people open would take. */
async function ordinaryWebgpu() {
  return webgpuBackend().start(() => {});
}

interface RunOnce {
  network: string;
  content: Planar;
  style: Planar;
  settings: Partial<Settings>;
  /** WebGPU's device is destroyed after this iteration. */
  loseAfter?: number;
}

let device: GPUDevice | null = null;
if ("gpu" in navigator && typeof GPUAdapter !== "undefined") {
  const requestDevice = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    device = await requestDevice.apply(this, given);
    return device;
  };
}

async function runOnce({ network, content, style, settings, loseAfter }: RunOnce) {
  const toPicture = ({ width, height, data }: Planar): Picture => ({
    ...{ width, height, channels: 3, data: new Float32Array(data) },
  });
  const devices: string[] = [];
  const moved: string[] = [];
  const run = new PanelRun(
    {
      content: toPicture(content),
      styles: [{ picture: toPicture(style), weight: 1 }],
      settings: { ...DEFAULT_SETTINGS, ...settings },
    },
    parseNetwork(Uint8Array.from(atob(network), (c) => c.charCodeAt(0))),
    makeControl(),
    {
      progress(progress) {
        devices.push(progress.device);
        if (progress.totalIteration === loseAfter) device?.destroy();
      },
      moved: ({ backend }) => moved.push(backend),
    },
  );
  const { picture: painted, device: last, iterations } = await run.run();
  return { data: [...painted.data], device: last, iterations, devices, moved };
}

Object.assign(globalThis, { use, ordinaryWebgpu, selfCheck, runOnce, evaluateOnce, slopeRatio });
