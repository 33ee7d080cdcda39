// The panel's side of the engine's worker, with a worker that the test plays: what is given back.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { StylizeRequest, StylizeResult } from "../../../../companion/protocol/engine.ts";
import { DEFAULT_SETTINGS } from "../../../../companion/protocol/settings.ts";
import { openPanelClient } from "../../../../ui/engines/panel/client.ts";
import { makePanelEngine } from "../../../../ui/engines/panel/engine.ts";
import type { FromWorker, ToWorker } from "../../../../ui/engines/panel/messages.ts";

type Hear = (event: { data: FromWorker }) => void;

const REQUEST = {} as StylizeRequest;
const RESULT = { iterations: 1, stopped: false } as StylizeResult;
const CAPABILITIES = { backend: "webgl", name: "A GPU", float32: true } as const;
const REFUSED: FromWorker = { type: "refused", error: { code: "no-gpu", message: "No WebGL." } };

class FakeWorker {
  static made: FakeWorker[] = [];
  static answer: FromWorker = { type: "opened", capabilities: CAPABILITIES };
  readonly hearers = new Set<Hear>();
  terminated = false;

  constructor() {
    FakeWorker.made.push(this);
    setTimeout(() => this.say({ type: "alive" }));
  }
  addEventListener(type: string, hear: Hear, options?: { once?: boolean }): void {
    if (type !== "message") return;
    const once: Hear = (event) => {
      this.hearers.delete(once);
      hear(event);
    };
    this.hearers.add(options?.once ? once : hear);
  }
  removeEventListener(_type: string, hear: Hear): void {
    this.hearers.delete(hear);
  }
  postMessage(message: ToWorker): void {
    if (message.type === "open") setTimeout(() => this.say(FakeWorker.answer));
  }
  terminate(): void {
    this.terminated = true;
  }
  say(message: FromWorker): void {
    for (const hear of [...this.hearers]) hear({ data: message });
  }
}

const urls = { made: 0, revoked: 0 };

beforeEach(() => {
  FakeWorker.made = [];
  FakeWorker.answer = { type: "opened", capabilities: CAPABILITIES };
  Object.assign(urls, { made: 0, revoked: 0 });
  vi.stubGlobal("Worker", FakeWorker);
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => `blob:${++urls.made}`);
  vi.spyOn(URL, "revokeObjectURL").mockImplementation(() => void urls.revoked++);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const NO_FILES = { network: new Uint8Array(), detailer: new Uint8Array() };

async function open() {
  const client = await openPanelClient("", NO_FILES);
  return { client, worker: FakeWorker.made[0] as FakeWorker };
}

describe("the worker", () => {
  test("leaves no address and no listener behind once it runs", async () => {
    const { worker } = await open();
    expect(urls).toEqual({ made: 1, revoked: 1 });
    expect(worker.hearers.size).toBe(0);
  });

  test("is ended when it can not open the engine", async () => {
    FakeWorker.answer = REFUSED;
    await expect(openPanelClient("", NO_FILES)).rejects.toThrow("No WebGL.");
    expect(FakeWorker.made.map(({ terminated }) => terminated)).toEqual([true]);
  });
});

describe("runs", () => {
  test("leave no listener behind, on the worker or on their signal", async () => {
    const { client, worker } = await open();
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, "removeEventListener");
    for (const id of [1, 2, 3]) {
      const run = client.stylize(REQUEST, { signal });
      worker.say({ type: "done", run: id, result: RESULT });
      await run.result;
    }
    expect(worker.hearers.size).toBe(0);
    expect(removed).toHaveBeenCalledTimes(3);
  });
});

describe("a GPU that is none", () => {
  test("gets the quality that it can paint", async () => {
    FakeWorker.answer = { type: "opened", capabilities: { ...CAPABILITIES, name: "SwiftShader" } };
    const engine = makePanelEngine({ script: "", networks: async () => NO_FILES });
    const { largestSize } = await engine.capabilities();
    const content = { bytes: new Uint8Array(), name: "", width: 2000, height: 1000 };
    for (const quality of ["draft", "standard", "fine"] as const) {
      const settings = { ...DEFAULT_SETTINGS, quality };
      const plan = await engine.plan({ content, styles: [], settings });
      expect(plan?.width).toBe(largestSize);
    }
  });
});
