// What is painted of the selected layers: regions, protected parts, text that stays text.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SourcePicture } from "../../../ui/host.ts";
import type { MaskPicture } from "../../../ui/masks.ts";
import { fakeLayer } from "../panel/fake-host.ts";
import { type Bench, open, RESULT, source } from "./open-panel.ts";

/** Needs a browser's canvas: behavior.test.ts looks at what it draws. */
vi.mock("../../../ui/masks.ts", () => ({
  joinMasks: async (masks: MaskPicture[], { width, height }: SourcePicture) => {
    if (masks.length === 0) return null;
    const name = masks.map(({ picture, byAlpha }) => `${picture.name}${byAlpha ? " by alpha" : ""}`).join(" + ");
    return { bytes: new Uint8Array([1]), name, width, height };
  },
}));

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

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
