// A picture through a network of others: the same whatever its convention, in windows as in one piece, with the content's
// own transparency, colors and protected parts.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { locateModel } from "../../../companion/models/locate.ts";
import { startModelRun } from "../../../companion/models/model-run.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { difference, errorOf, type ModelHome, modelHome, paint, picture } from "./support.ts";
import { negative, painter, tensor, value } from "./write-onnx.ts";

/** 32-bit floats scaled to 255 and back: a few units in the last place of 1. */
const ROUNDING = 2e-6;

let home: ModelHome;
beforeAll(async () => {
  home = modelHome();
  await home.bringIn("unit", negative(1));
  await home.bringIn("byte", negative(255));
  await home.bringIn("last", negative(1, { layout: "nhwc" }));
  await home.bringIn("small", negative(1, { width: 64, height: 48 }));
});
afterAll(() => home.remove());

describe("a network of others", () => {
  test.each(["unit", "byte", "last", "small"])("paints a negative, in one piece or in windows: %s", async (name) => {
    const content = picture(150, 110);
    for (const modelTile of [null, 64]) {
      const { picture: painted, iterations, progress } = await paint(name, content, { modelTile });
      expect([painted.width, painted.height, painted.channels]).toEqual([150, 110, 3]);
      expect(difference(painted, (pixel) => 1 - pixel, content)).toBeLessThan(ROUNDING);
      expect(iterations > 1).toBe(modelTile !== null || name === "small");
      expect(progress.at(-1)).toMatchObject({ phase: "model", fraction: 1, iteration: iterations, iterations });
      expect(progress[0]?.fraction).toBe(0);
    }
  });

  test("paints at the size that is asked for, and at no more than 2048 px by itself", async () => {
    const { picture: enlarged } = await paint("unit", picture(60, 40), { size: 120 });
    expect([enlarged.width, enlarged.height]).toEqual([120, 80]);
    const { picture: shrunk } = await paint("unit", picture(2100, 40));
    expect([shrunk.width, shrunk.height]).toEqual([2048, 39]);
  });

  test("leaves alpha as it was, and shows holes to nobody", async () => {
    const hole = (x: number) => (x < 20 ? 0 : 1);
    const content = picture(80, 60, hole);
    const { picture: painted } = await paint("unit", content);
    expect(painted.channels).toBe(4);
    expect(painted.data.subarray(3 * 80 * 60)).toEqual(content.data.subarray(3 * 80 * 60));
    expect(
      difference(painted, (pixel, i) => (hole(i % 80) === 0 ? (painted.data[i] as number) : 1 - pixel), content),
    ).toBeLessThan(ROUNDING);
  });

  test("keeps the content's colors when asked", async () => {
    const content = picture(64, 64);
    const { picture: painted } = await paint("unit", content, { colors: "keep" });
    const plane = 64 * 64;
    for (const i of [0, 700, 2000, 4095]) {
      const [red = 0, green = 0, blue = 0] = [0, 1, 2].map((channel) => content.data[channel * plane + i] as number);
      // Brightness y becomes 1 - y; every channel moves by the same.
      const change = 1 - 2 * (0.299 * red + 0.587 * green + 0.114 * blue);
      expect(painted.data[i]).toBeCloseTo(Math.min(1, Math.max(0, red + change)), 5);
    }
  });

  test("mixes the content back in below half of the strength, and is all there from there on", async () => {
    const content = picture(64, 48);
    const at = async (strength: number) => (await paint("unit", content, { strength })).picture;
    expect((await at(0)).data).toEqual(content.data);
    expect(difference(await at(25), () => 0.5, content)).toBeLessThan(ROUNDING);
    expect((await at(100)).data).toEqual((await at(50)).data);
  });

  test("leaves what is protected as it was, to the bit", async () => {
    const content = picture(64, 48);
    const white = picture(64, 48);
    white.data.forEach((_, i) => {
      white.data[i] = i % 64 < 32 ? 1 : 0;
    });
    const { picture: painted } = await paint("unit", content, {}, { protect: white });
    expect(difference(painted, (pixel, i) => (i % 64 < 32 ? pixel : 1 - pixel), content)).toBeLessThan(ROUNDING);
    expect(painted.data[10]).toBe(content.data[10]);
  });

  test("clips what goes beyond black and white", async () => {
    await home.bringIn(
      "loud",
      painter([{ operator: "Mul", inputs: ["x", "four"], outputs: ["y"] }], [tensor("four", [1], [4])]),
      {
        given: { content: { range: [0, 1] }, output: { range: [0, 1] } },
      },
    );
    const { picture: painted } = await paint("loud", picture(48, 48));
    expect(painted.data.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
    expect(painted.data.includes(1)).toBe(true);
  });

  test("paints in the style that is chosen by number, by shares and by the beginning of a name", async () => {
    const weighted = painter(
      [
        { operator: "MatMul", inputs: ["style_weights", "levels"], outputs: ["level"] },
        { operator: "Mul", inputs: ["x", "level"], outputs: ["y"] },
      ],
      [tensor("levels", [3, 1], [1, 0.5, 0.25])],
      {},
      [value("style_weights", "float", [1, 3])],
    );
    await home.bringIn("weighted", weighted, { given: { content: { range: [0, 1] }, output: { range: [0, 1] } } });
    const content = picture(64, 48);
    for (const [chosen, level] of [
      [{}, 1],
      [{ style: 1 }, 0.5],
      [{ style_weights: 2 }, 0.25],
      [{ style: [0, 0.5, 0.5] }, 0.375],
    ] as const) {
      const { picture: painted } = await paint("weighted", content, { modelInput: chosen });
      expect(difference(painted, (pixel) => level * pixel, content)).toBeLessThan(ROUNDING);
    }
    expect(await errorOf(paint("weighted", content, { modelInput: { style: 3 } }))).toMatchObject({
      code: "bad-setting",
      message: "Expected a whole number from 0 to 2 for style_weights but received 3.",
    });
    expect(await errorOf(paint("weighted", content, { modelInput: { color: 1 } }))).toMatchObject({
      message: 'The network has nothing named "color" to choose.',
      hint: "It has: style_weights.",
    });
  });

  test("takes a style's picture where it wants one, also by a second file, and says so where it does not", async () => {
    // Brightness of the content times the style's mean, read from its one picture.
    const shape = [1, 3, "h", "w"] as const;
    const both = painter(
      [
        { operator: "GlobalAveragePool", inputs: ["style_image"], outputs: ["mean"] },
        { operator: "Mul", inputs: ["x", "mean"], outputs: ["y"] },
      ],
      [],
      {},
      [value("style_image", "float", shape)],
    );
    const given = { content: { range: [0, 1] }, output: { range: [0, 1] } };
    await home.bringIn("both", both, { given });
    const main = painter([{ operator: "Mul", inputs: ["x", "mean"], outputs: ["y"] }], [], {}, [
      value("mean", "float", [1, 3, 1, 1]),
    ]);
    const reader = (await import("./write-onnx.ts")).model({
      nodes: [{ operator: "GlobalAveragePool", inputs: ["s"], outputs: ["mean"] }],
      inputs: [value("s", "float", [1, 3, 32, 32])],
      outputs: [value("mean", "float", [1, 3, 1, 1])],
    });
    await home.bringIn("pair", main, { given, styleFile: home.file("reader.onnx", reader) });
    const content = picture(64, 48);
    const style = picture(64, 64);
    style.data.fill(0.5);
    for (const name of ["both", "pair"]) {
      const { picture: painted } = await paint(name, content, {}, { styles: [{ picture: style, weight: 1 }] });
      expect(difference(painted, (pixel) => 0.5 * pixel, content)).toBeLessThan(ROUNDING);
      expect(await errorOf(paint(name, content))).toMatchObject({
        message: `${name} paints in the manner of a picture.`,
      });
    }
    expect(await errorOf(paint("unit", content, {}, { styles: [{ picture: style, weight: 1 }] }))).toMatchObject({
      message: "unit is a style of its own and takes no style picture.",
    });
    const region = { picture: style, weight: 1, region: style };
    expect(await errorOf(paint("both", content, {}, { styles: [region] }))).toMatchObject({
      message: "both paints the whole picture: it knows no regions.",
    });
  });

  test("says that its windows may differ where it looks at all of them, and only there", async () => {
    const normalizing = painter(
      [
        { operator: "InstanceNormalization", inputs: ["x", "gain", "bias"], outputs: ["flat"] },
        { operator: "Sigmoid", inputs: ["flat"], outputs: ["y"] },
      ],
      [tensor("gain", [3], [1, 1, 1]), tensor("bias", [3], [0, 0, 0])],
    );
    await home.bringIn("normalizing", normalizing);
    const content = picture(150, 110);
    expect((await paint("normalizing", content, { modelTile: 64 })).notes?.[0]).toMatch(
      /windows of 64 × 64 px: their tones may differ/,
    );
    expect((await paint("normalizing", content)).notes).toBeUndefined();
    expect((await paint("unit", content, { modelTile: 64 })).notes).toBeUndefined();
  });

  test("ends between two windows with what there is, goes on after a pause, and gives up when it is cancelled", async () => {
    const content = picture(150, 110);
    const located = await locateModel("unit");
    const request = { content, styles: [], settings: { ...DEFAULT_SETTINGS, model: "unit", modelTile: 64 } };
    const begin = (act: (run: ReturnType<typeof startModelRun>["run"], abort: AbortController) => void) => {
      const abort = new AbortController();
      let acted = false;
      const { run } = startModelRun(located, request, {
        threads: 1,
        signal: abort.signal,
        onProgress: ({ iteration }) => {
          if (iteration !== 1 || acted) return;
          acted = true;
          act(run, abort);
        },
      });
      return run.result;
    };
    const stopped = await begin((run) => run.stop());
    expect([stopped.stopped, stopped.iterations]).toEqual([true, 1]);
    // The last corner is still the content's.
    expect(stopped.picture.data.at(-1)).toBe(content.data.at(-1));
    const paused = await begin((run) => {
      run.pause();
      run.resume();
    });
    expect(paused.stopped).toBe(false);
    expect(await errorOf(begin((_, abort) => abort.abort()))).toMatchObject({ code: "cancelled" });
    expect((await paint("unit", content)).stopped).toBe(false);
  });
});
