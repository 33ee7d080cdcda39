// What the panel was opened for in Figma, with the built plugin in QuickJS on the other side of the messages.

import { signal } from "@preact/signals-core";
import { afterEach, expect, test, vi } from "vitest";
import { parseFromPlugin } from "../../../companion/protocol/host/messages.ts";
import { createFigmaHost } from "../../../ui/hosts/figma.ts";
import { createPanel } from "../../../ui/state/panel.ts";
import type { LayerDescription, OpenOptions } from "../../hosts/figma/inside.ts";
import { startPluginVm } from "../../hosts/figma/quickjs.ts";
import { pluginCode, quarters, RECIPE } from "../../plugin/open-plugin.ts";
import { createFakeEngine, createFakeLink } from "../panel/fake-engine.ts";

/** A busy machine draws and compiles in its own time. */
const PATIENT = { timeout: 20_000 };

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  vi.unstubAllGlobals();
});

/** The panel over the plugin; each message is an event of its own, as between Figma's windows. */
async function openPanel(options: OpenOptions) {
  vi.stubGlobal("navigator", { userAgent: "a test" });
  let hear: (message: unknown) => void = () => undefined;
  const unanswered = new Set<number>();
  const vm = await startPluginVm(await pluginCode(), {
    onEvent(event) {
      if (event.type !== "post") return;
      const message = parseFromPlugin(event.message);
      if (message !== null && "id" in message) unanswered.delete(message.id);
      setTimeout(() => hear(event.message));
    },
  });
  await vm.open(options);
  const host = createFigmaHost({
    onMessage(listener) {
      hear = listener;
    },
    postMessage({ pluginMessage }) {
      // A notice is answered when it goes away.
      const waits = pluginMessage.type === "request" && pluginMessage.request?.kind !== "notify";
      if (waits) unanswered.add(pluginMessage.id);
      void vm.fromPanel(pluginMessage);
    },
  });
  const engine = createFakeEngine("companion", "GPU");
  const panel = createPanel({ host, link: createFakeLink(engine), panelEngine: engine, visible: signal(true) });
  ends.push(async () => {
    panel.stop();
    await vi.waitFor(() => expect(unanswered.size).toBe(0), PATIENT);
    vm.dispose();
  });
  void panel.start();
  return { panel, engine, vm };
}

async function photo(key: string, set: LayerDescription["set"] = {}): Promise<LayerDescription> {
  const size = { width: 40, height: 20 };
  return { key, type: "RECTANGLE", image: await quarters(size), set: { ...size, ...set } };
}

const STYLES = "impasto.styles.v1";
const STORED = { key: "k1", name: "Waves", width: 8, height: 8, thumbnail: new Uint8Array([1]) };

test("Repeat last style paints the layers that were selected when the plugin was opened", async () => {
  const layers = [await photo("a"), await photo("b")];
  const { engine } = await openPanel({ command: "repeat", layers, selected: ["a", "b"] });
  await vi.waitFor(() => expect(engine.runs).toHaveLength(1), PATIENT);
});

test("Restyle goes on from the result that was selected when the plugin was opened", async () => {
  // The stand-in counts: the page is 1, the three layers come after it.
  const recipe = { ...RECIPE, contentId: "1:2", styleId: "1:3", settings: { strength: 77 } };
  const result = await photo("result", { pluginData: { recipe: JSON.stringify(recipe) } });
  const layers = [await photo("content"), await photo("style"), result];
  const { engine } = await openPanel({ command: "restyle", layers, selected: ["result"] });
  await vi.waitFor(() => expect(engine.runs).toHaveLength(1), PATIENT);
  expect(engine.runs[0]?.request).toMatchObject({ initial: { name: "result" }, settings: { strength: 77 } });
});

test("Restyle of several results at once says what it takes", async () => {
  const results = await Promise.all(
    ["a", "b"].map((key) => photo(key, { pluginData: { recipe: JSON.stringify({ ...RECIPE, contentId: "1:2" }) } })),
  );
  const { engine, vm } = await openPanel({ command: "restyle", layers: results, selected: ["a", "b"] });
  const told = [{ message: expect.stringContaining("one result at a time") }];
  await vi.waitFor(async () => expect(await vm.notes()).toMatchObject(told), PATIENT);
  expect(engine.runs).toHaveLength(0);
});

test("a style from the quick action is taken, however many layers are selected", async () => {
  const layers = [await photo("a"), await photo("b")];
  const { panel } = await openPanel({
    layers,
    selected: ["a", "b"],
    parameters: { style: "k1", strength: "30" },
    storage: { [STYLES]: [STORED] },
  });
  await vi.waitFor(() => expect(panel.settings.value.strength).toBe(30), PATIENT);
  expect(panel.inputs.style.value?.id).toBe("stored:k1");
});

test("a batch's results are inserted but for the frame that was deleted, whose error is told", async () => {
  const layers = [await photo("a"), await photo("b"), await photo("c")];
  const { panel, vm } = await openPanel({ layers, selected: [] });
  const recipe = { ...RECIPE, styleId: null };
  const bytes = await quarters({ width: 40, height: 20 });
  const insertions = ["1:2", "1:3", "1:4"].map((contentId) => {
    return { contentId, name: "x / Waves", bytes, width: 40, height: 20, recipe: { ...recipe, contentId } };
  });
  await vm.remove("b");
  const [first, gone, third] = await panel.host.insert(insertions);
  expect(gone).toMatchObject({ error: { code: "not-found" } });
  const made = [first, third].map((one) => (one !== undefined && "id" in one ? one.id : null));
  expect(await vm.selection()).toEqual(made);
});

test("results on a page of their own end as one undo step also when the last frame was deleted", async () => {
  const { panel, vm } = await openPanel({ layers: [await photo("a"), await photo("b")], selected: [] });
  const bytes = await quarters({ width: 40, height: 20 });
  const insertions = ["1:2", "1:3"].map((contentId) => {
    return { contentId, name: "x / Waves", bytes, width: 40, height: 20, recipe: { ...RECIPE, contentId } };
  });
  await vm.remove("b");
  const steps = await vm.undoSteps();
  const page = (await panel.host.resultsPage?.(null)) ?? "";
  const [first, gone] = await panel.host.insert(insertions, { page });
  expect(gone).toMatchObject({ error: { code: "not-found" } });
  expect((await vm.state(page)).children.slice(1)).toEqual([first !== undefined && "id" in first && first.id]);
  expect([await vm.undoSteps(), (await vm.pages()).current]).toEqual([steps + 1, "Impasto results"]);
});
