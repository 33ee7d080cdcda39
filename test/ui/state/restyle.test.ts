// Results of before as a beginning: restyled, shown with how they were made, repeated.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addResult, type Bench, open, RESULT, STORED_WAVES } from "./open-panel.ts";

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

describe("restyle", () => {
  test("goes on from the result with its recipe's settings", async () => {
    const bench = open();
    addResult(bench, { strength: 77 });
    bench.host.select(["made"]);
    bench.host.openedWith = "restyle";
    void bench.panel.start();
    await vi.waitFor(() => expect(bench.engine.runs).toHaveLength(1));
    const { request } = bench.engine.runs[0] as Bench["engine"]["runs"][number];
    expect(request.initial?.name).toBe("Photo / Painting");
    expect(request.content.name).toBe("Photo");
    expect(request.settings).toMatchObject({ strength: 77, init: "image" });
  });

  test("of a picture that takes a second or two paints it again from its content", async () => {
    const bench = open();
    addResult(bench, { quality: "quick", init: null });
    await bench.panel.start();
    bench.host.select(["made"]);
    void bench.panel.restyleSelected();
    await vi.waitFor(() => expect(bench.engine.runs).toHaveLength(1));
    expect(bench.engine.runs[0]?.request).toMatchObject({ content: { name: "Photo" }, settings: { init: null } });
    expect(bench.engine.runs[0]?.request.initial).toBeUndefined();
  });
});

describe("a selected result", () => {
  async function selected() {
    const bench = open();
    addResult(bench, { strength: 77, device: "cuda" });
    await bench.panel.start();
    bench.host.select(["made"]);
    return bench;
  }

  test("shows what it was made with, but for the device, which was another machine's", async () => {
    const { panel } = await selected();
    expect(panel.settings.value).toMatchObject({ strength: 77, device: "auto" });
  });

  test("is restyled with what was set since, and with the style that was picked", async () => {
    const { panel, host, engine } = await selected();
    panel.setSetting("strength", 20);
    host.select(["made"]);
    panel.styles.list.value = [STORED_WAVES];
    host.storage.set("impasto.style.k", new Uint8Array([5]));
    panel.inputs.choose({ from: "stored", key: "k" });
    void panel.restyleSelected();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(1));
    const request = engine.runs[0]?.request;
    expect(request?.settings.strength).toBe(20);
    expect(request?.styles[0]?.picture).toMatchObject({ name: "Waves", bytes: new Uint8Array([5]) });
  });
});

describe("repeat", () => {
  test("runs and inserts without another click", async () => {
    const bench = open();
    bench.host.openedWith = "repeat";
    bench.host.select(["a", "b"]);
    const started = bench.panel.start();
    await vi.waitFor(() => expect(bench.engine.runs).toHaveLength(1));
    bench.engine.runs[0]?.finish(RESULT);
    await started;
    expect(bench.host.inserted).toHaveLength(1);
  });
});
