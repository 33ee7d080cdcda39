// One picture through a network of others: in one pass where memory allows, else in windows that are blended; then
// clipped, its colors and its share as asked, what is protected and what is transparent as it was.

import type { Picture, StylizeRequest } from "../protocol/engine.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { toMask } from "../protocol/mask.ts";
import type { Model } from "../protocol/models.ts";
import type { Settings } from "../protocol/settings.ts";
import { resultSize, styleSize } from "../protocol/sizing.ts";
import { constantFeeds } from "./feeds.ts";
import { keepColors } from "./keep-colors.ts";
import type { Feed } from "./model-messages.ts";
import type { ModelProcess } from "./model-process.ts";
import { fromOutput, type Planes, toFeed } from "./pixels.ts";
import { cover, resample } from "./resample.ts";
import { Blend, cutWindow, planWindows, type WindowPlan } from "./windows.ts";

export interface PaintSteps {
  /** After each window. */
  onWindow(done: number, all: number): void;
  /** Before each window: waits while the run is paused; false ends it with what there is. */
  mayGoOn(): Promise<boolean>;
}

export interface Painted {
  picture: Picture;
  windows: number;
  stopped: boolean;
}

/** Up to here strength mixes the content back in; there is nothing more than all of the network. */
const FULL_STRENGTH = 50;

/**
 * @param current the settings as they are at the end: strength may change until then
 * @throws ImpastoError what the process throws, and bad-network for what is no picture of the right size
 */
export async function paintWith(
  process: ModelProcess,
  model: Model,
  request: StylizeRequest,
  window: { width: number; height: number },
  steps: PaintSteps,
  current: () => Settings = () => request.settings,
): Promise<Painted> {
  const { settings } = request;
  const { width, height } = resultSize(request.content, settings);
  const content = resized(request.content, width, height);
  const rgb: Planes = { width, height, data: content.data.subarray(0, 3 * width * height) };
  const seen = content.channels === 4 ? withoutHoles(content) : rgb;
  const plan = planWindows(rgb, window);
  const feeds = await fixedFeeds(process, model, request, { width, height });
  const blend = new Blend(width, height);
  const timeoutMs = timeoutOf(model, plan);
  const all = plan.lefts.length * plan.tops.length;
  let done = 0;
  for (const top of plan.tops) {
    for (const left of plan.lefts) {
      if (!(await steps.mayGoOn())) break;
      const cut = cutWindow(seen, plan, left, top);
      blend.add(await pass(process, model, cut, feeds, timeoutMs), plan, left, top);
      done += 1;
      steps.onWindow(done, all);
    }
  }
  const painted = blend.finish(rgb);
  const finished = finish(painted, rgb, { ...request, settings: current() });
  const data = new Float32Array(content.data.length);
  data.set(finished.data);
  if (content.channels === 4) data.set(content.data.subarray(3 * width * height), 3 * width * height);
  return { picture: { width, height, channels: content.channels, data }, windows: done, stopped: done < all };
}

async function pass(
  process: ModelProcess,
  { descriptor }: Model,
  cut: Planes,
  feeds: readonly Feed[],
  timeoutMs: number,
): Promise<Planes> {
  const { content, output } = descriptor;
  const result = await process.run("main", [toFeed(content, cut), ...feeds], output.tensor, timeoutMs);
  const painted = fromOutput(output, result, cut.width, cut.height);
  if (painted === null) {
    throw new ImpastoError("bad-network", "The network gave back a picture of another size than it was given.", {
      hint: "Its descriptor may say a wrong multiple: impasto models show NAME.",
      cause: `${result.shape.join(" × ")} for ${cut.width} × ${cut.height}`,
    });
  }
  if (!painted.data.every(Number.isFinite)) {
    throw new ImpastoError("bad-network", "The network gave values that are no numbers.", {
      hint: "It does not stand this picture, or its descriptor says a wrong range: impasto models show NAME.",
    });
  }
  for (let i = 0; i < painted.data.length; i++) painted.data[i] = Math.min(1, Math.max(0, painted.data[i] as number));
  return painted;
}

/** Generously: another machine's load must not end a run. */
function timeoutOf({ secondsPerPixel }: Model, { width, height }: WindowPlan): number {
  return 1000 * (120 + 50 * secondsPerPixel * width * height);
}

async function fixedFeeds(
  process: ModelProcess,
  { descriptor }: Model,
  { styles, settings }: StylizeRequest,
  result: { width: number; height: number },
): Promise<Feed[]> {
  const values = settings.modelInput ?? {};
  const { style, styleTensor } = descriptor;
  const given = styles[0]?.picture;
  if (style === null || given === undefined) return constantFeeds(descriptor, process.facts.main, values, {});
  const wanted = style.fixed ?? multipleOf(styleSize(given, result, settings.styleScale), style.multiple);
  const picture = cover(given.channels === 4 ? withoutHoles(given) : given, wanted.width, wanted.height);
  if (styleTensor === null) return constantFeeds(descriptor, process.facts.main, values, { picture });
  const [named] = process.facts.style?.outputs ?? [];
  const output = await process.run("style", [toFeed(style, picture)], named?.name ?? "", 120_000);
  return constantFeeds(descriptor, process.facts.main, values, { output });
}

function multipleOf({ width, height }: { width: number; height: number }, multiple: number) {
  const up = (side: number) => Math.ceil(side / multiple) * multiple;
  return { width: up(width), height: up(height) };
}

function resized(picture: Picture, width: number, height: number): Picture {
  return { ...picture, ...resample(picture, width, height) };
}

/** RGB over the mean color of what is seen: holes would leave their own color on what is around them. */
function withoutHoles({ width, height, data }: Picture): Planes {
  const plane = width * height;
  const alpha = data.subarray(3 * plane);
  const area = alpha.reduce((sum, value) => sum + value, 0);
  const out = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    let sum = 0;
    for (let i = 0; i < plane; i++) sum += (alpha[i] as number) * (data[channel * plane + i] as number);
    const mean = area > 0 ? sum / area : 0;
    for (let i = 0; i < plane; i++) {
      const share = alpha[i] as number;
      out[channel * plane + i] = share * (data[channel * plane + i] as number) + (1 - share) * mean;
    }
  }
  return { width, height, data: out };
}

function finish(painted: Planes, content: Planes, { settings, protect }: StylizeRequest): Planes {
  const colored = settings.colors === "keep" ? keepColors(content, painted) : painted;
  const share = Math.min(1, settings.strength / FULL_STRENGTH);
  const { width, height } = content;
  const mask = protect === undefined ? null : resample({ ...protect, data: toMask(protect).data }, width, height).data;
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    const own = share * (1 - (mask?.[i] ?? 0));
    for (let place = i; place < 3 * plane; place += plane) {
      const before = content.data[place] as number;
      data[place] = own === 0 ? before : before + own * ((colored.data[place] as number) - before);
    }
  }
  return { width, height, data };
}
