// What was painted before, without its looks: what is listed, taken over and put into the document again.

import { signal } from "@preact/signals-core";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { EngineResult, PastResult } from "../../../ui/engines/style-engine.ts";
import { createPanel } from "../../../ui/state/panel.ts";
import type { StoredStyle } from "../../../ui/state/stored-styles.ts";
import { ARCHIVE_PAGE, createFakeEngine, createFakeLink, type FakeArchive } from "../panel/fake-engine.ts";
import { createFakeHost, fakeLayer } from "../panel/fake-host.ts";

function source(name: string) {
  return { bytes: new TextEncoder().encode(name), name, width: 800, height: 600 };
}

const DONE: EngineResult = {
  ...{ bytes: new Uint8Array([9]), width: 400, height: 300 },
  ...{ iterations: 9, seconds: 1, device: "", stopped: false },
};

function past(id: string, more: Partial<PastResult> = {}): PastResult {
  const names = { contentName: "Harbor", styleName: "Waves", styleHash: null };
  return { id, at: 1_000 - Number(id), ...names, width: 400, height: 300, settings: { strength: Number(id) }, ...more };
}

async function openPanel() {
  const engine = createFakeEngine("companion", "Apple M2");
  const link = createFakeLink(engine);
  const panelEngine = createFakeEngine("panel", "This panel");
  const host = createFakeHost([fakeLayer("photo", source("Harbor")), fakeLayer("style", source("Waves"))]);
  const panel = createPanel({ host, link, panelEngine, visible: signal(true) });
  await panel.start();
  host.select(["photo", "style"]);
  const archive = engine.archive as FakeArchive;
  return { panel, host, link, engine, panelEngine, archive, history: panel.history };
}

let bench: Awaited<ReturnType<typeof openPanel>>;
beforeEach(async () => {
  bench = await openPanel();
});

function keep(count: number): void {
  for (let id = 1; id <= count; id++)
    bench.archive.kept.push({ result: past(String(id)), bytes: new Uint8Array([id]) });
}

/** One run to its end. */
async function paint(engine: typeof bench.engine, result: EngineResult): Promise<void> {
  const before = engine.runs.length;
  void bench.panel.run.start();
  await vi.waitFor(() => expect(engine.runs).toHaveLength(before + 1));
  engine.runs.at(-1)?.finish(result);
  await vi.waitFor(() => expect(bench.panel.run.phase.value).toBe("done"));
}

const ids = () => bench.history.results.value.map(({ id }) => id);

describe("the history", () => {
  test("shows what the companion keeps, newest first, older ones on request, each small", async () => {
    keep(ARCHIVE_PAGE + 2);
    const { history, archive } = bench;
    history.open();
    await vi.waitFor(() => expect(history.thumbnails.value.size).toBe(ARCHIVE_PAGE));
    expect([ids()[0], ids().length, history.hasOlder.value]).toEqual(["1", ARCHIVE_PAGE, true]);
    await history.older();
    await vi.waitFor(() => expect(history.thumbnails.value.size).toBe(ARCHIVE_PAGE + 2));
    expect([ids().length, history.hasOlder.value]).toEqual([ARCHIVE_PAGE + 2, false]);
    expect(archive.calls.filter((call) => call.startsWith("picture"))).toEqual([]);
  });

  test("leaves out what the companion made room of meanwhile", async () => {
    keep(3);
    (bench.archive.kept[1] as { bytes: Uint8Array | null }).bytes = null;
    bench.history.open();
    await vi.waitFor(() => expect(ids()).toEqual(["1", "3"]));
  });

  test("says why when the companion does not answer, and keeps what this session painted", async () => {
    const { history, archive, link, panelEngine } = bench;
    link.state.value = { kind: "absent" };
    await paint(panelEngine, DONE);
    link.state.value = { kind: "ready" };
    archive.list = () => Promise.reject(new ImpastoError("companion-unreachable", "The companion does not answer."));
    history.open();
    await vi.waitFor(() => expect(history.error.value?.message).toBe("The companion does not answer."));
    expect(ids()).toHaveLength(1);
  });

  test("compares with the newest of the same picture and shape alone", async () => {
    keep(2);
    const { archive, history } = bench;
    archive.kept.push({ result: past("3", { contentName: "Portrait" }), bytes: new Uint8Array([3]) });
    archive.kept.push({ result: past("4", { height: 400 }), bytes: new Uint8Array([4]) });
    history.open();
    await vi.waitFor(() => expect(ids()).toHaveLength(4));
    for (const [id, compared] of [
      ["1", null],
      ["2", "1"],
      ["3", null],
      ["4", null],
    ] as const) {
      await history.choose(id);
      expect([id, history.compared.value?.id ?? null]).toEqual([id, compared]);
      expect([...history.pictures.value.keys()].sort()).toEqual([id, compared].filter((one) => one !== null).sort());
    }
  });

  test("fetches no more for a choice that was left meanwhile", async () => {
    keep(2);
    const { archive, history } = bench;
    archive.kept.push({ result: past("3", { contentName: "Portrait" }), bytes: new Uint8Array([3]) });
    history.open();
    await vi.waitFor(() => expect(ids()).toHaveLength(3));
    let arrive = (_bytes: Uint8Array): void => {};
    const { picture } = archive;
    archive.picture = () => new Promise((resolve) => (arrive = resolve));
    const left = history.choose("2");
    archive.picture = picture;
    await history.choose("3");
    archive.calls.length = 0;
    arrive(new Uint8Array([2]));
    await left;
    // It would have gone on with the newest, to compare with.
    expect(archive.calls).toEqual([]);
  });

  test("gives its settings, and closes", async () => {
    keep(1);
    const { history, panel } = bench;
    history.open();
    await vi.waitFor(() => expect(ids()).toHaveLength(1));
    await history.choose("1");
    history.takeSettings();
    expect([panel.settings.value.strength, history.isOpen.value]).toEqual([1, false]);
  });

  const HASH = "a5".repeat(32);
  const stored = (key: string): StoredStyle => ({
    ...{ key, name: "Dunes", width: 800, height: 600, thumbnail: new Uint8Array(1), pictureBytes: 1 },
    ...{ kept: false, settings: null },
  });

  async function take(result: PastResult): Promise<void> {
    bench.archive.kept.push({ result, bytes: new Uint8Array([1]) });
    bench.history.open();
    await vi.waitFor(() => expect(ids()).toHaveLength(1));
    await bench.history.choose(result.id);
    bench.history.takeSettings();
  }

  test("gives its style as well, where that is still stored", async () => {
    const { panel, host } = bench;
    panel.styles.list.value = [stored("b7".repeat(16)), stored(HASH.slice(0, 32))];
    await take(past("1", { styleName: "Dunes", styleHash: HASH }));
    expect(panel.inputs.style.value?.id).toBe(`stored:${HASH.slice(0, 32)}`);
    expect(host.calls.filter(({ name }) => name === "notify")).toEqual([]);
  });

  test("says so where its style is not stored any more", async () => {
    const { panel, host } = bench;
    await take(past("1", { styleName: "Dunes", styleHash: HASH }));
    expect(panel.inputs.style.value?.id).toBe("style");
    expect(host.calls).toContainEqual({
      name: "notify",
      value: "“Dunes” is no longer among the styles: the settings alone were taken.",
    });
  });

  test("leaves a style of the same name as it is", async () => {
    const { panel, host } = bench;
    await take(past("1", { styleHash: HASH }));
    expect([panel.inputs.style.value?.id, panel.settings.value.strength]).toEqual(["style", 1]);
    expect(host.calls.filter(({ name }) => name === "notify")).toEqual([]);
  });
});

describe("a batch of before", () => {
  const parts = ["11", "12"].map((id) => past(id, { contentName: `Frame ${id}` }));

  async function opened() {
    const { archive, history } = bench;
    keep(2);
    const batch = { id: "b", results: 2 };
    archive.kept.push({ result: { ...past("12"), batch }, bytes: new Uint8Array([12]) });
    archive.kept.push({ result: past("11"), bytes: new Uint8Array([11]) });
    archive.batches.set("b", parts);
    archive.list = async () => ({ results: archive.kept.slice(0, 3).map(({ result }) => result), hasOlder: false });
    history.open();
    await vi.waitFor(() => expect(ids()).toEqual(["1", "2", "12"]));
    await history.choose("12");
    expect(history.compared.value).toBeNull();
  }

  test("is one among the results, its own are listed once it is opened, and each is one to be taken", async () => {
    await opened();
    const { history, panel } = bench;
    await history.openBatch();
    expect([ids(), history.chosen.value, history.opened.value?.batch?.id]).toEqual([["11", "12"], null, "b"]);
    await vi.waitFor(() => expect([...history.thumbnails.value.keys()]).toContain("11"));
    history.leave();
    expect([ids(), history.isOpen.value]).toEqual([["1", "2", "12"], true]);
    await history.choose("12");
    await history.openBatch();
    await history.choose("11");
    history.takeSettings();
    expect([panel.settings.value.strength, history.isOpen.value, history.opened.value]).toEqual([11, false, null]);
  });

  test("shows some of its pictures at a time, and none that made room", async () => {
    await opened();
    const { archive, history } = bench;
    const many = Array.from({ length: 30 }, (_, index) => past(String(100 + index)));
    archive.batches.set("b", many);
    for (const result of many.slice(1)) archive.kept.push({ result, bytes: new Uint8Array([1]) });
    await history.openBatch();
    await vi.waitFor(() => expect(ids()).not.toContain("100"));
    expect([ids().length, history.hasOlder.value]).toEqual([24, true]);
    history.older();
    expect([ids().length, history.hasOlder.value]).toEqual([29, false]);
  });

  test("is painted again as it was set, over the frames of this session", async () => {
    await opened();
    const { engine, history, host, panel } = bench;
    for (const id of ["f1", "f2"]) host.layers.push(fakeLayer(id, source(id), { kind: "frame" }));
    panel.selectTab("batch");
    await panel.batch.list("page");
    await panel.batch.start();
    const { listeners } = engine.batches[0] as (typeof engine.batches)[number];
    for (const index of [0, 1]) {
      engine.batchResult = { ...DONE, id: parts[index]?.id ?? "" };
      listeners.onFrame({ index, state: "done", fraction: 1, error: null });
      await panel.batch.insertFinished();
    }
    await panel.batch.close();
    panel.selectTab("stylize");
    await history.choose("12");
    await panel.repeatBatch({ id: "b", results: 2 });
    expect([panel.tab.value, panel.settings.value.strength]).toEqual(["batch", 12]);
    expect(panel.batch.rows.value.map(({ id, status }) => `${id} ${status}`)).toEqual(["f1 listed", "f2 listed"]);
  });

  test("of the panel's own engine is kept here as one", async () => {
    const { history, host, link, panel, panelEngine } = bench;
    link.state.value = { kind: "absent" };
    for (const id of ["f1", "f2"]) host.layers.push(fakeLayer(id, source(id), { kind: "frame" }));
    panel.selectTab("batch");
    await panel.batch.list("page");
    await panel.batch.start();
    panelEngine.batchResult = DONE;
    for (const index of [0, 1])
      panelEngine.batches[0]?.listeners.onFrame({ index, state: "done", fraction: 1, error: null });
    // Before anything of it is inserted, and not once more when it is.
    await vi.waitFor(() => expect(history.results.value[0]?.batch?.results).toBe(2));
    await panel.batch.insertFinished();
    history.open();
    expect(history.results.value).toMatchObject([{ contentName: "f1", styleName: "Waves", batch: { results: 2 } }]);
    await history.choose(ids()[0] ?? "");
    await history.openBatch();
    expect(history.results.value.map(({ contentName, batch }) => [contentName, batch])).toEqual([
      ["f1", undefined],
      ["f2", undefined],
    ]);
    await history.choose(ids()[1] ?? "");
    await history.insert();
    expect(host.inserted.at(-1)).toMatchObject({ contentId: "f2", bytes: DONE.bytes });
  });
});

describe("a result of before", () => {
  test("of this session goes above its layer again, with how it was made", async () => {
    const { engine, history, host } = bench;
    bench.archive.kept.push({ result: past("7"), bytes: new Uint8Array([7]) });
    await paint(engine, { ...DONE, id: "7" });
    history.open();
    await vi.waitFor(() => expect(ids()).toEqual(["7"]));
    await history.choose("7");
    await history.insert();
    expect(host.inserted).toMatchObject([{ contentId: "photo", name: "Harbor / Waves", bytes: new Uint8Array([7]) }]);
    expect(host.inserted[0]?.recipe).toMatchObject({ contentId: "photo", styleId: "style", contentName: "Harbor" });
    expect(history.insertedId.value).toBe("7");
  });

  test("comes into view where its layer is not known, and where it is gone", async () => {
    const { engine, history, host } = bench;
    keep(1);
    bench.archive.kept.push({ result: past("7"), bytes: new Uint8Array([7]) });
    await paint(engine, { ...DONE, id: "7" });
    const gone = { code: "not-found" as const, message: "This layer was deleted." };
    host.insert = async (results) => results.map(() => ({ error: gone }));
    history.open();
    await vi.waitFor(() => expect(ids()).toHaveLength(2));
    for (const id of ["1", "7"]) {
      await history.choose(id);
      await history.insert();
    }
    const into = host.calls.filter(({ name }) => name === "insertPicture");
    expect(into.map(({ value }) => value)).toEqual(["Harbor / Waves", "Harbor / Waves"]);
  });

  test("of the panel's own engine is kept here, and no more than a dozen", async () => {
    const { history, host, link, panel, panelEngine } = bench;
    link.state.value = { kind: "absent" };
    for (let strength = 1; strength <= 13; strength++) {
      panel.run.back();
      panel.run.back();
      panel.setSetting("strength", strength);
      await paint(panelEngine, { ...DONE, bytes: new Uint8Array([strength]) });
    }
    history.open();
    const strengths = history.results.value.map(({ settings }) => settings.strength);
    expect(strengths).toHaveLength(12);
    expect(strengths).not.toContain(1);
    await history.choose(ids()[0] ?? "");
    await history.insert();
    expect(host.inserted.at(-1)).toMatchObject({ contentId: "photo", bytes: new Uint8Array([strengths[0] as number]) });
  });
});
