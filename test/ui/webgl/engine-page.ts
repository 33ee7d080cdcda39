// Runs inside the test's page: the panel's engine as a StyleEngine, with what the tests ask of it.

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

async function stylize(settings: Partial<Settings>) {
  const states: string[] = [];
  const scales: number[] = [];
  let previews = 0;
  const run = engine.stylize(request(settings), {
    onProgress: ({ scale }) => scales.push(scale),
    onPreview: (bitmap) => {
      previews++;
      bitmap.close();
    },
    onState: (state) => states.push(state),
  });
  const { bytes, ...rest } = await run.result;
  return { ...rest, base64: toBase64(bytes), states, scales: [...new Set(scales)], previews };
}

/** Aborts after the first progress; resolves with the error's code and how long that took. */
async function cancel(settings: Partial<Settings>) {
  const abort = new AbortController();
  let aborted = 0;
  const run = engine.stylize(request(settings), {
    signal: abort.signal,
    onProgress: () => {
      if (aborted !== 0) return;
      aborted = performance.now();
      abort.abort();
    },
  });
  const code = await run.result.then(
    () => "done",
    (error: { code: string }) => error.code,
  );
  return { code, milliseconds: performance.now() - aborted };
}

/** Pauses after the first progress, counts what comes while paused, changes strength, goes on, then stops. */
async function pauseChangeStop(settings: Partial<Settings>) {
  const losses: number[] = [];
  let first: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    first = resolve;
  });
  const run = engine.stylize(request(settings), {
    onProgress: (progress) => {
      losses.push(progress.losses.style);
      first();
    },
  });
  await begun;
  run.pause();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const before = losses.length;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const whilePaused = losses.length - before;
  const weightBefore = losses.at(-1) as number;
  run.update({ strength: 90 });
  run.resume();
  while (losses.length < before + 2) await new Promise((resolve) => setTimeout(resolve, 50));
  const weightAfter = losses[before] as number;
  run.stop();
  const { stopped, iterations } = await run.result;
  return { whilePaused, weightBefore, weightAfter, stopped, iterations };
}

async function batch(settings: Partial<Settings>) {
  const states: string[] = [];
  const broken: SourcePicture = { bytes: new Uint8Array(8), name: "broken", width: 64, height: 64 };
  const names = ["one", "broken", "skipped", "four"];
  let finished: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const handle = await engine.startBatch(
    {
      name: "test",
      styles: [{ picture: style, weight: 1 }],
      settings: { ...DEFAULT_SETTINGS, quality: "draft", minScale: 32, ...settings },
      contents: names.map((name) => ({ id: name, name, read: async () => (name === "broken" ? broken : content) })),
    },
    {
      onFrame: ({ index, state }) => {
        states[index] = state;
      },
      onState: (state) => {
        if (state === "done") finished();
      },
    },
  );
  handle.skip([2]);
  await done;
  return { states, width: (await handle.result(3)).width };
}

Object.assign(globalThis, { open, stylize, cancel, pauseChangeStop, batch });
