// One evaluation of the panel's objective, on whichever backend is offered: in a test's page, or in this process.

import * as tf from "@tensorflow/tfjs-core";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { startBackend } from "../../../../ui/engines/panel/backends/backend.ts";
import { toInterleaved } from "../../../../ui/engines/panel/core/image.ts";
import { measureStyle } from "../../../../ui/engines/panel/core/measure.ts";
import { parseNetwork } from "../../../../ui/engines/panel/core/network.ts";
import { openObjective, type Weights } from "../../../../ui/engines/panel/core/objective.ts";
import { needFeatures } from "../../../../ui/engines/panel/core/style-loss.ts";
import { openVgg } from "../../../../ui/engines/panel/core/vgg.ts";

export type Planar = { width: number; height: number; data: number[] };

export interface EvaluateOnce {
  network: string;
  image: Planar;
  content: Planar;
  style: Planar;
  settings: Pick<
    Settings,
    "styleLayers" | "contentLayers" | "contentLoss" | "detail" | "styleLoss" | "tv" | "pooling" | "padding"
  >;
  weights: Weights;
}

const picture = ({ width, height, data }: Planar) =>
  toInterleaved({ width, height, channels: 3, data: new Float32Array(data) });

async function openOnce(request: EvaluateOnce) {
  const network = parseNetwork(Uint8Array.from(atob(request.network), (c) => c.charCodeAt(0)));
  const layers = [...request.settings.styleLayers, ...request.settings.contentLayers].sort();
  const vgg = openVgg(network, layers.at(-1) as string, request.settings);
  const measured = await measureStyle(
    vgg,
    picture(request.style),
    request.settings.styleLayers,
    needFeatures(request.settings.styleLoss),
  );
  const regions = [{ mask: null, style: measured }];
  const objective = await openObjective(vgg, picture(request.content), regions, request.settings);
  return { vgg, measured, objective };
}

export async function evaluateOnce(request: EvaluateOnce) {
  const capabilities = await startBackend();
  const before = tf.memory().numTensors;
  const { vgg, measured, objective } = await openOnce(request);
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
export async function slopeRatio({ epsilon, ...request }: EvaluateOnce & { epsilon: number }): Promise<number> {
  await startBackend();
  const { vgg, objective } = await openOnce(request);
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
