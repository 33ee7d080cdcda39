// Runs inside the test's page: the panel's engine as a StyleEngine.

import type { Settings } from "../../../companion/protocol/settings.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { makeWebglEngine } from "../../../ui/engines/webgl/engine.ts";
import type { StyleEngine } from "../../../ui/engines/style-engine.ts";
import type { SourcePicture } from "../../../ui/host.ts";

interface Inputs {
  script: string;
  network: string;
  content: SourcePicture & { base64: string };
  style: SourcePicture & { base64: string };
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));

let engine: StyleEngine;
let content: SourcePicture;
let style: SourcePicture;

async function open(inputs: Inputs) {
  engine = makeWebglEngine({ script: inputs.script, network: async () => fromBase64(inputs.network) });
  content = { ...inputs.content, bytes: fromBase64(inputs.content.base64) };
  style = { ...inputs.style, bytes: fromBase64(inputs.style.base64) };
  return engine.capabilities();
}

const request = (settings: Partial<Settings>) => ({
  content,
  styles: [{ picture: style, weight: 1 }],
  settings: { ...DEFAULT_SETTINGS, quality: "draft" as const, minScale: 32, ...settings },
});

/** The test's page gives itself the way to lose the graphics context; it is taken after the third iteration. */
async function stylize(settings: Partial<Settings>) {
  const { loseContext } = globalThis as { loseContext?: () => void };
  const { bytes, iterations } = await engine.stylize(request(settings), {
    onProgress: ({ totalIteration }) => totalIteration === 3 && loseContext?.(),
  }).result;
  return { base64: toBase64(bytes), iterations };
}

/** A picture of one color as the content; resolves with the iterations, or with the error's words. */
async function stylizeFlat(settings: Partial<Settings>) {
  const canvas = new OffscreenCanvas(64, 48);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.fillStyle = "#4a90d9";
  context.fillRect(0, 0, 64, 48);
  const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  const run = engine.stylize({ ...request(settings), content: { bytes, name: "plain", width: 64, height: 48 } }, {});
  return run.result.then(({ iterations }) => iterations, String);
}

/** What one unit of style loss weighs, at each scale. */
async function styleWeights(settings: Partial<Settings>) {
  const weights = new Map<number, number>();
  const run = engine.stylize(request(settings), {
    onProgress({ scale, losses: { style, styleLayers } }) {
      const layers = Object.values(styleLayers);
      weights.set(scale, style / (layers.reduce((sum, loss) => sum + loss, 0) / layers.length));
    },
  });
  await run.result;
  return [...weights.values()];
}

/** The total loss by iteration, as far as it was reported. */
async function trace(settings: Partial<Settings>) {
  const totals: [iteration: number, total: number][] = [];
  await engine.stylize(request(settings), {
    onProgress: ({ totalIteration, losses }) => totals.push([totalIteration, losses.total]),
  }).result;
  return totals;
}

Object.assign(globalThis, { open, stylize, stylizeFlat, styleWeights, trace });
