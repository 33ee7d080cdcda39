// Before `npm pack` and `npm publish` (prepack): a platform without a prebuilt addon is named, and where it is this one, what
// was compiled here stands in. After them (--after, postpack) the stand-in is gone again, or it would be packed for ever.

import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PLATFORMS } from "../platform.mjs";
import { isCurrent } from "./sources.mjs";
import { ROOT } from "./toolchain.mjs";

const here = `${process.platform}-${process.arch}`;
const place = (platform) => join(ROOT, "prebuilds", platform, "impasto.node");
const built = join(ROOT, "build", "Release", "impasto.node");
const mark = join(ROOT, "build", "packed-stand-in");

if (process.argv.includes("--after")) {
  if (existsSync(mark)) rmSync(dirname(place(here)), { recursive: true, force: true });
  rmSync(mark, { force: true });
} else {
  const missing = PLATFORMS.filter((platform) => !existsSync(place(platform)));
  const old = PLATFORMS.filter((platform) => !missing.includes(platform) && !isCurrent(ROOT, platform));
  if (missing.includes(here) && existsSync(built)) {
    writeFileSync(mark, "");
    mkdirSync(dirname(place(here)), { recursive: true });
    copyFileSync(built, place(here));
  }
  if (missing.length > 0) {
    const others = missing.filter((platform) => !existsSync(place(platform)));
    const local = missing.includes(here)
      ? ` For ${here} it holds what was compiled here, for systems like this one.`
      : "";
    console.warn(`This package has no prebuilt engine for ${missing.join(", ")} (npm run prebuilds).${local}`);
    if (others.length === PLATFORMS.length) process.exitCode = 1;
  }
  if (old.length > 0) {
    console.error(`The engine for ${old.join(", ")} was built of other sources: npm run prebuilds -- ${old.join(" ")}`);
    process.exitCode = 1;
  }
}
