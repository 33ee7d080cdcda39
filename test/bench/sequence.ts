// What a sequence saves of flicker: frames cut from still pictures along a motion that is known, painted each by itself
// and as a sequence. Flicker is the mean difference between consecutive results along the motion; the content's own is
// what resampling leaves. The style distance is that of features which nobody optimizes here (--judge), as a share of
// the content's own distance.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import type { Picture } from "../../companion/protocol/engine.ts";
import { DEFAULT_SETTINGS } from "../../companion/protocol/settings.ts";
import { evaluate, stylize } from "../../native/binding/binding.ts";
import { differenceAlong, MOTIONS, type Motion, makeClip } from "../native/support/known-motion.ts";

const { values: options } = parseArgs({
  options: {
    size: { type: "string", default: "256" },
    frames: { type: "string", default: "8" },
    judge: { type: "string", default: "native/networks/vgg19-half.safetensors" },
    images: { type: "string", default: "../shared/images" },
    out: { type: "string" },
  },
});
const size = Number(options.size);
const count = Number(options.frames);
const NETWORKS = "native/networks/";
const painter = {
  networkPath: `${NETWORKS}vgg19-slim.safetensors`,
  detailerPath: `${NETWORKS}detailer-slim.safetensors`,
};
const PAIRS = [
  ["tubingen", "starry-night"],
  ["golden-gate", "the-scream"],
] as const;
const LAYERS = ["relu1_2", "relu2_2", "relu3_2", "relu4_2"];

async function read(name: string, longSide: number): Promise<Picture> {
  const pipeline = sharp(join(options.images, `${name}.jpg`))
    .removeAlpha()
    .toColourspace("srgb");
  const { data, info } = await pipeline.resize(longSide, longSide, { fit: "inside" }).raw().toBuffer({
    resolveWithObject: true,
  });
  const n = info.width * info.height;
  const planar = Float32Array.from(
    { length: 3 * n },
    (_, i) => (data[3 * (i % n) + Math.floor(i / n)] as number) / 255,
  );
  return { width: info.width, height: info.height, channels: 3, data: planar };
}

async function write({ width, height, data }: Picture, name: string): Promise<void> {
  if (options.out === undefined) return;
  mkdirSync(options.out, { recursive: true });
  const n = width * height;
  const rgb = Uint8Array.from({ length: 3 * n }, (_, i) =>
    Math.round(255 * (data[(i % 3) * n + Math.floor(i / 3)] as number)),
  );
  await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(join(options.out, `${name}.png`));
}

async function styleDistance(image: Picture, content: Picture, style: Picture): Promise<number> {
  const request = { content, style, networkPath: options.judge, pooling: null, threads: null };
  const layers = { styleLayers: LAYERS, contentLayers: ["relu4_2"] };
  const got = await evaluate({ ...request, ...layers, image });
  const own = await evaluate({ ...request, ...layers, image: content });
  const shares = LAYERS.map((layer) => Math.sqrt((got.style[layer] as number) / (own.style[layer] as number)));
  return shares.reduce((sum, share) => sum + share, 0) / LAYERS.length;
}

async function paint(frames: readonly Picture[], style: Picture, asSequence: boolean) {
  const pictures: Picture[] = [];
  let state: Uint8Array = new Uint8Array();
  let seconds = 0;
  for (const content of frames) {
    const result = await stylize({
      content,
      styles: [{ picture: style, weight: 1 }],
      settings: { ...DEFAULT_SETTINGS, quality: "quick", device: "cpu" },
      networkPath: painter.networkPath,
      painter,
      ...(asSequence && { shot: state }),
    }).result;
    state = result.shot?.state ?? state;
    seconds += result.seconds;
    pictures.push(result.picture);
  }
  return { pictures, seconds: seconds / frames.length };
}

const motions: [string, Motion][] = Object.entries(MOTIONS);
console.log(`${size} px, ${count} frames; style distance by ${options.judge}, mean over first, middle and last frame`);
for (const [contentName, styleName] of PAIRS) {
  const still = await read(`content-${contentName}`, Math.round(size * 1.25));
  const other = await read(contentName === "tubingen" ? "content-golden-gate" : "content-tubingen", size);
  const style = await read(`style-${styleName}`, size);
  for (const [name, motion] of motions) {
    const { frames, origins } = makeClip(still, other, motion, size, count);
    const own = differenceAlong(frames, origins);
    const judged = [0, count >> 1, count - 1];
    const score = async (asSequence: boolean) => {
      const { pictures, seconds } = await paint(frames, style, asSequence);
      let distance = 0;
      for (const i of judged) {
        distance += (await styleDistance(pictures[i] as Picture, frames[i] as Picture, style)) / judged.length;
        await write(pictures[i] as Picture, `${contentName}-${name}-${asSequence ? "sequence" : "alone"}-${i}`);
      }
      return { flicker: differenceAlong(pictures, origins), distance, seconds };
    };
    const alone = await score(false);
    const together = await score(true);
    console.log(
      `${`${contentName} × ${styleName}, ${name}`.padEnd(36)} content's own ${own.toFixed(4)}  ` +
        `alone ${alone.flicker.toFixed(4)}  sequence ${together.flicker.toFixed(4)} = ${(together.flicker / alone.flicker).toFixed(3)}  ` +
        `style ${alone.distance.toFixed(3)} → ${together.distance.toFixed(3)}  s a frame ${alone.seconds.toFixed(2)} → ${together.seconds.toFixed(2)}`,
    );
  }
}
