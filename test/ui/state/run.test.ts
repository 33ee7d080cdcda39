// A run without its looks: from the click to the inserted layer, live changes, failures, and what it goes on from.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { presetNamed } from "../../../companion/protocol/presets.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { fakeProgress } from "../panel/fake-engine.ts";
import { fakeLayer } from "../panel/fake-host.ts";
import { type Bench, done, open, opened, RESULT, running, STORED_WAVES, source } from "./open-panel.ts";

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

describe("a run", () => {
  test("goes from two layers to a new one, with its recipe", async () => {
    const { panel, host } = await done();
    await panel.run.insert();
    expect(host.inserted).toHaveLength(1);
    expect(host.inserted[0]).toMatchObject({
      contentId: "a",
      name: "Photo / Painting",
      bytes: RESULT.bytes,
      recipe: { version: 1, contentId: "a", styleId: "b", styleName: "Painting", settings: { strength: 50 } },
    });
    expect(panel.run.insertedId.value).toBe("inserted:0");
  });

  test("passes strength on while it runs", async () => {
    const { panel, run } = await running();
    panel.setSetting("strength", 80);
    panel.setSetting("colors", "keep");
    expect(run.updates).toEqual([{ strength: 80 }]);
  });

  test("says afterwards what computes in the panel now: a GPU may have given up meanwhile", async () => {
    const { panel, panelEngine, run, over } = await running({ kind: "absent" });
    expect(panel.capabilities.value?.device).toBe("This panel");
    vi.spyOn(panelEngine, "capabilities").mockResolvedValue({
      kind: "panel",
      device: "On WebGL",
      methods: ["optimize"],
      live: false,
      largestSize: 512,
    });
    run.finish(RESULT);
    await over;
    await vi.waitFor(() => expect(panel.capabilities.value?.device).toBe("On WebGL"));
  });

  test("goes on from the present picture when strength moves afterwards, once for a whole drag", async () => {
    const { panel, engine } = await done();
    for (const strength of [55, 60, 65, 70]) panel.setSetting("strength", strength);
    await vi.advanceTimersByTimeAsync(400);
    expect(engine.runs).toHaveLength(2);
    const { request } = engine.runs[1] as Bench["engine"]["runs"][number];
    expect(request.initial?.bytes).toBe(RESULT.bytes);
    expect(request.settings).toMatchObject({ strength: 70, init: "image", size: 512, minScale: 512 });
    expect(panel.run.phase.value).toBe("running");
  });

  test("is painted anew, not gone on from, when strength moves after a quick picture", async () => {
    const bench = await opened();
    bench.panel.setSetting("quality", "quick");
    const over = bench.panel.run.start();
    await vi.waitFor(() => expect(bench.engine.runs.length).toBe(1));
    bench.engine.runs[0]?.finish(RESULT);
    await over;
    bench.panel.setSetting("strength", 70);
    await vi.advanceTimersByTimeAsync(400);
    const { request } = bench.engine.runs[1] as Bench["engine"]["runs"][number];
    expect(request.initial).toBeUndefined();
    expect(request.settings).toMatchObject({ quality: "quick", strength: 70, init: null, size: null });
  });

  test("keeps the picture when a setting moves that needs a new start", async () => {
    const { panel, engine } = await done();
    panel.setSetting("colors", "keep");
    await vi.advanceTimersByTimeAsync(400);
    expect(engine.runs).toHaveLength(1);
    expect(panel.run.phase.value).toBe("done");
  });

  test("shows progress and a curve, and stops with the best picture so far", async () => {
    const { panel, run } = await running();
    for (const at of [4, 8, 12]) run.listeners.onProgress?.(fakeProgress(at));
    expect(panel.run.progress.value?.totalIteration).toBe(12);
    expect(panel.run.curve.value.points.map(({ x }) => x)).toEqual([4, 8, 12]);
    panel.run.useNow();
    expect(run.calls).toEqual(["stop"]);
  });

  test("pauses and resumes", async () => {
    const { panel, run } = await running();
    panel.run.pauseOrResume();
    expect(panel.run.state.value).toBe("paused");
    panel.run.pauseOrResume();
    expect(run.calls).toEqual(["pause", "resume"]);
  });

  test("is cancelled by going back, and what it says later changes nothing", async () => {
    const { panel, run, over } = await running();
    panel.run.back();
    expect(run.listeners.signal?.aborted).toBe(true);
    run.listeners.onProgress?.(fakeProgress(40));
    await over;
    expect(panel.run.phase.value).toBe("idle");
    expect(panel.run.progress.value).toBeNull();
  });

  test("ends in words when it fails, and starts again from there", async () => {
    const { panel, run, over, engine } = await running();
    run.fail(new ImpastoError("gpu-lost", "Lost."));
    await over;
    expect(panel.run.error.value?.code).toBe("gpu-lost");
    void panel.run.start();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(2));
    expect(panel.run.error.value).toBeNull();
  });

  test("says which layer could not be read", async () => {
    const { panel, host } = await opened();
    host.readPicture = () => Promise.reject(new ImpastoError("file-not-found", "“Photo” is gone."));
    await panel.run.start();
    expect(panel.run.phase.value).toBe("failed");
    expect(panel.run.error.value?.message).toBe("“Photo” is gone.");
  });

  test("inserts once, however often Insert is pressed", async () => {
    const { panel, host } = await done();
    await Promise.all([panel.run.insert(), panel.run.insert()]);
    expect(host.inserted).toHaveLength(1);
  });

  test("remembers the settings and the style for the next time", async () => {
    const { panel, host } = await done();
    panel.setSetting("strength", 33);
    await panel.preferences.flush();
    expect(host.storage.get("impasto.preferences.v1")).toMatchObject({ settings: { strength: 33 }, lastStyleId: "b" });
  });
});

describe("what a run is made with", () => {
  test("a preset is all settings but where the work is done, and the next one leaves nothing of it", async () => {
    const { panel, engine } = await opened();
    panel.setSetting("device", "cpu");
    panel.setSetting("photoreal", "guided");
    panel.choosePreset(presetNamed("neural-style"));
    void panel.run.start();
    await vi.waitFor(() => expect(engine.runs.length).toBe(1));
    const asked = { device: "cpu", photoreal: "off", init: "noise", tvWeight: 9 };
    expect(engine.runs[0]?.request.settings).toMatchObject(asked);
    panel.run.back();
    panel.choosePreset(null);
    expect(panel.settings.value).toEqual({ ...DEFAULT_SETTINGS, device: "cpu" });
  });

  test("a setting that moves while the engine is waited for goes with the run", async () => {
    const { panel, link, engine } = await opened({ kind: "searching" });
    void panel.run.start();
    await vi.advanceTimersByTimeAsync(300);
    panel.setSetting("strength", 80);
    link.state.value = { kind: "ready" };
    await vi.waitFor(() => expect(engine.runs).toHaveLength(1));
    expect(engine.runs[0]?.request.settings.strength).toBe(80);
  });

  test("the recipe tells the result's settings, not those for the next run", async () => {
    const { panel, host, run, over } = await running();
    panel.setSetting("strength", 60);
    run.finish(RESULT);
    await over;
    panel.setSetting("network", "vgg19");
    await panel.run.insert();
    expect(host.inserted[0]?.recipe.settings).toMatchObject({ strength: 60, network: "auto" });
  });

  test("a layer's id may look like anything: the style's layer is remembered", async () => {
    const bench = open();
    bench.host.layers.push(fakeLayer("12:34", source("Waves")));
    await bench.panel.start();
    bench.host.select(["a", "12:34"]);
    void bench.panel.run.start();
    await vi.waitFor(() => expect(bench.engine.runs).toHaveLength(1));
    bench.engine.runs[0]?.finish(RESULT);
    await vi.waitFor(() => expect(bench.panel.run.phase.value).toBe("done"));
    await bench.panel.run.insert();
    expect(bench.host.inserted[0]?.recipe.styleId).toBe("12:34");
    expect(bench.panel.preferences.value.value.lastStyleId).toBe("12:34");
  });

  test("a stored style is no layer", async () => {
    const bench = await opened();
    bench.panel.styles.list.value = [STORED_WAVES];
    bench.host.storage.set("impasto.style.k", new Uint8Array([1]));
    bench.host.select(["a"]);
    bench.panel.inputs.choose({ from: "stored", key: "k" });
    const over = bench.panel.run.start();
    await vi.waitFor(() => expect(bench.engine.runs).toHaveLength(1));
    bench.engine.runs[0]?.finish(RESULT);
    await over;
    await bench.panel.run.insert();
    expect(bench.host.inserted[0]?.recipe).toMatchObject({ styleId: null, styleKey: "k" });
  });
});

describe("leaving a run that goes on from a finished picture", () => {
  test("goes back to that picture, inserted as it was", async () => {
    const { panel, engine } = await done();
    await panel.run.insert();
    panel.setSetting("strength", 60);
    await vi.advanceTimersByTimeAsync(400);
    expect(engine.runs).toHaveLength(2);
    panel.run.back();
    expect(engine.runs[1]?.listeners.signal?.aborted).toBe(true);
    expect(panel.run.phase.value).toBe("done");
    expect(panel.run.result.value).toEqual(RESULT);
    expect(panel.run.insertedId.value).toBe("inserted:0");
    panel.run.back();
    expect(panel.run.phase.value).toBe("idle");
  });

  test("a new picture is not inserted yet", async () => {
    const { panel, engine } = await done();
    await panel.run.insert();
    panel.setSetting("strength", 60);
    await vi.advanceTimersByTimeAsync(400);
    engine.runs[1]?.finish(RESULT);
    await vi.waitFor(() => expect(panel.run.phase.value).toBe("done"));
    expect(panel.run.insertedId.value).toBeNull();
  });

  test("stays left when the panel was just taking it over", async () => {
    const { panel, panelEngine, run } = await running();
    let convert: (blob: Blob) => void = () => undefined;
    class Canvas {
      getContext = () => null;
      convertToBlob = () => new Promise<Blob>((resolve) => (convert = resolve));
    }
    vi.stubGlobal("OffscreenCanvas", Canvas);
    run.listeners.onPreview?.({ width: 4, height: 3, close: () => undefined } as ImageBitmap);
    panel.continueInPanel();
    panel.run.back();
    convert(new Blob());
    await vi.advanceTimersByTimeAsync(50);
    expect(panelEngine.runs).toHaveLength(0);
    expect(panel.run.phase.value).toBe("idle");
    vi.unstubAllGlobals();
  });
});

describe("a host that can not do it", () => {
  test("says what happened and what to do, and leaves the result where it is", async () => {
    const { panel, host } = await done();
    const error = { code: "not-found" as const, message: "This layer was deleted.", hint: "Undo that." };
    host.insert = async () => [{ error }];
    await panel.run.insert();
    host.undo = () => Promise.reject(new ImpastoError("internal", "No answer."));
    await panel.run.undo();
    host.insert = async () => [{ id: "gone" }];
    await panel.run.insert();
    host.show = () => Promise.reject(new ImpastoError("not-found", "Gone."));
    await panel.run.show();
    const said = host.calls.filter(({ name }) => name === "notify").map(({ value }) => value);
    expect(said).toEqual(["This layer was deleted. Undo that.", "No answer.", "Gone."]);
    expect(panel.run.phase.value).toBe("done");
  });
});
