// Which backend is taken, and what follows when it gives up; with backends that the test plays.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ImpastoError } from "../../../../../companion/protocol/errors.ts";
import {
  canGoOnAfter,
  contextLost,
  dropBackend,
  type GpuBackend,
  offerBackends,
  orContextLost,
  startBackend,
} from "../../../../../ui/engines/panel/backends/backend.ts";

class FakeBackend implements GpuBackend {
  started = 0;
  dropped = 0;
  lost = false;
  tell = (): void => {};

  readonly name: GpuBackend["name"];
  private readonly works: boolean;

  constructor(name: GpuBackend["name"], works = true) {
    this.name = name;
    this.works = works;
  }
  get canStartAgain(): boolean {
    return this.name === "webgl";
  }
  async start(onLost: () => void) {
    this.started++;
    this.lost = false;
    this.tell = onLost;
    return this.works ? { backend: this.name, name: "A GPU", float32: true } : null;
  }
  isLost(): boolean {
    return this.lost;
  }
  lose(): void {
    this.lost = true;
    this.tell();
  }
  releaseUnused(): void {}
  drop(): void {
    this.dropped++;
  }
}

function offer(webgpuWorks = true) {
  const [webgpu, webgl] = [new FakeBackend("webgpu", webgpuWorks), new FakeBackend("webgl")];
  offerBackends([webgpu, webgl]);
  return { webgpu, webgl };
}

// Files share their worker: another one's backend may still stand.
beforeEach(dropBackend);
afterEach(dropBackend);

describe("the backend", () => {
  test("is the first that works, started once", async () => {
    const { webgpu, webgl } = offer();
    expect((await startBackend()).backend).toBe("webgpu");
    await startBackend();
    expect([webgpu.started, webgl.started]).toEqual([1, 0]);
  });

  test("is WebGL where WebGPU is not to be had or computes wrong", async () => {
    offer(false);
    expect((await startBackend()).backend).toBe("webgl");
  });

  test("is refused in words where there is none", async () => {
    offerBackends([new FakeBackend("webgl", false)]);
    await expect(startBackend()).rejects.toMatchObject({ code: "no-gpu" });
  });

  test("is WebGL from then on when WebGPU is lost, and WebGL again when that is lost", async () => {
    const { webgpu, webgl } = offer();
    await startBackend();
    const waiting = orContextLost(new Promise(() => {}));
    webgpu.lose();
    await expect(waiting).rejects.toThrow("took the graphics processor away");
    expect(contextLost()).toBe(true);
    dropBackend();
    expect(contextLost()).toBe(false);
    expect((await startBackend()).backend).toBe("webgl");
    webgl.lose();
    dropBackend();
    expect((await startBackend()).backend).toBe("webgl");
    expect([webgpu.started, webgpu.dropped, webgl.started]).toEqual([1, 1, 2]);
  });

  test("gives up on WebGPU for an error that is not the request's; on WebGL only for a loss", async () => {
    const { webgl } = offer();
    await startBackend();
    expect(canGoOnAfter(new Error("no such kernel"))).toBe(true);
    expect(canGoOnAfter(new ImpastoError("internal", "The loss is not a number."))).toBe(true);
    expect(canGoOnAfter(new ImpastoError("cancelled", "The run was cancelled."))).toBe(false);
    dropBackend();
    await startBackend();
    expect(canGoOnAfter(new Error("no such kernel"))).toBe(false);
    webgl.lose();
    expect(canGoOnAfter(new Error("no such kernel"))).toBe(true);
  });
});
