// A panel over a fake host and fake engines, brought as far as a test needs it.

import { signal } from "@preact/signals-core";
import { expect, vi } from "vitest";
import type { Settings } from "../../../companion/protocol/settings.ts";
import type { EngineResult } from "../../../ui/engines/style-engine.ts";
import type { SourcePicture } from "../../../ui/host.ts";
import type { LinkState } from "../../../ui/state/link.ts";
import { createPanel } from "../../../ui/state/panel.ts";
import { createFakeEngine, createFakeLink } from "../panel/fake-engine.ts";
import { createFakeHost, fakeLayer } from "../panel/fake-host.ts";

export const RESULT: EngineResult = {
  bytes: new Uint8Array([9]),
  width: 512,
  height: 384,
  iterations: 360,
  seconds: 12,
  device: "Apple M2",
  stopped: false,
};

export function source(name: string): SourcePicture {
  return { bytes: new TextEncoder().encode(name), name, width: 800, height: 600 };
}

export function open(state: LinkState = { kind: "ready" }) {
  const engine = createFakeEngine("companion", "Apple M2");
  const panelEngine = createFakeEngine("panel", "This panel");
  const link = createFakeLink(engine, state);
  const frames = Array.from({ length: 3 }, (_, index) =>
    fakeLayer(`frame:${index}`, source(`Frame ${index}`), { kind: "frame" }),
  );
  const host = createFakeHost([fakeLayer("a", source("Photo")), fakeLayer("b", source("Painting")), ...frames]);
  const panel = createPanel({ host, link, panelEngine, visible: signal(true) });
  return { panel, host, link, engine, panelEngine };
}

export type Bench = ReturnType<typeof open>;

export async function opened(state?: LinkState): Promise<Bench> {
  const bench = open(state);
  await bench.panel.start();
  bench.host.select(["a", "b"]);
  return bench;
}

export async function running(state?: LinkState) {
  const bench = await opened(state);
  const over = bench.panel.run.start();
  const { runs } = state === undefined ? bench.engine : bench.panelEngine;
  await vi.waitFor(() => expect(runs.length).toBe(1));
  const run = runs[0] as Bench["engine"]["runs"][number];
  return { ...bench, run, over };
}

export async function done() {
  const bench = await running();
  bench.run.finish(RESULT);
  await bench.over;
  expect(bench.panel.run.phase.value).toBe("done");
  return bench;
}

export const STORED_WAVES = {
  key: "k",
  name: "Waves",
  width: 8,
  height: 8,
  thumbnail: new Uint8Array(1),
  pictureBytes: 1,
  kept: false,
  settings: null,
};

/** A layer that was made of the photo and the painting. */
export function addResult({ host }: Bench, settings: Partial<Settings>): void {
  const recipe = {
    version: 1 as const,
    contentId: "a",
    contentName: "Photo",
    styleId: "b",
    styleName: "Painting",
    styleKey: null,
    moreStyles: [],
    masks: [],
    keepText: false,
    settings,
  };
  host.layers.push(fakeLayer("made", source("Photo / Painting"), { recipe }));
}
