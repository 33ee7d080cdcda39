// The live preview without its looks: when it is painted, with what, when not, and what comes before it.

import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ErrorCode, ImpastoError } from "../../../companion/protocol/errors.ts";
import type { SourcePicture } from "../../../ui/host.ts";
import type { LinkState } from "../../../ui/state/link.ts";
import { createPanel } from "../../../ui/state/panel.ts";
import { createFakeEngine, createFakeLink, type FakeLive } from "../panel/fake-engine.ts";
import { createFakeHost, fakeLayer } from "../panel/fake-host.ts";

const REST_MS = 300;
/** Longer than a slider's moves are gathered, far from the rest of layers. */
const MOVE_MS = 100;
const RETRY_MS = 2_500;

function source(name: string, width = 800, height = 600): SourcePicture {
  return { bytes: new TextEncoder().encode(name), name, width, height };
}

const picture = (byte: number) => ({ bytes: new Uint8Array([byte]), width: 256, height: 192 });

function open(state: LinkState = { kind: "ready" }) {
  const engine = createFakeEngine("companion", "Apple M2");
  const panelEngine = createFakeEngine("panel", "This panel");
  const link = createFakeLink(engine, state);
  const host = createFakeHost([
    fakeLayer("a", source("Photo")),
    fakeLayer("b", source("Painting")),
    fakeLayer("c", source("Small", 200, 150)),
    fakeLayer("sky", source("Sky"), { kind: "shape" }),
  ]);
  const visible = signal(true);
  const panel = createPanel({ host, link, panelEngine, visible });
  const asked = (index: number) => engine.lives.at(index) as FakeLive;
  const answer = async (byte: number) => {
    asked(-1).show(picture(byte));
    await vi.advanceTimersByTimeAsync(1);
  };
  return { panel, host, link, engine, visible, asked, answer, state: () => panel.live.state.value.kind };
}

type Bench = ReturnType<typeof open>;

/** A photo and a painting are chosen, and have been at rest. */
async function asking(state?: LinkState): Promise<Bench> {
  const bench = open(state);
  await bench.panel.start();
  bench.host.select(["a", "b"]);
  await vi.advanceTimersByTimeAsync(REST_MS + 10);
  return bench;
}

async function shown(): Promise<Bench> {
  const bench = await asking();
  await bench.answer(1);
  await bench.answer(2);
  expect(bench.state()).toBe("shown");
  expect(bench.engine.lives).toHaveLength(2);
  return bench;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the live preview", () => {
  test("is painted without a click, when the choice has come to rest", async () => {
    const bench = open();
    await bench.panel.start();
    bench.host.select(["a"]);
    await vi.advanceTimersByTimeAsync(REST_MS - 50);
    bench.host.select(["a", "b"]);
    await vi.advanceTimersByTimeAsync(REST_MS - 50);
    expect(bench.engine.lives).toHaveLength(0);
    expect(bench.state()).toBe("painting");
    await vi.advanceTimersByTimeAsync(60);
    expect(bench.engine.lives).toHaveLength(1);
    expect(bench.asked(0).request).toMatchObject({ content: { name: "Photo" }, settings: { strength: 50, size: 256 } });
  });

  test("comes small at once, and sharp after it", async () => {
    const { panel, engine, answer, asked } = await asking();
    await answer(1);
    expect(panel.live.view.value).toMatchObject({ picture: picture(1), read: { content: { name: "Photo" } } });
    expect(engine.lives).toHaveLength(2);
    expect(asked(1).request.settings.size).toBe(512);
    await answer(2);
    expect(panel.live.view.value?.picture).toEqual(picture(2));
  });

  test("of a small content comes once, at its size", async () => {
    const bench = open();
    await bench.panel.start();
    bench.host.select(["c", "b"]);
    await vi.advanceTimersByTimeAsync(REST_MS + 10);
    await bench.answer(1);
    expect(bench.engine.lives.map(({ request }) => request.settings.size)).toEqual([200]);
  });

  test.each([
    ["strength", 80],
    ["styleScale", 2],
    ["colors", "keep"],
    ["seed", 7],
  ] as const)("follows %s at once, and shows the picture before until the new one is there", async (name, value) => {
    const { panel, engine, asked, answer, state } = await shown();
    panel.setSetting(name, value);
    await vi.advanceTimersByTimeAsync(MOVE_MS);
    expect(engine.lives).toHaveLength(3);
    expect(asked(2).request.settings).toMatchObject({ [name]: value });
    expect([state(), panel.live.view.value?.picture]).toEqual(["painting", picture(2)]);
    await answer(3);
    expect(panel.live.view.value?.picture).toEqual(picture(3));
  });

  test("gives up what a move has superseded, and asks once for a whole drag", async () => {
    const { panel, engine, asked } = await asking();
    for (const strength of [55, 60, 65, 70]) panel.setSetting("strength", strength);
    expect(asked(0).signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(MOVE_MS);
    expect(engine.lives.map(({ request }) => request.settings.strength)).toEqual([50, 70]);
  });

  test("is not painted anew for a setting that leaves it as it is", async () => {
    const { panel, engine, state } = await shown();
    panel.setSetting("quality", "fine");
    await vi.advanceTimersByTimeAsync(REST_MS);
    expect(engine.lives).toHaveLength(2);
    expect(state()).toBe("shown");
  });

  test("reads the layers once, together with the estimate", async () => {
    const bench = open();
    const reads = vi.spyOn(bench.host, "readPicture");
    await bench.panel.start();
    bench.host.select(["a", "b"]);
    await vi.advanceTimersByTimeAsync(1_000);
    await bench.answer(1);
    bench.panel.setSetting("strength", 80);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reads.mock.calls.map(([id]) => id)).toEqual(["a", "b"]);
  });

  test("is off when it is switched off, and comes back with the switch", async () => {
    const { panel, engine, state } = await shown();
    panel.preferences.set({ live: false });
    expect([state(), panel.live.view.value]).toEqual(["off", null]);
    panel.setSetting("strength", 80);
    await vi.advanceTimersByTimeAsync(REST_MS);
    expect(engine.lives).toHaveLength(2);
    panel.preferences.set({ live: true });
    await vi.advanceTimersByTimeAsync(REST_MS + 10);
    expect(engine.lives).toHaveLength(3);
  });
});

describe("nothing is painted", () => {
  test("while the panel is hidden; what was missed follows when it is seen again", async () => {
    const { panel, engine, visible, asked } = await asking();
    visible.value = false;
    expect(asked(0).signal.aborted).toBe(true);
    panel.setSetting("strength", 80);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.lives).toHaveLength(1);
    visible.value = true;
    await vi.advanceTimersByTimeAsync(REST_MS + 10);
    expect(engine.lives.map(({ request }) => request.settings.strength)).toEqual([50, 80]);
  });

  test("behind another tab, nor anew when nothing changed meanwhile", async () => {
    const { panel, engine, state } = await shown();
    panel.selectTab("settings");
    await vi.advanceTimersByTimeAsync(60_000);
    panel.selectTab("stylize");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.lives).toHaveLength(2);
    expect(state()).toBe("shown");
  });

  test("without a companion, and of settings that no quick picture has", async () => {
    const absent = await asking({ kind: "absent" });
    expect(absent.panel.live.state.value).toEqual({ kind: "unavailable", why: "companion" });
    const { panel, engine } = await shown();
    panel.setSetting("seamless", "both");
    expect(panel.live.state.value).toEqual({ kind: "unavailable", why: "settings" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.lives).toHaveLength(2);
  });
});

describe("Stylize", () => {
  test("comes first: the live picture in work is given up, and asked for again after it", async () => {
    const { panel, engine, asked } = await asking();
    void panel.run.start();
    expect(asked(0).signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.lives).toHaveLength(1);
    panel.run.back();
    await vi.advanceTimersByTimeAsync(REST_MS + 10);
    expect(engine.lives).toHaveLength(2);
  });

  test("goes on from what is seen", async () => {
    const { panel, engine } = await shown();
    panel.setSetting("quality", "fine");
    void panel.run.start();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(1));
    expect(engine.runs[0]?.request.initial).toEqual({ ...picture(2), name: "Photo" });
  });

  test("begins anew where what is seen is of other settings, or a draft comes first by itself", async () => {
    const moved = await shown();
    moved.panel.setSetting("strength", 80);
    moved.panel.setSetting("quality", "fine");
    void moved.panel.run.start();
    await vi.waitFor(() => expect(moved.engine.runs).toHaveLength(1));
    expect(moved.engine.runs[0]?.request.initial).toBeUndefined();
    const quick = await shown();
    quick.panel.setSetting("quality", "quick");
    void quick.panel.run.start();
    await vi.waitFor(() => expect(quick.engine.runs).toHaveLength(1));
    expect(quick.engine.runs[0]?.request.initial).toBeUndefined();
  });

  test("is free after a live picture that failed", async () => {
    const { panel, engine, asked, state } = await asking();
    asked(0).fail(new ImpastoError("internal", "It did not work."));
    await vi.advanceTimersByTimeAsync(1);
    expect(state()).toBe("failed");
    expect(panel.canStylize.value).toBe(true);
    void panel.run.start();
    await vi.waitFor(() => expect(engine.runs).toHaveLength(1));
  });
});

describe("a live picture that can not be had", () => {
  test.each<ErrorCode>(["busy", "cancelled", "rate-limited", "companion-unreachable"])(
    "now (%s) is asked for again after a while",
    async (code) => {
      const { engine, asked, answer, state } = await asking();
      asked(0).fail(new ImpastoError(code, "Not now."));
      await vi.advanceTimersByTimeAsync(1);
      expect(state()).toBe("waiting");
      await vi.advanceTimersByTimeAsync(RETRY_MS);
      expect(engine.lives).toHaveLength(2);
      await answer(1);
      expect(state()).toBe("shown");
    },
  );

  test.each<ErrorCode>(["engine-crashed", "bad-picture", "out-of-memory"])(
    "(%s) is left alone until something else is chosen",
    async (code) => {
      const { panel, engine, asked, state } = await asking();
      asked(0).fail(new ImpastoError(code, "No."));
      await vi.advanceTimersByTimeAsync(60_000);
      expect([state(), engine.lives.length]).toEqual(["failed", 1]);
      panel.setSetting("strength", 80);
      await vi.advanceTimersByTimeAsync(MOVE_MS);
      expect(engine.lives).toHaveLength(2);
    },
  );
});
