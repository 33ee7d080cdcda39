// impasto batch, jobs and stylize --recipe as a user runs them: the built command line with the native engine.

import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { expand, uniqueName } from "../../../companion/cli/batch-plan.ts";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { CASES } from "../pictures/kinds/picture-kinds.ts";
import { startTestServer } from "../server/harness.ts";
import { bundleEntries } from "../support/bundle.ts";
import { openTestService, temporaryFolder } from "../support/job-service.ts";
import { makePng } from "../support/pictures.ts";
import { runCli } from "./run-cli.ts";

const SMALL = ["--size", "48", "--network", "vgg19-slim", "--device", "cpu", "--threads", "1"];
const FEW = ["--first-iterations", "4", "--iterations", "2"];
const QUICK = [...SMALL, ...FEW];
let folder = "";
let env: Record<string, string> = {};

beforeAll(() => {
  folder = temporaryFolder();
  env = { IMPASTO_HOME: join(folder, "home") };
  mkdirSync(join(folder, "in"));
  for (const n of [1, 2, 10]) {
    writeFileSync(
      join(folder, "in", `frame ${n}.png`),
      makePng(64, 48, (x, y) => [x * 4, y * 5, 20 * n]),
    );
  }
  writeFileSync(join(folder, "in", "notes.txt"), "no picture");
  for (const [name, period] of [
    ["waves", 3],
    ["lines", 7],
  ] as const) {
    writeFileSync(
      join(folder, `${name}.png`),
      makePng(64, 64, (x, y) => [128 + 120 * Math.sin(x / period), y * 4, 90]),
    );
  }
});

function impasto(...args: string[]) {
  return runCli(args, { cwd: folder, env });
}

test("batch paints a folder, leaves an overview, and does nothing twice", async () => {
  const args = ["batch", "in", "--style", "waves.png", "-o", "out", ...QUICK, "--json"];
  const first = await impasto(...args);
  expect(first.stderr).not.toContain("impasto:");
  expect(first.code).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({ done: 3, skipped: 0, failed: 0, left: 0 });
  expect(readdirSync(join(folder, "out")).sort()).toEqual([
    "contact-sheet.png",
    "frame 1.png",
    "frame 10.png",
    "frame 2.png",
  ]);
  const names = (JSON.parse(first.stdout) as { results: { content: string }[] }).results.map(({ content }) => content);
  expect(names.map((name) => name.replace(/.*frame /, ""))).toEqual(["1.png", "2.png", "10.png"]);
  rmSync(join(folder, "out", "frame 2.png"));
  const second = await impasto(...args);
  expect(JSON.parse(second.stdout)).toMatchObject({ done: 1, skipped: 2 });
  const other = await impasto(...args, "--strength", "60");
  expect(JSON.parse(other.stdout)).toMatchObject({ done: 3, skipped: 0 });
});

test("batch paints TIFF and HEIC as it does any other picture of a folder", async () => {
  mkdirSync(join(folder, "kinds"));
  for (const name of ["p3.heic", "t-rgb+2alpha.tif"]) copyFileSync(join(CASES, name), join(folder, "kinds", name));
  const { code, stdout } = await impasto(
    "batch",
    "kinds",
    "--style",
    "waves.png",
    "-o",
    "kinds out",
    ...QUICK,
    "--json",
  );
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { done: 2, failed: 0 }]);
});

test("batch paints every picture in every style, found by a pattern, and tells failures by its exit code", async () => {
  writeFileSync(
    join(folder, "in", "tiny.png"),
    makePng(8, 8, () => [1, 2, 3]),
  );
  const { code, stdout, stderr } = await impasto(
    ...["batch", "in/{tiny,frame 1}.png", "--style", "waves.png", "lines.png", "-o", "grid", ...QUICK, "--json"],
  );
  rmSync(join(folder, "in", "tiny.png"));
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ done: 2, failed: 2 });
  expect(stderr).toMatch(/tiny--waves\.png: .*px/);
  expect(existsSync(join(folder, "grid", "frame 1--lines.png"))).toBe(true);
});

test("a style for some layers counts in every result, beside its own style, and another makes other results", async () => {
  const args = ["batch", "in/frame 1.png", "--style", "waves.png", "-o", "layers", ...QUICK, "--json"];
  const at = (layers: string) => [...args, "--style-at", `${layers}=lines.png`];
  expect(JSON.parse((await impasto(...at("relu1_1,relu2_1"))).stdout)).toMatchObject({ done: 1 });
  const { inputs } = readRecipe(readFileSync(join(folder, "layers", "frame 1.png"))) ?? {};
  expect(inputs?.styles.map(({ picture, layers }) => [picture.name, layers])).toEqual([
    ["waves.png", undefined],
    ["lines.png", ["relu1_1", "relu2_1"]],
  ]);
  expect(JSON.parse((await impasto(...at("relu1_1,relu2_1"))).stdout)).toMatchObject({ done: 0, skipped: 1 });
  expect(JSON.parse((await impasto(...at("relu1_1"))).stdout)).toMatchObject({ done: 1, skipped: 0 });
});

test("more than 20 results are painted quick, which is said, unless a quality is given", async () => {
  const picture = readFileSync(join(folder, "in", "frame 1.png"));
  mkdirSync(join(folder, "many"));
  for (let n = 1; n <= 21; n++) writeFileSync(join(folder, "many", `${n}.png`), picture);
  // Ends before anything is painted.
  const args = ["batch", "many", "--style", "waves.png", "-o", "many"];
  expect((await impasto(...args)).stderr).toMatch(/21 pictures are painted quick/);
  expect((await impasto(...args, "--quality", "standard")).stderr).not.toMatch(/quick/);
});

test("a result is painted again with a strength of its own, and the others are kept", async () => {
  const args = ["batch", "in", "--style", "waves.png", "lines.png", "-o", "cells", ...QUICK, "--json"];
  const first = JSON.parse((await impasto(...args)).stdout) as {
    consistency: { style: string; results: number; oddest: string }[];
    results: { out: string; styleDistance: number }[];
  };
  expect(first).toMatchObject({ done: 6 });
  expect(first.consistency.map(({ style, results, oddest }) => [basename(style), results, oddest])).toEqual([
    ["waves.png", 3, expect.stringMatching(/^frame \d+--waves\.png$/)],
    ["lines.png", 3, expect.stringMatching(/^frame \d+--lines\.png$/)],
  ]);
  const again = await impasto(...args, "--strength-of", "Frame 2--lines.png=90");
  expect(again.stderr).not.toContain("impasto:");
  const { results } = JSON.parse(again.stdout) as { results: { out: string; state: string; strength?: number }[] };
  const painted = results.filter(({ state }) => state === "done");
  expect(painted.map(({ out, strength }) => [basename(out), strength])).toEqual([["frame 2--lines.png", 90]]);
  expect(readRecipe(readFileSync(join(folder, "cells", "frame 2--lines.png")))?.settings.strength).toBe(90);
  const strange = await impasto(...args, "--strength-of", "frame 7=90");
  expect(strange).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("No result of this batch is called frame 7"),
  });
  expect(await impasto(...args, "--strength-of", "frame 2--lines=900")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("a strength of 0 to 100"),
  });
});

test("styles in turn: each picture is painted in one of them", async () => {
  const { stdout } = await impasto(
    ...["batch", "in", "--style", "waves.png", "lines.png", "--in-turn", "-o", "turns", ...QUICK, "--json"],
  );
  const { results } = JSON.parse(stdout) as { results: { out: string }[] };
  expect(results.map(({ out }) => basename(out)).sort()).toEqual([
    "frame 1--waves.png",
    "frame 10--waves.png",
    "frame 2--lines.png",
  ]);
});

test("batch names what a person should know of its results, once for all of which it is said", async () => {
  const still = readFileSync(join(folder, "waves.png"));
  const other = readFileSync(join(folder, "lines.png"));
  await sharp([still, other], { join: { animated: true } })
    .webp({ lossless: true })
    .toFile(join(folder, "moving.webp"));
  const { code, stdout, stderr } = await impasto(
    ...["batch", "in/frame {1,2}.png", "--style", "moving.webp", "-o", "noted", ...QUICK, "--json"],
  );
  expect(code, stderr).toBe(0);
  const note = "moving.webp has 2 frames or pages; the first was taken.";
  expect(stderr.split(note)).toHaveLength(2);
  expect(stderr).toContain(`frame 1.png and 1 more: ${note}`);
  const { results } = JSON.parse(stdout) as { results: { notes: string[] }[] };
  expect(results.map(({ notes }) => notes)).toEqual([[note], [note]]);
});

test("BAD CALL - batch names what is not there, and never replaces an input", async () => {
  const missing = await impasto("batch", "nothing/*.png", "--style", "waves.png", "-o", "out");
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("There is no file nothing/*.png") });
  const replacing = await impasto("batch", "in", "--style", "waves.png", "-o", "in");
  expect(replacing).toMatchObject({ code: 2, stderr: expect.stringContaining("would be lost") });
  symlinkSync("in", join(folder, "link"));
  const linked = await impasto("batch", "in", "--style", "waves.png", "-o", "link", ...QUICK);
  expect(linked).toMatchObject({ code: 2, stderr: expect.stringContaining("would be lost") });
});

test("BAD CALL - a batch says that it takes no pipe", async () => {
  await expect(expand(["-"])).rejects.toMatchObject({ code: "bad-request", message: expect.stringMatching(/pipe/) });
});

test("a folder's pictures are found however their names are written", async () => {
  const pictures = join(folder, "written");
  mkdirSync(pictures);
  for (const name of ["a.png", "b.Png", "c.JPEG", "d.WebP", "e.txt", "F.AVIF"]) writeFileSync(join(pictures, name), "");
  const found = await expand([pictures]);
  expect(found.map((path) => basename(path))).toEqual(["a.png", "b.Png", "c.JPEG", "d.WebP", "F.AVIF"]);
});

// Names in other letters, links and pipes are made otherwise there.
test.skipIf(process.platform === "win32")(
  "a batch loses to each name that cannot be read that picture alone",
  async () => {
    const odd = join(folder, "odd");
    mkdirSync(join(odd, "folder.png"), { recursive: true });
    const picture = readFileSync(join(folder, "in", "frame 1.png"));
    const readable = [
      "a.png",
      "line\nbreak.png",
      "\u202egnp.png",
      "e\u0301.png",
      "\u00e9.png",
      `${"\u8a9e".repeat(83)}.png`,
    ];
    for (const name of readable) writeFileSync(join(odd, name), picture);
    writeFileSync(join(odd, "empty.png"), "");
    writeFileSync(join(odd, "cut.png"), picture.subarray(0, 100));
    symlinkSync("nowhere.png", join(odd, "dangling.png"));
    symlinkSync("loop.png", join(odd, "loop.png"));
    symlinkSync("/dev/zero", join(odd, "device.png"));
    execFileSync("mkfifo", [join(odd, "pipe.png")]);
    const { code, stdout, stderr } = await impasto(
      ...["batch", "odd", "gone.png", "--style", "waves.png", "-o", "odd out", ...QUICK, "--json"],
    );
    expect(code, stderr).toBe(1);
    const { done, failed, results } = JSON.parse(stdout) as {
      done: number;
      failed: number;
      results: { content: string; state: string; error?: { message: string } }[];
    };
    expect([done, failed]).toEqual([readable.length, 7]);
    const problems = new Map(results.map(({ content, error }) => [basename(content), error?.message]));
    for (const name of readable) expect(problems.get(name)).toBeUndefined();
    expect(problems.get("dangling.png")).toMatch(/There is no file .*dangling\.png/);
    expect(problems.get("loop.png")).toMatch(/a link that leads to itself/);
    expect(problems.get("device.png")).toMatch(/not an ordinary file/);
    expect(problems.get("pipe.png")).toMatch(/not an ordinary file/);
    expect(problems.get("gone.png")).toMatch(/There is no file .*gone\.png/);
    expect(problems.get("empty.png")).toMatch(/empty/);
    expect(problems.get("cut.png")).toMatch(/damaged or incomplete|ends early/);
    // Nothing is left of writing, and two names that some disks cannot tell apart have a result each.
    const written = readdirSync(join(folder, "odd out"));
    expect(written.filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(written.filter((name) => name.normalize().startsWith("\u00e9"))).toHaveLength(2);
  },
);

test("results have names that every disk takes", () => {
  const taken = new Set<string>();
  const names = ["A", "a", "e\u0301", "\u00e9", "\u{1d4b3}".repeat(70), "\u{1d4b3}".repeat(71)].map((stem) =>
    uniqueName(stem, taken),
  );
  expect(names.slice(0, 4)).toEqual(["A.png", "a-2.png", "e\u0301.png", "\u00e9-2.png"]);
  for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  expect(names[4]).toBe(`${"\u{1d4b3}".repeat(62)}.png`);
  expect(names[5]).toBe(`${"\u{1d4b3}".repeat(62)}-2.png`);
});

test("a picture called as the overview is keeps its result, and an input in its place is not replaced", async () => {
  mkdirSync(join(folder, "sheets"));
  const picture = readFileSync(join(folder, "in", "frame 1.png"));
  writeFileSync(join(folder, "sheets", "Contact-Sheet.png"), picture);
  const { code, stdout } = await impasto(
    ...["batch", "sheets", "--style", "waves.png", "-o", "sheets-out", ...QUICK, "--json"],
  );
  expect(code).toBe(0);
  const { results, contactSheet } = JSON.parse(stdout) as { results: { out: string }[]; contactSheet: string };
  expect(results.map(({ out }) => basename(out))).toEqual(["Contact-Sheet-2.png"]);
  expect(readRecipe(readFileSync(results[0]?.out ?? ""))).not.toBeNull();
  expect(basename(contactSheet)).toBe("contact-sheet.png");
  writeFileSync(join(folder, "sheets", "contact-sheet.png"), picture);
  const args = ["batch", "sheets/contact-sheet.png", "--style", "waves.png", "-o", "sheets", ...QUICK];
  expect(await impasto(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining("would be lost") });
  expect(readFileSync(join(folder, "sheets", "contact-sheet.png")).equals(picture)).toBe(true);
});

test("jobs are listed, shown, done again and cleaned away with no companion running", async () => {
  const list = await impasto("jobs", "list", "--json");
  const { jobs } = JSON.parse(list.stdout) as { jobs: { id: string; state: string }[] };
  const done = jobs.find(({ state }) => state === "done");
  const shown = await impasto("jobs", "show", done?.id.slice(0, 10) ?? "");
  expect(shown.stdout).toContain("network");
  const again = await impasto("jobs", "rerun", done?.id ?? "", "--json");
  expect(JSON.parse(again.stdout)).toMatchObject({ jobs: [{ state: "done" }] });
  expect((await impasto("jobs", "show", "ffffffffffff")).code).toBe(1);
  expect((await impasto("jobs", "cancel")).code).toBe(2);
  const late = await impasto("jobs", "cancel", done?.id ?? "");
  expect(late).toMatchObject({ code: 0, stdout: "Cancelled 0 jobs. 1 was over already.\n" });
  expect(JSON.parse((await impasto("jobs", "cancel", "--all", "--json")).stdout)).toEqual({ cancelled: [] });
  await impasto("jobs", "clean", "--all");
  expect(JSON.parse((await impasto("jobs", "list", "--json")).stdout)).toEqual({ jobs: [] });
});

test("stylize --recipe makes the same bytes again", async () => {
  const [content, style] = ["in/frame 1.png", "lines.png"];
  const made = await impasto("stylize", content, style, "-o", "made.png", ...QUICK);
  expect(made.code).toBe(0);
  const recipe = readRecipe(readFileSync(join(folder, "made.png")));
  expect(recipe).toMatchObject({ inputs: { content: { name: "frame 1.png" } }, device: "cpu", threads: 1 });
  const repeated = await impasto("stylize", content, style, "--recipe", "made.png", "-o", "again.png", "--json");
  expect(JSON.parse(repeated.stdout)).toMatchObject({ identical: true });
  expect(readFileSync(join(folder, "again.png")).equals(readFileSync(join(folder, "made.png")))).toBe(true);
  const elsewhere = { cwd: folder, env: { IMPASTO_HOME: join(folder, "other") } };
  const without = await runCli(["stylize", "--recipe", "made.png", "-o", "again.png"], elsewhere);
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining("frame 1.png, is not here") });
  for (const lost of ["made.png", "in/frame 1.png"]) {
    const replacing = await impasto("stylize", content, style, "--recipe", "made.png", "-o", lost);
    expect(replacing).toMatchObject({ code: 2, stderr: expect.stringContaining("would be lost") });
  }
  const plain = await impasto("stylize", content, style, "--recipe", "lines.png", "-o", "again.png");
  expect(plain).toMatchObject({ code: 2, stderr: expect.stringContaining("carries no recipe") });
  const more = await impasto("stylize", content, style, "--recipe", "made.png", "-o", "x.png", "--strength", "3");
  expect(more.code).toBe(2);
});

test("masks go along with stylize and its recipe, and what is protected stays to the bit", async () => {
  const isLeft = (x: number) => x < 20;
  const mask = (white: (x: number) => boolean) => makePng(64, 48, (x) => (white(x) ? [255, 255, 255] : [0, 0, 0]));
  mkdirSync(join(folder, "masks"));
  writeFileSync(join(folder, "masks", "left.png"), mask(isLeft));
  writeFileSync(
    join(folder, "masks", "right.png"),
    mask((x) => !isLeft(x)),
  );
  writeFileSync(
    join(folder, "masks", "edge.png"),
    mask((x) => x >= 56),
  );
  writeFileSync(
    join(folder, "masks", "black.png"),
    mask(() => false),
  );
  const pictures = ["in/frame 1.png", "waves.png", "lines.png"];
  const regions = ["--region", "masks/left.png", "--region", "masks/right.png", "--source", "none"];
  const sources = ["--source", "masks/left.png", "--protect", "masks/edge.png"];
  const settings = [...SMALL.slice(2), ...FEW, "--size", "64", "--min-scale", "64"];
  const made = await impasto("stylize", ...pictures, ...regions, ...sources, "-o", "masked.png", ...settings);
  expect(made.code, made.stderr).toBe(0);
  expect(made.stderr).toContain("The part for style 1 is too small for the style's larger shapes");
  const bytes = readFileSync(join(folder, "masked.png"));
  const { inputs } = readRecipe(bytes) ?? {};
  expect(inputs?.styles.map(({ region, source }) => [region?.name, source?.name])).toEqual([
    ["left.png", undefined],
    ["right.png", "left.png"],
  ]);
  expect(inputs?.protect?.name).toBe("edge.png");
  const pixels = (file: string | Buffer) => sharp(file).extract({ left: 56, top: 0, width: 8, height: 48 }).raw();
  const kept = await pixels(bytes).toBuffer();
  expect(kept.equals(await pixels(join(folder, "in", "frame 1.png")).toBuffer())).toBe(true);

  const masks = ["masks/left.png", "masks/right.png", "masks/edge.png"];
  const repeated = await impasto("stylize", ...pictures, ...masks, "--recipe", "masked.png", "-o", "repeated.png");
  expect(repeated.code, repeated.stderr).toBe(0);
  expect(readFileSync(join(folder, "repeated.png")).equals(bytes)).toBe(true);

  const uneven = await impasto("stylize", ...pictures, "--region", "masks/left.png", "-o", "uneven.png");
  expect(uneven).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Expected --region once for each style, 2"),
  });
  const black = await impasto("stylize", "in/frame 1.png", "waves.png", "--region", "masks/black.png", "-o", "b.png");
  expect(black.stderr).toContain("black.png is black everywhere");
  expect(black.code).toBe(2);
});

test("batch takes one mask for all pictures, and of a folder the one with each picture's name", async () => {
  const args = [
    "batch",
    "in",
    "--style",
    "waves.png",
    "-o",
    "kept",
    ...SMALL.slice(2),
    ...FEW,
    "--size",
    "64",
    "--json",
  ];
  const half = makePng(16, 8, (x) => (x < 8 ? [255, 255, 255] : [0, 0, 0]));
  mkdirSync(join(folder, "protect"));
  writeFileSync(join(folder, "protect", "FRAME 2.png"), half);
  const masks = ["--protect", "protect", "--region", "protect/FRAME 2.png"];
  const whole = makePng(16, 8, (x) => (x < 12 ? [255, 255, 255] : [0, 0, 0]));
  writeFileSync(join(folder, "where.png"), whole);
  masks[3] = "where.png";
  const first = await impasto(...args, ...masks);
  expect(first.code, first.stderr).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({ done: 3, failed: 0 });
  const recipes = ["frame 1.png", "frame 2.png"].map((name) => readRecipe(readFileSync(join(folder, "kept", name))));
  expect(recipes.map((recipe) => recipe?.inputs.protect?.name)).toEqual([undefined, "FRAME 2.png"]);
  expect(recipes.map((recipe) => recipe?.inputs.styles[0]?.region?.name)).toEqual(["where.png", "where.png"]);
  expect(JSON.parse((await impasto(...args, ...masks)).stdout)).toMatchObject({ done: 0, skipped: 3 });
  expect(JSON.parse((await impasto(...args)).stdout)).toMatchObject({ done: 3, skipped: 0 });
});

test("stylize --recipe repeats what was made with a network's file, once it is told where that is", async () => {
  mkdirSync(join(folder, "nets"));
  copyFileSync("native/networks/vgg19-slim.safetensors", join(folder, "nets", "mine.safetensors"));
  const pictures = ["in/frame 1.png", "lines.png"];
  const network = ["--network", "nets/mine.safetensors"];
  expect((await impasto("stylize", ...pictures, "-o", "own.png", ...QUICK, ...network)).code).toBe(0);
  const repeat = (...more: string[]) =>
    impasto("stylize", ...pictures, "--recipe", "own.png", "-o", "own-again.png", "--json", ...more);
  expect(await repeat()).toMatchObject({
    code: 2,
    stderr:
      "impasto: The network that the result was made with, mine.safetensors, is not here. Name its file: --network FILE.\n",
  });
  expect(await repeat("--network", "vgg19-half")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("vgg19-half is not the network that the result was made with, mine.safetensors."),
  });
  expect(JSON.parse((await repeat(...network)).stdout)).toMatchObject({ identical: true });
  copyFileSync(join(folder, "nets", "mine.safetensors"), join(folder, "mine.safetensors"));
  expect(JSON.parse((await repeat()).stdout)).toMatchObject({ identical: true });
});

test("batch and jobs work through a running companion", async () => {
  const [childPath = ""] = await bundleEntries("fake-child");
  const home = temporaryFolder();
  const service = await openTestService({ data: home, childPath });
  const server = await startTestServer({ service, dataFolder: home });
  const through = (...args: string[]) => runCli(args, { cwd: folder, env: { IMPASTO_HOME: home } });
  try {
    const args = ["batch", "in", "--style", "waves.png", "-o", "remote", "--iterations", "20"];
    const batch = await through(...args, "--verbose");
    expect(batch.stderr).toContain("The running companion does the work.");
    expect(batch).toMatchObject({ code: 0, stdout: expect.stringContaining("3 done.") });
    expect(service.list({ limit: 10 }).map(({ state }) => state)).toEqual(["done", "done", "done"]);
    const [job] = service.list({ limit: 1 });
    const result = readFileSync(join(folder, "remote", job?.request.content.name ?? ""));
    expect(readRecipe(result)).toEqual(job?.recipe);
    expect((await through("jobs", "list")).stdout.trim().split("\n")).toHaveLength(3);
    expect((await through("jobs", "show", job?.id.slice(0, 8) ?? "")).stdout).toContain("frame 2");
    const again = await through("jobs", "rerun", job?.id ?? "");
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("done") });
    expect((await through("jobs", "clean", "--all")).stdout).toContain("Removed 4 jobs.");
    expect(service.list({ limit: 10 })).toEqual([]);
  } finally {
    await server.stop();
    await service.close();
  }
});

test("batch paints the others when one file is no picture, names it, and names a style that is none", async () => {
  writeFileSync(join(folder, "in", "broken.png"), "no picture at all");
  try {
    const batch = await impasto("batch", "in", "--style", "waves.png", "-o", "broken", ...QUICK, "--json");
    expect(batch.code).toBe(1);
    expect(JSON.parse(batch.stdout)).toMatchObject({ done: 3, failed: 1, left: 0 });
    expect(batch.stderr).toMatch(/broken\.png: The file is text, not a picture/);
    const style = await impasto("batch", "in", "--style", "in/broken.png", "-o", "none", ...QUICK);
    expect(style).toMatchObject({ code: 2, stderr: expect.stringContaining("broken.png: The file is text") });
  } finally {
    rmSync(join(folder, "in", "broken.png"));
  }
});

test("batch says what to do when the companion ends under it", async () => {
  const [childPath = ""] = await bundleEntries("fake-child");
  const home = temporaryFolder();
  const service = await openTestService({ data: home, childPath });
  const server = await startTestServer({ service, dataFolder: home });
  const slow = ["--iterations", "500", "--step-size", "0.5"];
  const batch = await runCli(["batch", "in", "--style", "waves.png", "-o", "ended", ...slow], {
    cwd: folder,
    env: { IMPASTO_HOME: home },
    when: { text: /0 of 3/, act: () => void server.stop() },
  });
  await service.close();
  expect(batch.code).toBe(1);
  expect(batch.stderr).toContain("The companion stopped answering. Start it again");
});

test("batch takes a network's file, keeps it by its content, and paints as stylize does with it", async () => {
  const cache = join(folder, "cache-of-files");
  const own = join(folder, "My Net.safetensors");
  copyFileSync("native/networks/vgg19-slim.safetensors", own);
  const quick = [...SMALL.map((word) => (word === "vgg19-slim" ? own : word)), ...FEW];
  const options = { cwd: folder, env: { ...env, IMPASTO_CACHE: cache } };
  const args = ["batch", "in/frame 1.png", "--style", "lines.png", "-o", "by-file", "--no-contact-sheet", ...quick];
  const painted = await runCli(args, options);
  expect([painted.code, painted.stderr]).toEqual([0, expect.stringMatching(/is kept as my-net-[0-9a-f]{12};/)]);
  expect((await runCli(args, options)).code).toBe(0);
  const stored = readdirSync(join(cache, "networks")).filter((name) => name.endsWith(".safetensors"));
  expect(stored).toEqual([expect.stringMatching(/^my-net-[0-9a-f]{12}\.safetensors$/)]);
  await runCli(["stylize", "in/frame 1.png", "lines.png", "-o", "alone.png", ...quick], options);
  const pixels = (path: string) => sharp(join(folder, path)).raw().toBuffer();
  const [one] = readdirSync(join(folder, "by-file")).filter((name) => name.endsWith(".png"));
  expect((await pixels(join("by-file", one as string))).equals(await pixels("alone.png"))).toBe(true);
});

test("batch says which pictures of a killed one come before its own", async () => {
  const killed = await runCli(["batch", "in", "--style", "waves.png", "-o", "first", ...QUICK], {
    cwd: folder,
    env: { IMPASTO_HOME: join(folder, "killed-home") },
    when: { text: /0 of 3/, act: (child) => child.kill("SIGKILL") },
  });
  expect(killed.code).toBeNull();
  const next = await runCli(["batch", "in/frame 1.png", "--style", "lines.png", "-o", "next", ...QUICK], {
    cwd: folder,
    env: { IMPASTO_HOME: join(folder, "killed-home") },
  });
  expect(next).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/[23] pictures that an earlier command left unpainted come first/),
  });
});

test("batch goes on where it was killed", async () => {
  const args = [
    "batch",
    "in",
    "--style",
    "lines.png",
    "-o",
    "killed",
    "--first-iterations",
    "60",
    "--iterations",
    "2",
    ...SMALL,
  ];
  const killed = await runCli([...args, "--min-scale", "64"], {
    cwd: folder,
    env,
    when: { text: /0 of 3/, act: (child) => child.kill("SIGKILL") },
  });
  expect(killed.code).toBeNull();
  const before = JSON.parse((await impasto("jobs", "list", "--json")).stdout) as { jobs: { id: string }[] };
  const resumed = await impasto(...args, "--min-scale", "64", "--json");
  expect(JSON.parse(resumed.stdout)).toMatchObject({ failed: 0, left: 0 });
  const after = JSON.parse((await impasto("jobs", "list", "--json")).stdout) as {
    jobs: { id: string; state: string }[];
  };
  expect(after.jobs.map(({ id }) => id)).toEqual(before.jobs.map(({ id }) => id));
  expect(after.jobs.every(({ state }) => state === "done")).toBe(true);
  expect(existsSync(join(folder, "killed", ".impasto-batch.json"))).toBe(false);
}, 180_000);
