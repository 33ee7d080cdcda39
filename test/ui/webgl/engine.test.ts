// The panel's own engine in a real browser, at 48-64 px on software rendering: a picture comes out, every handle works,
// and the frame's rules (no blob: worker, no worker at all) do not stop it.

import { readFileSync } from "node:fs";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, SWIFTSHADER } from "../../setup/browser.ts";

const ROOT = new URL("../../../", import.meta.url);
const SMALL = { size: 64, firstIterations: 6, iterations: 4 };

async function bundle(path: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL(path, ROOT).pathname],
    bundle: true,
    write: false,
    format: "iife",
    minify: true,
    target: "es2020",
  });
  return (outputFiles[0] as { text: string }).text;
}

async function sample(name: string) {
  const bytes = readFileSync(new URL(`companion/samples/${name}.jpg`, ROOT));
  const { width, height } = await sharp(bytes).metadata();
  return { name, width, height, base64: bytes.toString("base64"), bytes: new Uint8Array() };
}

describe("the panel's own engine", () => {
  let browser: Browser;
  let inputs: Record<string, unknown>;
  let script: string;
  let shared: Page;

  beforeAll(async () => {
    const [worker, page] = await Promise.all([
      bundle("ui/engines/webgl/worker.ts"),
      bundle("test/ui/webgl/engine-page.ts"),
    ]);
    script = page;
    inputs = {
      script: worker,
      network: readFileSync(new URL("native/networks/vgg19-slim.safetensors", ROOT)).toString("base64"),
      content: await sample("tubingen"),
      style: await sample("starry-night"),
    };
    browser = await launchBrowser(SWIFTSHADER);
    shared = await openPage();
  }, 90_000);
  afterAll(() => browser?.close());

  async function openPage(before = ""): Promise<Page> {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.addScriptTag({ content: `${before};${script}` });
    const capabilities = await call<{ kind: string; largestSize: number }>(page, "open", inputs);
    expect(errors).toEqual([]);
    expect(capabilities.kind).toBe("panel");
    expect(capabilities.largestSize).toBeGreaterThanOrEqual(256);
    return page;
  }

  function call<T>(page: Page, name: string, argument: unknown): Promise<T> {
    return page.evaluate(
      ([what, value]) =>
        (globalThis as unknown as Record<string, (v: unknown) => Promise<never>>)[what as string]?.(value),
      [name, argument] as const,
    ) as Promise<T>;
  }

  async function expectPicture(base64: string): Promise<void> {
    const { data, info } = await sharp(Buffer.from(base64, "base64")).raw().toBuffer({ resolveWithObject: true });
    expect(Math.max(info.width, info.height)).toBe(SMALL.size);
    const { channels } = await sharp(Buffer.from(base64, "base64")).stats();
    expect((channels[0] as { stdev: number }).stdev).toBeGreaterThan(10);
    expect(data.length).toBeGreaterThan(0);
  }

  test("stylises coarse to fine in a worker and shows previews", async () => {
    const result = await call<{
      base64: string;
      iterations: number;
      scales: number[];
      previews: number;
      states: string[];
    }>(shared, "stylize", SMALL);
    await expectPicture(result.base64);
    expect(result.scales).toEqual([45, 64]);
    expect(result.iterations).toBe(SMALL.firstIterations + SMALL.iterations);
    expect(result.previews).toBeGreaterThan(0);
    expect(result.states).toEqual(["running"]);
  }, 90_000);

  test("cancels within one iteration, and pauses, changes strength and stops between two", async () => {
    const cancelled = await call<{ code: string; milliseconds: number }>(shared, "cancel", {
      ...SMALL,
      firstIterations: 500,
    });
    expect(cancelled.code).toBe("cancelled");
    expect(cancelled.milliseconds).toBeLessThan(3000);
    const changed = await call<{ whilePaused: number; weightBefore: number; weightAfter: number; stopped: boolean }>(
      shared,
      "pauseChangeStop",
      { ...SMALL, firstIterations: 500, strength: 10 },
    );
    expect(changed.whilePaused).toBe(0);
    expect(changed.weightAfter).toBeGreaterThan(2 * changed.weightBefore);
    expect(changed.stopped).toBe(true);
  }, 90_000);

  test("works through a batch: a broken frame fails alone, a skipped one is left out", async () => {
    const { states, width } = await call<{ states: string[]; width: number }>(shared, "batch", {
      ...SMALL,
      firstIterations: 2,
      iterations: 1,
    });
    expect(states).toEqual(["done", "failed", "skipped", "done"]);
    expect(width).toBe(SMALL.size);
  }, 90_000);

  test.each([
    { rule: "blob: workers", forbid: "/^blob:/" },
    { rule: "workers of any kind", forbid: "/./" },
  ])(
    "works in a frame that forbids $rule",
    async ({ forbid }) => {
      const page = await openPage(
        `const W = Worker; globalThis.Worker = class { constructor(url) { if (${forbid}.test(url)) throw new Error("forbidden"); return new W(url); } }`,
      );
      const result = await call<{ base64: string }>(page, "stylize", { ...SMALL, firstIterations: 2, iterations: 1 });
      await expectPicture(result.base64);
      await page.close();
    },
    90_000,
  );

  test("goes on from the last picture when the graphics context is lost", async () => {
    const page = await openPage(
      // Every WebGL context of this page loses itself once, half a second after its first draw.
      `const get = OffscreenCanvas.prototype.getContext; globalThis.Worker = undefined; let lost = 0;
       const wrap = (proto) => { const original = proto.getContext; proto.getContext = function (...a) { const gl = original.apply(this, a);
         if (gl && a[0] === "webgl2" && lost < 1 && this.width > 0) { globalThis.loseContext = () => { globalThis.lostContexts = ++lost; gl.getExtension("WEBGL_lose_context").loseContext(); }; } return gl; }; };
       wrap(OffscreenCanvas.prototype); wrap(HTMLCanvasElement.prototype)`,
    );
    await page.evaluate(() => {
      setTimeout(() => (globalThis as unknown as { loseContext?: () => void }).loseContext?.(), 2500);
    });
    const result = await call<{ base64: string; iterations: number }>(page, "stylize", {
      ...SMALL,
      firstIterations: 20,
    });
    await expectPicture(result.base64);
    expect(result.iterations).toBe(20 + SMALL.iterations);
    expect(await page.evaluate(() => (globalThis as unknown as { lostContexts: number }).lostContexts)).toBe(1);
    await page.close();
  }, 120_000);
});
