// What tests do with an installed package: list its files, run its command, paint a small picture with it.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isCurrent } from "../../../native/prebuild/sources.mjs";

/** [sync] Files and compressed size of what `npm pack` would make of this clone as it is. */
function packedFiles(): { files: string[]; bytes: number } {
  const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    shell: process.platform === "win32",
  });
  const answer: unknown = JSON.parse(String(stdout));
  // npm 12 answers by name.
  const [packed] = (Array.isArray(answer) ? answer : Object.values(answer as object)) as [
    { files: { path: string }[]; size: number },
  ];
  return { files: packed.files.map(({ path }) => path), bytes: packed.size };
}

/** [sync] Copies into `folder` what the package holds; the addon built here stands in for a prebuilt one that is missing or old. */
export function stagePackage(folder: string): { files: string[]; bytes: number } {
  const packed = packedFiles();
  const platform = `${process.platform}-${process.arch}`;
  const prebuilt = join("prebuilds", platform, "impasto.node");
  const sources = new Map(packed.files.map((file) => [file, file]));
  if (!isCurrent(".", platform)) sources.set(prebuilt, join("build", "Release", "impasto.node"));
  for (const [place, source] of sources) {
    mkdirSync(dirname(join(folder, place)), { recursive: true });
    copyFileSync(source, join(folder, place));
  }
  return packed;
}

/** [sync] With a home of its own in `folder`. */
export function runInstalled(command: string, args: readonly string[], folder: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    cwd: folder,
    env: { ...process.env, IMPASTO_HOME: join(folder, "home"), IMPASTO_CACHE: join(folder, "cache") },
  });
  return { status, stdout: String(stdout), stderr: String(stderr) };
}

/** [sync] Paints the samples at 64 px on the CPU. Throws what was said when that fails. */
export function paint(command: string, folder: string): { path: string; stderr: string } {
  const samples = resolve("companion", "samples");
  const path = join(folder, "painted.png");
  const pictures = [join(samples, "tubingen.jpg"), join(samples, "starry-night.jpg")];
  const settings = ["--size", "64", "--first-iterations", "3", "--iterations", "2", "--network", "vgg19-slim"];
  const args = ["stylize", ...pictures, "-o", path, ...settings, "--device", "cpu"];
  const { status, stdout, stderr } = runInstalled(command, args, folder);
  if (status !== 0) throw new Error(`exit code ${status}\n${stdout}${stderr}`);
  return { path, stderr };
}
