// The command line over the real engine, small: a picture comes out, evaluate agrees with the reference vectors.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { decodeTensor, parseFile } from "../../../companion/networks/safetensors.ts";
import { encodePicture } from "../../../companion/pictures/encode.ts";
import { embedPngText, RECIPE_KEYWORD } from "../../../companion/pictures/png-text.ts";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { DRAFT_ITERATIONS, QUALITIES } from "../../../companion/protocol/settings.ts";
import { runCli, runRefusal } from "./run-cli.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const SAMPLES = join(ROOT, "companion", "samples");
const CONTENT = join(SAMPLES, "tubingen.jpg");
const STYLE = join(SAMPLES, "starry-night.jpg");
const VECTORS = join(ROOT, "test", "vectors");
const TINY = ["--size", "64", "--min-scale", "32", "--first-iterations", "4", "--iterations", "3", "--device", "cpu"];
/** By the network that is read and computed soonest. */
const SMALL = [...TINY, "--network", "vgg19-slim"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-engine-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("stylize", () => {
  test("paints a picture of the size that was asked for, with a falling loss in its trace", async () => {
    const { code, stderr, stdout } = await runCli(
      ["stylize", CONTENT, STYLE, "-o", "out.png", "--trace", "run.ndjson", "--json", ...TINY],
      { cwd: folder },
    );
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ width: 64, height: 48, device: "cpu", interrupted: false });
    const lines = readFileSync(join(folder, "run.ndjson"), "utf8").trim().split("\n");
    const records = lines.map((line) => JSON.parse(line));
    expect(records).toHaveLength(report.iterations);
    expect(records.at(-1).losses.total).toBeLessThan(records.find(({ scale }) => scale === 64).losses.total);
    expect(Object.keys(records[0].losses.styleLayers)).toEqual(["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]);
    const [painted, plain] = await Promise.all([
      sharp(join(folder, "out.png")).raw().toBuffer(),
      sharp(CONTENT).resize(64, 48).raw().toBuffer(),
    ]);
    const change = painted.reduce((sum, value, i) => sum + Math.abs(value - (plain[i] ?? 0)), 0) / painted.length;
    expect(change).toBeGreaterThan(3);
  });

  test("a quick picture is repeated to the byte by its recipe, which names what painted it", async () => {
    const quick = [
      "--quality",
      "quick",
      "--size",
      "160",
      "--first-iterations",
      "4",
      "--device",
      "cpu",
      "--threads",
      "1",
    ];
    const { code, stderr } = await runCli(["stylize", CONTENT, STYLE, "-o", "quick.png", ...quick], { cwd: folder });
    expect(code, stderr).toBe(0);
    const { painter, network } = readRecipe(readFileSync(join(folder, "quick.png"))) ?? {};
    expect([network?.name, painter?.network.name, painter?.detailer.name]).toEqual([
      "vgg19-slim",
      "vgg19-slim",
      "detailer-slim",
    ]);
    const again = ["stylize", CONTENT, STYLE, "--recipe", "quick.png", "-o", "again.png"];
    expect((await runCli(again, { cwd: folder })).stdout).toMatch(/the same, byte for byte/);

    const recipe = readRecipe(readFileSync(join(folder, "quick.png")));
    const detailer = { name: "detailer-slim", sha256: "0".repeat(64) };
    const other = JSON.stringify({ ...recipe, painter: { ...painter, detailer } });
    const bare = await sharp(join(folder, "quick.png")).png().toBuffer();
    writeFileSync(join(folder, "other.png"), embedPngText(bare, RECIPE_KEYWORD, other));
    const repeated = ["stylize", CONTENT, STYLE, "--recipe", "other.png", "-o", "again.png", "--force"];
    expect((await runCli(repeated, { cwd: folder })).stderr).toMatch(/The network detailer-slim is another one now/);
  });

  test("a standard picture is a quick one that the other network polishes, and its recipe repeats that", async () => {
    const standard = ["--size", "48", "--device", "cpu", "--threads", "1", "--network", "vgg19-half", "--json"];
    const run = await runCli(["stylize", CONTENT, STYLE, "-o", "standard.png", ...standard], { cwd: folder });
    expect(run.code, run.stderr).toBe(0);
    const { draft, polish } = { draft: DRAFT_ITERATIONS, polish: QUALITIES.standard.polish };
    expect(JSON.parse(run.stdout).iterations).toBe(draft + polish);
    const { painter, network } = readRecipe(readFileSync(join(folder, "standard.png"))) ?? {};
    expect([network?.name, painter?.network.name]).toEqual(["vgg19-half", "vgg19-slim"]);
    const again = ["stylize", CONTENT, STYLE, "--recipe", "standard.png", "-o", "again.png", "--force"];
    expect((await runCli(again, { cwd: folder })).stdout).toMatch(/the same, byte for byte/);
  });

  test.each([
    ["a time budget", ["--budget", "5"], /takes a second or two, and no time budget/],
    ["another network", ["--network", "vgg19-half"], /is painted by vgg19-slim and by no other network/],
    ["another start", ["--init", "noise"], /starts from the content/],
  ])("BAD CALL - a quick picture with %s", async (_, flags, words) => {
    const args = ["stylize", CONTENT, STYLE, "-o", "no.png", "--quality", "quick", ...flags];
    const { code, stderr } = await runCli(args, { cwd: folder });
    expect(stderr).toMatch(words);
    expect([code, existsSync(join(folder, "no.png"))]).toEqual([2, false]);
  });

  test("the same seed and one thread give the same bytes", async () => {
    const run = async (out: string) => {
      const args = ["stylize", CONTENT, STYLE, "-o", out, ...SMALL, "--init", "noise", "--seed", "7", "--threads", "1"];
      expect((await runCli(args, { cwd: folder })).code).toBe(0);
      return readFileSync(join(folder, out));
    };
    expect((await run("a.png")).equals(await run("b.png"))).toBe(true);
  });

  test("a style for some layers is in the recipe, which repeats it to the byte", async () => {
    const flags = [...SMALL, "--threads", "1", "--style-loss", "w2,histogram:0.3"];
    const at = ["--style-at", `relu1_1,relu2_1=${CONTENT}`];
    const args = ["stylize", CONTENT, STYLE, "-o", "layers.png", "--json", ...at, ...flags];
    const { code, stderr, stdout } = await runCli(args, { cwd: folder });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).styles).toEqual([
      { path: STYLE, weight: 1 },
      { path: CONTENT, weight: 1, layers: ["relu1_1", "relu2_1"] },
    ]);
    const { inputs } = readRecipe(readFileSync(join(folder, "layers.png"))) ?? {};
    expect(inputs?.styles.map(({ layers }) => layers)).toEqual([undefined, ["relu1_1", "relu2_1"]]);
    const again = await runCli(["stylize", CONTENT, STYLE, "--recipe", "layers.png", "-o", "layers-again.png"], {
      cwd: folder,
    });
    expect(again.stdout).toMatch(/the same, byte for byte/);
  });

  test("what a mask of 16 bits protects of a picture of 16 bits comes out to the bit", async () => {
    const [width, height] = [64, 48];
    const size = { width, height };
    // Steps that 8 bits do not have, in every channel.
    const pixels = Uint16Array.from({ length: 3 * width * height }, (_, i) => (i * 7919) % 65536);
    const mask = Uint16Array.from({ length: width * height }, (_, i) => (i % width < 24 ? 65535 : 0));
    const write = async (name: string, data: Uint16Array, channels: 1 | 3) => {
      const raw = sharp(data, { raw: { ...size, channels } }).toColorspace(channels === 1 ? "grey16" : "rgb16");
      writeFileSync(join(folder, name), await raw.png().toBuffer());
    };
    await write("deep.png", pixels, 3);
    await write("mask.png", mask, 1);
    const args = ["stylize", "deep.png", STYLE, "-o", "kept.png", "--protect", "mask.png", "--sixteen-bit", ...SMALL];
    const { code, stderr } = await runCli(args, { cwd: folder });
    expect(code, stderr).toBe(0);
    // The values as they are written, not as the profile beside them would have them shown.
    const written = sharp(join(folder, "kept.png"), { ignoreIcc: true });
    const painted = await written.toColorspace("rgb16").raw({ depth: "ushort" }).toBuffer();
    const values = new Uint16Array(painted.buffer, painted.byteOffset, painted.length / 2);
    expect(values).toHaveLength(pixels.length);
    const isKept = (i: number) => Math.floor(i / 3) % width < 24;
    expect(values.every((value, i) => !isKept(i) || value === pixels[i])).toBe(true);
    expect(values.filter((value, i) => !isKept(i) && value !== pixels[i]).length).toBeGreaterThan(1000);
  });

  test("16 bits, transparency and two styles go through", async () => {
    writeFileSync(join(folder, "alpha.png"), await sharp(CONTENT).ensureAlpha(0.5).png().toBuffer());
    const args = [
      "stylize",
      "alpha.png",
      STYLE,
      CONTENT,
      "-o",
      "deep.tif",
      "--blend",
      "2,1",
      "--sixteen-bit",
      ...SMALL,
    ];
    const { code, stderr } = await runCli(args, { cwd: folder });
    expect(code, stderr).toBe(0);
    const { depth, channels, width } = await sharp(join(folder, "deep.tif")).metadata();
    expect([depth, channels, width]).toEqual(["ushort", 4, 64]);
  });

  describe("BAD CALL - a network that cannot be used is refused within a second, by what is wrong", () => {
    const NETWORK = join(ROOT, "native", "networks", "vgg19-slim.safetensors");
    const whole = () => readFileSync(NETWORK);
    const renamed = (from: string, to: string) => {
      const bytes = whole();
      const at = bytes.indexOf(from);
      if (at < 0 || from.length !== to.length) throw new Error(`no ${from} in the network's header`);
      bytes.write(to, at, "latin1");
      return bytes;
    };
    const cases: [string, () => Uint8Array, RegExp][] = [
      ["truncated", () => whole().subarray(0, whole().length / 2), /network/],
      [
        "of no safetensors",
        () => Buffer.from("hello there, this is no network at all"),
        /broken.safetensors is a text file/,
      ],
      ["of wrong shapes", () => renamed('"shape":[16,16,3,3]', '"shape":[16,17,3,3]'), /network/],
      ["without a tensor that it needs", () => renamed('"conv1_1.weight"', '"conv1_x.weight"'), /network/],
      ["that ends before a layer", () => renamed('"conv4_2.weight"', '"conv4_x.weight"'), /network/],
    ];
    for (const [title, make, expected] of cases) {
      test(title, async () => {
        const path = join(folder, "broken.safetensors");
        writeFileSync(path, make());
        const args = ["stylize", CONTENT, STYLE, "-o", "x.png", "--network", path, ...TINY];
        const { code, stderr } = await runRefusal(args, { cwd: folder });
        expect(stderr.split("\n").at(-2)).toMatch(/^impasto: .*\.$/);
        expect(stderr).toMatch(expected);
        expect([code, existsSync(join(folder, "x.png"))]).toEqual([2, false]);
      });
    }
  });
});

describe("evaluate", () => {
  for (const name of ["square-avg", "odd-max"]) {
    test(`${name} agrees with the reference, as far as 16-bit files hold its pixels`, async () => {
      const bytes = readFileSync(join(VECTORS, `${name}.safetensors`));
      const header = parseFile(bytes);
      for (const picture of ["content_image", "style_image", "image"]) {
        const info = header.tensors.get(picture);
        if (info === undefined) throw new Error(`${name} has no ${picture}`);
        const body = bytes.subarray(header.bodyOffset);
        const { shape, values } = decodeTensor(picture, info, body.subarray(info.begin, info.end));
        const [, height = 0, width = 0] = shape;
        const planar: Picture = { width, height, channels: 3, data: values };
        writeFileSync(join(folder, `${picture}.png`), await encodePicture(planar, "png", { bitDepth: 16 }));
      }
      const files = ["--content", "content_image.png", "--style", "style_image.png", "--image", "image.png"];
      const network = join(VECTORS, "vgg19-eighth.safetensors");
      const pooling = name.endsWith("max") ? "max" : "avg";
      const { code, stdout, stderr } = await runCli(
        ["evaluate", "--network", network, ...files, "--pooling", pooling],
        { cwd: folder },
      );
      expect(code, stderr).toBe(0);
      const losses = JSON.parse(stdout);
      const expected = (key: string) => {
        const info = header.tensors.get(key);
        if (info === undefined) throw new Error(`${name} has no ${key}`);
        return new DataView(bytes.buffer, bytes.byteOffset + header.bodyOffset + info.begin).getFloat64(0, true);
      };
      const pairs: [number, number][] = [
        [losses.content.relu4_2, expected("loss.content.relu4_2")],
        [losses.tv_l1, expected("loss.tv_l1")],
        [losses.tv_l2, expected("loss.tv_l2")],
        ...[1, 2, 3, 4, 5].map((b): [number, number] => [
          losses.style[`relu${b}_1`],
          expected(`loss.style.relu${b}_1`),
        ]),
      ];
      for (const [value, reference] of pairs) expect(Math.abs(value / reference - 1)).toBeLessThan(1e-3);
    });
  }

  test("BAD CALL - an image of another size than the content's", async () => {
    const { code, stderr } = await runCli(["evaluate", "--content", CONTENT, "--style", STYLE, "--image", STYLE]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^impasto: Expected an image of the content's size, 512 × 384/),
    ]);
  });
});

test("doctor finds the CPU usable", async () => {
  const { stdout } = await runCli(["doctor", "--json"]);
  const { devices, auto } = JSON.parse(stdout);
  expect(devices.find(({ kind }: { kind: string }) => kind === "cpu")).toMatchObject({ usable: true });
  expect(auto.peakBytes).toBeGreaterThan(1e6);
});

test("the library collects nothing: it leaves no file in the user's cache and temporary folders", async () => {
  const home = mkdtempSync(join(tmpdir(), "impasto-home-"));
  const env = { HOME: home, XDG_CACHE_HOME: join(home, "cache"), TMPDIR: join(home, "tmp") };
  mkdirSync(env.TMPDIR);
  try {
    expect((await runCli(["doctor"], { cwd: home, env })).code).toBe(0);
    expect(
      readdirSync(home, { recursive: true, encoding: "utf8" }).filter((name) => /onnx|mat-|\.ses/i.test(name)),
    ).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
