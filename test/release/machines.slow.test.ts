// What is handed out, on machines that are not this one: a Debian with nothing but the C library and Node, Linux on ARM
// under qemu, Windows under Wine. Each finds everything in order and paints what this machine paints.

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchNode } from "../../companion/bundle/fetch-node.mjs";
import { runNpm } from "../../companion/bundle/run.mjs";
import { stageApp } from "../../companion/bundle/stage.mjs";
import { isCurrent } from "../../native/prebuild/sources.mjs";
import { runInstalled } from "../companion/support/installed.ts";
import { ROOT } from "../tree/source-files.ts";
import { debian, letAskRegistry, type Machine, missingFor, wine } from "./support/machines.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "impasto-machines-")));
const TARBALL_LIMIT_BYTES = 25e6;
const IN_ORDER = "Everything that a run needs is there.";
/** Four steps from nearly the same gradient: another order of sums moves few pixels, by 1 of 255 under qemu's NEON. */
const SETTINGS = "--size 64 --first-iterations 4 --iterations 4 --network vgg19-slim --device cpu".split(" ");
const LEVELS = 3;

const NATIVE = join(FOLDER, "native.png");

beforeAll(() => {
  const here = join(ROOT, "companion");
  const words = ["stylize", ...samples(here), "-o", NATIVE, ...SETTINGS];
  expect(succeed(runInstalled(join(here, "start.mjs"), words, FOLDER)).stdout).toMatch(/native\.png: 64/);
});
// Wine's and chroots' own files may be read-only.
afterAll(() => rmSync(FOLDER, { recursive: true, force: true, maxRetries: 5 }));

function samples(companion: string): string[] {
  return ["tubingen.jpg", "starry-night.jpg"].map((name) => `${companion}/samples/${name}`);
}

/** Skips by a printed reason. */
function reasonAgainst(kind: Parameters<typeof missingFor>[0], platform: string): string | null {
  const addon = join("prebuilds", platform, "impasto.node");
  if (!existsSync(join(ROOT, addon))) return `${addon} is not there (npm run prebuilds)`;
  return isCurrent(ROOT, platform) ? missingFor(kind) : `${addon} was built of other sources (npm run prebuilds)`;
}

/** Throws what a program said that failed. */
function succeed<R extends { status: number | null; stdout: string; stderr: string }>(result: R): R {
  if (result.status !== 0) throw new Error(`exit code ${result.status}\n${result.stdout}${result.stderr}`);
  return result;
}

async function expectSame(path: string): Promise<void> {
  const [ours, theirs] = await Promise.all(
    [NATIVE, path].map((file) => sharp(file).raw().toBuffer({ resolveWithObject: true })),
  );
  if (ours === undefined || theirs === undefined) throw new Error("a picture is missing");
  expect(theirs.info).toEqual(ours.info);
  const differences = Array.from(ours.data, (value, i) => Math.abs(value - (theirs.data[i] ?? Number.NaN)));
  expect(Math.max(...differences)).toBeLessThanOrEqual(LEVELS);
}

test("`npx ./impasto.tgz demo` paints where there is Node and no compiler", async ({ skip }) => {
  const reason = reasonAgainst("chroot", "linux-x64");
  if (reason !== null) {
    console.warn(`skipped: ${reason}`);
    return skip(reason);
  }
  const root = join(FOLDER, "debian");
  const machine = debian(root, "amd64");
  fetchNode("linux-x64", join(root, "usr", "local", "bin"), join(FOLDER, "node-linux-x64"));
  chmodSync(join(root, "usr", "local", "bin", "node"), 0o755);
  runNpm(["install", "--global", "--prefix", join(root, "usr", "local"), "npm@10"]);
  const settings = letAskRegistry(root);
  runNpm(["pack", "--ignore-scripts", "--pack-destination", root], { cwd: ROOT });
  const tarball = readdirSync(root).find((name) => name.endsWith(".tgz")) ?? "";
  expect(statSync(join(root, tarball)).size).toBeLessThan(TARBALL_LIMIT_BYTES);

  for (const program of ["cmake", "cc", "c++", "python3"]) {
    expect(machine.run(["sh", "-c", `command -v ${program}`]).status).not.toBe(0);
  }
  const npx = (...words: string[]) =>
    succeed(machine.run(["env", ...settings, "sh", "-c", `cd / && npx --yes ./${tarball} "$@"`, "sh", ...words]));
  const demo = npx("demo", "--quality", "draft");
  expect(demo.stdout).toMatch(/demo\.png/);
  expect(demo.stderr).not.toMatch(/warn/i);
  expect(await sharp(join(root, "demo.png")).metadata()).toMatchObject({ format: "png" });
  mkdirSync(join(root, "samples"));
  for (const file of samples(join(ROOT, "companion")))
    cpSync(file, join(root, "samples", file.split("/").at(-1) ?? ""));
  npx("stylize", ...samples(""), "-o", "/painted.png", ...SETTINGS);
  await expectSame(join(root, "painted.png"));
});

// `doctor` measures the default network, for which three minutes of a processor did not suffice under qemu: not there.
test.for([
  { platform: "linux-arm64", kind: "arm64", name: "Linux on ARM, under qemu,", node: "node" },
  { platform: "win32-x64", kind: "wine", name: "Windows, under Wine, where all is in order,", node: "node.exe" },
] as const)("$name paints the same picture", async ({ platform, kind, node }, { skip }) => {
  const reason = reasonAgainst(kind, platform);
  if (reason !== null) {
    console.warn(`skipped: ${reason}`);
    return skip(reason);
  }
  const root = join(FOLDER, platform);
  const machine: Machine = kind === "wine" ? wine(root) : debian(root, "arm64");
  // Outside Windows' code page.
  const app = join(root, "Söhne 画");
  stageApp(ROOT, platform, app);
  fetchNode(platform, join(root, "node"), join(FOLDER, `node-${platform}`));
  chmodSync(join(root, "node", node), 0o755);
  const impasto = (...words: string[]) =>
    succeed(
      machine.run([machine.path(join(root, "node", node)), machine.path(join(app, "dist", "impasto.js")), ...words]),
    );

  if (kind === "wine") {
    const doctor = impasto("doctor");
    expect(doctor.stdout).toContain(`on ${platform}`);
    expect(doctor.stdout).toContain(IN_ORDER);
  }
  const out = join(app, "画.png");
  const pictures = samples(join(app, "companion")).map(machine.path);
  const painted = impasto("stylize", ...pictures, "-o", machine.path(out), ...SETTINGS);
  expect(painted.stdout).toMatch(/64 × 48 px/);
  await expectSame(out);
});
