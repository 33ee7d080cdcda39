// The variations without their looks: what is painted, when, when not, and what becomes of a chosen one.

import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { Sheet, SourcePicture } from "../../../ui/host.ts";
import { createPanel } from "../../../ui/state/panel.ts";
import { createFakeEngine, createFakeLink } from "../panel/fake-engine.ts";
import { createFakeHost, fakeLayer } from "../panel/fake-host.ts";

function source(name: string): SourcePicture {
  return { bytes: new TextEncoder().encode(name), name, width: 800, height: 600 };
}

async function open() {
  const engine = createFakeEngine("companion", "Apple M2");
  const samples = ["Waves", "Scream"].map((name) => ({ name, load: async () => source(name) }));
  const host = createFakeHost(
    [fakeLayer("a", source("Photo")), fakeLayer("b", source("Painting")), fakeLayer("c", source("Other"))],
    {
      capabilities: {
        results: "layer",
        undo: true,
        keepsPictures: false,
        sheets: "layers",
        canvasPreview: "none",
        scopes: [],
        samples,
      },
    },
  );
  host.storage.set("impasto.preferences.v1", { live: false });
  const visible = signal(true);
  const panel = createPanel({ host, link: createFakeLink(engine), panelEngine: engine, visible });
  await panel.start();
  host.select(["a", "b"]);
  await vi.advanceTimersByTimeAsync(1);
  /** Answers what is asked for, again and again. */
  const answer = async (count: number) => {
    for (let i = 0; i < count; i++) {
      engine.lives.at(-1)?.show({ bytes: new Uint8Array([engine.lives.length]), width: 256, height: 192 });
      await vi.advanceTimersByTimeAsync(1);
    }
  };
  const asked = () =>
    engine.lives.map(({ request: { settings } }) => [settings.strength, settings.styleScale, settings.size]);
  return {
    engine,
    host,
    panel,
    visible,
    answer,
    asked,
    explore: panel.explore,
    state: () => panel.explore.state.value,
  };
}

async function explored() {
  const bench = await open();
  bench.explore.open();
  await vi.advanceTimersByTimeAsync(1);
  return bench;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the variations", () => {
  test("are painted small and one by one, once somebody asks for them", async () => {
    const { engine, explore, answer, asked, state } = await open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.lives).toHaveLength(0);
    explore.open();
    await vi.advanceTimersByTimeAsync(1);
    expect(asked()).toEqual([[25, 0.5, 256]]);
    await answer(8);
    expect([explore.painted.value, state().kind]).toEqual([8, "painting"]);
    await answer(1);
    expect([explore.painted.value, state().kind]).toEqual([9, "done"]);
    expect(asked().slice(-2)).toEqual([
      [75, 1, 256],
      [75, 2, 256],
    ]);
  });

  test("vary the styles with what was used before and the samples, and take the chosen one", async () => {
    const { engine, explore, answer, panel } = await explored();
    explore.vary("styles");
    await vi.advanceTimersByTimeAsync(1);
    await answer(3);
    expect(engine.lives.slice(1, 4).map(({ request }) => request.styles.map(({ picture }) => picture.name))).toEqual([
      ["Painting"],
      ["Waves"],
      ["Scream"],
    ]);
    explore.chosen.value = 7;
    explore.take();
    expect(panel.inputs.style.value?.name).toBe("Waves");
    expect(panel.settings.value.strength).toBe(75);
    expect(explore.isOpen.value).toBe(false);
  });

  test("of a taken cell begin with what is painted already", async () => {
    const { engine, explore, answer, panel } = await explored();
    await answer(9);
    explore.chosen.value = 7;
    explore.take();
    expect(panel.settings.value).toMatchObject({ strength: 75, styleScale: 1 });
    explore.open();
    await vi.advanceTimersByTimeAsync(1);
    // 50 and 75 are there in all three strokes; 90 is new.
    expect(explore.painted.value).toBe(6);
    expect(engine.lives.at(-1)?.request.settings).toMatchObject({ strength: 90, styleScale: 0.5 });
  });

  test("stop on a click and go on from there on another", async () => {
    const { engine, explore, answer, state } = await explored();
    await answer(2);
    explore.stopOrGoOn();
    expect([state().kind, engine.lives.at(-1)?.signal.aborted]).toEqual(["stopped", true]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.lives).toHaveLength(3);
    explore.stopOrGoOn();
    await vi.advanceTimersByTimeAsync(1);
    await answer(7);
    expect([explore.painted.value, engine.lives.length]).toEqual([9, 10]);
  });

  test("are not painted while nobody sees them, nor the live preview behind them", async () => {
    const { engine, explore, visible, answer, panel } = await explored();
    panel.preferences.set({ live: true });
    await answer(1);
    visible.value = false;
    expect(engine.lives.at(-1)?.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.lives).toHaveLength(2);
    visible.value = true;
    await vi.advanceTimersByTimeAsync(1);
    await answer(8);
    expect([explore.painted.value, engine.lives.length]).toEqual([9, 10]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.lives).toHaveLength(10);
  });

  test("wait while other work comes first, and say what is wrong with a picture", async () => {
    const { engine, state } = await explored();
    engine.lives.at(-1)?.fail(new ImpastoError("busy", "A picture is in work."));
    await vi.advanceTimersByTimeAsync(1);
    expect(state().kind).toBe("waiting");
    await vi.advanceTimersByTimeAsync(2_500);
    expect(engine.lives).toHaveLength(2);
    engine.lives.at(-1)?.fail(new ImpastoError("bad-picture", "It is damaged."));
    await vi.advanceTimersByTimeAsync(1);
    expect(state()).toMatchObject({ kind: "failed", error: { code: "bad-picture" } });
  });

  test("say that settings of long work have none", async () => {
    const { panel, state } = await explored();
    panel.setSetting("seamless", "both");
    expect(state()).toEqual({ kind: "unavailable", why: "settings" });
  });

  test("go into the document as one sheet, each with what made it", async () => {
    const { host, explore, answer, panel } = await explored();
    await answer(9);
    await explore.insertAll(({ settings }) => `Strength ${settings.strength}`, "Photo / variations");
    const sheet = host.calls.find(({ name }) => name === "insertSheet")?.value as Sheet;
    expect(sheet).toMatchObject({ contentId: "a", name: "Photo / variations", columns: 3 });
    expect(sheet.cells).toHaveLength(9);
    expect(sheet.cells[8]).toMatchObject({
      label: "Strength 75",
      recipe: { contentId: "a", styleId: "b", settings: { strength: 75, styleScale: 2 } },
    });
    // And stand among what was painted, as one.
    const { history } = panel;
    expect(history.results.value).toMatchObject([{ contentName: "Photo", batch: { results: 9 } }]);
    await history.choose(history.results.value[0]?.id ?? "");
    await history.openBatch();
    expect(history.results.value[8]?.settings).toMatchObject({ strength: 75, styleScale: 2 });
  });
});

test("by the style's layers show its grain first and all its forms last, and a chosen one takes that many", async () => {
  const { engine, explore, answer, panel, host } = await open();
  explore.vary("layers");
  explore.open();
  await vi.advanceTimersByTimeAsync(1);
  await answer(12);
  expect(explore.columns.value).toBe(4);
  const asked = engine.lives.map(({ request: { settings } }) => [settings.strength, settings.styleLayers.length]);
  expect(asked.slice(0, 5)).toEqual([
    [25, 1],
    [25, 2],
    [25, 3],
    [25, 5],
    [50, 1],
  ]);
  explore.chosen.value = 5;
  explore.take();
  expect(panel.settings.value).toMatchObject({ strength: 50, styleLayers: ["relu1_1", "relu2_1"] });
  // Styles of which a part counts have layers of their own.
  host.select(["a", "b", "c"]);
  panel.inputs.setUse("c", "forms");
  expect([explore.grids.value.includes("layers"), explore.grid.value]).toEqual([false, "strokes"]);
});
