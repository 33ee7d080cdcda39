// Runs inside the test's page: the panel's engine as a StyleEngine.

import type { Settings } from "../../../../companion/protocol/settings.ts";
import { DEFAULT_SETTINGS } from "../../../../companion/protocol/settings.ts";
import { makePanelEngine } from "../../../../ui/engines/panel/engine.ts";
import type { StyleEngine } from "../../../../ui/engines/style-engine.ts";
import type { SourcePicture } from "../../../../ui/host.ts";

interface Inputs {
  script: string;
  network: string;
  detailer: string;
  content: SourcePicture & { base64: string };
  style: SourcePicture & { base64: string };
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));

let engine: StyleEngine;
let content: SourcePicture;
let style: SourcePicture;

async function open(inputs: Inputs) {
  engine = makePanelEngine({
    script: inputs.script,
    networks: async () => ({ network: fromBase64(inputs.network), detailer: fromBase64(inputs.detailer) }),
  });
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

/** The total loss by iteration, as far as it was reported. */
async function trace(settings: Partial<Settings>) {
  const totals: [iteration: number, total: number][] = [];
  await engine.stylize(request(settings), {
    onProgress: ({ totalIteration, losses }) => totals.push([totalIteration, losses.total]),
  }).result;
  return totals;
}

Object.assign(globalThis, { open, stylize, trace });
