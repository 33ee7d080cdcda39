// What every StyleEngine keeps to (ui/engines/style-engine.ts), told as a panel would notice it. Each engine's test opens
// its engine in a page and runs this suite; sizes are tiny because one of them may run without a GPU.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../companion/protocol/settings.ts";
import { toPicture } from "../../../ui/engines/panel/core/image.ts";
import type { EngineCapabilities } from "../../../ui/engines/style-engine.ts";
import type { ContractPage, PageResult, Request, RunReport, SentPicture } from "./page-messages.ts";
import { paintNatively, TOLERANCE as TWIN_TOLERANCE } from "./panel/twin.ts";

export interface OpenedEngine {
  page: Page;
  capabilities: EngineCapabilities;
  close(): Promise<void>;
}

const ROOT = new URL("../../../", import.meta.url);
/** The first of the two scales of a result of 64 px: another size would be compiled anew. */
const WIDTH = 45;
const HEIGHT = 34;
/** Two scales, six iterations, the shallowest layer: software rendering takes its time. */
const SHORT: Partial<Settings> = {
  quality: "draft",
  minScale: 32,
  firstIterations: 4,
  iterations: 2,
  styleLayers: ["relu1_1"],
  contentLayers: ["relu1_1"],
  styleLoss: "gram-normalized",
};
/** Long enough to be changed, paused and ended. */
const LONG: Partial<Settings> = { ...SHORT, firstIterations: 5000, iterations: 5000 };
/** The one that page.ts asks for. */
const NETWORK = fileURLToPath(new URL("native/networks/vgg19-slim.safetensors", ROOT));
/** base64 */
const NO_PICTURE = "AAAAAAAAAAAAAAAA";
const CUT_OFF = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]).toString("base64");
/** Software rendering on a busy machine may take seconds for one iteration. */
const SOON = { timeout: 120_000 };
const TEST = { timeout: 240_000 };

/** A sample at a size; `shape` cuts it, white is kept. */
async function sample(name: string, width: number, height: number, shape?: string): Promise<SentPicture> {
  const picture = sharp(readFileSync(new URL(`companion/samples/${name}.jpg`, ROOT))).resize(width, height);
  const cut = shape === undefined ? picture : picture.composite([{ input: Buffer.from(shape), blend: "dest-in" }]);
  const png = await cut.png().toBuffer();
  return { name, width, height, base64: png.toString("base64") };
}

/** A mask: white in the columns between two shares of the width, black elsewhere. */
async function stripe(width: number, height: number, from: number, to: number): Promise<SentPicture> {
  const gray = Uint8Array.from({ length: width * height }, (_, i) => {
    const x = (i % width) / width;
    return x >= from && x < to ? 255 : 0;
  });
  const png = await sharp(gray, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
  return { name: "mask", width, height, base64: png.toString("base64") };
}

async function oneColor(width: number, height: number): Promise<SentPicture> {
  const create = { width, height, channels: 3 as const, background: "#c8643c" };
  const png = await sharp({ create }).png().toBuffer();
  return { name: "one color", width, height, base64: png.toString("base64") };
}

/** As the engines see it. */
async function decoded({ base64, width, height }: SentPicture): Promise<Picture> {
  const bytes = await sharp(Buffer.from(base64, "base64")).removeAlpha().raw().toBuffer();
  return toPicture({ width, height, data: Float32Array.from(bytes, (byte) => byte / 255), alpha: null });
}

async function pixels({ base64 }: { base64: string }) {
  const { data, info } = await sharp(Buffer.from(base64, "base64")).raw().toBuffer({ resolveWithObject: true });
  return { data, ...info };
}

/** [H, W, 3], without alpha. */
function colors({ base64 }: { base64: string }): Promise<Buffer> {
  return sharp(Buffer.from(base64, "base64")).removeAlpha().raw().toBuffer();
}

/** Mean absolute difference of the colors, 0 … 255. */
async function difference(a: { base64: string }, b: { base64: string }): Promise<number> {
  const [first, second] = [await colors(a), await colors(b)];
  expect(first.length).toBe(second.length);
  return first.reduce((sum, value, i) => sum + Math.abs(value - (second[i] as number)), 0) / first.length;
}

/** Weight of the style's losses, told from their weighted and unweighted sums. */
function styleWeight({ progress }: RunReport, at: number): number {
  const { style, styleLayers } = (progress.at(at) as RunReport["progress"][number]).losses;
  return style / Object.values(styleLayers).reduce((sum, value) => sum + value, 0);
}

export function describeContract(name: string, open: () => Promise<OpenedEngine>): void {
  describe(`the contract of StyleEngine: ${name}`, TEST, () => {
    let engine: OpenedEngine;
    let content: SentPicture;
    let style: SentPicture;
    let narrow: SentPicture;
    let invisible: SentPicture;
    /** Those of the test in work; it may leave them running. */
    const begunRuns: number[] = [];

    beforeAll(async () => {
      [engine, content, style, narrow, invisible] = await Promise.all([
        open(),
        sample("tubingen", WIDTH, HEIGHT),
        sample("starry-night", 64, 64),
        sample("tubingen", 96, 40),
        sample("tubingen", WIDTH, HEIGHT, `<svg width="${WIDTH}" height="${HEIGHT}"/>`),
      ]);
    }, 120_000);
    afterAll(() => engine?.close());
    afterEach(async () => {
      for (const id of begunRuns.splice(0)) {
        await ask("act", id, "abort");
        await over(id);
      }
    });

    function ask<M extends keyof ContractPage>(
      method: M,
      ...given: Parameters<ContractPage[M]>
    ): Promise<Awaited<ReturnType<ContractPage[M]>>> {
      return engine.page.evaluate(
        ([what, values]) => {
          const { contract } = globalThis as unknown as {
            contract: Record<string, (...values: unknown[]) => Promise<never>>;
          };
          return contract[what as string]?.(...(values as unknown[]));
        },
        [method, given] as const,
      ) as Promise<Awaited<ReturnType<ContractPage[M]>>>;
    }

    const request = (settings: Partial<Settings> = {}, more: Partial<Request> = {}): Request => ({
      content,
      style,
      settings: { ...SHORT, ...settings },
      ...more,
    });

    /** The run's report once the condition holds for it. */
    async function until(id: number, condition: (report: RunReport) => boolean): Promise<RunReport> {
      await expect.poll(async () => condition(await ask("look", id)), SOON).toBe(true);
      return ask("look", id);
    }
    async function begin(asked: Request, options: { aborted?: boolean } = {}): Promise<number> {
      const id = await ask("begin", asked, options);
      begunRuns.push(id);
      return id;
    }
    const begun = (id: number) => until(id, ({ progress }) => progress.length > 0);
    const over = (id: number) => until(id, ({ result, error }) => result !== null || error !== null);

    async function finish(asked: Request): Promise<RunReport & { result: PageResult }> {
      const report = await over(await begin(asked));
      expect(report.error).toBeNull();
      return report as RunReport & { result: PageResult };
    }
    let made: ReturnType<typeof finish> | null = null;
    /** The ordinary request's, painted once for all tests that only look at it. */
    const plain = () => (made ??= finish(request()));
    async function refusal(asked: Request): Promise<string | null> {
      return (await over(await begin(asked))).error;
    }

    test("says what does the work", () => {
      expect(engine.capabilities.device).not.toBe("");
      expect(engine.capabilities.largestSize ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(256);
    });

    test("plans what it will do: the size, every scale, and that it fits", async () => {
      const plan = await ask("plan", request());
      expect(plan).toMatchObject({ width: WIDTH, height: HEIGHT, fits: true });
      expect(plan?.scales.map(({ width, iterations }) => [width, iterations])).toEqual([[WIDTH, 4]]);
      const larger = await ask("plan", request({ size: 80 }));
      expect(larger?.scales.map(({ width, height, iterations }) => [width, height, iterations])).toEqual([
        [57, 43, 4],
        [80, 60, 2],
      ]);
      expect(larger?.seconds).toBeGreaterThan(0);
      expect(larger?.peakBytes).toBeGreaterThan(0);
    });

    test("reports each scale and iteration in order, up to the totals that it told at first", async () => {
      const report = await finish(request({ size: 64 }));
      const { progress, result, states } = report;
      const [first, last] = [progress[0], progress.at(-1)];
      expect(states.at(-1)).toBe("running");
      expect(first).toMatchObject({ scaleCount: 2, totalIterations: 6 });
      expect(last).toMatchObject({ scaleIndex: 1, width: 64, height: 48, totalIteration: 6, totalIterations: 6 });
      expect(result).toMatchObject({ width: 64, height: 48, iterations: 6, stopped: false });
      progress.slice(1).forEach((now, i) => {
        const before = progress[i] as typeof now;
        expect(now.totalIteration).toBeGreaterThan(before.totalIteration);
        expect(now.totalIterations).toBe(6);
        expect(now.scaleIndex).toBeGreaterThanOrEqual(before.scaleIndex);
        expect(now.secondsElapsed).toBeGreaterThanOrEqual(before.secondsElapsed);
      });
      for (const { losses, secondsLeft, iteration, iterations, scaleIndex, totalIteration } of progress) {
        expect(totalIteration).toBe(scaleIndex * 4 + iteration);
        expect(iterations).toBe(scaleIndex === 0 ? 4 : 2);
        expect(secondsLeft).toBeGreaterThanOrEqual(0);
        expect(Math.abs(losses.content + losses.style + losses.tv - losses.total)).toBeLessThan(1e-4 * losses.total);
        expect(Object.keys(losses.styleLayers)).toEqual(SHORT.styleLayers);
      }
      // An engine that is far quicker than its messages may tell of the end alone.
      if (progress.length > 1) expect(last?.losses.total).toBeLessThan(first?.losses.total as number);
      // The losses weigh alike at both scales.
      expect(Math.abs(styleWeight(report, -1) / styleWeight(report, 0) - 1)).toBeLessThan(1e-5);
    });

    test("paints: another picture, of the same scene", async () => {
      const { result } = await plain();
      const changed = await difference(result, content);
      expect(changed).toBeGreaterThan(4);
      expect(changed).toBeLessThan(90);
    });

    test.each(["gram-normalized", "w2"] as const)("has the losses of the native engine with %s", async (styleLoss) => {
      // Adam tells of the loss before its step, so that of the second iteration tells of the first gradient. A style of
      // the result's size is resized by nobody.
      const layers = { styleLayers: ["relu1_1", "relu2_1"], contentLayers: ["relu2_1"] } satisfies Partial<Settings>;
      const twoSteps = { optimizer: "adam", init: "style-colors", firstIterations: 2 } as const;
      const settings = { ...SHORT, ...layers, ...twoSteps, styleLoss };
      const square = await sample("starry-night", WIDTH, WIDTH);
      const { progress } = await finish(request(settings, { style: square }));
      const styles = [{ picture: await decoded(square), weight: 1 }];
      const asked = { content: await decoded(content), styles, settings: { ...DEFAULT_SETTINGS, ...settings } };
      const { totals } = await paintNatively(asked, NETWORK);
      for (const { totalIteration, losses } of progress) {
        const ratio = losses.total / (totals[totalIteration - 1] as number);
        expect(Math.abs(ratio - 1), `iteration ${totalIteration}`).toBeLessThan(TWIN_TOLERANCE.losses);
      }
    });

    test("shows the picture in work", async () => {
      const id = await begin(request({ ...LONG, size: 64 }));
      const { previews } = await until(id, (report) => report.previews.length > 0);
      expect(previews[0]).toMatchObject({ width: 45, height: 34 });
    });

    test("takes another strength while it runs", async () => {
      const id = await begin(request({ ...LONG, strength: 10 }));
      await begun(id);
      expect(await ask("act", id, { strength: 90 })).toBeNull();
      await until(id, (report) => styleWeight(report, -1) > 2 * styleWeight(report, 0));
    });

    test("refuses to change while it runs what is fixed at the start", async () => {
      const id = await begin(request(LONG));
      await begun(id);
      expect(await ask("act", id, { quality: "fine" })).toBe("bad-setting");
      await ask("act", id, "stop");
      expect((await over(id)).result?.stopped).toBe(true);
    });

    test("stands still while it is paused, and goes on from there", async () => {
      const id = await begin(request(LONG));
      await begun(id);
      await ask("act", id, "pause");
      await until(id, ({ states }) => states.at(-1) === "paused");
      const { progress } = await ask("look", id);
      await engine.page.waitForTimeout(500);
      // The iteration that was in work may still be told.
      const still = (await ask("look", id)).progress.length;
      expect(still - progress.length).toBeLessThanOrEqual(1);
      await ask("act", id, "resume");
      const after = await until(id, (report) => report.progress.length > still);
      expect(after.states.at(-1)).toBe("running");
      const [before, next] = [after.progress[still - 1], after.progress[still]];
      expect(next?.totalIteration).toBeGreaterThan(before?.totalIteration as number);
    });

    test("may be paused before it has begun", async () => {
      const id = await begin(request(LONG));
      await ask("act", id, "pause");
      await until(id, ({ states }) => states.at(-1) === "paused");
      await ask("act", id, "resume");
      await begun(id);
    });

    test("keeps the best picture when it is stopped", async () => {
      const id = await begin(request({ ...LONG, size: 64 }));
      await until(id, ({ progress }) => (progress.at(-1)?.totalIteration ?? 0) >= 3);
      await ask("act", id, "stop");
      const { result, progress } = await over(id);
      expect(result).toMatchObject({ width: 64, height: 48, stopped: true });
      expect(result?.iterations).toBeGreaterThanOrEqual(progress.at(-1)?.totalIteration as number);
      const larger = await sample("tubingen", 64, 48);
      expect(await difference(result as PageResult, larger)).toBeGreaterThan(2);
    });

    test("rejects with “cancelled” when it is aborted, before or while it runs, and is free for the next", async () => {
      const early = await begin(request(LONG), { aborted: true });
      expect((await over(early)).error).toBe("cancelled");
      const id = await begin(request(LONG));
      await begun(id);
      await ask("act", id, "abort");
      const { error, progress } = await over(id);
      expect(error).toBe("cancelled");
      await finish(request());
      expect((await ask("look", id)).progress.length).toBe(progress.length);
    });

    test("takes turns when a second picture is asked for while one is in work", async () => {
      const first = await begin(request({ ...LONG, seed: 1 }));
      await begun(first);
      const second = await begin(request());
      await until(second, ({ states }) => states.at(-1) === "waiting");
      await ask("act", first, "stop");
      expect((await over(first)).result?.stopped).toBe(true);
      const { result, states } = await over(second);
      expect(result?.stopped).toBe(false);
      expect(states).toContain("running");
    });

    test("leaves the turn to the next when a picture is cancelled while it waits", async () => {
      const first = await begin(request({ ...LONG, seed: 2 }));
      await begun(first);
      const second = await begin(request());
      await until(second, ({ states }) => states.at(-1) === "waiting");
      await ask("act", second, "abort");
      expect((await over(second)).error).toBe("cancelled");
      await ask("act", first, "abort");
      await finish(request());
    });

    test.each<[string, () => Request, string]>([
      [
        "a file that is no picture",
        () => request({}, { content: { ...content, base64: NO_PICTURE } }),
        "unsupported-picture",
      ],
      ["a style whose file is cut off", () => request({}, { style: { ...style, base64: CUT_OFF } }), "bad-picture"],
      ["a content with nothing to see in it", () => request({}, { content: invisible }), "bad-picture"],
      ["a style with nothing to see in it", () => request({}, { style: invisible }), "bad-picture"],
      ["a result of 20 px a side", () => request({ size: 48 }, { content: narrow }), "bad-picture"],
      ["a size that is no number", () => request({ size: "large" as never }), "bad-setting"],
      ["a layer that is none", () => request({ contentLayers: ["relu9_1"] }), "bad-setting"],
      ["two weights for one layer", () => request({ styleLayerWeights: [1, 1] }), "bad-setting"],
    ])("refuses %s in words of its own", async (_, asked, code) => {
      expect(await refusal(asked())).toBe(code);
    });

    test("gives the same bytes for the same request, and others for another seed", async () => {
      const noise = { init: "noise" as const, seed: 7 };
      const first = await finish(request(noise));
      const second = await finish(request(noise));
      const other = await finish(request({ ...noise, seed: 8 }));
      expect((await pixels(second.result)).data.equals((await pixels(first.result)).data)).toBe(true);
      expect(await difference(other.result, first.result)).toBeGreaterThan(2);
    });

    test("returns the content as it is at strength 0", async () => {
      const { result } = await finish(request({ strength: 0 }));
      expect(result).toMatchObject({ width: WIDTH, height: HEIGHT, stopped: false });
      expect(await difference(result, content)).toBe(0);
    });

    test("paints at strength 0 when the style's weight is set by hand", async () => {
      const { result } = await finish(request({ strength: 0, styleWeight: 3 }));
      expect(await difference(result, content)).toBeGreaterThan(2);
    });

    test("takes a picture of one color for a style, and for a content", async () => {
      const asStyle = await finish(request({ styleLoss: "w2" }, { style: await oneColor(48, 48) }));
      expect(await difference(asStyle.result, content)).toBeGreaterThan(2);
      const plain = await oneColor(WIDTH, HEIGHT);
      const asContent = await finish(request({ styleLoss: "w2" }, { content: plain }));
      expect(await difference(asContent.result, plain)).toBeGreaterThan(2);
    });

    test("does not exceed the content's own size unless a size is asked for", async () => {
      const own = await finish(request({ quality: "fine" }));
      expect([own.result.width, own.result.height]).toEqual([WIDTH, HEIGHT]);
      const odd = await sample("tubingen", 41, 33);
      const planned = (settings: Partial<Settings>) => ask("plan", request(settings, { content: odd }));
      expect(await planned({ quality: "fine" })).toMatchObject({ width: 41, height: 33 });
      expect(await planned({ size: 50 })).toMatchObject({ width: 50, height: 40 });
    });

    test("keeps the content's alpha, and gives none to an opaque one", async () => {
      const disc = `<svg width="${WIDTH}" height="${HEIGHT}"><ellipse cx="24" cy="18" rx="20" ry="15" fill="#fff"/></svg>`;
      const cut = await sample("tubingen", WIDTH, HEIGHT, disc);
      const before = await pixels(cut);
      const after = await pixels((await finish(request({}, { content: cut }))).result);
      expect(after.channels).toBe(4);
      let worst = 0;
      for (let i = 3; i < before.data.length; i += 4) {
        worst = Math.max(worst, Math.abs((after.data[i] as number) - (before.data[i] as number)));
      }
      expect(worst).toBeLessThanOrEqual(1);
      const opaque = await sharp(Buffer.from((await plain()).result.base64, "base64")).stats();
      expect(opaque.isOpaque).toBe(true);
    });

    test("paints within a region from a part of the style, and leaves what is protected to the bit", async () => {
      const before = await colors(content);
      // In three columns: protected, painted, and neither.
      const [region, protect, source] = await Promise.all([
        stripe(WIDTH, HEIGHT, 1 / 3, 2 / 3),
        stripe(WIDTH, HEIGHT, 0, 1 / 3),
        stripe(30, 20, 0, 1 / 2),
      ]);
      const made = await finish(request({ strength: 90 }, { region, protect, source }));
      const after = await colors(made.result);
      const change = (from: number, to: number) =>
        before.reduce((sum, value, i) => {
          const x = (Math.floor(i / 3) % WIDTH) / WIDTH;
          return x >= from && x < to ? sum + Math.abs(value - (after[i] as number)) : sum;
        }, 0);
      expect(change(0, 1 / 3)).toBe(0);
      expect(change(1 / 3, 2 / 3)).toBeGreaterThan(3 * change(0.8, 1));
    });

    test("keeps the content's colors when asked to", async () => {
      const chroma = async (picture: { base64: string }) => {
        const { data } = await pixels(picture);
        const step = data.length / (WIDTH * HEIGHT);
        return Array.from(
          { length: WIDTH * HEIGHT },
          (_, i) => (data[i * step] as number) - (data[i * step + 2] as number),
        );
      };
      const own = await chroma(content);
      const distance = async ({ result }: { result: PageResult }) => {
        const painted = await chroma(result);
        return painted.reduce((sum, value, i) => sum + Math.abs(value - (own[i] as number)), 0) / painted.length;
      };
      const kept = await finish(request({ colors: "keep" }));
      expect(await distance(kept)).toBeLessThan(0.5 * (await distance(await plain())));
    });

    test("goes on from the picture it is given", async () => {
      const made = (await plain()).result;
      const initial = { name: "made", width: WIDTH, height: HEIGHT, base64: made.base64 };
      const further = { firstIterations: 1, minScale: WIDTH, init: "image" as const };
      const next = await finish(request(further, { initial }));
      expect(next.result.iterations).toBe(1);
      expect(await difference(next.result, made)).toBeLessThan(0.5 * (await difference(made, content)));
    });

    describe("a batch", () => {
      const settled = (id: number, state: string) =>
        expect.poll(async () => (await ask("lookAtBatch", id)).states.at(-1), SOON).toBe(state);
      const frameStates = async (id: number) => (await ask("lookAtBatch", id)).frames.map(({ state }) => state);

      test("paints each frame; a broken one fails alone, with its reason", async () => {
        const broken = { ...content, base64: NO_PICTURE };
        const id = await ask("beginBatch", { contents: [content, broken, content], style, settings: SHORT });
        await settled(id, "done");
        expect(await frameStates(id)).toEqual(["done", "failed", "done"]);
        const { frames } = await ask("lookAtBatch", id);
        expect(frames[1]?.error?.code).toBe("unsupported-picture");
        expect(frames[2]?.fraction).toBe(1);
        // Of waves painted for a moment: not the style's own statistics, and no farther from them than a few grays.
        for (const at of [0, 2]) expect(frames[at]?.styleDistance).toSatisfy((far: number) => far > 0.05 && far < 5);
        expect(frames[1]?.styleDistance ?? null).toBeNull();
        const made = (await ask("batchResult", id, 2)) as PageResult;
        expect(made).toMatchObject({ width: WIDTH, height: HEIGHT, iterations: 4 });
        expect(await ask("batchResult", id, 1)).toBe("not-found");
      });

      test("lets another picture be painted while it is paused", async () => {
        const id = await ask("beginBatch", { contents: [content], style, settings: LONG });
        await expect.poll(async () => (await frameStates(id))[0], SOON).toBe("running");
        await ask("actOnBatch", id, "pause");
        await settled(id, "paused");
        await finish(request());
        await ask("actOnBatch", id, "resume");
        await expect.poll(async () => (await frameStates(id))[0], SOON).toBe("running");
        await ask("actOnBatch", id, "cancel");
        await settled(id, "cancelled");
      });

      test("is paused, resumed, skipped, cancelled and tried again", async () => {
        const id = await ask("beginBatch", { contents: [content, content, content], style, settings: LONG });
        await expect.poll(async () => (await frameStates(id))[0], SOON).toBe("running");
        await ask("actOnBatch", id, "skip", [1]);
        await expect.poll(async () => (await frameStates(id))[1], SOON).toBe("skipped");
        await ask("actOnBatch", id, "pause");
        await settled(id, "paused");
        await ask("actOnBatch", id, "resume");
        await settled(id, "running");
        await ask("actOnBatch", id, "cancel");
        await settled(id, "cancelled");
        await expect.poll(() => frameStates(id), SOON).toEqual(["cancelled", "skipped", "cancelled"]);
        await ask("actOnBatch", id, "retry", [2]);
        await expect.poll(async () => (await frameStates(id))[2], SOON).toBe("running");
        await ask("actOnBatch", id, "cancel");
        await settled(id, "cancelled");
      });
    });
  });
}
