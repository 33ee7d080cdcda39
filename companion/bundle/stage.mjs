// The folder that becomes a bundle: what the npm package holds, its production dependencies for one platform, and the
// addon for it.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isCurrent } from "../../native/prebuild/sources.mjs";
import { isLeftOut } from "./left-out.mjs";
import { partsOf } from "./platforms.mjs";
import { packByNpm, runNpm } from "./run.mjs";

/** @returns where the addon came from: "prebuilt", or "local" for one that this machine compiled for itself */
export function stageApp(root, platform, folder) {
  const { files } = packByNpm(["--dry-run", "--ignore-scripts"], { cwd: root });
  for (const { path } of files) if (!isLeftOut(path, platform)) copy(join(root, path), join(folder, path));
  const source = addonFor(root, platform);
  copy(source.path, join(folder, source.place));
  installDependencies(root, platform, folder);
  prune(folder, platform);
  return source.from;
}

/** @throws Error in one sentence where there is no addon for the platform, or one of other sources */
export function addonFor(root, platform) {
  const place = join("prebuilds", platform, "impasto.node");
  if (existsSync(join(root, place))) {
    if (isCurrent(root, platform)) return { from: "prebuilt", path: join(root, place), place };
    throw new Error(
      `The engine for ${platform} was built of other sources: run \`npm run prebuilds -- ${platform}\` first.`,
    );
  }
  const local = join("build", "Release", "impasto.node");
  if (platform === `${process.platform}-${process.arch}` && existsSync(join(root, local))) {
    return { from: "local", path: join(root, local), place: local };
  }
  throw new Error(`There is no prebuilt engine for ${platform} yet: run \`npm run prebuilds\` first.`);
}

function installDependencies(root, platform, folder) {
  const helpers = ["package-lock.json", ".npmrc"];
  for (const name of helpers) copyFileSync(join(root, name), join(folder, name));
  // As it is: the lock file is held against it.
  copyFileSync(join(root, "package.json"), join(folder, "package.json"));
  const { os, cpu } = partsOf(platform);
  const libc = os === "linux" ? ["--libc=glibc"] : [];
  runNpm(["ci", "--omit=dev", "--ignore-scripts", `--os=${os}`, `--cpu=${cpu}`, ...libc], { cwd: folder });
  for (const name of helpers) rmSync(join(folder, name));
  rmSync(join(folder, "node_modules", ".package-lock.json"), { force: true });
  rmSync(join(folder, "node_modules", ".bin"), { recursive: true, force: true });
  const { devDependencies, scripts, ...kept } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(kept, null, 2)}\n`);
}

function prune(folder, platform) {
  for (const path of filesIn(folder)) if (isLeftOut(path, platform)) rmSync(join(folder, path));
}

/** Relative paths with forward slashes, sorted. */
export function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
