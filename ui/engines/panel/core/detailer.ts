// Reads a detailer file inside the panel, as native/detail/detailer: what paints a picture's fine detail in a style's
// statistics, in one pass (native/networks/README.md says what is computed).

import { isRecord } from "../../../../companion/protocol/parsing.ts";
import { badFile, openSafetensors, type Safetensors } from "./safetensors.ts";

export interface DetailConvolution {
  inChannels: number;
  outChannels: number;
  /** [out, in, 3, 3] */
  weight: Float32Array;
  /** [out] */
  bias: Float32Array;
}

/**
 * One size of the decoder. Takes in, in this order: the level below enlarged, the encoder's carried features, noise, and at
 * the last level the picture itself.
 */
export interface DetailLevel {
  /** Of the encoder: "relu3_1" … "relu1_1", from "relu5_1" on where there are five. */
  layer: string;
  /** Channels. */
  noise: number;
  convolutions: readonly DetailConvolution[];
}

export interface Detailer {
  /** Share of the content's own detail that is put on the enlarged draft. */
  mix: number;
  /** Of the transport between statistics. */
  ridge: number;
  /** Deep to shallow, each twice as large. */
  levels: readonly DetailLevel[];
  /** To RGB. */
  out: DetailConvolution;
}

const PLAN_VERSION = 1;
const MOST_LEVELS = 5;
const FEWEST_LEVELS = 3;

/** What a level's noise is drawn by, as native/detail/detail_graph: the same however many levels there are. */
export function noisePlace({ levels }: Detailer, index: number): number {
  return MOST_LEVELS - levels.length + index;
}

/** `widths`: of the encoder, by layer. Throws ImpastoError("bad-network") that says what is wrong with the file. */
export function parseDetailer(bytes: Uint8Array, widths: ReadonlyMap<string, number>): Detailer {
  const file = openSafetensors(bytes);
  if (file.metadata.kind !== "detailer") throw badFile("it is no detailer");
  const plan = parsePlan(file.metadata.plan);
  if (plan.version !== PLAN_VERSION) throw badFile(`its plan is of version ${plan.version}`);
  const described = Array.isArray(plan.levels) ? plan.levels : [];
  if (described.length < FEWEST_LEVELS || described.length > MOST_LEVELS) {
    throw badFile("its plan has not three to five levels");
  }
  let below = 0;
  const levels = described.map((level: unknown, index): DetailLevel => {
    const block = described.length - index;
    const layer = `relu${block}_1`;
    if (!isRecord(level) || level.layer !== layer) throw badFile("its plan's levels are not those down to relu1_1");
    const [channels, noise, count] = [level.channels, level.noise, level.convolutions].map(asCount);
    const [outChannels = 0, noiseChannels = 0, convolutionCount = 0] = [channels, noise, count];
    let inChannels = below + (widths.get(layer) ?? 0) + noiseChannels + (block === 1 ? 3 : 0);
    const convolutions = Array.from({ length: convolutionCount }, (_, i) => {
      const convolution = readConvolution(file, `level${block}.conv${i + 1}`, inChannels, outChannels);
      inChannels = outChannels;
      return convolution;
    });
    if (convolutions.length === 0) throw badFile(`its level ${block} has no convolution`);
    below = outChannels;
    return { layer, noise: noiseChannels, convolutions };
  });
  const out = readConvolution(file, "out", below, 3);
  return { mix: asShare(plan.mix), ridge: asShare(plan.ridge), levels, out };
}

function parsePlan(text: string | undefined): Record<string, unknown> {
  try {
    const plan: unknown = JSON.parse(text ?? "");
    if (isRecord(plan)) return plan;
  } catch {
    // falls through to the same sentence
  }
  throw badFile("it has no plan");
}

function asCount(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw badFile("its plan has a count that is none");
}

function asShare(value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw badFile("its plan has a share that is none");
}

function readConvolution(file: Safetensors, name: string, inChannels: number, outChannels: number): DetailConvolution {
  const weight = file.read(`${name}.weight`, [outChannels, inChannels, 3, 3]);
  return { inChannels, outChannels, weight, bias: file.read(`${name}.bias`, [outChannels]) };
}
