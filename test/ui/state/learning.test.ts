// Learning a style in the Batch tab: begun on the frames that are listed, followed, ended, taken for the style, found again.

import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Learning } from "../../../companion/protocol/learnings.ts";
import { createPanel } from "../../../ui/state/panel.ts";
import { createFakeEngine, createFakeLink, type FakeSchool, fakeProgress } from "../panel/fake-engine.ts";
import { createFakeHost, fakeLayer } from "../panel/fake-host.ts";

const source = (name: string) => ({ bytes: new TextEncoder().encode(name), name, width: 800, height: 600 });
const LEARNED = {
  bytes: 9,
  width: 80,
  height: 60,
  gapBefore: 0.2,
  gapAfter: 0.1,
  steps: 9,
  seconds: 3,
  stopped: false,
};

async function open(frameCount = 30) {
  const engine = createFakeEngine("companion", "Apple M2");
  const frames = Array.from({ length: frameCount }, (_, i) => fakeLayer(`f:${i}`, source(`F ${i}`), { kind: "frame" }));
  const host = createFakeHost([fakeLayer("a", source("Photo")), fakeLayer("b", source("Painting")), ...frames]);
  const link = createFakeLink(engine, { kind: "ready" });
  const panel = createPanel({ host, link, panelEngine: createFakeEngine("panel", "Panel"), visible: signal(true) });
  const school = engine.school as FakeSchool;
  const change = async (next: Partial<Learning>) => {
    school.learnings = school.learnings.map((one) => ({ ...one, ...next }));
    await vi.advanceTimersByTimeAsync(1_100);
  };
  return { panel, host, school, change, start: () => panel.start() };
}

async function begun() {
  const bench = await open();
  await bench.start();
  bench.host.select(["a", "b"]);
  bench.panel.selectTab("batch");
  await bench.panel.batch.list("page");
  await bench.panel.learning.start();
  return bench;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("begins with the style and at most 24 of the frames, spread over all", async () => {
  const { panel, school } = await begun();
  const [{ styles, frames, minutes }] = school.orders as [(typeof school.orders)[0]];
  expect([styles.map(({ name }) => name), minutes, frames.length]).toEqual([["Painting"], 3, 24]);
  expect([frames[0]?.name, frames.at(-1)?.name]).toEqual(["F 0", "F 28"]);
  expect(panel.learning.busy.value).toBe(true);
  await panel.learning.start();
  expect(school.orders).toHaveLength(1);
  panel.stop();
});

test("several styles are learned together: the first becomes the style, and each is offered by itself", async () => {
  const { panel, host, school, change } = await begun();
  await panel.learning.cancel();
  host.select(["a", "b", "f:0"]);
  panel.inputs.setRole("f:0", { kind: "style" });
  await panel.learning.start();
  expect(school.orders[1]?.styles.map(({ name }) => name)).toEqual(["Painting", "F 0"]);
  const styles = ["Painting", "F 0"].map((name) => ({ name, width: 80, height: 60 }));
  await change({ state: "finished", learned: { ...LEARNED, styles } });
  expect(panel.inputs.styles.value.map(({ name, layerId }) => [name, layerId])).toEqual([["Painting", null]]);
  expect(await panel.inputs.style.value?.read?.({ maxSide: 1024 })).toMatchObject({ bytes: new Uint8Array([7, 1]) });
  await panel.learning.loadLearned();
  expect(panel.learning.learned.value).toMatchObject([
    { picture: { name: "Painting", bytes: new Uint8Array([7, 1]) } },
    { picture: { name: "F 0", bytes: new Uint8Array([7, 2]) } },
    { picture: { name: "Painting + F 0", bytes: new Uint8Array([7]) }, members: ["Painting", "F 0"] },
  ]);
  panel.stop();
});

test("is followed with its picture, paused and resumed, and becomes the style when it is done", async () => {
  const { panel, school, change } = await begun();
  const { learning, inputs } = panel;
  await change({ progress: { ...fakeProgress(4), phase: "learn" }, preview: 1 });
  expect(learning.learning.value?.progress?.iteration).toBe(4);
  expect(learning.preview.value).toEqual(new Uint8Array([8]));
  await learning.pauseOrResume();
  expect(learning.learning.value?.state).toBe("paused");
  await learning.pauseOrResume();
  await learning.useNow();
  expect(school.calls).toEqual(["pause", "resume", "stop"]);
  expect(inputs.style.value?.id).toBe("b");

  await change({ state: "finished", learned: LEARNED });
  expect(learning.busy.value).toBe(false);
  expect(inputs.style.value).toMatchObject({ name: "Painting", width: 80 });
  expect(await inputs.style.value?.read?.({ maxSide: 1024 })).toMatchObject({ bytes: new Uint8Array([7]) });
  await learning.loadLearned();
  expect(learning.learned.value).toMatchObject([{ from: "learned", picture: { name: "Painting" } }]);
  panel.stop();
});

test("a cancelled one is removed, and a failed one says why", async () => {
  const { panel, school, change } = await begun();
  await change({ state: "failed", error: { code: "engine-crashed", message: "It crashed." } });
  expect([panel.learning.busy.value, panel.learning.learning.value?.error?.code]).toEqual([false, "engine-crashed"]);
  await panel.learning.cancel();
  expect([school.calls, panel.learning.learning.value]).toEqual([["remove"], null]);
  panel.stop();
});

test("what goes on without the panel is found again", async () => {
  const first = await begun();
  const second = await open();
  second.school.learnings = first.school.learnings;
  await second.start();
  await vi.advanceTimersByTimeAsync(100);
  expect(second.panel.learning.learning.value?.state).toBe("running");
  first.panel.stop();
  second.panel.stop();
});

test("what is each style's own, and the file that more are added to, are for the person to choose", async () => {
  const { panel, school, change } = await begun();
  const { learning, inputs } = panel;
  const styles = ["Painting", "F 0"].map((name) => ({ name, width: 80, height: 60 }));
  await change({ state: "finished", learned: { ...LEARNED, styles } });
  await learning.loadLearned();
  learning.own.value = "stylebank";
  await learning.start();
  expect(school.orders[1]).toMatchObject({ own: "stylebank", into: null });
  await learning.cancel();
  const [file = null] = learning.files.value;
  expect(file?.name).toBe("Painting + F 0");
  learning.into.value = file;
  await learning.start();
  expect(school.orders[2]).toMatchObject({ own: null, into: { bytes: new Uint8Array([7]), name: "Painting + F 0" } });
  // The one that was added is the last in the file.
  school.learnings = school.learnings.slice(0, 1);
  const added = [...styles, { name: "Added", width: 80, height: 60 }];
  await change({ state: "finished", learned: { ...LEARNED, styles: added } });
  expect(inputs.style.value?.name).toBe("Added");
  panel.stop();
});

test("styles that were learned together are mixed as their shares say, until another style is used", async () => {
  const { panel, change } = await begun();
  const styles = ["Painting", "F 0"].map((name) => ({ name, width: 80, height: 60 }));
  await change({ state: "finished", learned: { ...LEARNED, styles } });
  await panel.learning.loadLearned();
  const [first, , mix] = panel.learning.learned.value;
  if (first === undefined || mix === undefined) throw new Error("nothing was learned");
  panel.kept.use(mix);
  expect([panel.inputs.style.value?.members, panel.settings.value.styleMix]).toEqual([
    ["Painting", "F 0"],
    [1, 1],
  ]);
  panel.kept.use(first);
  expect([panel.inputs.style.value?.members, panel.settings.value.styleMix]).toEqual([undefined, null]);
  panel.stop();
});
