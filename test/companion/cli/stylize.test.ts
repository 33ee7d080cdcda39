// A run from the command line's side, over a stand-in engine: progress, results, Ctrl-C, exit codes.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import { FAKE_ADDON, type RunCliOptions, runCli } from "./run-cli.ts";

const SAMPLES = resolve(import.meta.dirname, "../../../companion/samples");
const CONTENT = join(SAMPLES, "tubingen.jpg");
const STYLE = join(SAMPLES, "starry-night.jpg");
const LINE_OF_RUN = /left/;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-stylize-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const stylize = (args: string[], options: RunCliOptions = {}) =>
  runCli(["stylize", CONTENT, STYLE, "-o", "out.png", ...args], {
    cwd: folder,
    ...options,
    env: { IMPASTO_ADDON: FAKE_ADDON, ...options.env },
  });

describe("a run", () => {
  test("writes the picture and says where, how large, how long and on what", async () => {
    const { code, stdout, stderr } = await stylize(["--iterations", "5"]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^out.png: 512 × 384 px, .* 5 iterations in 1.0 s on fake\.\n$/),
    ]);
    expect(stderr).toMatch(/% {2}512 px \(1 of 1\) {2}1\/5 {2}loss 0.500/);
    const { width, height, format } = await sharp(join(folder, "out.png")).metadata();
    expect([width, height, format]).toEqual([512, 384, "png"]);
    expect(readdirSync(folder)).toEqual(["out.png"]);
  });

  test.each(["png", "tiff", "jpeg", "webp"] as const)(
    "keeps the pixels per inch of a picture in %s",
    async (format) => {
      const name = `content.${format}`;
      const picture = sharp(CONTENT).resize(96).withMetadata({ density: 300 });
      writeFileSync(join(folder, name), await picture.toFormat(format).toBuffer());
      const out = `out.${format}`;
      const words = ["stylize", name, STYLE, "-o", out, "--size", "96", "--iterations", "1", "--quiet"];
      const { code, stderr } = await runCli(words, { cwd: folder, env: { IMPASTO_ADDON: FAKE_ADDON } });
      expect([code, stderr]).toEqual([0, ""]);
      expect(Math.round((await decodePicture(readFileSync(join(folder, out)), out)).density ?? 0)).toBe(300);
    },
  );

  test("--json prints one object and --quiet nothing", async () => {
    const { stdout } = await stylize(["--iterations", "2", "--json", "--strength", "70"]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      out: "out.png",
      width: 512,
      height: 384,
      iterations: 2,
      device: "fake",
      interrupted: false,
    });
    expect(report.settings.strength).toBe(70);
    expect(report.bytes).toBe(readFileSync(join(folder, "out.png")).length);
    const quiet = await stylize(["--iterations", "2", "--quiet"]);
    expect([quiet.stdout, quiet.stderr, quiet.code]).toEqual(["", "", 0]);
  });

  test("--trace has one record for each iteration and --save-every a picture for each n", async () => {
    const { code, stdout } = await stylize([
      "--iterations",
      "9",
      "--trace",
      "t/run.ndjson",
      "--save-every",
      "4",
      "--json",
    ]);
    expect(code).toBe(0);
    const records = readFileSync(join(folder, "t", "run.ndjson"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(records.map(({ totalIteration }) => totalIteration)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(records[0]).toHaveProperty("losses.styleLayers");
    expect(JSON.parse(stdout).saved).toEqual(["out-00004.png", "out-00008.png"]);
    for (const iteration of [4, 8]) {
      const { info, data } = await sharp(join(folder, `out-0000${iteration}.png`))
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect([info.width, data[0]]).toEqual([512, iteration]);
    }
  });

  test("says when the result is larger or smaller than expected, and what stood in for the GPU", async () => {
    const small = join(folder, "small.png");
    writeFileSync(small, await sharp(CONTENT).resize(200).png().toBuffer());
    const plain = await runCli(["stylize", small, STYLE, "-o", "out.jpg", "--iterations", "1"], {
      cwd: folder,
      env: { IMPASTO_ADDON: FAKE_ADDON, IMPASTO_FAKE: "fallback" },
    });
    expect(plain.stderr).toMatch(/small.png has 200 px on its long side; the result has no more/);
    expect(plain.stderr).toMatch(/No GPU here, so the CPU was used/);
    const enlarged = await runCli(["stylize", small, STYLE, "-o", "out.jpg", "--iterations", "1", "--size", "400"], {
      cwd: folder,
      env: { IMPASTO_ADDON: FAKE_ADDON },
    });
    expect(enlarged.stderr).toMatch(/small.png has 200 px on its long side and is enlarged to 400 px, as asked/);
  });

  test("alpha goes through to the result, and JPEG says that it cannot hold it", async () => {
    const content = join(folder, "alpha.png");
    writeFileSync(content, await sharp(CONTENT).ensureAlpha(0.25).png().toBuffer());
    const run = (out: string) =>
      runCli(["stylize", content, STYLE, "-o", out, "--iterations", "1"], {
        cwd: folder,
        env: { IMPASTO_ADDON: FAKE_ADDON },
      });
    expect((await run("out.webp")).stderr).not.toMatch(/transparency/);
    expect((await sharp(join(folder, "out.webp")).metadata()).hasAlpha).toBe(true);
    expect((await run("out.jpg")).stderr).toMatch(/\.jpg holds no transparency/);
  });

  test("a broken pipe on stdout loses no picture", async () => {
    const { code } = await stylize(["--iterations", "60"], {
      when: { text: LINE_OF_RUN, act: (child) => child.stdout.destroy() },
    });
    expect(code).toBe(0);
    expect(existsSync(join(folder, "out.png"))).toBe(true);
  });
});

describe("an end before its time", () => {
  test("leaves a result that another command put there meanwhile, and says where its own is", async () => {
    for (const name of ["out.png", "out-2.png"]) writeFileSync(join(folder, name), "from before");
    const out = join(folder, "out.png");
    const act = () => writeFileSync(out, "of the other command");
    const { code, stdout, stderr } = await stylize(["--iterations", "100"], { when: { text: LINE_OF_RUN, act } });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^out-3\.png: 512 × 384 px/)]);
    expect(stderr).toContain("out.png was written by another program meanwhile");
    expect(readFileSync(out, "utf8")).toBe("of the other command");
    expect((await sharp(join(folder, "out-3.png")).metadata()).width).toBe(512);
  });

  test("Ctrl-C keeps the best picture so far and ends with 130", async () => {
    const { code, stdout, stderr } = await stylize(["--json"], {
      when: { text: LINE_OF_RUN, act: (child) => child.kill("SIGINT") },
    });
    expect(code).toBe(130);
    expect(stderr).toMatch(/best picture so far/);
    expect(JSON.parse(stdout).interrupted).toBe(true);
    expect((await sharp(join(folder, "out.png")).metadata()).width).toBe(512);
  });

  test("a second Ctrl-C ends at once, without a picture", async () => {
    // Two signals close to each other may arrive as one: press until the process is gone.
    const press = (child: { kill(signal: "SIGINT"): boolean }) => {
      const timer = setInterval(() => {
        if (!child.kill("SIGINT")) clearInterval(timer);
      }, 300);
    };
    const { code } = await stylize([], {
      env: { IMPASTO_FAKE: "hang" },
      when: { text: LINE_OF_RUN, act: press },
    });
    expect(code).toBe(130);
    // By itself the run would end with a picture.
    expect(readdirSync(folder)).toEqual([]);
  });

  test("EXPECTED FAILURE - the engine's error becomes a sentence, with 1 and no file", async () => {
    writeFileSync(join(folder, "out.png"), "what was there");
    const { code, stderr } = await stylize([], { env: { IMPASTO_FAKE: "fail" } });
    expect([code, stderr.split("\n").at(-2)]).toEqual([1, "impasto: The memory is full. Take a smaller size."]);
    expect(readFileSync(join(folder, "out.png"), "utf8")).toBe("what was there");
    const verbose = await stylize(["--verbose"], { env: { IMPASTO_FAKE: "fail" } });
    expect(verbose.stderr).toMatch(/code: out-of-memory\n.*cause: Error: The memory is full/);
  });

  test("EXPECTED FAILURE - a result whose place is gone is kept elsewhere, and that is said", async () => {
    const place = join(folder, "place");
    const { code, stderr } = await runCli(["stylize", CONTENT, STYLE, "-o", "place/out.png", "--iterations", "60"], {
      cwd: folder,
      env: { IMPASTO_ADDON: FAKE_ADDON },
      when: {
        text: LINE_OF_RUN,
        act: () => {
          rmSync(place, { recursive: true });
          writeFileSync(place, "");
        },
      },
    });
    expect(code).toBe(1);
    const refuge = /The picture is at (\S+) instead\./.exec(stderr)?.[1] ?? "";
    expect((await sharp(refuge).metadata()).width).toBe(512);
    rmSync(refuge);
  });

  test("EXPECTED FAILURE - no engine: the remedy is named", async () => {
    const { code, stderr } = await stylize([], { env: { IMPASTO_ADDON: join(folder, "none.node") } });
    expect([code, stderr.split("\n").at(-2)]).toEqual([
      1,
      expect.stringMatching(/^impasto: The native engine is not built\. Run `npm run build`/),
    ]);
  });

  test("EXPECTED FAILURE - a result that cannot be written is found out before the run", async () => {
    writeFileSync(join(folder, "file"), "");
    const { code, stderr } = await runCli(["stylize", CONTENT, STYLE, "-o", "file/out.png"], {
      cwd: folder,
      env: { IMPASTO_ADDON: FAKE_ADDON },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/impasto: file\/out.png cannot be written: a file stands where its folder should be/);
    expect(stderr).not.toMatch(LINE_OF_RUN);
  });
});
