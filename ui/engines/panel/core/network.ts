// Reads a network file (safetensors: convB_I.weight [out, in, 3, 3], convB_I.bias, F16 or F32) inside the panel.
// Widths and depth come from the file. Leaves out what only the companion needs: hashes, downloads.

import { layersOf, topologyOf } from "../../../../companion/protocol/layers.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { badFile, openSafetensors } from "./safetensors.ts";

/** One 3×3 convolution with the ReLU that follows it. */
export interface Convolution {
  /** The layer that it feeds, e.g. "relu1_1". */
  layer: string;
  inChannels: number;
  outChannels: number;
  /** [out, in, 3, 3] */
  weight: Float32Array;
  /** [out] */
  bias: Float32Array;
}

export interface Network {
  name: string;
  /** RGB, for pixels in 0 … 1. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  pooling: "avg" | "max";
  /** The border that the network was trained with; settings.padding overrides it. */
  padding: Settings["padding"] | null;
  convolutions: readonly Convolution[];
}

/** Throws ImpastoError("bad-network") that says what is wrong with the file. */
export function parseNetwork(bytes: Uint8Array): Network {
  const file = openSafetensors(bytes);
  const { metadata } = file;
  const convolutions: Convolution[] = [];
  let inChannels = 3;
  const weightOf = (layer: string) => `${layer.replace("relu", "conv")}.weight`;
  for (const layer of layersOf(topologyOf((name) => file.has(weightOf(name))))) {
    const stem = layer.replace("relu", "conv");
    if (!file.has(weightOf(layer))) break;
    const outChannels = file.rows(weightOf(layer));
    const weight = file.read(weightOf(layer), [outChannels, inChannels, 3, 3]);
    const bias = file.read(`${stem}.bias`, [outChannels]);
    convolutions.push({ layer, inChannels, outChannels, weight, bias });
    inChannels = outChannels;
  }
  if (convolutions.length === 0) throw badFile("it has no conv1_1");
  return {
    name: metadata.name ?? "unnamed",
    mean: parseTriple(metadata.mean, "mean"),
    std: parseTriple(metadata.std, "std"),
    pooling: metadata.pooling === "max" ? "max" : "avg",
    padding: metadata.padding === "zero" || metadata.padding === "reflect" ? metadata.padding : null,
    convolutions,
  };
}

function parseTriple(text: string | undefined, name: string): [number, number, number] {
  const values: unknown = text === undefined ? null : JSON.parse(text);
  if (Array.isArray(values) && values.length === 3 && values.every((x) => typeof x === "number")) {
    return values as [number, number, number];
  }
  throw badFile(`its ${name} is not a list of three numbers`);
}
