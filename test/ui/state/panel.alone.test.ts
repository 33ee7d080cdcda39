// The panel without its looks: from selection to inserted layer, live changes, failures, batches, the companion's states.

import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { parseRecipe } from "../../../companion/protocol/host/layer-types.ts";
import { presetNamed } from "../../../companion/protocol/presets.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import type { EngineResult } from "../../../ui/engines/style-engine.ts";
import type { Layer, Sheet, SourcePicture } from "../../../ui/host.ts";
import type { MaskPicture } from "../../../ui/masks.ts";
import type { LinkState } from "../../../ui/state/link.ts";
import { createPanel } from "../../../ui/state/panel.ts";
import { createFakeEngine, createFakeLink, fakeProgress } from "../panel/fake-engine.ts";
import { createFakeHost, fakeLayer } from "../panel/fake-host.ts";

/** Needs a browser's canvas: behavior.test.ts looks at what it draws. */
vi.mock("../../../ui/masks.ts", () => ({
  joinMasks: async (masks: MaskPicture[], { width, height }: SourcePicture) => {
    if (masks.length === 0) return null;
    const name = masks.map(({ picture, byAlpha }) => `${picture.name}${byAlpha ? " by alpha" : ""}`).join(" + ");
    return { bytes: new Uint8Array([1]), name, width, height };
  },
}));

const RESULT: EngineResult = {
  bytes: new Uint8Array([9]),
  width: 512,
  height: 384,
  iterations: 360,
  seconds: 12,
  device: "Apple M2",
  stopped: false,
};

function source(name: string): SourcePicture {
  return { bytes: new TextEncoder().encode(name), name, width: 800, height: 600 };
}

function open(state: LinkState = { kind: "ready" }) {
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

type Bench = ReturnType<typeof open>;

async function opened(state?: LinkState): Promise<Bench> {
  const bench = open(state);
  await bench.panel.start();
  bench.host.select(["a", "b"]);
  return bench;
}

async function running(state?: LinkState) {
  const bench = await opened(state);
  const over = bench.panel.run.start();
  const { runs } = state === undefined ? bench.engine : bench.panelEngine;
  await vi.waitFor(() => expect(runs.length).toBe(1));
  const run = runs[0] as Bench["engine"]["runs"][number];
  return { ...bench, run, over };
}

async function done() {
  const bench = await running();
  bench.run.finish(RESULT);
  await bench.over;
  expect(bench.panel.run.phase.value).toBe("done");
  return bench;
}

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

const STORED_WAVES = {
  key: "k",
  name: "Waves",
  width: 8,
  height: 8,
  thumbnail: new Uint8Array(1),
  pictureBytes: 1,
  kept: false,
  settings: null,
};

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

describe("a picture of more than two layers", () => {
  async function openedWithMasks(select: string[]) {
    const bench = open();
    const box = { x: 0, y: 0, width: 800, height: 600 };
    const shape = (id: string, name: string) =>
      fakeLayer(id, source(name), { kind: "shape", box: { ...box, width: 80, height: 60 } });
    bench.host.layers[0] = fakeLayer("a", source("Photo"), { box });
    bench.host.layers.push(shape("sky", "Sky"), shape("sea", "Sea"), shape("logo", "Logo"));
    bench.host.layers.push(fakeLayer("c", source("Waves"), { kind: "picture" }));
    await bench.panel.start();
    bench.panel.setSetting("quality", "draft");
    bench.host.select(select);
    return bench;
  }
  type Opened = Awaited<ReturnType<typeof openedWithMasks>>;

  async function requestOf({ panel, engine }: Opened) {
    void panel.run.start();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(1));
    return engine.runs[0]?.request as Bench["engine"]["runs"][number]["request"];
  }

  test("goes to the engine with a region for each style and what is protected", async () => {
    const bench = await openedWithMasks(["a", "b", "c", "sky", "sea", "logo"]);
    const request = await requestOf(bench);
    expect(request.content.name).toBe("Photo");
    expect(request.styles.map(({ picture, region }) => [picture.name, region?.name])).toEqual([
      ["Painting", "Sky by alpha"],
      ["Waves", "Sea by alpha"],
    ]);
    expect(request.protect?.name).toBe("Logo by alpha");
    expect(bench.panel.run.allParts.value).toBe(6);
    expect(bench.panel.run.preparedParts.value).toBe(6);
  });

  test("follows the roles as they are changed", async () => {
    const bench = await openedWithMasks(["a", "b", "sky", "sea"]);
    const { inputs } = bench.panel;
    inputs.setRole("sky", { kind: "source", style: 0 });
    inputs.setRole("sea", { kind: "unused" });
    expect(inputs.rows.value.map(({ role }) => role.kind)).toEqual(["content", "style", "source", "unused"]);
    const { styles, protect } = await requestOf(bench);
    expect(styles[0]?.source?.name).toBe("Sky by alpha");
    expect(styles[0]?.region ?? protect).toBeUndefined();
  });

  test("reads a mask as it lies over what it is a mask of, and the content without its masks", async () => {
    const bench = await openedWithMasks(["a", "b", "sky", "sea"]);
    bench.panel.inputs.setRole("sea", { kind: "source", style: 0 });
    const reads = vi.spyOn(bench.host, "readPicture");
    await requestOf(bench);
    expect(reads.mock.calls.find(([id]) => id === "a")?.[1].without).toEqual(["sky", "sea"]);
    expect(reads.mock.calls.find(([id]) => id === "sky")?.[1].over).toBe("a");
    expect(reads.mock.calls.find(([id]) => id === "sea")?.[1].over).toBe("b");
  });

  test("is asked the cost of with its masks", async () => {
    const bench = await openedWithMasks(["a", "b", "sky"]);
    const plan = vi.spyOn(bench.engine, "plan");
    await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(() => expect(plan.mock.lastCall?.[0].styles[0]?.region?.name).toBe("Sky by alpha"));
  });

  test("may be painted quick", async () => {
    const { panel } = await openedWithMasks(["a", "b", "sky"]);
    panel.setSetting("quality", "quick");
    expect(panel.inputs.problem.value).toBeNull();
    expect(panel.canStylize.value).toBe(true);
  });

  test("is restyled with the same masks", async () => {
    const bench = await openedWithMasks(["a", "b", "sky", "logo"]);
    const { panel, host, engine } = bench;
    await requestOf(bench);
    engine.runs[0]?.finish(RESULT);
    await vi.waitFor(() => expect(panel.run.phase.value).toBe("done"));
    await panel.run.insert();
    const recipe = host.inserted[0]?.recipe ?? null;
    expect(recipe?.masks.map(({ layerId, role }) => [layerId, role.kind])).toEqual([
      ["sky", "region"],
      ["logo", "protect"],
    ]);
    panel.run.back();
    host.layers.push(fakeLayer("made", source("Photo / Painting"), { recipe }));
    host.select(["made"]);
    void panel.restyleSelected();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(2));
    const { request } = engine.runs[1] as Bench["engine"]["runs"][number];
    expect(request.initial?.name).toBe("Photo / Painting");
    expect([request.styles[0]?.region?.name, request.protect?.name]).toEqual(["Sky by alpha", "Logo by alpha"]);
  });
});

describe("text in a frame", () => {
  async function openedWithText() {
    const bench = open();
    bench.host.layers.push(fakeLayer("poster", source("Poster"), { kind: "frame", hasText: true }));
    bench.host.layers.push(fakeLayer("title", source("Title"), { kind: "text" }));
    await bench.panel.start();
    bench.host.select(["poster", "b"]);
    return bench;
  }

  test("is left out of what is painted, and protected where it can not be", async () => {
    const { panel, host, engine } = await openedWithText();
    const read = host.readPicture.bind(host);
    host.readPicture = async (id, options) => ({
      ...(await read(id, options)),
      ...(options.keepText && { protectIds: ["title"] }),
    });
    expect(panel.inputs.textOffered.value).toBe(true);
    void panel.run.start();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(1));
    expect(engine.runs[0]?.request.protect?.name).toBe("Title by alpha");
    engine.runs[0]?.finish(RESULT);
    await vi.waitFor(() => expect(panel.run.phase.value).toBe("done"));
    await panel.run.insert();
    expect(host.inserted[0]?.recipe.keepText).toBe(true);
  });

  test("is painted like the rest when it need not be kept, also the next time", async () => {
    const { panel, host, engine } = await openedWithText();
    panel.preferences.set({ keepText: false });
    const reads = vi.spyOn(host, "readPicture");
    void panel.run.start();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(1));
    expect(reads.mock.calls.every(([, options]) => !options.keepText)).toBe(true);
    await panel.preferences.flush();
    expect(host.storage.get("impasto.preferences.v1")).toMatchObject({ keepText: false });
  });

  test("is offered for the content alone", async () => {
    const { panel, host } = await openedWithText();
    host.select(["a", "b"]);
    expect(panel.inputs.textOffered.value).toBe(false);
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

describe("while nothing happens", () => {
  test("layers are read once for the cost, however often the companion is looked for or strength moves", async () => {
    const { panel, host, link, panelEngine } = await opened({ kind: "absent" });
    const read = vi.spyOn(host, "readPicture");
    const capabilities = vi.spyOn(panelEngine, "capabilities");
    await vi.advanceTimersByTimeAsync(800);
    expect(panel.plan.value).not.toBeNull();
    for (const strength of [10, 20, 30]) {
      link.state.value = { kind: "absent" };
      panel.setSetting("strength", strength);
      await vi.advanceTimersByTimeAsync(2500);
    }
    expect(read).toHaveBeenCalledTimes(2);
    expect(capabilities).not.toHaveBeenCalled();
    expect(panel.plan.value).not.toBeNull();
    host.select(["a", "frame:0"]);
    await vi.advanceTimersByTimeAsync(800);
    expect(read).toHaveBeenCalledTimes(4);
  });

  test("a thumbnail is asked for once, also where there is none", async () => {
    const { panel, host } = open();
    const thumbnail = vi.fn(async () => null);
    host.thumbnail = thumbnail;
    await panel.start();
    host.select(["a", "b"]);
    for (const strength of [1, 2, 3]) panel.setSetting("strength", strength);
    await vi.advanceTimersByTimeAsync(50);
    expect(thumbnail).toHaveBeenCalledTimes(2);
    host.select([]);
    host.select(["a"]);
    expect(thumbnail).toHaveBeenCalledTimes(3);
  });
});

describe("inputs", () => {
  test("follow the selection and say what is missing", async () => {
    const { panel, host } = await opened();
    expect(panel.inputs.problem.value).toBeNull();
    host.select(["a"]);
    expect(panel.inputs.problem.value).toEqual({ kind: "style-missing" });
    host.select([]);
    expect(panel.inputs.problem.value).toEqual({ kind: "nothing-selected" });
    const many = Array.from({ length: 7 }, (_, index) => fakeLayer(`more:${index}`, source("More")));
    host.layers.push(...many);
    host.select(["a", "b", ...many.map(({ id }) => id)]);
    expect(panel.inputs.problem.value).toEqual({ kind: "too-many", count: 9 });
    host.select(["a", "b"], "You can only view this file.");
    expect(panel.canStylize.value).toBe(false);
  });

  test("swap", async () => {
    const { panel } = await opened();
    expect(panel.inputs.content.value?.id).toBe("a");
    panel.inputs.swap();
    expect(panel.inputs.content.value?.id).toBe("b");
    panel.inputs.swap();
    expect(panel.inputs.content.value?.id).toBe("a");
  });

  test("ask for the cost once things have settled", async () => {
    const { panel, host } = await opened();
    host.select(["b", "a"]);
    expect(panel.plan.value).toBeNull();
    await vi.advanceTimersByTimeAsync(800);
    expect(panel.plan.value?.seconds).toBe(12);
  });

  test("a cost that could not be said yet is asked for again; a refusal is not", async () => {
    const { panel, engine } = await opened();
    const plan = vi.spyOn(engine, "plan").mockRejectedValueOnce(new ImpastoError("busy", "The engine is busy."));
    panel.setSetting("strength", 61);
    await vi.advanceTimersByTimeAsync(400);
    expect(plan).toHaveBeenCalledTimes(1);
    expect(panel.plan.value).toBeNull();
    await vi.advanceTimersByTimeAsync(2_500);
    expect(plan).toHaveBeenCalledTimes(2);
    expect(panel.plan.value?.seconds).toBe(12);
    plan.mockRejectedValueOnce(new ImpastoError("bad-picture", "The picture is damaged."));
    panel.setSetting("strength", 62);
    await vi.advanceTimersByTimeAsync(200_000);
    expect(plan).toHaveBeenCalledTimes(3);
  });
});

/** A layer that was made of the photo and the painting. */
function addResult({ host }: Bench, settings: Partial<Settings>): void {
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

describe("styles that count in part", () => {
  async function twoStyles() {
    const bench = await opened();
    bench.host.layers.push(fakeLayer("c", source("Scream")));
    bench.host.select(["a", "b", "c"]);
    bench.panel.setSetting("quality", "draft");
    return bench;
  }

  test("stand for their layers in the request and in the result, which is restyled with them", async () => {
    const { panel, host, engine } = await twoStyles();
    panel.inputs.setUse("c", "colors");
    const over = panel.run.start();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(1));
    const layersOf = (run: number) => engine.runs[run]?.request.styles.map(({ layers }) => layers);
    expect(layersOf(0)).toEqual([undefined, ["relu1_1", "relu2_1"]]);
    engine.runs[0]?.finish(RESULT);
    await over;
    await panel.run.insert();
    const recipe = parseRecipe(JSON.parse(JSON.stringify(host.inserted[0]?.recipe)));
    expect(recipe?.moreStyles).toEqual([{ layerId: "c", name: "Scream", use: "colors" }]);
    panel.run.back();
    host.layers.push(fakeLayer("made", source("Photo / Painting"), { recipe }));
    host.select(["made"]);
    void panel.restyleSelected();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(2));
    expect(layersOf(1)).toEqual(layersOf(0));
  });

  test("have to leave nothing without a style, and nothing quick knows them", async () => {
    const { panel } = await twoStyles();
    panel.inputs.setUse("b", "strokes");
    panel.inputs.setUse("c", "colors");
    expect(panel.inputs.problem.value).toEqual({ kind: "use-missing", use: "forms" });
    panel.inputs.setUse("b", null);
    expect(panel.inputs.problem.value).toBeNull();
    panel.setSetting("styleLayers", ["relu3_1", "relu4_1"]);
    expect(panel.inputs.problem.value).toEqual({ kind: "use-empty", use: "colors" });
  });

  test("count as a whole where another style is no longer there", async () => {
    const { panel, host } = await twoStyles();
    panel.inputs.setUse("b", "strokes");
    host.select(["a", "b"]);
    expect([panel.inputs.problem.value, panel.inputs.painting.value?.uses]).toEqual([null, [null]]);
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

describe("engines", () => {
  test("the panel works when there is no companion", async () => {
    const { panel, panelEngine } = await running({ kind: "absent" });
    expect(panel.engineKind.value).toBe("panel");
    expect(panelEngine.runs).toHaveLength(1);
  });

  test("a run that starts while the companion is looked for waits for it", async () => {
    const { panel, link, engine } = await opened({ kind: "searching" });
    void panel.run.start();
    await vi.advanceTimersByTimeAsync(300);
    expect(panel.run.phase.value).toBe("running");
    expect(engine.runs).toHaveLength(0);
    link.state.value = { kind: "ready" };
    await vi.waitFor(() => expect(engine.runs).toHaveLength(1));
  });

  test("continue in this panel takes a run along when the companion is lost", async () => {
    const { panel, link, panelEngine, run } = await running();
    run.listeners.onState?.("lost");
    link.state.value = { kind: "lost", seconds: 3 };
    expect(panel.run.state.value).toBe("lost");
    panel.continueInPanel();
    await vi.waitFor(() => expect(panelEngine.runs).toHaveLength(1));
    expect(run.listeners.signal?.aborted).toBe(true);
    panel.useCompanion();
    expect(link.calls).toContain("retry");
  });
});

describe("batch", () => {
  test("asks before results that nobody has inserted are left behind", async () => {
    const { panel, batch } = await started();
    for (const index of [0, 1, 2]) batch.listeners.onFrame({ index, state: "done", fraction: 1, error: null });
    batch.listeners.onState("done", null);
    await panel.batch.close();
    expect(panel.batch.leaving.value).toBe(true);
    expect(panel.batch.rows.value).toHaveLength(3);
    await panel.batch.insertFinished();
    expect(panel.batch.leaving.value).toBe(false);
    await panel.batch.close();
    expect(panel.batch.phase.value).toBe("choosing");
  });

  test("leaves them behind when that is said twice", async () => {
    const { panel, batch } = await started();
    batch.listeners.onFrame({ index: 0, state: "done", fraction: 1, error: null });
    batch.listeners.onState("cancelled", null);
    await panel.batch.close();
    await panel.batch.close();
    expect(panel.batch.phase.value).toBe("choosing");
  });

  async function started() {
    const bench = await opened();
    bench.panel.selectTab("batch");
    await bench.panel.batch.list("page");
    await bench.panel.batch.start();
    const batch = bench.engine.batches[0] as Bench["engine"]["batches"][number];
    bench.engine.batchResult = RESULT;
    return { ...bench, batch };
  }

  test("as an animation takes the frames in the order of their names, and paints them quick", async () => {
    const bench = await opened();
    const { panel, host, engine } = bench;
    const names = ["Frame 10", "Frame 9", "Frame 2"];
    const listed = await host.listFrames("page");
    host.listFrames = async () => listed.map((frame, i) => ({ ...frame, name: names[i] ?? frame.name }));
    panel.setSetting("quality", "fine");
    panel.selectTab("batch");
    await panel.batch.list("page");
    panel.batch.setAnimation(true);
    expect(panel.batch.rows.value.map(({ name }) => name)).toEqual(["Frame 2", "Frame 9", "Frame 10"]);
    // Listed anew it keeps the order.
    await panel.batch.list("page");
    await panel.batch.start();
    const request = engine.batches[0]?.request;
    expect(request?.contents.map(({ name }) => name)).toEqual(["Frame 2", "Frame 9", "Frame 10"]);
    expect(request).toMatchObject({ animation: true, settings: { quality: "quick", iterations: null } });
  });

  test("more than 20 frames are painted quick, as the command line does, unless a person wants otherwise", async () => {
    const { panel, host, engine } = await opened();
    const [frame] = await host.listFrames("page");
    host.listFrames = async () =>
      Array.from({ length: 21 }, (_, i) => ({
        ...(frame as NonNullable<typeof frame>),
        id: `frame:${i % 3}`,
        name: `F ${i}`,
      }));
    panel.selectTab("batch");
    await panel.batch.list("page");
    expect([panel.batch.isMany.value, panel.batch.settings.value.quality]).toEqual([true, "quick"]);
    panel.batch.wantsQuick.value = false;
    expect([panel.batch.isMany.value, panel.batch.settings.value.quality]).toEqual([true, "standard"]);
    panel.batch.wantsQuick.value = true;
    panel.setSetting("quality", "fine");
    expect([panel.batch.isMany.value, panel.batch.settings.value.quality]).toEqual([false, "fine"]);
    panel.setSetting("quality", "standard");
    await panel.batch.start();
    expect(engine.batches[0]?.request?.settings.quality).toBe("quick");
    // What is painted with stands there, whatever is set meanwhile.
    panel.setSetting("quality", "fine");
    expect(panel.batch.settings.value.quality).toBe("quick");
  });

  async function withTwoStyles() {
    const bench = await opened();
    const { panel, host } = bench;
    host.layers.push(fakeLayer("other", source("Etching")));
    host.select(["a", "b", "other"]);
    panel.selectTab("batch");
    await panel.batch.list("page");
    return bench;
  }

  test("several styles make a matrix, inserted as rows and columns; a cell again at its own strength takes its place", async () => {
    const { panel, host, engine } = await withTwoStyles();
    expect([panel.batch.styleNames.value, panel.batch.results.value]).toEqual([["Painting", "Etching"], 6]);
    await panel.batch.start();
    const { request, listeners, calls } = engine.batches[0] as Bench["engine"]["batches"][number];
    expect(request?.styles.map(({ picture }) => picture.name)).toEqual(["Painting", "Etching"]);
    expect(request?.contents.map(({ id, style }) => `${id} ${style}`)).toEqual(
      [0, 1].flatMap((style) => [0, 1, 2].map((frame) => `frame:${frame} ${style}`)),
    );
    engine.batchResult = RESULT;
    const done = (index: number, styleDistance = 0.2) =>
      listeners.onFrame({ index, state: "done", fraction: 1, error: null, styleDistance });
    for (let index = 0; index < 5; index++) done(index, index === 1 ? 0.5 : 0.2);
    expect(panel.batch.evenness.value).toMatchObject({ results: 3, style: "Painting", oddestName: "Frame 1" });
    await panel.batch.insertFinished();
    const sheet = host.calls.find(({ name }) => name === "insertSheet")?.value as Sheet;
    expect(sheet).toMatchObject({ columns: 2, name: "Painting, Etching" });
    // Frames are rows, styles columns; the last frame's second place is still free.
    expect(sheet.cells.map(({ label, at }) => `${at} ${label}`)).toEqual([
      "0 Frame 0 / Painting",
      "2 Frame 1 / Painting",
      "4 Frame 2 / Painting",
      "1 Frame 0 / Etching",
      "3 Frame 1 / Etching",
    ]);

    await panel.batch.repaint(3, 90);
    expect(calls).toEqual(["repaint 3 at 90"]);
    done(3);
    expect(panel.batch.insertable.value).toBe(1);
    await panel.batch.insertFinished();
    expect(host.calls.filter(({ name }) => name === "insertSheet")).toHaveLength(1);
    expect(host.inserted.map(({ replaces }) => replaces)).toEqual(["cell:3"]);
    expect(host.storage.get("impasto.batch.v2")).toMatchObject({
      styles: [{ name: "Painting" }, { name: "Etching" }],
      frames: [{}, {}, {}, { style: 1, strength: 90, inserted: true, layerId: "cell:3" }, {}, { inserted: false }],
    });

    await panel.batch.repaint(0, 20);
    await panel.batch.repaint(4, 30);
    for (const index of [0, 4, 5]) done(index);
    const before = host.calls.length;
    await panel.batch.insertFinished();
    expect(host.calls.slice(before).map(({ name, value }) => (name === "insert" ? value : name))).toEqual([
      "2 with a sheet",
      "insertSheet",
    ]);
  });

  test("styles in turn: each frame has one, which a person may change", async () => {
    const { panel, engine } = await withTwoStyles();
    panel.batch.way.value = "turn";
    expect(panel.batch.results.value).toBe(3);
    panel.batch.chooseStyle(0, 1);
    await panel.batch.start();
    expect(engine.batches[0]?.request?.contents.map(({ id, style }) => `${id} ${style}`)).toEqual([
      "frame:0 1",
      "frame:1 1",
      "frame:2 0",
    ]);
  });

  test("20 frames are painted as what is set under Stylize says", async () => {
    const { panel, host } = await opened();
    const [frame] = await host.listFrames("page");
    host.listFrames = async () => Array.from({ length: 20 }, () => frame as NonNullable<typeof frame>);
    await panel.batch.list("page");
    expect([panel.batch.isMany.value, panel.batch.settings.value.quality]).toEqual([false, "standard"]);
  });

  test("a frame's row says what should be known of its result, until it is painted anew", async () => {
    const { panel, batch } = await started();
    const notes = ["frame.tif has 3 frames or pages; the first was taken."];
    batch.listeners.onFrame({ index: 1, state: "done", fraction: 1, error: null, notes });
    expect(panel.batch.rows.value.map((row) => row.notes)).toEqual([[], notes, []]);
    batch.listeners.onFrame({ index: 1, state: "queued", fraction: 0, error: null });
    expect(panel.batch.rows.value[1]?.notes).toEqual([]);
  });

  test("in the panel's own engine is no animation", async () => {
    const { panel, panelEngine } = await opened();
    panel.batch.setAnimation(true);
    panel.continueInPanel();
    await panel.batch.list("page");
    await panel.batch.start();
    expect(panelEngine.batches[0]?.request).not.toHaveProperty("animation");
  });

  test("runs over the frames, inserts what is done, and forgets nothing that is not", async () => {
    const { panel, host, batch } = await started();
    expect(batch.request?.contents.map(({ id }) => id)).toEqual(["frame:0", "frame:1", "frame:2"]);
    batch.listeners.onFrame({ index: 0, state: "done", fraction: 1, error: null });
    batch.listeners.onFrame({
      index: 1,
      state: "failed",
      fraction: 0,
      error: { code: "out-of-memory", message: "No." },
    });
    batch.listeners.onState("running", 20);
    expect(panel.batch.finished.value).toBe(1);
    await panel.batch.insertFinished();
    expect(host.inserted.map(({ contentId, name }) => `${contentId} ${name}`)).toEqual(["frame:0 Frame 0 / Painting"]);
    await panel.batch.insertFinished();
    expect(host.inserted).toHaveLength(1);
    expect(host.storage.get("impasto.batch.v2")).toMatchObject({ id: "batch-1", frames: [{ inserted: true }, {}, {}] });
  });

  test("passes on pause, resume, retry, skip and cancel", async () => {
    const { panel, batch } = await started();
    panel.batch.pauseOrResume();
    batch.listeners.onState("paused", null);
    panel.batch.pauseOrResume();
    panel.batch.retry(1);
    panel.batch.skip(2);
    panel.batch.cancel();
    expect(batch.calls).toEqual(["pause", "resume", "retry 1", "skip 2", "cancel"]);
  });

  test("is found again by the next panel", async () => {
    const { host } = await started();
    const second = open();
    second.host.storage = host.storage;
    second.engine.known.add("batch-1");
    await second.panel.start();
    await vi.waitFor(() => expect(second.engine.batches).toHaveLength(1));
    expect(second.panel.batch.rows.value.map(({ id }) => id)).toEqual(["frame:0", "frame:1", "frame:2"]);
  });

  test("that the engine forgot is forgotten", async () => {
    const { host } = await started();
    const second = open();
    second.host.storage = host.storage;
    await second.panel.start();
    await vi.waitFor(() => expect(second.host.storage.get("impasto.batch.v2")).toBeUndefined());
    expect(second.panel.batch.phase.value).toBe("choosing");
  });

  test("inserts what finds its place when one frame was deleted, and says which did not", async () => {
    const { panel, host, batch } = await started();
    for (const index of [0, 1, 2]) batch.listeners.onFrame({ index, state: "done", fraction: 1, error: null });
    const insert = host.insert;
    const gone = { code: "not-found" as const, message: "This layer was deleted." };
    host.insert = async (results) => {
      const made = await insert(results.filter(({ contentId }) => contentId !== "frame:1"));
      return results.map(({ contentId }) => (contentId === "frame:1" ? { error: gone } : (made[0] ?? { id: "x" })));
    };
    await panel.batch.insertFinished();
    expect(host.inserted.map(({ contentId }) => contentId)).toEqual(["frame:0", "frame:2"]);
    const named = { ...gone, message: "“Frame 1” was deleted." };
    expect(panel.batch.rows.value.map(({ inserted, error }) => [inserted, error])).toEqual([
      [true, null],
      [false, named],
      [true, null],
    ]);
    expect(panel.batch.error.value).toEqual(named);
    await panel.batch.insertFinished();
    expect(host.inserted).toHaveLength(2);
  });

  test("goes onto one page of its own when a person wants that, in all its parts, also in the next panel", async () => {
    const { panel, host, batch } = await started();
    const done = (index: number) => ({ index, state: "done" as const, fraction: 1, error: null });
    batch.listeners.onFrame(done(0));
    await panel.batch.setOnNewPage(true);
    await panel.batch.insertFinished();
    const placed = () => host.calls.filter(({ name }) => name === "resultsPage" || name === "insert");
    expect(placed()).toEqual([
      { name: "resultsPage", value: null },
      { name: "insert", value: "1 on page" },
    ]);
    const second = open();
    second.host.storage = host.storage;
    second.engine.known.add("batch-1");
    second.engine.batchResult = RESULT;
    await second.panel.start();
    await vi.waitFor(() => expect(second.panel.batch.phase.value).toBe("running"));
    expect(second.panel.batch.onNewPage.value).toBe(true);
    second.engine.batches[0]?.listeners.onFrame(done(1));
    await second.panel.batch.insertFinished();
    expect(second.host.calls.filter(({ name }) => name === "resultsPage")).toEqual([
      { name: "resultsPage", value: "page" },
    ]);
  });

  test("of several styles goes onto a page of its own as one sheet", async () => {
    const { panel, host, engine } = await withTwoStyles();
    await panel.batch.start();
    engine.batchResult = RESULT;
    expect(panel.batch.isSheet.value).toBe(true);
    engine.batches[0]?.listeners.onFrame({ index: 0, state: "done", fraction: 1, error: null });
    await panel.batch.setOnNewPage(true);
    await panel.batch.insertFinished();
    expect(host.calls.find(({ name }) => name === "insertSheet")?.value).toMatchObject({ page: "page" });
  });

  test("remembers what it was painted with, also in the next panel", async () => {
    const { panel, host } = await started();
    panel.setSetting("strength", 90);
    const second = open();
    second.host.storage = host.storage;
    second.engine.known.add("batch-1");
    second.engine.batchResult = RESULT;
    await second.panel.start();
    await vi.waitFor(() => expect(second.engine.batches).toHaveLength(1));
    second.engine.batches[0]?.listeners.onFrame({ index: 0, state: "done", fraction: 1, error: null });
    await vi.waitFor(() => expect(second.panel.batch.phase.value).toBe("running"));
    second.panel.setSetting("strength", 10);
    await second.panel.batch.insertFinished();
    expect(second.host.inserted[0]?.recipe).toMatchObject({ styleId: "b", settings: { strength: 50 } });
  });

  test("keeps its rows when a list arrives that was asked for before it began", async () => {
    const { panel, host } = await opened();
    await panel.batch.list("page");
    let give: (layers: Layer[]) => void = () => undefined;
    host.listFrames = () => new Promise((resolve) => (give = resolve));
    const listing = panel.batch.list("page");
    await panel.batch.start();
    give([]);
    await listing;
    expect(panel.batch.rows.value).toHaveLength(3);
  });

  test("can be cancelled while its frames are read", async () => {
    const { panel, engine } = await opened();
    await panel.batch.list("page");
    engine.startBatch = (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new ImpastoError("cancelled", "Cancelled.")));
      });
    const starting = panel.batch.start();
    await vi.waitFor(() => expect(panel.batch.rows.value[0]?.status).toBe("reading"));
    await vi.advanceTimersByTimeAsync(10);
    panel.batch.cancel();
    await starting;
    expect(panel.batch.phase.value).toBe("choosing");
    expect(panel.batch.error.value).toBeNull();
    expect(panel.batch.rows.value.map(({ status }) => status)).toEqual(["listed", "listed", "listed"]);
  });

  test("says why when it can not start, and can be tried again", async () => {
    const bench = await opened();
    await bench.panel.batch.list("page");
    bench.engine.startBatch = () => Promise.reject(new ImpastoError("disk-full", "Full."));
    await bench.panel.batch.start();
    expect(bench.panel.batch.phase.value).toBe("choosing");
    expect(bench.panel.batch.error.value?.code).toBe("disk-full");
  });
});

describe("settings", () => {
  test("a complete code is sent without another click", async () => {
    const { panel, link } = await opened({ kind: "unpaired", pairing: "open" });
    panel.settingsPage.typeCode("k7qm-2xd");
    panel.settingsPage.typeCode("k7qm-2xd9");
    await vi.waitFor(() => expect(link.state.value.kind).toBe("ready"));
    expect(link.calls.filter((call) => call.startsWith("pair"))).toEqual(["pair k7qm-2xd9"]);
  });

  test("a code that is taken leads back to the tab that it was typed for; one that is not stays", async () => {
    for (const from of ["stylize", "batch"] as const) {
      const { panel, link } = await opened({ kind: "unpaired", pairing: "open" });
      panel.selectTab(from);
      panel.selectTab("settings");
      link.pairResult = new ImpastoError("pairing-failed", "This is not the code that is shown.");
      panel.settingsPage.typeCode("k7qm-2xd8");
      await vi.waitFor(() => expect(panel.settingsPage.pairingError.value).not.toBeNull());
      expect(panel.tab.value).toBe("settings");
      link.pairResult = null;
      panel.settingsPage.typeCode("k7qm-2xd9");
      await vi.waitFor(() => expect(panel.tab.value).toBe(from));
    }
  });

  test("a download tells how far it is, and why it stopped", async () => {
    const { panel, link } = await opened();
    const pulled = panel.settingsPage.pull("vgg19");
    link.pulling?.onProgress({ receivedBytes: 5, totalBytes: 10 });
    expect(panel.settingsPage.pulls.value.vgg19).toEqual({ receivedBytes: 5, totalBytes: 10 });
    link.pulling?.fail(new ImpastoError("download-failed", "Stopped."));
    await pulled;
    expect(panel.settingsPage.pulls.value.vgg19).toBeUndefined();
    expect(panel.settingsPage.pullErrors.value.vgg19?.code).toBe("download-failed");
  });
});
