// Finds out by trying what nobody says of a network: what its sides must be multiples of, which range its pixels have,
// how many styles it knows, and what a window costs. The pictures tried are made here: ramps, edges and grain.

import { ImpastoError } from "../protocol/errors.ts";
import type { Descriptor, Model } from "../protocol/models.ts";
import { type Draft, numbered } from "./descriptor.ts";
import { constantFeeds } from "./feeds.ts";
import type { Output } from "./model-messages.ts";
import type { ModelProcess } from "./model-process.ts";
import { fromOutput, type Planes, toFeed } from "./pixels.ts";

export interface Probed
  extends Pick<Model, "descriptor" | "found" | "bytesPerPixel" | "restingBytes" | "secondsPerPixel"> {}

const RUN_MS = 60_000;
const RANGES = [
  [0, 255],
  [0, 1],
  [-1, 1],
];
/** The multiple and a picture's sides in it, different and odd, so that halving them twice would not go out evenly. */
const SIZES = [
  { multiple: 1, width: 67, height: 61 },
  { multiple: 2, width: 66, height: 62 },
  { multiple: 4, width: 68, height: 60 },
  { multiple: 8, width: 72, height: 56 },
  { multiple: 16, width: 80, height: 48 },
  { multiple: 32, width: 160, height: 96 },
  { multiple: 64, width: 192, height: 64 },
];
/** Side at which time and memory are measured, px. */
const PACE_PX = 384;
const MAX_TRIED_CHOICES = 256;

export async function probe(process: ModelProcess, draft: Draft, name: string): Promise<Probed> {
  const restingBytes = process.peakBytes;
  const found = [...draft.open];
  let descriptor = draft.descriptor;
  if (draft.open.has("content.layout")) descriptor = await findLayout(process, descriptor, name);
  let size: Size | null = descriptor.content.fixed;
  if (size === null) {
    const { multiple, ...own } = await findSize(process, descriptor, draft, name);
    descriptor = { ...descriptor, content: { ...descriptor.content, multiple } };
    size = own;
  }
  descriptor = await findChoices(process, descriptor, draft, size);
  descriptor = await findRanges(process, descriptor, draft, size, name);
  const pace = await measure(process, descriptor, name);
  return { descriptor, found, restingBytes, ...pace };
}

interface Size {
  width: number;
  height: number;
}

/** One pass over the picture tried; null where the network refuses that. */
async function tryPass(process: ModelProcess, descriptor: Descriptor, size: Size): Promise<Output | null> {
  try {
    return await pass(process, descriptor, size);
  } catch (error) {
    // What ended the process ends the probe.
    if (!(error instanceof ImpastoError) || !process.isAlive) throw error;
    return null;
  }
}

async function pass(process: ModelProcess, descriptor: Descriptor, { width, height }: Size): Promise<Output> {
  const feeds = [
    toFeed(descriptor.content, testPicture(width, height)),
    ...constantFeeds(descriptor, process.facts.main, {}, await readStyle(process, descriptor)),
  ];
  return await process.run("main", feeds, descriptor.output.tensor, RUN_MS);
}

async function readStyle(
  process: ModelProcess,
  { style, styleTensor }: Descriptor,
): Promise<{ picture?: Planes; output?: Output }> {
  if (style === null) return {};
  const { width, height } = style.fixed ?? { width: 64 * style.multiple, height: 64 * style.multiple };
  const picture = testPicture(Math.min(width, 1024), Math.min(height, 1024));
  if (styleTensor === null || process.facts.style === null) return { picture };
  const [output] = process.facts.style.outputs;
  return { output: await process.run("style", [toFeed(style, picture)], output?.name ?? "", RUN_MS) };
}

async function findLayout(process: ModelProcess, descriptor: Descriptor, name: string): Promise<Descriptor> {
  for (const layout of ["nchw", "nhwc"] as const) {
    const tried = {
      ...descriptor,
      content: { ...descriptor.content, layout },
      output: { ...descriptor.output, layout },
    };
    if ((await tryPass(process, tried, { width: 160, height: 96 })) !== null) return tried;
  }
  throw wontRun(name);
}

/** The smallest multiple at which the picture comes back in its own size. */
async function findSize(
  process: ModelProcess,
  descriptor: Descriptor,
  draft: Draft,
  name: string,
): Promise<Size & { multiple: number }> {
  const sizes = draft.open.has("content.multiple")
    ? SIZES
    : [{ multiple: descriptor.content.multiple, ...aboutAs(64, descriptor.content.multiple) }];
  let other: Output | null = null;
  for (const size of sizes) {
    const output = await tryPass(process, descriptor, size);
    if (output === null) continue;
    if (fromOutput(descriptor.output, output, size.width, size.height) !== null) return size;
    other = output;
  }
  if (other === null) throw wontRun(name);
  throw new ImpastoError("bad-network", `${name} gives back a picture of another size than it was given.`, {
    hint: "Impasto takes networks that keep the size: one that enlarges is for something else.",
    cause: `last output ${other.shape.join(" × ")}`,
  });
}

function wontRun(name: string): ImpastoError {
  return new ImpastoError("bad-network", `${name} fails on every picture that was tried.`, {
    hint: "Say with --descriptor FILE how it wants its pictures; impasto models import --help tells how.",
  });
}

function aboutAs(side: number, multiple: number): Size {
  const length = Math.max(1, Math.ceil(side / multiple)) * multiple;
  return { width: length + multiple, height: length };
}

/** An index beyond the last one is refused by the network. */
async function findChoices(
  process: ModelProcess,
  descriptor: Descriptor,
  draft: Draft,
  size: Size,
): Promise<Descriptor> {
  const controls = [...descriptor.controls];
  for (const [at, control] of controls.entries()) {
    if (control.kind !== "index" || !draft.open.has(`labels of ${control.tensor}`)) continue;
    const works = async (index: number): Promise<boolean> => {
      const labels = numbered(index + 1);
      const tried: Descriptor = { ...descriptor, controls: controls.with(at, { ...control, labels }) };
      const feeds = [
        toFeed(tried.content, testPicture(size.width, size.height)),
        ...constantFeeds(tried, process.facts.main, { [control.tensor]: index }, await readStyle(process, tried)),
      ];
      return await process.run("main", feeds, tried.output.tensor, RUN_MS).then(
        () => true,
        (error: unknown) => {
          if (!process.isAlive) throw error;
          return false;
        },
      );
    };
    let good = 0;
    let bad = 1;
    while (bad <= MAX_TRIED_CHOICES && (await works(bad))) {
      good = bad;
      bad *= 2;
    }
    while (bad - good > 1) {
      const middle = (good + bad) >> 1;
      if (await works(middle)) good = middle;
      else bad = middle;
    }
    controls[at] = { ...control, labels: numbered(good + 1) };
  }
  return { ...descriptor, controls };
}

/** The pair of ranges with which the result looks most like a picture of what was given. */
async function findRanges(
  process: ModelProcess,
  descriptor: Descriptor,
  draft: Draft,
  size: Size,
  name: string,
): Promise<Descriptor> {
  const inputs = draft.open.has("content.range") ? RANGES : [descriptor.content.range];
  let best: { score: number; descriptor: Descriptor } | null = null;
  let numbers = false;
  for (const range of inputs) {
    const style =
      descriptor.style === null ? null : { ...descriptor.style, ...(draft.open.has("content.range") && { range }) };
    const tried: Descriptor = { ...descriptor, content: { ...descriptor.content, range }, style };
    const output = await tryPass(process, tried, size);
    if (output === null) continue;
    if (!output.data.every(Number.isFinite)) continue;
    numbers = true;
    for (const back of draft.open.has("output.range") ? [guessRange(output.data)] : [descriptor.output.range]) {
      const candidate: Descriptor = { ...tried, output: { ...tried.output, range: back } };
      const painted = fromOutput(candidate.output, output, size.width, size.height);
      if (painted === null) throw sizeChanged(name);
      const score =
        likeness(painted, testPicture(size.width, size.height)) + (back.join() === range.join() ? ALIKE_BONUS : 0);
      if (best === null || score > best.score) best = { score, descriptor: candidate };
    }
  }
  if (best !== null) return best.descriptor;
  if (numbers) throw wontRun(name);
  throw new ImpastoError("bad-network", `${name} gives values that are no numbers.`, {
    hint: "It is damaged, or wants its pixels in another range: say which with --descriptor FILE.",
  });
}

function sizeChanged(name: string): ImpastoError {
  return new ImpastoError("bad-network", `${name} gives back a picture of another size than it was given.`, {
    hint: "Impasto takes networks that keep the size.",
  });
}

/** Most networks give pixels as they take them. */
const ALIKE_BONUS = 0.15;

/** By the values between the 2nd and the 98th of a hundred: networks overshoot. */
function guessRange(values: Float32Array): number[] {
  const sorted = Float32Array.from(values).sort();
  const low = sorted[Math.floor(sorted.length * 0.02)] ?? 0;
  const high = sorted[Math.floor(sorted.length * 0.98)] ?? 0;
  if (high > 4 || low < -4) return [0, 255];
  return low < -0.25 ? [-1, 1] : [0, 1];
}

/** How far brightness follows the original's, be it turned around, less what is out of range, less where it is flat. */
function likeness(painted: Planes, original: Planes): number {
  const plane = painted.width * painted.height;
  let outside = 0;
  for (const value of painted.data) if (value < -0.2 || value > 1.2) outside += 1;
  const a = brightness(painted);
  const b = brightness(original);
  const flat = deviation(a) < 0.02 ? 0.5 : 0;
  return Math.abs(correlation(a, b)) - outside / (3 * plane) - flat;
}

function brightness({ width, height, data }: Planes): Float32Array {
  const plane = width * height;
  return Float32Array.from({ length: plane }, (_, i) => {
    const sum = (data[i] as number) + (data[plane + i] as number) + (data[2 * plane + i] as number);
    return Math.min(1, Math.max(0, sum / 3));
  });
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: Float32Array): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length);
}

function correlation(a: Float32Array, b: Float32Array): number {
  const middleA = mean(a);
  const middleB = mean(b);
  const scale = deviation(a) * deviation(b) * a.length;
  if (!(scale > 1e-9)) return 0;
  return a.reduce((sum, value, i) => sum + (value - middleA) * ((b[i] as number) - middleB), 0) / scale;
}

/** Ramps in each color, a dark and a bright disc, and seeded grain. */
export function testPicture(width: number, height: number): Planes {
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  let seed = 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = x / width;
      const v = y / height;
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
      const grain = (seed / 0x7fff_ffff - 0.5) * 0.06;
      const disc = (cx: number, cy: number) => (u - cx) ** 2 + (v - cy) ** 2 < 0.03;
      const base = disc(0.3, 0.35) ? [0.95, 0.9, 0.7] : disc(0.7, 0.65) ? [0.1, 0.05, 0.15] : [u, v, 1 - (u + v) / 2];
      base.forEach((value, channel) => {
        data[channel * plane + y * width + x] = Math.min(1, Math.max(0, 0.1 + 0.8 * value + grain));
      });
    }
  }
  return { width, height, data };
}

async function measure(
  process: ModelProcess,
  descriptor: Descriptor,
  name: string,
): Promise<Pick<Model, "bytesPerPixel" | "secondsPerPixel">> {
  const { fixed, multiple } = descriptor.content;
  const side = Math.ceil(PACE_PX / multiple) * multiple;
  const size = fixed ?? { width: side, height: side };
  const before = process.peakBytes;
  const begun = performance.now();
  const output = await pass(process, descriptor, size);
  const seconds = (performance.now() - begun) / 1000;
  const painted = fromOutput(descriptor.output, output, size.width, size.height);
  if (painted === null) throw sizeChanged(name);
  const pixels = size.width * size.height;
  return {
    bytesPerPixel: Math.max(PIXEL_BYTES, (process.peakBytes - before) / pixels),
    secondsPerPixel: seconds / pixels,
  };
}

/** Three floats in, three out, and their copies on the way. */
const PIXEL_BYTES = 48;
