// The same request through both engines: the native one, and the panel's on TensorFlow.js for the CPU, in this process.

import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Picture, StylizeRequest, StylizeResult } from "../../../../companion/protocol/engine.ts";
import { planar, toPalette } from "../../../../companion/protocol/palette.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../../companion/protocol/settings.ts";
import { stylize } from "../../../../native/binding/binding.ts";
import { offerBackends } from "../../../../ui/engines/panel/backends/backend.ts";
import { toPicture } from "../../../../ui/engines/panel/core/image.ts";
import { type Network, parseNetwork } from "../../../../ui/engines/panel/core/network.ts";
import { makeControl } from "../../../../ui/engines/panel/worker/control.ts";
import { PanelRun } from "../../../../ui/engines/panel/worker/run.ts";
import { relativeError } from "../../../native/support/objective.ts";
import { NETWORK } from "../../../native/support/run.ts";
import { cpuBackend } from "./cpu-backend.ts";

offerBackends([cpuBackend()]);

/** Relative: of each iteration's loss, and of the picture. */
export interface Tolerance {
  losses: number;
  picture: number;
}

/**
 * Both engines sum in float32, in another order, which moves a loss by about 1e-6 and is multiplied by each step of a
 * descent; a choice that one of them carries out otherwise moves it by percents.
 */
export const TOLERANCE: Tolerance = { losses: 1e-3, picture: 1e-3 };
/** Smooth waves of color with an edge and an area of one color in them: something for every layer, and equal maxima. */
export function waves(width: number, height: number, phase: number): Picture {
  const data = new Float32Array(3 * width * height);
  for (let i = 0; i < data.length; i++) {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    const isFlat = x < width / 3 && y > height / 2;
    const wave = 0.5 + 0.3 * Math.sin(0.3 * x + phase + c) * Math.cos(0.4 * y - phase * c);
    data[i] = isFlat ? 0.2 + 0.25 * c : wave + (x > y ? 0.1 : -0.1);
  }
  return toPicture({ width, height, data, alpha: null });
}

/** Small and shallow, two scales of three iterations each: about a second in both engines together. */
export function twinSettings(settings: Partial<Settings>): Settings {
  return {
    ...DEFAULT_SETTINGS,
    size: 46,
    minScale: 32,
    firstIterations: 3,
    iterations: 3,
    styleLayers: ["relu1_1", "relu2_1"],
    contentLayers: ["relu2_1"],
    threads: 1,
    ...settings,
  };
}

/** The total loss by iteration, and the picture. */
interface Painted {
  totals: number[];
  result: StylizeResult;
}

/** By the native engine on the CPU, and what the engine's process does to its picture (supervisor/with-palette.ts). */
export async function paintNatively(request: StylizeRequest, networkPath = NETWORK): Promise<Painted> {
  const totals: number[] = [];
  const run = stylize(
    { ...request, settings: { ...request.settings, device: "cpu" }, networkPath },
    { onTrace: (records) => totals.push(...records.map(({ losses }) => losses.total)) },
  );
  const result = await run.result;
  const { palette } = request.settings;
  if (palette === null) return { totals, result };
  const { picture } = result;
  const data = toPalette(picture.data, planar(picture.width * picture.height), palette);
  return { totals, result: { ...result, picture: { ...picture, data } } };
}

/** The network that both paint with, as the panel reads it. */
export const panelNetwork = (): Network => parseNetwork(new Uint8Array(readFileSync(NETWORK)));

export async function paintInPanel(request: StylizeRequest): Promise<Painted> {
  const totals: number[] = [];
  const run = new PanelRun(request, panelNetwork(), makeControl(), {
    progress: ({ losses }) => totals.push(losses.total),
    moved() {},
  });
  return { totals, result: await run.run() };
}

/** Fails unless both paint the same. */
export async function expectTwins(request: StylizeRequest, tolerance = TOLERANCE): Promise<void> {
  const native = await paintNatively(request);
  const own = await paintInPanel(request);
  expect(own.totals).toHaveLength(native.totals.length);
  const errors = own.totals.map((total, i) => Math.abs(total / (native.totals[i] as number) - 1));
  const picture = relativeError(own.result.picture.data, native.result.picture.data);
  console.log("losses", errors.map((error) => error.toExponential(1)).join(" "), "picture", picture.toExponential(1));
  for (const error of errors) expect(error).toBeLessThan(tolerance.losses);
  expect(picture).toBeLessThan(tolerance.picture);
}
