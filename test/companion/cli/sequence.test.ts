// impasto sequence as a user runs it: the built command line with the native engine; videos with a stand-in for ffmpeg.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { fillGaps } from "../../../companion/sequence/fill-gaps.ts";
import { temporaryFolder } from "../support/job-service.ts";
import { makePng } from "../support/pictures.ts";
import { runCli } from "./run-cli.ts";

const SMALL = ["--size", "64", "--min-scale", "32", "--device", "cpu", "--threads", "1", "--first-iterations", "3"];
const COUNT = 12;
let folder = "";
let env: Record<string, string> = {};

beforeAll(() => {
  folder = temporaryFolder();
  env = { IMPASTO_HOME: join(folder, "home") };
  mkdirSync(join(folder, "in"));
  // Waves that go to the right, and from frame 7 on others.
  for (let n = 1; n <= COUNT; n++) {
    const at = (x: number, y: number): [number, number, number] =>
      n < 7
        ? [128 + 90 * Math.sin((x - n) / 5), 2 * y, 128 + 60 * Math.cos(y / 6)]
        : [255 - 2 * y, 60, 128 + 100 * Math.sin(y / 3) * Math.cos(x / 4)];
    writeFileSync(join(folder, "in", `f${n}.png`), makePng(80, 60, at));
  }
  writeFileSync(
    join(folder, "style.png"),
    makePng(64, 64, (x, y) => [128 + 120 * Math.sin(x / 3), y * 4, 90]),
  );
});

function impasto(args: string[], more: Record<string, string> = {}) {
  return runCli(args, { cwd: folder, env: { ...env, ...more } });
}

const toFolder = (out: string) => ["sequence", "in", "--style", "style.png", "-o", out, ...SMALL, "--json"];

test("a sequence goes through its frames in natural order, finds the cut, and does nothing twice", async () => {
  const { stdout, stderr, code } = await impasto(toFolder("whole"));
  expect(stderr).not.toContain("impasto:");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ done: COUNT, skipped: 0, shots: 2, interrupted: false });
  const follows = Array.from({ length: COUNT }, (_, i) => {
    const recipe = readRecipe(readFileSync(join(folder, "whole", `f${i + 1}.png`)));
    return recipe?.follows === true;
  });
  expect(follows.map((value, i) => (value ? null : i + 1)).filter(Boolean)).toEqual([1, 7]);
  const again = await impasto(toFolder("whole"));
  expect(JSON.parse(again.stdout)).toMatchObject({ done: 0, skipped: COUNT, shots: 2 });
  const alone = await impasto(["stylize", "--recipe", "whole/f2.png", "in/f2.png", "style.png", "-o", "alone.png"]);
  expect(alone).toMatchObject({ code: 2 });
  expect(alone.stderr).toContain("frame of a sequence");
});

test("a sequence that is interrupted keeps what is done, and goes on to the same pictures", async () => {
  const killed = await runCli(toFolder("halves"), {
    cwd: folder,
    env,
    when: {
      text: /frame 1 of/,
      act: async (child) => {
        while (!existsSync(join(folder, "halves", "f3.png"))) await new Promise((go) => setTimeout(go, 5));
        child.kill("SIGINT");
      },
    },
  });
  expect(killed.code).toBe(130);
  expect(killed.stderr).toContain("Run the same command again to go on.");
  const { done } = JSON.parse(killed.stdout) as { done: number };
  expect(done).toBeGreaterThanOrEqual(2);
  expect(done).toBeLessThan(COUNT);
  const rest = await impasto(toFolder("halves"));
  expect(JSON.parse(rest.stdout)).toMatchObject({ done: COUNT - done, skipped: done, shots: 2 });
  for (let n = 1; n <= COUNT; n++) {
    const [one, other] = ["whole", "halves"].map((name) => readFileSync(join(folder, name, `f${n}.png`)));
    expect(one?.equals(other as Buffer), `f${n}.png`).toBe(true);
  }
});

test("a frame that has changed, or a result that is gone, starts the sequence anew", async () => {
  rmSync(join(folder, "halves", "f2.png"));
  const { stdout } = await impasto(toFolder("halves"));
  expect(JSON.parse(stdout)).toMatchObject({ done: COUNT, skipped: 0 });
});

test("a frame that cannot be read costs that frame alone, is named, and shown as the one before it in a video", async () => {
  const frames = ["gaps/1.png", "gaps/2.png", "gaps/3.png", "gaps/4.png", "gaps/5.png"];
  mkdirSync(join(folder, "gaps"));
  for (const n of [2, 4, 5]) copyFileSync(join(folder, "in", `f${n}.png`), join(folder, frames[n - 1] as string));
  writeFileSync(join(folder, "gaps", "3.png"), readFileSync(join(folder, "in", "f3.png")).subarray(0, 200));
  const args = ["sequence", ...frames, "--style", "style.png", "-o", "gaps out", ...SMALL, "--json"];
  const { code, stdout, stderr } = await impasto(args);
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(/There is no file .*1\.png/);
  expect(stderr).toMatch(/3\.png ends early/);
  const missing = [{ index: 0 }, { index: 2 }];
  expect(JSON.parse(stdout)).toMatchObject({ done: 3, skipped: 0, shots: 1, missing });
  expect(readdirSync(join(folder, "gaps out")).filter((name) => /^\d/.test(name))).toEqual(["2.png", "4.png", "5.png"]);
  const again = await impasto(args);
  expect([again.code, JSON.parse(again.stdout)]).toMatchObject([1, { done: 0, skipped: 3, missing }]);
  await fillGaps(join(folder, "gaps out"), [0, 2], (index) => `${index + 1}.png`);
  const out = (n: number) => readFileSync(join(folder, "gaps out", `${n}.png`));
  expect([out(1).equals(out(2)), out(3).equals(out(2)), out(4).equals(out(2))]).toEqual([true, true, false]);
});

test("a sequence of which no frame can be read says why", async () => {
  const { code, stderr } = await impasto([
    "sequence",
    "no.png",
    "nor.png",
    "-s",
    "style.png",
    "-o",
    "nothing",
    ...SMALL,
  ]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/There is no file .*no\.png/)]);
});

describe("BAD CALL", () => {
  test.each([
    ["another quality than quick", ["in", "-s", "style.png", "-o", "x", "--quality", "fine"], "painted quick"],
    ["a polish", ["in", "-s", "style.png", "-o", "x", "--iterations", "5"], "not polished"],
    ["no style", ["in", "-o", "x"], "whose style is to be taken is missing"],
    ["results over the frames", ["in", "-s", "style.png", "-o", "in"], "would be lost"],
    ["a video and more", ["clip.mp4", "in", "-s", "style.png", "-o", "x"], "one video"],
    ["a video that is not there", ["clip.mp4", "-s", "style.png", "-o", "x"], "There is no file"],
  ])("%s", async (_, args, words) => {
    const { code, stderr } = await impasto(["sequence", ...args]);
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });

  test("a video where there is no ffmpeg: said, with the way without it", async () => {
    writeFileSync(join(folder, "clip.mp4"), "a video");
    const args = ["sequence", "clip.mp4", "-s", "style.png", "-o", "x"];
    const { code, stderr } = await impasto(args, { PATH: join(folder, "nothing") });
    expect(stderr).toContain("ffmpeg, which is not on this machine");
    expect(stderr).toContain("frames as pictures");
    expect(code).toBe(2);
    // Before anything is painted.
    const into = await impasto(["sequence", "in", "-s", "style.png", "-o", "late.mp4"], {
      PATH: join(folder, "nothing"),
    });
    expect([into.code, into.stderr]).toEqual([2, expect.stringContaining("ffmpeg, which is not on this machine")]);
    expect(into.stderr).not.toContain("frame 1");
  });
});

describe("videos", () => {
  /** Says of any file that it is a video, gives three frames of it, and writes down what a video is made of. */
  const STAND_IN = `#!${process.execPath}
const fs = require("node:fs");
const args = process.argv.slice(2);
const last = args.at(-1);
if (last === "-version") {
  process.exit(0);
} else if (args.includes("-hide_banner")) {
  console.error("  Duration: 00:00:00.10, start: 0\\n  Stream #0:0: Video: h264, 80x60, 29.97 fps, 29.97 tbr");
  process.exit(1);
} else if (last === "pipe:1") {
  for (let n = 0; n < 3; n++) {
    const pixels = Buffer.alloc(3 * 80 * 60, 0);
    for (let i = 0; i < pixels.length; i++) pixels[i] = 128 + 100 * Math.sin((Math.floor(i / 3) % 80 - n) / 4);
    process.stdout.write(Buffer.concat([Buffer.from("P6\\n80 60\\n255\\n"), pixels]));
  }
} else {
  fs.writeFileSync(last, JSON.stringify({ args, frames: fs.readdirSync(".").filter((name) => name.endsWith(".png")).sort() }));
}
`;

  // A script that stands in for a program needs its first line to be understood.
  test.skipIf(process.platform === "win32")(
    "goes from a video to a video with its rate and sound, and clears its frames away",
    async () => {
      const bin = join(folder, "bin");
      mkdirSync(bin);
      writeFileSync(join(bin, "ffmpeg"), STAND_IN);
      chmodSync(join(bin, "ffmpeg"), 0o755);
      writeFileSync(join(folder, "clip.mov"), "a video");
      const args = ["sequence", "clip.mov", "--style", "style.png", "-o", "painted.mp4", ...SMALL, "--json"];
      const { stdout, stderr, code } = await impasto(args, { PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` });
      expect(stderr).not.toContain("impasto:");
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ done: 3, shots: 1 });
      const made = JSON.parse(readFileSync(join(folder, "painted.mp4"), "utf8")) as {
        args: string[];
        frames: string[];
      };
      expect(made.frames).toEqual(["000001.png", "000002.png", "000003.png"]);
      expect(made.args.join(" ")).toContain("-framerate 30000/1001 -i %06d.png");
      expect(made.args).toContain(join(folder, "clip.mov"));
      expect(readdirSync(folder)).not.toContain("painted.mp4.frames");
    },
  );
});
