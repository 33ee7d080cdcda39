// Runs inside the contract's page: either engine, opened as a panel opens it, and its runs and batches by number, so that
// the test outside sees of each exactly what a panel would hear.

import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../companion/protocol/settings.ts";
import { createCompanionLink } from "../../../ui/engines/companion/link.ts";
import { makePanelEngine } from "../../../ui/engines/panel/engine.ts";
import type {
  BatchFrameStatus,
  BatchRunState,
  EngineBatch,
  EngineRequest,
  EngineResult,
  EngineRun,
  RunState,
  StyleEngine,
} from "../../../ui/engines/style-engine.ts";
import type { SourcePicture } from "../../../ui/host.ts";
import type { Action, ContractPage, PageResult, Request, RunReport, SentPicture } from "./page-messages.ts";

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));

let engine: StyleEngine;
const runs: { run: EngineRun; abort: AbortController; report: RunReport }[] = [];
const batches: { batch: EngineBatch; frames: BatchFrameStatus[]; states: BatchRunState[] }[] = [];

function toSource({ base64, ...rest }: SentPicture): SourcePicture {
  return { ...rest, bytes: fromBase64(base64) };
}

function toRequest({ content, style, initial, region, source, protect, settings }: Request): EngineRequest {
  return {
    content: toSource(content),
    styles: [
      {
        picture: toSource(style),
        weight: 1,
        ...(region && { region: toSource(region) }),
        ...(source && { source: toSource(source) }),
      },
    ],
    ...(protect && { protect: toSource(protect) }),
    settings: toSettings(settings),
    ...(initial && { initial: toSource(initial) }),
  };
}

function toSettings(settings: Partial<Settings>): Settings {
  return { ...DEFAULT_SETTINGS, network: "vgg19-slim", device: "cpu", ...settings };
}

function toResult({ bytes, ...rest }: EngineResult): PageResult {
  return { ...rest, base64: toBase64(bytes) };
}

function nameOf(error: unknown): string {
  return error instanceof ImpastoError ? error.code : `not an ImpastoError: ${error}`;
}

const page: ContractPage = {
  async openWebgl({ script, network, detailer }) {
    engine = makePanelEngine({
      script,
      networks: async () => ({ network: fromBase64(network), detailer: fromBase64(detailer) }),
    });
    return engine.capabilities();
  },

  async openCompanion({ base, code }) {
    const kept = new Map<string, unknown>();
    const storage = {
      load: async (key: string) => kept.get(key),
      save: async (key: string, value: unknown) => void kept.set(key, value),
    };
    const link = createCompanionLink({ bases: [base], storage, about: { host: "figma", name: "A contract" } });
    link.start();
    await link.pair(code);
    engine = link.engine;
    return engine.capabilities();
  },

  plan: (request) => engine.plan(toRequest(request)),

  begin(request, { aborted = false } = {}) {
    const states: RunState[] = [];
    const abort = new AbortController();
    if (aborted) abort.abort();
    const report: RunReport = { states, progress: [], previews: [], result: null, error: null };
    const began = performance.now();
    const run = engine.stylize(toRequest(request), {
      signal: abort.signal,
      onState: (state) => states.push(state),
      onProgress: (progress) => report.progress.push(progress),
      onPreview(bitmap) {
        report.previews.push({ width: bitmap.width, height: bitmap.height, atMs: performance.now() - began });
        bitmap.close();
      },
    });
    run.result.then(
      (result) => {
        report.result = toResult(result);
      },
      (error) => {
        report.error = nameOf(error);
      },
    );
    return runs.push({ run, abort, report }) - 1;
  },

  look: (id) => (runs[id] as (typeof runs)[number]).report,

  act(id, action: Action) {
    const { run, abort } = runs[id] as (typeof runs)[number];
    try {
      if (action === "abort") abort.abort();
      else if (typeof action === "string") run[action]();
      else run.update(action);
      return null;
    } catch (error) {
      return nameOf(error);
    }
  },

  async beginBatch({ contents, style, settings }) {
    const frames: BatchFrameStatus[] = [];
    const states: BatchRunState[] = [];
    const batch = await engine.startBatch(
      {
        name: "A contract",
        styles: [{ picture: toSource(style), weight: 1 }],
        settings: toSettings(settings),
        contents: contents.map((content, index) => ({
          id: `frame:${index}`,
          name: content.name,
          read: async () => toSource(content),
        })),
      },
      {
        onFrame: (frame) => {
          frames[frame.index] = frame;
        },
        onState: (state) => states.push(state),
      },
    );
    return batches.push({ batch, frames, states }) - 1;
  },

  lookAtBatch(id) {
    const { frames, states } = batches[id] as (typeof batches)[number];
    return { frames, states };
  },

  actOnBatch(id, action, frames = []) {
    const { batch } = batches[id] as (typeof batches)[number];
    if (action === "retry" || action === "skip") batch[action](frames);
    else batch[action]();
  },

  batchResult(id, index) {
    const { batch } = batches[id] as (typeof batches)[number];
    return batch.result(index).then(toResult, nameOf);
  },
};
Object.assign(globalThis, { contract: page });
