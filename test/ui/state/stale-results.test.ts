// Results that are older than their layers, without their looks: found, painted anew one by one, and put in place.

import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { EngineResult } from "../../../ui/engines/style-engine.ts";
import type { LayerRecipe } from "../../../ui/host.ts";
import { createPanel } from "../../../ui/state/panel.ts";
import { createFakeEngine, createFakeLink } from "../panel/fake-engine.ts";
import { createFakeHost, fakeLayer } from "../panel/fake-host.ts";

const source = (name: string) => ({ bytes: new TextEncoder().encode(name), name, width: 800, height: 600 });

const recipe = (strength: number): LayerRecipe => ({
  version: 1,
  contentId: "photo",
  contentName: "Photo",
  styleId: "painting",
  styleName: "Painting",
  styleKey: null,
  moreStyles: [],
  masks: [],
  keepText: false,
  settings: { strength, quality: "draft" },
});

const MADE: EngineResult = {
  ...{ bytes: new Uint8Array([9]), width: 64, height: 48, iterations: 1, seconds: 1, device: "", stopped: false },
};

async function open() {
  const engine = createFakeEngine("companion", "Apple M2");
  const host = createFakeHost([fakeLayer("photo", source("Photo")), fakeLayer("painting", source("Painting"))]);
  host.stale = [30, 80].map((strength) => fakeLayer(`made:${strength}`, source("Made"), { recipe: recipe(strength) }));
  const panel = createPanel({ host, link: createFakeLink(engine), panelEngine: engine, visible: signal(true) });
  await panel.start();
  await vi.advanceTimersByTimeAsync(1_000);
  return { engine, host, panel, stale: panel.stale };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("results that are older than their layers", () => {
  test("are found by themselves, and painted anew on a click alone", async () => {
    const { engine, stale } = await open();
    expect(stale.results.value).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.runs).toHaveLength(0);
  });

  test("are painted one after the other, each with its own settings, and put in their places", async () => {
    const { engine, host, stale } = await open();
    const repainting = stale.repaint();
    await vi.advanceTimersByTimeAsync(1);
    expect(engine.runs.map(({ request }) => request.settings.strength)).toEqual([30]);
    expect(engine.runs[0]?.request).toMatchObject({
      content: { name: "Photo" },
      styles: [{ picture: { name: "Painting" } }],
    });
    engine.runs[0]?.finish(MADE);
    await vi.advanceTimersByTimeAsync(1);
    expect([stale.repainted.value, engine.runs[1]?.request.settings.strength]).toEqual([1, 80]);
    engine.runs[1]?.finish(MADE);
    await repainting;
    expect(host.inserted.map(({ replaces }) => replaces)).toEqual(["made:30", "made:80"]);
    expect([stale.results.value, stale.repainted.value]).toEqual([[], null]);
  });

  test("stay as they are when a person stops, or one can not be painted, which is said", async () => {
    const { engine, host, stale } = await open();
    const stopped = stale.repaint();
    await vi.advanceTimersByTimeAsync(1);
    stale.stop();
    await stopped;
    expect([engine.runs[0]?.listeners.signal?.aborted, stale.error.value, stale.repainted.value]).toEqual([
      true,
      null,
      null,
    ]);
    const failed = stale.repaint();
    await vi.advanceTimersByTimeAsync(1);
    engine.runs[1]?.fail(new ImpastoError("disk-full", "The disk is full."));
    await failed;
    expect(stale.error.value?.code).toBe("disk-full");
    expect(host.inserted).toEqual([]);
    expect(stale.results.value).toHaveLength(2);
  });
});
