// Writes a seeded random VGG19 network file: for benches, where only the widths matter, and for tests.
//   node test/bench/make-network.mjs OUT [--width 1] [--seed 1] [--layers relu5_1]
// Weights are He-initialized (He et al. 2015), so that features neither die nor explode with depth.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const CHANNELS = [64, 128, 256, 512, 512];
const CONVOLUTIONS = [2, 2, 4, 4, 4];

/** mulberry32, uniform in [0, 1). */
function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A network file's bytes. `width` scales the channels of the real VGG19 (at least one each);
 * `last` is the deepest layer. `pooling` goes to the metadata when given.
 */
export function makeNetwork({ width = 1, seed = 1, last = "relu5_1", pooling } = {}) {
  const random = uniform(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const metadata = {
    name: `random VGG19 at width ${width}`,
    mean: "[0.485,0.456,0.406]",
    std: "[0.229,0.224,0.225]",
    ...(pooling === undefined ? {} : { pooling }),
  };
  const header = { __metadata__: metadata };
  const tensors = [];
  let offset = 0;
  let inputs = 3;
  const add = (name, shape, values) => {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
    tensors.push(Buffer.from(values.buffer));
  };
  network: for (const [block, count] of CONVOLUTIONS.entries()) {
    for (let index = 1; index <= count; index++) {
      const stem = `${block + 1}_${index}`;
      const outputs = Math.max(1, Math.round(CHANNELS[block] * width));
      const deviation = Math.sqrt(2 / (9 * inputs));
      const weight = Float32Array.from({ length: outputs * inputs * 9 }, () => deviation * normal());
      add(`conv${stem}.weight`, [outputs, inputs, 3, 3], weight);
      const bias = Float32Array.from({ length: outputs }, () => 0.1 * normal());
      add(`conv${stem}.bias`, [outputs], bias);
      inputs = outputs;
      if (`relu${stem}` === last) break network;
    }
  }
  const text = JSON.stringify(header);
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...tensors]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      width: { type: "string", default: "1" },
      seed: { type: "string", default: "1" },
      layers: { type: "string", default: "relu5_1" },
    },
  });
  const [out] = positionals;
  if (out === undefined) {
    console.error("Usage: node test/bench/make-network.mjs OUT [--width 1] [--seed 1] [--layers relu5_1]");
    process.exit(2);
  }
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, makeNetwork({ width: Number(values.width), seed: Number(values.seed), last: values.layers }));
}
