// The Batch tab without its looks: what is listed, painted, painted again, inserted and found again.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { Layer, Sheet } from "../../../ui/host.ts";
import { fakeLayer } from "../panel/fake-host.ts";
import { type Bench, open, opened, RESULT, source } from "./open-panel.ts";

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

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
