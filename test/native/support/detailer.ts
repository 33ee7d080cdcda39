// Detailer files with random filters for the ⅛-width network of the test vectors: small, and as sharp-edged as trained
// ones never are.

import { writeFileSync } from "node:fs";
import { encodeSafetensors, type Tensor } from "../../../companion/networks/safetensors.ts";
import { createRandom } from "../../companion/networks/synthetic.ts";

const WIDTHS = [64, 64, 32, 16, 8]; // of relu5_1 … relu1_1
const CHANNELS = [12, 10, 8, 8, 6];
const CONVOLUTIONS = [2, 2, 2, 2, 1];
const NOISE = [4, 4, 2, 0, 0];

export interface DetailerFile {
  tensors: Map<string, Tensor>;
  metadata: Record<string, string>;
}

export function makeDetailer(): DetailerFile {
  const random = createRandom(7);
  const tensors = new Map<string, Tensor>();
  const add = (name: string, inChannels: number, outChannels: number, gain = 1) => {
    const scale = gain * Math.sqrt(6 / (9 * inChannels));
    const fill = (count: number, spread: number) =>
      Float32Array.from({ length: count }, () => (2 * random() - 1) * spread);
    const shape = [outChannels, inChannels, 3, 3];
    tensors.set(`${name}.weight`, { shape, values: fill(outChannels * inChannels * 9, scale) });
    tensors.set(`${name}.bias`, { shape: [outChannels], values: fill(outChannels, 0.1 * gain) });
  };
  let below = 0;
  const levels = WIDTHS.map((width, index) => {
    const block = 5 - index;
    const [channels = 0, convolutions = 0, noise = 0] = [CHANNELS[index], CONVOLUTIONS[index], NOISE[index]];
    let incoming = below + width + noise + (block === 1 ? 3 : 0);
    for (let i = 1; i <= convolutions; i++) {
      add(`level${block}.conv${i}`, incoming, channels);
      incoming = channels;
    }
    below = channels;
    return { layer: `relu${block}_1`, channels, convolutions, noise };
  });
  add("out", below, 3, 0.2);
  const plan = JSON.stringify({ version: 1, mix: 0.4, ridge: 3e-4, levels });
  return { tensors, metadata: { kind: "detailer", encoder: "0".repeat(64), plan } };
}

export function writeDetailer(path: string, { tensors, metadata }: DetailerFile): string {
  writeFileSync(path, encodeSafetensors(tensors, metadata, "fp32"));
  return path;
}
