// Networks of others in the panel: brought in, looked at, chosen as the style, given what they take, removed.

import { signal } from "@preact/signals-core";
import { describe, expect, test } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { freeName } from "../../../ui/state/models.ts";
import { createPanel } from "../../../ui/state/panel.ts";
import { createFakeEngine, createFakeLink, type FakeShelf, fakeModel } from "../panel/fake-engine.ts";
import { createFakeHost, fakeLayer } from "../panel/fake-host.ts";

const source = (name: string) => ({ bytes: new TextEncoder().encode(name), name, width: 800, height: 600 });
const onnx = (name: string) => new File(["x"], name);

async function open() {
  const engine = createFakeEngine("companion", "Apple M2");
  const layers = ["Photo", "Painting", "Another"].map((name, i) => fakeLayer("abc"[i] ?? "", source(name)));
  const host = createFakeHost(layers);
  const link = createFakeLink(engine, { kind: "ready" });
  const panel = createPanel({ host, link, panelEngine: createFakeEngine("panel", "Panel"), visible: signal(true) });
  await panel.start();
  const shelf = engine.models as FakeShelf;
  return { panel, host, engine, shelf, models: panel.models };
}

async function withMosaic() {
  const bench = await open();
  bench.shelf.there = [fakeModel("mosaic"), fakeModel("any", { style: fakeModel("any").descriptor.content })];
  await bench.models.load();
  bench.host.select(["a"]);
  bench.models.choose("mosaic");
  return bench;
}

describe("a model's file", () => {
  test("goes to the companion under its own name, with its progress, and is shown before it is used", async () => {
    const { panel, models, shelf } = await open();
    panel.bringIn([onnx("My Mosaic_v2.onnx")]);
    const [coming] = shelf.coming as [FakeShelf["coming"][0]];
    expect([models.isOpen.value, coming.name, models.adding.value?.sent]).toEqual([true, "my-mosaic-v2", 0]);
    coming.onSent(0.5);
    expect(models.adding.value?.sent).toBe(0.5);
    coming.finish(fakeModel("my-mosaic-v2"));
    await expect.poll(() => models.found.value?.name).toBe("my-mosaic-v2");
    expect([models.adding.value, models.list.value.length, panel.settings.value.model]).toEqual([null, 1, null]);
    panel.stop();
  });

  test("that is refused says why, and one that is cancelled says nothing", async () => {
    const { panel, models, shelf } = await open();
    const adding = models.add(onnx("a.pth"));
    shelf.coming[0]?.fail(new ImpastoError("bad-network", "a is PyTorch's.", { hint: "Export it." }));
    await adding;
    expect(models.error.value).toMatchObject({ message: "a is PyTorch's.", hint: "Export it." });
    const again = models.add(onnx("b.onnx"));
    models.cancel();
    await again;
    expect([shelf.coming[1]?.signal.aborted, models.error.value, models.found.value]).toEqual([true, null, null]);
    panel.stop();
  });

  test("gets a number where its name is taken, also where the name is as long as names can be", () => {
    expect(freeName("Mosaic.onnx", [{ name: "mosaic" }, { name: "mosaic-2" }])).toBe("mosaic-3");
    const long = "x".repeat(64);
    expect(freeName(`${long}y.onnx`, [{ name: long }])).toBe(`${"x".repeat(62)}-2`);
    expect(freeName("絵.onnx", [])).toBe("model");
  });
});

describe("a model that is the style", () => {
  test("paints a single layer, with no style picture and what was chosen for it", async () => {
    const { panel, engine, models } = await withMosaic();
    expect(panel.inputs.problem.value).toBeNull();
    models.setInput({ kind: "index", tensor: "style", labels: ["Style 0", "Style 1"] }, 1);
    void panel.run.start();
    await expect.poll(() => engine.runs.length).toBe(1);
    const { styles, settings } = engine.runs[0]?.request ?? {};
    expect([styles, settings?.model, settings?.modelInput]).toEqual([[], "mosaic", { style: 1 }]);
    panel.stop();
  });

  test("leaves what it has no use for at its default, and goes when another style is chosen", async () => {
    const { panel, host, models } = await withMosaic();
    models.choose(null);
    panel.setSetting("seamless", "both");
    panel.setSetting("colors", "keep-linear");
    models.choose("mosaic");
    expect(panel.settings.value).toMatchObject({ seamless: "off", colors: "keep" });
    host.select(["a", "b"]);
    expect([panel.settings.value.model, panel.inputs.style.value?.name]).toEqual([null, "Painting"]);
    panel.stop();
  });

  test("stays while frames are selected for a batch, and paints them", async () => {
    const { panel, host, engine } = await withMosaic();
    panel.selectTab("batch");
    host.select(["a", "b", "c"]);
    await panel.batch.list("selection");
    expect(panel.batch.usable.value).toBe(3);
    await panel.batch.start();
    expect(engine.batches[0]?.request).toMatchObject({ styles: [], settings: { model: "mosaic" } });
    panel.stop();
  });

  test("takes no layer that says where it goes", async () => {
    const { panel, host } = await withMosaic();
    host.layers.push(fakeLayer("m", source("Mask"), { kind: "mask" }));
    panel.selectTab("batch");
    host.select(["a", "m"]);
    panel.inputs.setRole("m", { kind: "region", style: 0 });
    expect(panel.inputs.problem.value).toEqual({ kind: "model-regions" });
    panel.inputs.setRole("m", { kind: "protect" });
    expect(panel.inputs.problem.value).toBeNull();
    panel.stop();
  });

  test("that is removed is no longer the style", async () => {
    const { panel, models } = await withMosaic();
    await models.remove("mosaic");
    expect([panel.settings.value.model, models.list.value.map(({ name }) => name)]).toEqual([null, ["any"]]);
    panel.stop();
  });
});

test("a model that takes a style picture keeps the style that is chosen", async () => {
  const { panel, host, engine, models } = await withMosaic();
  models.choose("any");
  host.select(["a", "b"]);
  void panel.run.start();
  await expect.poll(() => engine.runs.length).toBe(1);
  const { styles, settings } = engine.runs[0]?.request ?? {};
  expect([styles?.map(({ picture }) => picture.name), settings?.model]).toEqual([["Painting"], "any"]);
  panel.stop();
});
