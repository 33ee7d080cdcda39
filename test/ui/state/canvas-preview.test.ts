// The picture in work on the host's canvas, without its looks: when the host is told of it, and when it is gone.

import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { EngineResult } from "../../../ui/engines/style-engine.ts";
import type { HostCapabilities } from "../../../ui/host.ts";
import { createPanel } from "../../../ui/state/panel.ts";
import { createFakeEngine, createFakeLink } from "../panel/fake-engine.ts";
import { createFakeHost, fakeLayer } from "../panel/fake-host.ts";

const GAP_MS = 700;
const NAME = "Harbor / Waves";
const DONE: EngineResult = {
  ...{ bytes: new Uint8Array([9]), width: 40, height: 30 },
  ...{ iterations: 9, seconds: 1, device: "", stopped: false },
};

beforeEach(() => {
  vi.useFakeTimers();
  // Node has no canvas: what is drawn does not count here.
  vi.stubGlobal(
    "OffscreenCanvas",
    class {
      width = 40;
      height = 30;
      getContext = () => ({ drawImage: () => undefined });
      convertToBlob = async () => new Blob([new Uint8Array([1])]);
    },
  );
  vi.stubGlobal("createImageBitmap", async () => bitmap());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const bitmap = () => ({ width: 40, height: 30, close: () => undefined });

function source(name: string) {
  return { bytes: new TextEncoder().encode(name), name, width: 800, height: 600 };
}

async function open(canvasPreview: HostCapabilities["canvasPreview"], onCanvas = false) {
  const engine = createFakeEngine("companion", "Apple M2");
  const host = createFakeHost([fakeLayer("photo", source("Harbor")), fakeLayer("style", source("Waves"))], {
    capabilities: {
      results: "layer",
      undo: true,
      keepsPictures: false,
      sheets: "layers",
      canvasPreview,
      scopes: [],
      samples: [],
    },
  });
  host.storage.set("impasto.preferences.v1", { live: false, onCanvas });
  const panel = createPanel({ host, link: createFakeLink(engine), panelEngine: engine, visible: signal(true) });
  await panel.start();
  host.select(["photo", "style"]);
  void panel.run.start();
  await vi.advanceTimersByTimeAsync(10);
  const told = () => host.calls.filter(({ name }) => name === "preview").map(({ value }) => value);
  /** A picture comes, and time passes. */
  const show = async (ms = GAP_MS) => {
    engine.runs.at(-1)?.listeners.onPreview?.(bitmap() as ImageBitmap);
    await vi.advanceTimersByTimeAsync(ms);
  };
  return { engine, host, panel, told, show };
}

test("nothing is shown where a host has no room for it, and where it is asked for and was not", async () => {
  for (const canvasPreview of ["none", "asked"] as const) {
    const { show, told } = await open(canvasPreview);
    await show();
    expect(told()).toEqual([]);
  }
});

test("the first picture is shown at once, then the latest only, each after a while", async () => {
  const { show, told } = await open("asked", true);
  await show(10);
  expect(told()).toEqual([NAME]);
  for (let count = 0; count < 5; count++) await show(20);
  expect(told()).toEqual([NAME]);
  await vi.advanceTimersByTimeAsync(GAP_MS);
  expect(told()).toEqual([NAME, NAME]);
});

test("a run that is cancelled or fails takes it away at once", async () => {
  for (const end of ["cancel", "fail"] as const) {
    const { engine, panel, show, told } = await open("always");
    await show(10);
    if (end === "cancel") panel.run.back();
    else engine.runs[0]?.fail(new ImpastoError("busy", "Busy."));
    await vi.advanceTimersByTimeAsync(10);
    expect(told()).toEqual([NAME, null]);
    await vi.advanceTimersByTimeAsync(3 * GAP_MS);
    expect(told()).toHaveLength(2);
  }
});

test("the finished picture stands until it is inserted, and does not come again when that is undone", async () => {
  const { engine, panel, show, told } = await open("always");
  await show();
  engine.runs[0]?.finish(DONE);
  await vi.advanceTimersByTimeAsync(2 * GAP_MS);
  expect(told()).toEqual([NAME, NAME]);
  await panel.run.insert();
  await vi.advanceTimersByTimeAsync(10);
  expect(told()).toEqual([NAME, NAME, null]);
  await panel.run.undo();
  await vi.advanceTimersByTimeAsync(2 * GAP_MS);
  expect(told()).toHaveLength(3);
});

test("switching it off takes it away in the middle of a run, and closing the panel does", async () => {
  const first = await open("asked", true);
  await first.show();
  first.panel.preferences.set({ onCanvas: false });
  await vi.advanceTimersByTimeAsync(10);
  expect(first.told()).toEqual([NAME, null]);
  const second = await open("always");
  await second.show();
  second.panel.stop();
  await vi.advanceTimersByTimeAsync(10);
  expect(second.told()).toEqual([NAME, null]);
});
