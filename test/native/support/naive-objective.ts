// The objective once more, naively: plain loops in double precision, no blocking, no threads, value only. The
// gradient comes from central differences of it, so no derivation is shared with the engine.

import type { Picture } from "../../../companion/protocol/engine.ts";
import { SETTINGS, type Settings, type StyleLoss } from "../../../companion/protocol/settings.ts";
import { parseTerms } from "../../../companion/protocol/terms.ts";
import { Random } from "../../../ui/engines/panel/core/random.ts";
import type { Tensors } from "./safetensors.ts";

export type Form = Pick<
  Settings,
  | "styleLayers"
  | "contentLayers"
  | "styleLoss"
  | "pooling"
  | "padding"
  | "tv"
  | "contentWeight"
  | "styleWeight"
  | "tvWeight"
>;

interface Features {
  channels: number;
  height: number;
  width: number;
  values: Float64Array;
}

type At = (channel: number, y: number, x: number) => number;

function build(channels: number, height: number, width: number, at: At): Features {
  const values = new Float64Array(channels * height * width);
  let index = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) values[index++] = at(c, y, x);
  }
  return { channels, height, width, values };
}

function reader(features: Features): At {
  const { height, width, values } = features;
  return (c, y, x) => values[(c * height + y) * width + x] as number;
}

/** One pixel around: zeros, the nearest pixel, or the one mirrored at the border's pixel. */
function pad(features: Features, padding: Settings["padding"]): Features {
  const at = reader(features);
  const source = (i: number, size: number) => {
    if (i >= 0 && i < size) return i;
    if (padding === "zero") return -1;
    if (padding === "replicate") return i < 0 ? 0 : size - 1;
    return i < 0 ? 1 : size - 2;
  };
  return build(features.channels, features.height + 2, features.width + 2, (c, y, x) => {
    const row = source(y - 1, features.height);
    const column = source(x - 1, features.width);
    return row < 0 || column < 0 ? 0 : at(c, row, column);
  });
}

function convolveAndRectify(padded: Features, weight: Float64Array, bias: Float64Array): Features {
  const { channels, height, width, values } = padded;
  return build(bias.length, height - 2, width - 2, (o, y, x) => {
    let sum = bias[o] as number;
    let next = o * channels * 9;
    for (let i = 0; i < channels; i++) {
      for (let ky = 0; ky < 3; ky++) {
        const row = (i * height + y + ky) * width + x;
        for (let kx = 0; kx < 3; kx++) sum += (weight[next++] as number) * (values[row + kx] as number);
      }
    }
    return Math.max(0, sum);
  });
}

function pool(features: Features, pooling: Settings["pooling"]): Features {
  const at = reader(features);
  return build(features.channels, features.height >> 1, features.width >> 1, (c, y, x) => {
    const four = [at(c, 2 * y, 2 * x), at(c, 2 * y, 2 * x + 1), at(c, 2 * y + 1, 2 * x), at(c, 2 * y + 1, 2 * x + 1)];
    return pooling === "max" ? Math.max(...four) : four.reduce((a, b) => a + b) / 4;
  });
}

interface Layer {
  features: Features;
  /** [h, w], all 1 where there is no mask. */
  mask: Float64Array;
}

function forward(network: Tensors, picture: Picture, form: Form): Map<string, Layer> {
  const mean: number[] = JSON.parse(network.metadata.mean ?? "");
  const std: number[] = JSON.parse(network.metadata.std ?? "");
  const { width, height, data } = picture;
  let current = build(3, height, width, (c, y, x) => {
    return ((data[(c * height + y) * width + x] as number) - (mean[c] as number)) / (std[c] as number);
  });
  let mask = build(1, height, width, (_, y, x) =>
    picture.channels === 4 ? (data[(3 * height + y) * width + x] as number) : 1,
  );
  const layers = new Map<string, Layer>();
  const stems = network.names.filter((name) => name.endsWith(".weight")).map((name) => name.slice(4, -7));
  for (const stem of stems) {
    if (stem.endsWith("_1") && stem !== "1_1") {
      current = pool(current, form.pooling);
      mask = pool(mask, "avg");
    }
    const padded = pad(current, stem === "1_1" ? form.padding : "zero");
    current = convolveAndRectify(
      padded,
      network.get(`conv${stem}.weight`).values,
      network.get(`conv${stem}.bias`).values,
    );
    layers.set(`relu${stem}`, { features: current, mask: mask.values });
  }
  return layers;
}

type Matrix = number[][];

const matrix = (n: number, at: (i: number, j: number) => number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => at(i, j)));
const trace = (a: Matrix) => a.reduce((sum, row, i) => sum + (row[i] as number), 0);
const multiply = (a: Matrix, b: Matrix): Matrix =>
  matrix(a.length, (i, j) => (a[i] as number[]).reduce((sum, value, k) => sum + value * (b[k]?.[j] as number), 0));

/** Denman–Beavers by products alone (Newton–Schulz), to full convergence. */
function squareRoot(a: Matrix): Matrix {
  const n = a.length;
  const norm = Math.hypot(...a.flat());
  let y = a.map((row) => row.map((value) => value / norm));
  let z = matrix(n, (i, j) => Number(i === j));
  let far = 1;
  // It converges quadratically: the step after 1e-9 is a double's last digits.
  for (let i = 0; i < 80 && far > 1e-9; i++) {
    const product = multiply(z, y);
    far = product.reduce((most, row, r) => {
      return row.reduce((worst, value, c) => Math.max(worst, Math.abs(value - Number(r === c))), most);
    }, 0);
    const t = matrix(n, (r, c) => (Number(r === c) * 3 - (product[r]?.[c] as number)) / 2);
    y = multiply(y, t);
    z = multiply(t, z);
  }
  return y.map((row) => row.map((value) => value * Math.sqrt(norm)));
}

/** The largest eigenvalue, by power iteration. */
function largestEigenvalue(a: Matrix): number {
  let vector = a.map((_, i) => 1 + i / 10);
  let value = 0;
  for (let i = 0; i < 2000; i++) {
    const next = a.map((row) => row.reduce((sum, entry, j) => sum + entry * (vector[j] as number), 0));
    value = Math.hypot(...next);
    if (value === 0) return 0;
    vector = next.map((entry) => entry / value);
  }
  return value;
}

function moments({ features, mask }: Layer): { mean: number[]; gram: Matrix } {
  const { channels, values } = features;
  const plane = mask.length;
  const area = mask.reduce((a, b) => a + b);
  const weighted = (i: number, j: number | null) => {
    let sum = 0;
    for (let k = 0; k < plane; k++) {
      const other = j === null ? 1 : (values[j * plane + k] as number);
      sum += (mask[k] as number) * (values[i * plane + k] as number) * other;
    }
    return sum / area;
  };
  return {
    mean: Array.from({ length: channels }, (_, i) => weighted(i, null)),
    gram: matrix(channels, weighted),
  };
}

/** What is known of a style, which stays while the image moves. */
function remembered<V>(make: (style: Layer) => V): (style: Layer) => V {
  const known = new WeakMap<Layer, { value: V }>();
  return (style) => {
    const { value } = known.get(style) ?? { value: make(style) };
    known.set(style, { value });
    return value;
  };
}

const styleMoments = remembered(moments);

function styleLoss(layer: Layer, style: Layer, form: Form): number {
  const terms = parseTerms(form.styleLoss, SETTINGS.styleLoss.choices);
  return terms.reduce((sum, { loss, weight }) => sum + weight * oneStyleLoss(layer, style, loss), 0);
}

function oneStyleLoss(layer: Layer, style: Layer, loss: StyleLoss): number {
  if (loss === "mmd-gaussian") return waveDistance(layer, style);
  if (loss === "sliced" || loss === "histogram") return rankDistance(layer, style, loss);
  const a = moments(layer);
  const b = styleMoments(style);
  if (loss === "bn" || loss === "mmd-linear") {
    const energy = trace(b.gram);
    const ridge = (1e-4 * energy) / a.mean.length;
    const deviation = ({ mean, gram }: typeof a, i: number) =>
      Math.sqrt((gram[i]?.[i] as number) - (mean[i] as number) ** 2 + ridge);
    return (
      a.mean.reduce((sum, mean, i) => {
        const deviations = loss === "bn" ? (deviation(a, i) - deviation(b, i)) ** 2 : 0;
        return sum + (mean - (b.mean[i] as number)) ** 2 + deviations;
      }, 0) / energy
    );
  }
  if (loss !== "w2") {
    const differences = a.gram.flatMap((row, i) => row.map((value, j) => (value - (b.gram[i]?.[j] as number)) ** 2));
    const sum = differences.reduce((x, y) => x + y);
    if (loss === "gram") return sum / differences.length;
    return sum / b.gram.flat().reduce((total, value) => total + value ** 2, 0);
  }
  const { energy, ridge, target, root } = wassersteinTarget(style);
  const covariance = centered(a, ridge);
  const cross = squareRoot(multiply(multiply(root, covariance), root));
  const means = a.mean.reduce((sum, value, i) => sum + (value - (b.mean[i] as number)) ** 2, 0);
  return (means + trace(covariance) + trace(target) - 2 * trace(cross)) / energy;
}

const centered = ({ mean, gram }: ReturnType<typeof moments>, ridge: number) =>
  matrix(
    mean.length,
    (i, j) => (gram[i]?.[j] as number) - (mean[i] as number) * (mean[j] as number) + Number(i === j) * ridge,
  );

const wassersteinTarget = remembered((style) => {
  const known = styleMoments(style);
  const energy = trace(known.gram);
  const ridge = 1e-3 * Math.max(largestEigenvalue(centered(known, 0)), 1e-4 * energy);
  const target = centered(known, ridge);
  return { energy, ridge, target, root: squareRoot(target) };
});

/** Numbers in order, each with the middle of its weight among all. */
function ranked(values: readonly number[], weights: Float64Array): { value: number; level: number; weight: number }[] {
  const total = weights.reduce((a, b) => a + b);
  const order = values.map((_, i) => i).sort((i, j) => (values[i] as number) - (values[j] as number));
  let below = 0;
  return order.map((i) => {
    const weight = weights[i] as number;
    below += weight;
    return { value: values[i] as number, level: (below - weight / 2) / total, weight: weight / total };
  });
}

/** The value at a level, on straight lines between what is known; flat beyond. */
function interpolate(known: readonly { value: number; level: number }[], level: number): number {
  let next = 0;
  for (let end = known.length; next < end; ) {
    const middle = (next + end) >> 1;
    if ((known[middle]?.level as number) >= level) end = middle;
    else next = middle + 1;
  }
  const [a, b] = [known[next - 1], known[next]];
  if (a === undefined || b === undefined) return (a ?? b)?.value as number;
  return a.value + ((level - a.level) / (b.level - a.level)) * (b.value - a.value);
}

const LEVELS = Array.from({ length: 1024 }, (_, k) => (k + 0.5) / 1024);

/** Of each position its features' product with a direction. */
function projected({ features, mask }: Layer, direction: readonly number[]): number[] {
  const { values } = features;
  return Array.from(mask, (_, i) =>
    direction.reduce((sum, d, c) => sum + d * (values[c * mask.length + i] as number), 0),
  );
}

/** Along each direction the style's numbers by their rank. */
const rankTargets = (loss: "sliced" | "histogram") =>
  remembered((style) => {
    const { channels } = style.features;
    const random = new Random(1);
    const unit = () => {
      const direction = Array.from({ length: channels }, () => random.normal());
      return direction.map((value) => value / Math.hypot(...direction));
    };
    const axes = matrix(channels, (i, j) => Number(i === j));
    return (loss === "sliced" ? axes.map(unit) : axes).map((direction) => {
      const numbers = ranked(projected(style, direction), style.mask).filter(({ weight }) => weight > 0);
      return { direction, table: LEVELS.map((level) => ({ level, value: interpolate(numbers, level) })) };
    });
  });
const RANK_TARGETS = { sliced: rankTargets("sliced"), histogram: rankTargets("histogram") };

/** Mean squared distance of numbers from those of the same rank in the style. */
function rankDistance(layer: Layer, style: Layer, loss: "sliced" | "histogram"): number {
  let sum = 0;
  for (const { direction, table } of RANK_TARGETS[loss](style)) {
    for (const { value, level, weight } of ranked(projected(layer, direction), layer.mask)) {
      sum += weight * (value - interpolate(table, level)) ** 2;
    }
  }
  return sum / trace(styleMoments(style).gram);
}

/** The mean over the positions of a wave of their features. */
function meanWave(of: Layer, frequency: readonly number[], phase: number): number {
  const area = of.mask.reduce((a, b) => a + b);
  const waves = projected(of, frequency).map((angle, i) => (of.mask[i] as number) * Math.cos(angle + phase));
  return waves.reduce((a, b) => a + b) / area;
}

/** Directions and bandwidth are drawn as both engines draw them. */
const waveTargets = remembered((style) => {
  const { channels, values } = style.features;
  const plane = style.mask.length;
  const seen = Array.from(style.mask.keys()).filter((i) => (style.mask[i] as number) > 0);
  const pairs = new Random(2);
  const draw = () => seen[Math.min(Math.floor(pairs.uniform() * seen.length), seen.length - 1)] as number;
  const squares = Array.from({ length: 1024 }, () => {
    const [i, j] = [draw(), draw()];
    return Array.from({ length: channels }, (_, c) => c).reduce(
      (sum, c) => sum + ((values[c * plane + i] as number) - (values[c * plane + j] as number)) ** 2,
      0,
    );
  }).sort((a, b) => a - b);
  const energy = trace(styleMoments(style).gram);
  const deviation = 1 / Math.sqrt(Math.max(squares[512] as number, 1e-3 * energy));
  const random = new Random(1);
  return Array.from({ length: Math.min(256, Math.max(64, 2 * channels)) }, () => {
    const frequency = Array.from({ length: channels }, () => random.normal(deviation));
    const phase = 2 * Math.PI * random.uniform();
    return { frequency, phase, mean: meanWave(style, frequency, phase) };
  });
});

function waveDistance(layer: Layer, style: Layer): number {
  const waves = waveTargets(style);
  const squares = waves.map(({ frequency, phase, mean }) => (meanWave(layer, frequency, phase) - mean) ** 2);
  return (2 * squares.reduce((a, b) => a + b)) / waves.length;
}

function contentLoss(layer: Layer, content: Layer, form: Form): number {
  const plane = layer.mask.length;
  let differences = 0;
  let size = 0;
  layer.features.values.forEach((value, i) => {
    const weight = content.mask[i % plane] as number;
    const target = content.features.values[i] as number;
    differences += weight * (value - target) ** 2;
    size += weight * target ** 2;
  });
  const area = content.mask.reduce((a, b) => a + b);
  return differences / (form.styleLoss === "gram" ? layer.features.channels * area : size);
}

function totalVariation(image: Picture, form: Form): number {
  const { width, height, data } = image;
  const power = form.tv === "l1" ? 1 : 2;
  const along = (down: number, right: number) => {
    let sum = 0;
    let count = 0;
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y + down < height; y++) {
        for (let x = Math.max(0, -right); x < width - Math.max(0, right); x++) {
          const here = data[(c * height + y) * width + x] as number;
          const there = data[(c * height + y + down) * width + x + right] as number;
          sum += Math.abs(there - here) ** power;
          count++;
        }
      }
    }
    return { sum, mean: sum / count };
  };
  if (form.tv !== "9-point") return along(1, 0).mean + along(0, 1).mean;
  const straight = (along(0, 1).sum + along(1, 0).sum) / 3;
  const diagonal = (along(1, 1).sum + along(1, -1).sum) / 12;
  return (2 * (straight + diagonal)) / (3 * width * height);
}

export interface NaiveLosses {
  total: number;
  style: number[];
  content: number[];
  tv: number;
}

/** A style, and where in the image it applies: the gray picture's first channel. */
export interface StyledRegion {
  picture: Picture;
  region: Picture;
}

/** Levels of a mask by layer: each pool halves it by its means, whatever the features' pool does. */
function maskLevels({ width, height, data }: Picture, layers: ReadonlyMap<string, Layer>): Map<string, Float64Array> {
  let mask = build(1, height, width, (_, y, x) => data[y * width + x] as number);
  const levels = new Map<string, Float64Array>();
  for (const [name, { features }] of layers) {
    while (mask.height > features.height) mask = pool(mask, "avg");
    levels.set(name, mask.values);
  }
  return levels;
}

/** The objective as a function of the image; pictures with a fourth channel are masked by it, the image by the content's. */
export function naiveObjective(
  network: Tensors,
  content: Picture,
  style: Picture | readonly StyledRegion[],
  form: Form,
) {
  const wantedContent = forward(network, content, form);
  const regions = "data" in style ? null : style;
  const wantedStyles = (regions?.map(({ picture }) => picture) ?? [style as Picture]).map((picture) =>
    forward(network, picture, form),
  );
  const levels = regions?.map(({ region }) => maskLevels(region, wantedContent));
  const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
  const layer = (layers: Map<string, Layer>, name: string): Layer => {
    const found = layers.get(name);
    if (found === undefined) throw new Error(`The network has no ${name}`);
    return found;
  };
  return (image: Picture): NaiveLosses => {
    const seen = forward(network, image, form);
    for (const [name, { mask }] of wantedContent) layer(seen, name).mask.set(mask);
    /** Of each region: its loss and the part of the picture that it covers. */
    const parts = (name: string) =>
      wantedStyles.map((wanted, r) => {
        const whole = layer(seen, name);
        const mask = levels?.[r]?.get(name) ?? whole.mask;
        const loss = styleLoss({ ...whole, mask }, layer(wanted, name), form);
        return { loss, share: sumOf(mask) / sumOf(whole.mask) };
      });
    const pulls = form.styleLayers.map((name) => sumOf(parts(name).map(({ loss, share }) => loss * share)));
    const styles = form.styleLayers.map(
      (name, i) => (pulls[i] as number) / sumOf(parts(name).map(({ share }) => share)),
    );
    const contents = form.contentLayers.map((name) => contentLoss(layer(seen, name), layer(wantedContent, name), form));
    const tv = totalVariation(image, form);
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    const total =
      (form.contentWeight ?? 0) * sum(contents) +
      ((form.styleWeight ?? 0) * sum(pulls)) / Math.max(1, pulls.length) +
      form.tvWeight * tv;
    return { total, style: styles, content: contents, tv };
  };
}
