// Pictures through pipes: "-", /dev/stdin, <(…), named pipes, and a result on stdout.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { BUNDLE, cliEnvironment, FAKE_ADDON } from "./run-cli.ts";

const SAMPLES = resolve(import.meta.dirname, "../../../companion/samples");
const CONTENT = join(SAMPLES, "tubingen.jpg");
const STYLE = join(SAMPLES, "starry-night.jpg");
const WITHOUT_PIPES = process.platform === "win32" ? "Windows has no pipes among its files" : false;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-streams-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Surroundings {
  input?: Buffer;
  /** Null: the real one. */
  addon?: string | null;
}

function impasto(args: string[], { input, addon = FAKE_ADDON }: Surroundings = {}) {
  return spawnSync(process.execPath, [BUNDLE, ...args], {
    cwd: folder,
    env: cliEnvironment(addon === null ? {} : { IMPASTO_ADDON: addon }),
    ...(input !== undefined && { input }),
  });
}

/** `line`: with $IMPASTO for the command. */
function inShell(line: string) {
  const env = cliEnvironment({ IMPASTO_ADDON: FAKE_ADDON });
  const command = `'${process.execPath}' '${BUNDLE}'`;
  return spawnSync("bash", ["-c", line.replaceAll("$IMPASTO", command)], { cwd: folder, env });
}

describe("a picture that comes through a pipe", () => {
  test("is read from stdin by both of its names, and the recipe knows its bytes", () => {
    for (const name of process.platform === "win32" ? ["-"] : ["-", "/dev/stdin"]) {
      const { status, stderr } = impasto(["stylize", name, STYLE, "-o", "out.png", "--iterations", "1"], {
        input: readFileSync(CONTENT),
      });
      expect([status, String(stderr)]).toEqual([0, expect.not.stringContaining("impasto:")]);
      const { inputs } = readRecipe(readFileSync(join(folder, "out.png"))) ?? {};
      const sha256 = createHash("sha256").update(readFileSync(CONTENT)).digest("hex");
      expect(inputs?.content).toEqual({ sha256, name: "stdin" });
    }
  });

  test("is read from <(…) and from a named pipe, however slowly it is written", ({ skip }) => {
    if (WITHOUT_PIPES) skip(WITHOUT_PIPES);
    const slow = `{ head -c 5000 '${CONTENT}'; sleep 0.3; tail -c +5001 '${CONTENT}'; }`;
    const { status, stderr } = inShell(
      `mkfifo style; cat '${STYLE}' > style & $IMPASTO stylize <(${slow}) style -o out.png --iterations 1`,
    );
    expect([status, String(stderr)]).toEqual([0, expect.not.stringContaining("impasto:")]);
  });

  test("is judged by evaluate", async () => {
    const small = await sharp(CONTENT).resize(64).png().toBuffer();
    writeFileSync(join(folder, "small.png"), small);
    const judge = (image: string) => {
      const args = [
        "evaluate",
        "--content",
        "small.png",
        "--style",
        STYLE,
        "--image",
        image,
        "--style-layers",
        "relu1_1",
      ];
      return impasto(args, { input: small, addon: null });
    };
    const [piped, named] = [judge("-"), judge("small.png")];
    expect(String(piped.stderr)).toBe("");
    expect(JSON.parse(String(piped.stdout))).toEqual(JSON.parse(String(named.stdout)));
  });

  test("EXPECTED FAILURE - is called by where it came from", () => {
    const { status, stderr } = impasto(["stylize", "-", STYLE, "-o", "out.png"], { input: Buffer.from("GIF89a") });
    expect([status, String(stderr)]).toEqual([2, expect.stringMatching(/^impasto: stdin is a GIF\./)]);
  });

  test("BAD CALL - two pictures from stdin", () => {
    const twice = [
      ["stylize", "-", "-", "-o", "out.png"],
      ["evaluate", "--content", "-", "--style", "/dev/stdin", "--image", CONTENT],
    ];
    for (const args of twice) {
      const { status, stderr } = impasto(args, { input: readFileSync(CONTENT) });
      expect([status, String(stderr)]).toEqual([2, expect.stringMatching(/stdin brings one picture/)]);
    }
  });
});

describe("a result on stdout", () => {
  test("is a PNG with its recipe, and nothing else goes there", async () => {
    const { status, stdout, stderr } = impasto(["stylize", CONTENT, STYLE, "-o", "-", "--iterations", "1"]);
    expect([status, String(stderr)]).toEqual([0, expect.stringMatching(/^stdout: 512 × 384 px/m)]);
    expect((await sharp(stdout).metadata()).format).toBe("png");
    expect(readRecipe(stdout)?.inputs.content.name).toBe("tubingen.jpg");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is made again, to the byte, by a run that reads it from stdin as its recipe", () => {
    const small = ["--size", "64", "--first-iterations", "2", "--iterations", "2", "--device", "cpu", "--threads", "1"];
    const { stdout: original } = impasto(["stylize", CONTENT, STYLE, "-o", "-", ...small], { addon: null });
    expect(original.length).toBeGreaterThan(1000);
    const again = ["stylize", CONTENT, STYLE, "--recipe", "-", "-o", "again.png"];
    const { status, stdout, stderr } = impasto(again, { addon: null, input: original });
    expect([status, String(stdout)], String(stderr)).toEqual([0, expect.stringMatching(/the same, byte for byte/)]);
    expect(readFileSync(join(folder, "again.png")).equals(original)).toBe(true);
  });

  test("has the format of --format", async () => {
    const args = ["stylize", "-", STYLE, "-o", "-", "--iterations", "1", "--format", "webp", "--quiet"];
    const { stdout, stderr } = impasto(args, { input: readFileSync(CONTENT) });
    expect([(await sharp(stdout).metadata()).format, String(stderr)]).toEqual(["webp", ""]);
  });

  test("BAD CALL - with --json, --save-every, 16 bits in JPEG, or --format for a file", () => {
    const bad: [string[], RegExp][] = [
      [["-o", "-", "--json"], /The picture and --json would both go to stdout/],
      [["-o", "-", "--save-every", "5"], /--save-every saves beside the result/],
      [["-o", "-", "--format", "jpeg", "--sixteen-bit"], /JPEG holds 8 bits/],
      [["-o", "out.png", "--format", "jpeg"], /--format is for a picture that goes to stdout/],
    ];
    for (const [flags, sentence] of bad) {
      const { status, stdout, stderr } = impasto(["stylize", CONTENT, STYLE, ...flags]);
      expect([status, stdout.length, String(stderr)]).toEqual([2, 0, expect.stringMatching(sentence)]);
    }
  });

  test("EXPECTED FAILURE - that is lost is kept elsewhere, and that is said", async ({ skip }) => {
    if (process.platform !== "linux") skip("only Linux has a file that is always full");
    const { status, stderr } = inShell(`$IMPASTO stylize '${CONTENT}' '${STYLE}' -o - --iterations 1 > /dev/full`);
    expect(status).toBe(1);
    const refuge = /not enough space.*The picture is at (\S+) instead\./.exec(String(stderr))?.[1] ?? "";
    expect((await sharp(refuge).metadata()).width).toBe(512);
    rmSync(refuge);
  });

  test("EXPECTED FAILURE - does not go to a terminal", ({ skip }) => {
    if (process.platform !== "linux") skip("script(1) makes the terminal, whose flags are Linux's here");
    const { stdout } = inShell(`script -qec "$IMPASTO stylize '${CONTENT}' '${STYLE}' -o -" /dev/null`);
    expect(String(stdout)).toMatch(/The result would go to the terminal/);
  });
});

describe("BAD CALL - a name that begins with a dash", () => {
  test("is told from flags by --", () => {
    for (const args of [
      ["-dash.png", STYLE, "-o", "out.png"],
      [STYLE, "-vacation.JPG", "-o", "out.png"],
      [STYLE, "-out.tiff", "-o", "out.png"],
    ]) {
      const { status, stderr } = impasto(["stylize", ...args]);
      const name = args.find((arg) => arg.startsWith("-")) ?? "";
      expect([status, String(stderr)]).toEqual([2, expect.stringContaining(`impasto stylize -o out.png -- ${name} …`)]);
    }
    expect(String(impasto(["stylize", STYLE, "-o", "out.png"]).stderr)).not.toMatch(/ -- /);
  });
});
