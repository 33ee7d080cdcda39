// What the command line says to people: help, versions, slips of the finger, and every kind of bad input.

import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inputInTheWay } from "../../../companion/cli/save-every.ts";
import { SETTING_NAMES } from "../../../companion/protocol/settings.ts";
import { FAKE_ADDON, runCli, runRefusal } from "./run-cli.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const CONTENT = join(ROOT, "companion", "samples", "tubingen.jpg");
const STYLE = join(ROOT, "companion", "samples", "starry-night.jpg");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-usage-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe("help", () => {
  test("--version prints the package's version", async () => {
    const { code, stdout } = await runCli(["--version"]);
    expect([code, stdout.trim()]).toEqual([0, process.env.npm_package_version ?? stdout.trim()]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  for (const command of ["stylize", "texture", "evaluate", "demo", "doctor"]) {
    test(`${command} --help shows three examples`, async () => {
      const { code, stdout } = await runCli([command, "--help"]);
      expect(code).toBe(0);
      expect(stdout.match(/^ {2}\$ impasto /gm)).toHaveLength(3);
      expect(stdout).toContain(`$ impasto ${command}`);
    });
  }

  test("--json is a flag of every command that does something", async () => {
    const { stdout } = await runCli(["completions", "bash"]);
    const flags = new Map(
      [...stdout.matchAll(/^ {4}"([^"]+)".* flags="(.*)" ;;$/gm)].map(([, chain = "", list = ""]) => [chain, list]),
    );
    const chains = [...flags.keys()];
    const commands = chains.filter((chain) => !chains.some((other) => other.startsWith(`${chain} `)));
    expect(commands.length).toBeGreaterThan(20);
    expect(commands.filter((chain) => !flags.get(chain)?.split(" ").includes("--json"))).toEqual([]);
  });

  test("every setting of the table is a flag of stylize", async () => {
    const { stdout } = await runCli(["stylize", "--help"]);
    const flags = SETTING_NAMES.map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} <`);
    expect(flags.filter((flag) => !stdout.includes(flag))).toEqual([]);
  });
});

describe("BAD CALL - wrong usage ends with 2 and one line", () => {
  const cases: [string, string[], RegExp][] = [
    ["no command", [], /Usage: impasto/],
    ["a command that is nearly one", ["stylise"], /unknown command 'stylise'. Did you mean stylize\?/],
    ["a flag that is nearly one", ["stylize", "a", "b", "-o", "c.png", "--strenght", "5"], /Did you mean --strength\?/],
    ["no style", ["stylize", CONTENT, "-o", "out.png"], /missing required argument 'style'/],
    ["no result", ["stylize", CONTENT, STYLE], /required option '-o, --out <file>' not specified/],
    [
      "NaN",
      ["stylize", CONTENT, STYLE, "-o", "out.png", "--strength", "NaN"],
      /Expected a number from 0 to 100 for --strength but received "NaN"/,
    ],
    [
      "a negative number",
      ["stylize", CONTENT, STYLE, "-o", "out.png", "--tv-weight", "-1"],
      /for --tv-weight but received -1/,
    ],
    [
      "infinity",
      ["stylize", CONTENT, STYLE, "-o", "out.png", "--budget", "1e999"],
      /for --budget but received Infinity/,
    ],
    [
      "a number with a tail",
      ["stylize", CONTENT, STYLE, "-o", "out.png", "--size", "512px"],
      /whole number from 32 to 16384 for --size but received "512px"/,
    ],
    ["half a pixel", ["stylize", CONTENT, STYLE, "-o", "out.png", "--size", "512.5"], /for --size but received 512.5/],
    ["an empty number", ["stylize", CONTENT, STYLE, "-o", "out.png", "--seed", ""], /for --seed but received ""/],
    [
      "an unknown choice",
      ["stylize", CONTENT, STYLE, "-o", "out.png", "--quality", "best"],
      /one of quick, draft, standard, fine for --quality/,
    ],
    [
      "an unknown layer",
      ["stylize", CONTENT, STYLE, "-o", "out.png", "--style-layers", "relu9_1"],
      /relu1_1 … relu5_4 for --style-layers/,
    ],
    [
      "a blend of another length",
      ["stylize", CONTENT, STYLE, "-o", "out.png", "--blend", "1,2"],
      /Expected 1 numbers for --blend but received 2/,
    ],
    [
      "a style for a layer that is none",
      ["stylize", CONTENT, STYLE, "-o", "out.png", "--style-at", `relu9_1=${STYLE}`],
      /for --style-at but received relu9_1=/,
    ],
    [
      "a style for a layer that is not matched",
      ["stylize", CONTENT, STYLE, "-o", "out.png", "--style-at", `relu1_2=${STYLE}`],
      /relu1_2, which is not among the style layers/,
    ],
    ["a blend of nothing", ["stylize", CONTENT, STYLE, "-o", "out.png", "--blend", "0"], /for --blend but received 0/],
    ["no image to start from", ["stylize", CONTENT, STYLE, "-o", "out.png", "--init", "image"], /--init-image/],
    ["no extension", ["stylize", CONTENT, STYLE, "-o", "out"], /out has no extension/],
    [
      "a format that is not written",
      ["stylize", CONTENT, STYLE, "-o", "out.avif"],
      /\.avif is not a format that is written/,
    ],
    ["16 bits in a JPEG", ["stylize", CONTENT, STYLE, "-o", "out.jpg", "--sixteen-bit"], /\.jpg holds 8 bits/],
    [
      "an unknown network",
      ["stylize", CONTENT, STYLE, "-o", "out.png", "--network", "resnet"],
      /no network named "resnet"/,
    ],
    [
      "a network file that is not there",
      ["stylize", CONTENT, STYLE, "-o", "out.png", "--network", "./none.safetensors"],
      /no network file/,
    ],
    [
      "a batch that starts from no picture",
      ["batch", CONTENT, "--style", STYLE, "-o", "many", "--init", "image"],
      /Expected a picture to start from for --init "image" but received none/,
    ],
    [
      "a batch with weights for other layers",
      ["batch", CONTENT, "--style", STYLE, "-o", "many", "--style-layer-weights", "1"],
      /Expected 5 values for --style-layer-weights/,
    ],
    [
      "a batch with a network's file that is not there",
      ["batch", CONTENT, "--style", STYLE, "-o", "many", "--network", "./vgg.safetensors"],
      /There is no network file \.\/vgg\.safetensors/,
    ],
    ["half an address", ["networks", "pull", "vgg19", "--from", "http://"], /http:\/\/ is not a whole address/],
    ["a page without an address", ["photopea", "--url", "panel"], /panel is not the address of a page/],
    [
      "a list of no jobs",
      ["jobs", "list", "--limit", "0"],
      /whole number from 1 to 1000000 for --limit but received 0/,
    ],
    ["save-every 0", ["stylize", CONTENT, STYLE, "-o", "out.png", "--save-every", "0"], /--save-every but received 0/],
  ];
  for (const [title, args, expected] of cases) {
    test(title, async () => {
      const { code, stderr, stdout } = await runCli(args, { cwd: folder });
      expect(stderr).toMatch(expected);
      expect([code, stdout]).toEqual([2, ""]);
      if (args.length > 0)
        expect(
          stderr
            .trim()
            .split("\n")
            .filter((line) => line.startsWith("impasto: ")),
        ).toHaveLength(1);
      expect(stderr).not.toMatch(/\n\s+at /);
    });
  }
});

describe("BAD CALL - a bad picture ends within a second, with 2 and a sentence", () => {
  const refuse = async (args: string[], expected: RegExp) => {
    const { code, stderr, stdout } = await runRefusal(args, { cwd: folder });
    expect(stderr).toMatch(expected);
    expect(stderr.split("\n").at(-2)).toMatch(/^impasto: .*\.$/);
    expect([code, stdout]).toEqual([2, ""]);
    // There is no run that would use it.
    expect(stderr).not.toContain("Using the built-in network");
  };
  const asContent = (path: string, expected: RegExp) => refuse(["stylize", path, STYLE, "-o", "out.png"], expected);
  const asStyle = (path: string, expected: RegExp) => refuse(["stylize", CONTENT, path, "-o", "out.png"], expected);

  test("0 bytes", async () => asContent(file("empty.png", ""), /empty.png cannot be read as a picture: it is empty/));
  test("not there", async () => asStyle(join(folder, "none.png"), /There is no file .*none.png/));
  test("too few pixels", async () => {
    const pixels = { create: { width: 200, height: 20, channels: 3 as const, background: "red" } };
    const tiny = file("tiny.png", await sharp(pixels).png().toBuffer());
    await asContent(tiny, /tiny.png is 200 × 20 px; at least 32 px a side are needed/);
    await asStyle(tiny, /tiny.png is 200 × 20 px/);
  });
  test("nothing to see", async () => {
    const clear = { create: { width: 40, height: 40, channels: 4 as const, background: "#ff000000" } };
    const path = file("clear.png", await sharp(clear).png().toBuffer());
    await asContent(path, /clear.png is transparent everywhere/);
    await asStyle(path, /clear.png is transparent everywhere/);
  });
  test("a folder", async () => {
    mkdirSync(join(folder, "folder.png"));
    await asContent(join(folder, "folder.png"), /folder.png is a folder, not a file/);
  });
  test("a text file", async () => asContent(file("a.jpg", "hello there\n"), /is text, not a picture/));
  test("an SVG", async () => {
    await asContent(
      file("a.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='64' height='64'/>"),
      /a.svg is an SVG/,
    );
    await asStyle(file("b.png", "\ufeff<?xml version='1.0'?><svg/>"), /b.png is an SVG/);
  });
  test("a GIF and a PDF", async () => {
    await asContent(file("a.gif", "GIF89a\x01\0\x01\0\0\0\0;"), /a.gif is a GIF/);
    await asContent(file("a.pdf", "%PDF-1.4\n"), /a.pdf is a PDF/);
  });
  test("a header of 60000 × 60000", async () => {
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    png.writeUInt32BE(60_000, 16);
    png.writeUInt32BE(60_000, 20);
    await asContent(file("bomb.png", png), /bomb.png is 60000 × 60000 px; a side of more than 16384 px is not read/);
  });
  test("65 megapixels and more than 64 MiB", async () => {
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    png.writeUInt32BE(16_000, 16);
    png.writeUInt32BE(4_200, 20);
    await asContent(file("area.png", png), /more than 64 megapixels is not read/);
    const path = file("heavy.png", png);
    truncateSync(path, 65 * 1024 * 1024);
    await asContent(path, /heavy.png has 65 MB; more than 64 MB is not read/);
  });
  test("truncated in every format", async () => {
    const image = () => sharp(CONTENT).resize(300);
    for (const format of ["png", "jpeg", "webp", "avif", "tiff"] as const) {
      const bytes = await image().toFormat(format).toBuffer();
      await asContent(
        file(`third.${format}`, bytes.subarray(0, bytes.length / 3)),
        /third.* (?:cannot be read as a picture|ends early)/,
      );
    }
  });
  test("a FIFO", async () => {
    execFileSync("mkfifo", [join(folder, "pipe.png")]);
    await asContent(join(folder, "pipe.png"), /pipe.png is a pipe into which nobody writes/);
  });
  test("unreadable", async ({ skip }) => {
    if (process.getuid?.() === 0) {
      // Root reads everything: somebody else must try, where the tree lets them.
      const probe = spawnSync(process.execPath, [join(ROOT, "dist", "impasto.js"), "--version"], {
        uid: 65_534,
        gid: 65_534,
      });
      if (probe.status !== 0) skip("root reads every file, and the tree cannot be used by another user");
    }
    const path = file("secret.png", "x");
    chmodSync(path, 0);
    chmodSync(folder, 0o755);
    const ids = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(ROOT, "dist", "impasto.js"), "stylize", path, STYLE, "-o", join(tmpdir(), "never.png")],
      { ...ids, encoding: "utf8", env: { ...process.env, IMPASTO_CACHE: folder } },
    );
    expect(stderr).toMatch(/secret.png cannot be read: you have no right to read it/);
    expect(status).toBe(2);
  });
});

test("BAD CALL - results cannot go into a file", async () => {
  const args = ["batch", CONTENT, "--style", STYLE, "-o", file("a-file", "")];
  const { code, stderr } = await runCli(args, { cwd: folder, env: { IMPASTO_HOME: folder } });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/a-file cannot be written: a file stands where its folder/),
  ]);
});

// Node's own way to make folders never ends there; nor would this process.
describe.skipIf(process.platform !== "linux")("BAD CALL - nothing can be put into /proc", () => {
  const refuse = (args: string[], env: Record<string, string> = {}) =>
    spawnSync(process.execPath, [join(ROOT, "dist", "impasto.js"), ...args], {
      encoding: "utf8",
      timeout: 20_000,
      env: { ...process.env, IMPASTO_HOME: folder, ...env },
    });
  test("no results, no data", () => {
    for (const args of [
      ["batch", CONTENT, "--style", STYLE, "-o", "/proc/impasto"],
      ["stylize", CONTENT, STYLE, "-o", "/proc/impasto/out.png"],
    ]) {
      const { status, stderr } = refuse(args);
      expect(stderr).toMatch(/^impasto: \/proc\/impasto\S* cannot be written: the system takes nothing there\./);
      expect(status).toBe(1);
    }
    const { status, stderr } = refuse(["jobs", "list"], { IMPASTO_HOME: "/proc/impasto" });
    expect(stderr).toMatch(/cannot use the folder \/proc\/impasto/);
    expect(status).toBe(1);
  });
});

describe("BAD CALL - the result must not eat an input", () => {
  const refuse = async (args: string[]) => {
    const { code, stderr } = await runCli(["stylize", ...args], { cwd: folder, env: { IMPASTO_ADDON: FAKE_ADDON } });
    expect(stderr).toMatch(/is one of the inputs and would be lost/);
    expect(code).toBe(2);
  };
  test("by name, by symbolic link, by hard link, as trace", async () => {
    const content = join(folder, "content.jpg");
    copyFileSync(CONTENT, content);
    symlinkSync(content, join(folder, "soft.jpg"));
    linkSync(content, join(folder, "hard.jpg"));
    await refuse([content, STYLE, "-o", "content.jpg"]);
    await refuse([content, STYLE, "-o", join(folder, ".", "soft.jpg")]);
    await refuse([content, STYLE, "-o", "hard.jpg"]);
    await refuse([STYLE, content, "-o", "hard.jpg"]);
    await refuse([content, STYLE, "-o", "out.png", "--trace", "soft.jpg"]);
  });
  test("as a picture that --save-every writes on the way", async () => {
    copyFileSync(CONTENT, join(folder, "way-00050.jpg"));
    const args = ["way-00050.jpg", STYLE, "-o", "way.jpg", "--save-every", "25"];
    const { code, stderr } = await runCli(["stylize", ...args], { cwd: folder, env: { IMPASTO_ADDON: FAKE_ADDON } });
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("way-00050.jpg is one of the inputs and would be lost"),
    ]);
    const way = join(folder, "way");
    mkdirSync(way);
    const input = join(way, "way-00050.jpg");
    copyFileSync(CONTENT, input);
    symlinkSync(way, join(folder, "linked"));
    symlinkSync(input, join(way, "soft-00075.jpg"));
    const lost = (out: string, every: number) => inputInTheWay([STYLE, input], join(folder, out), every);
    for (const out of ["way/way.jpg", "linked/way.jpg", "way/soft.jpg"]) expect(await lost(out, 25)).toBe(input);
    expect(await lost("way/way.jpg", 30)).toBeUndefined();
    for (const out of ["way.jpg", "way/way.png", "way/way-00050.jpg", "none/way.jpg"]) {
      expect(await lost(out, 25)).toBeUndefined();
    }
  });
});
