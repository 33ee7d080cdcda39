// How much of a batch's time is painting: frames of one size through `impasto batch`, as a designer's folder would go.
//
//   node test/bench/batch.mjs [--frames 20] [--size 1024] [--quality quick]
//
// `rate` is the sum of what each frame after the first says it was painted for, divided by the time from the first one's end
// to the last one's: 1 where painting never waits for reading, writing or the ledger. The first pays for the engine's start.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";

const ROOT = new URL("../../", import.meta.url).pathname;
const { values } = parseArgs({
  options: {
    frames: { type: "string", default: "20" },
    size: { type: "string", default: "1024" },
    quality: { type: "string", default: "quick" },
  },
});
const [frames, size] = [Number(values.frames), Number(values.size)];
const folder = mkdtempSync(join(tmpdir(), "impasto-bench-"));
const env = { ...process.env, IMPASTO_HOME: join(folder, "home") };
const impasto = join(ROOT, "dist", "impasto.js");

try {
  mkdirSync(join(folder, "in"));
  const photo = await sharp(join(ROOT, "ui/hosts/web/samples/tubingen.jpg"))
    .resize(2 * size)
    .toBuffer();
  const { width = 0, height = 0 } = await sharp(photo).metadata();
  for (let i = 0; i < frames; i++) {
    const region = {
      left: Math.round(((width - size) * i) / Math.max(1, frames - 1)),
      top: Math.round((height - Math.round(0.75 * size)) / 2),
      width: size,
      height: Math.round(0.75 * size),
    };
    await sharp(photo)
      .extract(region)
      .jpeg({ quality: 90 })
      .toFile(join(folder, "in", `${i + 1}.jpg`));
  }
  const style = join(ROOT, "ui/hosts/web/samples/starry-night.jpg");
  const out = join(folder, "out");
  const args = ["batch", join(folder, "in"), "-s", style, "-o", out, "--no-contact-sheet", "--quality", values.quality];
  const { status, stderr } = spawnSync(process.execPath, [impasto, ...args], { env, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const listed = execFileSync(process.execPath, [impasto, "jobs", "list", "--json", "--limit", values.frames], {
    env,
    encoding: "utf8",
  });
  const { jobs } = JSON.parse(listed);
  const ends = jobs.map(({ finishedAt }) => finishedAt).sort((a, b) => a - b);
  const [first, ...others] = jobs.sort((a, b) => a.finishedAt - b.finishedAt).map(({ result }) => result.seconds);
  const painting = others.reduce((sum, seconds) => sum + seconds, 0);
  const whole = (ends.at(-1) - ends[0]) / 1000;
  const round = (value) => Math.round(value * 1000) / 1000;
  console.log(
    JSON.stringify({
      ...{ frames, size, quality: values.quality, cores: cpus().length },
      ...{ firstPainted: round(first), seconds: round(whole), secondsPerFrame: round(whole / others.length) },
      rate: round(painting / whole),
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
